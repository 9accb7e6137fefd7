import { setTimeout as delay } from 'node:timers/promises';
import { ListCdrsRequest } from '@tandem/proto/billing';
import { ReplayedCall, ReplayRequest, type ReplayedRoutes } from '@tandem/proto/routing';
import { LostJob } from '@tandem/service';
import { pastCallOf, type PastCall } from '../core/replay/past-call.ts';
import { ReplayRun } from '../core/replay/replay-run.ts';
import type { ServicePorts } from '../ports.ts';
import type { Claim, ClaimedReplay, Replay, ReplayStore, Saved } from '../replay-ports.ts';

/** How long what takes, in ms. */
export interface WorkTimes {
  /** What is counted is stored so often. @default 3000 */
  readonly keptMs: number;
  /** Between two questions to who does not answer. @default 1000 */
  readonly waitMs: number;
  /** After which a replay fails that gets no answer. @default 600000 */
  readonly patienceMs: number;
}

const usual: WorkTimes = { keptMs: 3000, waitMs: 1000, patienceMs: 600_000 };

/** CDRs that are read, and calls that routing is asked for, at a time. */
const PAGE = 300;
const AT_A_TIME = 100;

/** Some calls, and where the next ones are. */
interface Page {
  /** Undefined: a CDR that cannot be read. */
  readonly calls: readonly (PastCall | undefined)[];
  /** Undefined: there are no more. */
  readonly next: string | undefined;
}

interface WorkParts {
  readonly replays: ReplayStore;
  readonly ports: Pick<ServicePorts, 'billing' | 'routing'>;
  readonly times?: Partial<WorkTimes>;
}

/**
 * One replay, from where it is to its end. What is counted is stored with the place up to which it counts, in one statement that fails where
 * another one has taken it over: each call counts once, whoever ends it.
 */
export class ReplayWork {
  readonly #parts: WorkParts;
  readonly #times: WorkTimes;
  readonly #replay: Replay;
  readonly #claim: Claim;
  readonly #run: ReplayRun;
  #cursor: string;
  #waitsFor = '';

  constructor({ owner, replay, run }: ClaimedReplay, parts: WorkParts) {
    this.#parts = parts;
    this.#times = { ...usual, ...parts.times };
    this.#replay = replay;
    this.#claim = { id: replay.id, owner };
    this.#run = new ReplayRun(replay.keepsLimits, run);
    this.#cursor = run?.cursor ?? '';
    this.#waitsFor = replay.error;
  }

  /** @throws LostJob where another one has taken it over, or it was removed */
  async run(ended: AbortSignal): Promise<void> {
    const { draftVersion, version } = this.#replay;
    for (const each of [version, draftVersion]) {
      if (each !== undefined) await this.#asked(() => this.#makeWhole(each), ended);
    }
    let keptAtMs = performance.now();
    for (;;) {
      const { calls, next } = await this.#asked(() => this.#page(), ended);
      const known = calls.filter((call) => call !== undefined);
      for (let missing = calls.length - known.length; missing > 0; missing -= 1) this.#run.skip();
      await this.#playAll(known, ended);
      if (next === undefined) {
        await this.#save({ ...this.#counted(), state: 'done', error: '' }, ended);
        return;
      }
      this.#cursor = next;
      if (performance.now() - keptAtMs < this.#times.keptMs) continue;
      await this.#save(this.#counted(), ended);
      keptAtMs = performance.now();
    }
  }

  async #playAll(calls: readonly PastCall[], ended: AbortSignal): Promise<void> {
    for (let at = 0; at < calls.length;) {
      const some = calls.slice(at, at + AT_A_TIME);
      const routes = await this.#asked(() => this.#routesOf(some), ended);
      for (const [index, route] of routes.entries()) {
        const call = some[index];
        if (call !== undefined) this.#run.play(call, route);
      }
      at += routes.length;
    }
  }

  /** @returns undefined while routing is not ready */
  async #routesOf(calls: readonly PastCall[]): Promise<readonly ReplayedRoutes[] | undefined> {
    const { draftVersion, heldRates, id, version } = this.#replay;
    const { isReady, routes } = await this.#parts.ports.routing.replay(
      ReplayRequest.create({
        version,
        draft:
          draftVersion === undefined
            ? { $case: 'draftId', value: id }
            : { $case: 'draftVersion', value: draftVersion },
        calls: calls.map(asReplayed),
        rates: heldRates.map((each) => ({ rateGroup: each.group, importId: each.id })),
      }),
    );
    return isReady && routes.length > 0 ? routes : undefined;
  }

  async #page(): Promise<Page> {
    const { id, period } = this.#replay;
    if (period === undefined) {
      const part = Number(this.#cursor);
      const calls = await this.#parts.replays.callsAt(id, part);
      return { calls: calls ?? [], next: calls && String(part + 1) };
    }
    const { cdrs, nextCursor } = await this.#parts.ports.billing.listCdrs(
      ListCdrsRequest.create({
        ...period,
        limit: PAGE,
        cursor: this.#cursor,
        oldestFirst: true,
      }),
    );
    return { calls: cdrs.map(pastCallOf), next: nextCursor === '' ? undefined : nextCursor };
  }

  async #makeWhole(version: number): Promise<true> {
    await this.#parts.replays.makeWhole(version);
    return true;
  }

  /** Asks until there is an answer, and tells what is waited for. @throws the last failure, where there is none for too long */
  async #asked<Answer>(
    ask: () => Promise<Answer | undefined>,
    ended: AbortSignal,
  ): Promise<Answer> {
    const startMs = performance.now();
    for (;;) {
      ended.throwIfAborted();
      let failure: unknown;
      try {
        const answer = await ask();
        if (answer !== undefined) {
          await this.#waitFor('');
          return answer;
        }
      } catch (error) {
        if (error instanceof LostJob) throw error;
        failure = error;
        await this.#waitFor(error instanceof Error ? error.message : String(error));
      }
      if (performance.now() - startMs > this.#times.patienceMs) {
        throw failure instanceof Error
          ? failure
          : new Error('routing has not built the tables in time');
      }
      await delay(this.#times.waitMs, undefined, { signal: ended });
    }
  }

  async #waitFor(error: string): Promise<void> {
    if (error === this.#waitsFor) return;
    this.#waitsFor = error;
    // Where it cannot be told, the next sign of life finds out whose it is.
    await this.#parts.replays.save(this.#claim, { error }).catch(() => undefined);
  }

  #counted(): Saved {
    return { run: this.#run.state(this.#cursor), calls: this.#run.calls };
  }

  async #save(kept: Saved, ended: AbortSignal): Promise<void> {
    await this.#asked(async () => {
      if (!(await this.#parts.replays.save(this.#claim, kept))) throw new LostJob();
      return true;
    }, ended);
  }
}

/** A phone that was not registered then is not in a replay either. */
function asReplayed({
  callee,
  caller,
  durationMs,
  id,
  origin,
  reason,
  startMs,
}: PastCall): ReplayedCall {
  // prettier-ignore
  return ReplayedCall.create({
    origin,
    caller,
    callee,
    atMs: startMs,
    durationMs,
    seed: id,
    isRegistered: reason !== 'NotRegistered',
  });
}
