import { SwitchError } from '@tandem/domain';
import type {
  ListOutboundResponse,
  ListUnregisteredResponse,
  OutboundHold,
  OutboundSettings,
  OutboundWork,
  ReportOutboundRequest,
  ReportOutboundResponse,
  RetryOutboundRequest,
  RetryOutboundResponse,
  TakeOutboundRequest,
  TakeOutboundResponse,
} from '@tandem/proto/outbound';
import type { Logger } from '@tandem/service';
import { CSEQS_A_TURN, isBound } from '../core/outbound/outbound.ts';
import type { Outbound, OutboundTask } from '../core/outbound/outbound.ts';
import { secondsAsked, step } from '../core/outbound/outbound-step.ts';
import type { OutboundInput } from '../core/outbound/outbound-step.ts';
import type { OutboundTable } from '../core/outbound/outbound-table.ts';
import { LEASE_MS } from './outbound-store.ts';
import type { HeldOutbound, OutboundStore } from './outbound-store.ts';
import { countAttempt, noteStep } from './outbound-telemetry.ts';
import { presentOutbound, presentUnregistered } from './present-outbound.ts';
import type { FoundPlaces } from './registrar-places.ts';

/** What registrations with carriers are driven by. */
export interface OutboundParts {
  readonly store: OutboundStore;
  /** Of the configuration in effect; undefined before the first. */
  readonly table: () => OutboundTable | undefined;
  readonly places: { find(settings: OutboundSettings): FoundPlaces };
  /** In [0, 1). */
  readonly random: () => number;
  readonly newCallId: () => string;
  readonly logger: Logger;
}

/** A pod gets so many at a time, so that others get some, too. */
const MOST_AT_ONCE = 50;
/** So often others may be first before a change is given up: they ask again. */
const MOST_TRIES = 10;
/** What a store that was emptied has lost is there again after so long. */
const LOOK_AGAIN_MS = 10_000;

/**
 * Decides which edge registers what with which carrier, and when (REG-08, ADR 48): edges ask, and tell what came of it. Every pod of the
 * registrar does the same by the same store; nothing is remembered here but what was compared with it last.
 */
export class OutboundRegistrations {
  readonly #parts: OutboundParts;
  #compared: { readonly version: number; readonly atMs: number } | undefined;

  constructor(parts: OutboundParts) {
    this.#parts = parts;
  }

  /** @throws SwitchError SWITCH_STORE_UNAVAILABLE, or SWITCH_SERVICE_UNAVAILABLE while there is no configuration */
  async take({ edge, held, isLeaving }: TakeOutboundRequest): Promise<TakeOutboundResponse> {
    const { store } = this.#parts;
    if (isLeaving) return { work: await this.#leave(edge, held), lost: [], leaseMs: LEASE_MS };
    const table = this.#table();
    const renewal = await store.renew(edge, held);
    await this.#compare(table, renewal.count);
    const due = [...renewal.due, ...(await store.due(MOST_AT_ONCE))];
    const taken = await Promise.all(due.map((gateway) => this.#take(gateway, edge)));
    return {
      work: taken.flatMap((work) => work ?? []),
      lost: [...renewal.lost],
      leaseMs: LEASE_MS,
    };
  }

  async report(request: ReportOutboundRequest): Promise<ReportOutboundResponse> {
    const { hold, outcome } = request;
    if (hold === undefined || outcome === undefined) return {};
    let task: OutboundTask | undefined;
    await this.#change(hold.gateway, ({ outbound }) => {
      // Fencing: whoever lost it has nothing to say any more.
      if (outbound?.isHeld !== true || outbound.turn !== hold.turn) return undefined;
      task = outbound.doing;
      return this.#inputOf(request);
    });
    const code = outcome.$case === 'answer' ? outcome.value.code : 0;
    if (task !== undefined) countAttempt(hold.gateway, task, code);
    return {};
  }

  async list(): Promise<ListOutboundResponse> {
    const { outbounds } = await this.#all();
    const registrations = outbounds.map(presentOutbound);
    return {
      registrations: registrations.toSorted((one, other) => (one.gateway < other.gateway ? -1 : 1)),
    };
  }

  /** Carriers that do not have our contact now: routing may leave them out. */
  async unregistered(): Promise<ListUnregisteredResponse> {
    const { outbounds, nowMs } = await this.#all();
    const unbound = outbounds.filter((outbound) => !isBound(outbound, nowMs));
    return { carriers: unbound.map(presentUnregistered) };
  }

  /** Those of the store, and those that no edge has asked for since they were configured. */
  async #all(): Promise<{ readonly outbounds: readonly Outbound[]; readonly nowMs: number }> {
    const table = this.#table();
    const { outbounds, nowMs } = await this.#parts.store.all();
    const known = new Set(outbounds.map(({ settings }) => settings.gateway));
    const { settings: configured, version } = table;
    const missing = [...configured.values()].flatMap((settings) => {
      if (known.has(settings.gateway)) return [];
      return step(undefined, { kind: 'configured', settings, version, newCallId: '' }, nowMs) ?? [];
    });
    return { outbounds: [...outbounds, ...missing], nowMs };
  }

  /** Has it tried at once, whatever it waits for. */
  async retry({ gateway }: RetryOutboundRequest): Promise<RetryOutboundResponse> {
    const changed = await this.#change(gateway, () => ({ kind: 'retry' }));
    if (changed === undefined) return { registration: undefined };
    this.#parts.logger.info({ gateway }, 'registration with a carrier is tried again on request');
    return { registration: presentOutbound(changed) };
  }

  #table(): OutboundTable {
    const table = this.#parts.table();
    if (table !== undefined) return table;
    throw new SwitchError('SWITCH_SERVICE_UNAVAILABLE', 'registrar has no configuration yet');
  }

  /** Has the store follow the configuration: once for each version, and from time to time. */
  async #compare({ settings, version }: OutboundTable, count: number): Promise<void> {
    const { newCallId, store } = this.#parts;
    const nowMs = performance.now();
    const before = this.#compared;
    const isFresh = before?.version === version && nowMs - before.atMs < LOOK_AGAIN_MS;
    if (isFresh || (settings.size === 0 && count === 0)) return;
    const { outbounds } = await store.all();
    const stored = new Map(outbounds.map((each) => [each.settings.gateway, each]));
    const changes: Promise<unknown>[] = [];
    for (const [gateway, own] of settings) {
      const input = { kind: 'configured' as const, settings: own, version, newCallId: newCallId() };
      const known = stored.get(gateway);
      // Most are as they were.
      if (known !== undefined && step(known, input, known.versionMs) === known) continue;
      changes.push(this.#change(gateway, () => input));
    }
    for (const gateway of stored.keys()) {
      if (settings.has(gateway)) continue;
      changes.push(this.#change(gateway, () => ({ kind: 'removed', version })));
    }
    await Promise.all(changes);
    this.#compared = { version, atMs: nowMs };
  }

  async #take(gateway: string, edge: string): Promise<OutboundWork | undefined> {
    const { logger, places, store } = this.#parts;
    const held = await store.read(gateway);
    const { outbound, nowMs } = held;
    if (outbound === undefined || !isDue(held, edge)) return undefined;
    const found = places.find(outbound.settings);
    if (found.kind === 'nowhere' && found.isEarly) return undefined;
    const taken = step(outbound, { kind: 'take', edge }, nowMs);
    const after = found.kind === 'found' ? taken : this.#unfound(taken, found.cause, nowMs);
    // Another pod may have been first: then it is that one's.
    if (!(await store.write(gateway, held, after))) return undefined;
    noteStep(logger, outbound, after);
    if (outbound.isHeld && outbound.edge !== edge) {
      logger.warn({ gateway, edge, from: outbound.edge }, 'registration with a carrier taken over');
    }
    return after?.doing === undefined || found.kind !== 'found'
      ? undefined
      : workOf(after, found.targets);
  }

  #unfound(taken: Outbound | undefined, cause: string, nowMs: number): Outbound | undefined {
    if (taken?.doing === undefined) return taken;
    const { newCallId } = this.#parts;
    return step(taken, { kind: 'failed', cause, cseq: 0, newCallId: newCallId() }, nowMs);
  }

  /** What a pod has is for others, or comes to its end where there are none. */
  async #leave(edge: string, held: readonly OutboundHold[]): Promise<OutboundWork[]> {
    const hasOthers = (await this.#parts.store.leave(edge)) > 0;
    const work = await Promise.all(
      held.map(async ({ gateway, turn }) => {
        const after = await this.#change(gateway, ({ outbound }) =>
          outbound?.isHeld === true && outbound.turn === turn
            ? { kind: 'left', hasOthers }
            : undefined,
        );
        return after?.isHeld === true && after.state === 'unregistering'
          ? this.#take(gateway, edge)
          : undefined;
      }),
    );
    return work.flatMap((each) => each ?? []);
  }

  #inputOf({ cseq, outcome }: ReportOutboundRequest): OutboundInput | undefined {
    const { newCallId, random } = this.#parts;
    switch (outcome?.$case) {
      case 'answer': {
        const shared = { cseq, random: random(), newCallId: newCallId() };
        return { kind: 'answered', answer: outcome.value, ...shared };
      }
      case 'failure':
        return { kind: 'failed', cause: outcome.value, cseq, newCallId: newCallId() };
      case 'isFlowLost':
        return { kind: 'flow-lost' };
      case undefined:
        return undefined;
    }
  }

  /** Compares and sets. @param inputOf undefined: nothing is to change @returns what there is afterwards */
  async #change(
    gateway: string,
    inputOf: (held: HeldOutbound) => OutboundInput | undefined,
  ): Promise<Outbound | undefined> {
    const { logger, store } = this.#parts;
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const held = await store.read(gateway);
      const input = inputOf(held);
      const { outbound } = held;
      const after = input === undefined ? outbound : step(outbound, input, held.nowMs);
      if (after === outbound) return outbound;
      if (!(await store.write(gateway, held, after))) continue;
      noteStep(logger, outbound, after);
      return after;
    }
    throw new SwitchError('SWITCH_STORE_UNAVAILABLE', `${gateway} does not hold still`);
  }
}

/** Nobody has it whose lease runs; but whoever has it goes on by itself. */
function isDue({ dueMs, nowMs, outbound }: HeldOutbound, edge: string): boolean {
  if (dueMs <= nowMs) return true;
  if (outbound?.isHeld !== true || outbound.edge !== edge) return false;
  return outbound.nextMs > 0 && outbound.nextMs <= nowMs;
}

function workOf(
  outbound: Outbound,
  targets: readonly OutboundWork['targets'][number][],
): OutboundWork {
  const { cseq, doing = 'register', settings, sipCallId, turn } = outbound;
  return {
    settings,
    turn,
    what: doing,
    targets: [...targets],
    sipCallId,
    firstCseq: cseq - CSEQS_A_TURN + 1,
    lastCseq: cseq,
    expires: secondsAsked(outbound),
  };
}
