import type { CheckOutcome, CheckReport, GatewayCheck } from '@tandem/proto/health';
import type { EdgeResources } from '../edge-resources.ts';
import type { AttemptTally } from './attempt-tally.ts';
import type { ChecksClient } from './checks-client.ts';
import type { OptionsRequests } from './options-requests.ts';

type Resources = Pick<EdgeResources, 'clock' | 'local' | 'logger' | 'random'> & {
  readonly client: ChecksClient;
  readonly tally: Pick<AttemptTally, 'take'>;
};

/** How often it is asked what is due: between half of this and one and a half, so that pods share it evenly. */
const ASK_MS = 400;
/** What checks have come to is told so soon. */
const TELL_MS = 100;
/** While routing does not answer, or cannot say, as one of the version before. */
const AWAY_MS = 2000;
/** Of those that are due at once so many are asked in a step, and so long is a step. */
const AT_ONCE = 10;
const STEP_MS = 10;
/** Kept while routing is away. Their turns are over by then; more would be waste. */
const MOST_REPORTS = 1000;

/**
 * Checks the gateways that fall to this pod (ROUTE-07, ADR 60): asks routing what is due, and tells it what came of it, and of calls to
 * gateways (ROUTE-16). Nothing else
 * is known here; a check whose pod dies is another pod's when its lease ends.
 */
export class GatewayChecks {
  readonly #edge: Resources;
  readonly #options: OptionsRequests;
  #reports: CheckReport[] = [];
  #timer: object | undefined;
  #dueMs = 0;
  #asking: Promise<void> | undefined;
  #isAway = false;
  #isStopped = false;

  constructor(edge: Resources, options: OptionsRequests) {
    this.#edge = edge;
    this.#options = options;
  }

  start(): void {
    this.#askWithin(ASK_MS * (0.5 + this.#draw()));
  }

  /** Takes nothing more, and tells what it knows; the rest is for others. */
  async drain(): Promise<void> {
    this.close();
    await this.#asking;
    const { client, local, logger, tally } = this.#edge;
    const attempts = tally.take();
    const reports = this.#reports;
    if (reports.length === 0 && attempts.length === 0) return;
    try {
      await client.takeChecks({ edge: local.name, isLeaving: true, reports, attempts });
    } catch (error) {
      logger.debug({ err: error }, 'routing not told of checks');
    }
  }

  close(): void {
    this.#isStopped = true;
    this.#stopTimer();
  }

  /** No later than so, and no later than was meant before. */
  #askWithin(ms: number): void {
    const { clock } = this.#edge;
    if (this.#isStopped || this.#asking !== undefined) return;
    const dueMs = clock.now() + ms;
    if (this.#timer !== undefined && this.#dueMs <= dueMs) return;
    this.#stopTimer();
    this.#dueMs = dueMs;
    this.#timer = clock.start(ms, () => {
      this.#timer = undefined;
      this.#ask();
    });
  }

  #stopTimer(): void {
    if (this.#timer !== undefined) this.#edge.clock.stop(this.#timer);
    this.#timer = undefined;
  }

  #ask(): void {
    let waitMs = ASK_MS * (0.5 + this.#draw());
    this.#asking = this.#askOnce()
      .then(
        (askAgainMs) => {
          this.#isAway = false;
          if (askAgainMs > 0) waitMs = askAgainMs;
        },
        (error: unknown) => {
          if (!this.#isAway) {
            this.#edge.logger.warn({ err: error }, 'routing does not say which gateways to check');
          }
          this.#isAway = true;
          waitMs = AWAY_MS;
        },
      )
      .finally(() => {
        this.#asking = undefined;
        this.#askWithin(this.#reports.length > 0 && !this.#isAway ? TELL_MS : waitMs);
      });
  }

  async #askOnce(): Promise<number> {
    const { client, clock, local, tally } = this.#edge;
    const reports = this.#reports;
    this.#reports = [];
    try {
      // What cannot be told is lost: throttling is about now.
      const attempts = tally.take();
      const request = { edge: local.name, isLeaving: false, reports, attempts };
      const { askAgainMs, due } = await client.takeChecks(request);
      for (let from = 0; from < due.length; from += AT_ONCE) {
        const some = due.slice(from, from + AT_ONCE);
        clock.start((from / AT_ONCE) * STEP_MS, () => {
          for (const each of some) this.#check(each);
        });
      }
      return askAgainMs;
    } catch (error) {
      this.#reports = [...reports, ...this.#reports].slice(-MOST_REPORTS);
      throw error;
    }
  }

  #check({ addresses, dueMs, gateway, timeoutMs, turn }: GatewayCheck): void {
    if (this.#isStopped) return;
    const outcomes: (CheckOutcome | undefined)[] = addresses.map(() => undefined);
    for (const [at, address] of addresses.entries()) {
      const onDone = (outcome: CheckOutcome): void => {
        outcomes[at] = outcome;
        const done = outcomes.flatMap((each) => each ?? []);
        if (done.length < outcomes.length) return;
        this.#reports.push({ gateway, turn, dueMs, outcomes: done });
        if (!this.#isAway) this.#askWithin(TELL_MS);
      };
      this.#options.send({ address, timeoutMs, onDone });
    }
  }

  /** In [0, 1). */
  #draw(): number {
    return Buffer.from(this.#edge.random(3), 'base64url').readUIntBE(0, 3) / 2 ** 24;
  }
}
