import type { Journal } from '@tandem/events';
import type { AttemptCounts, GatewayTally, GatewayThrottles, TallyStep } from '@tandem/limits';
import type { AttemptCount } from '@tandem/proto/health';
import type { Logger } from '@tandem/service';
import type { RoutingTables } from '../core/routing-tables.ts';
import { shareAt, throttleStep } from '../core/throttle/throttle-step.ts';
import type { Throttles } from '../core/throttle/throttles.ts';
import { Watch } from '../watch.ts';
import { noteStep } from './throttle-telemetry.ts';

/** How soon a pod knows what another one has decided, and lets in who had few calls. */
const READ_EVERY_MS = 1000;

interface ThrottlingParts {
  readonly throttles: GatewayThrottles;
  readonly tables: () => Pick<RoutingTables, 'routingGateways'> | undefined;
  /** OPS-10. @default nobody is told */
  readonly journal?: Journal | undefined;
  readonly logger: Logger;
}

/**
 * Throttles gateways that keep failing (ROUTE-16, ADR 78). Edges tell what attempts came to; whoever hears the call that completes a
 * window ends it, one of all pods, and says what it means. No call asks for it.
 */
export class Throttling {
  readonly #parts: ThrottlingParts;
  readonly #watch: Watch<Throttles>;

  constructor(parts: ThrottlingParts) {
    this.#parts = parts;
    this.#watch = new Watch<Throttles>({
      what: 'throttled gateways',
      everyMs: READ_EVERY_MS,
      unread: new Map(),
      logger: parts.logger,
      read: async (known) => {
        const listed = await parts.throttles.list();
        const hasStepped = await this.#step(listed);
        const found = hasStepped ? await parts.throttles.list() : listed;
        return found.length === 0 && known.size === 0 ? known : throttlesOf(found);
      },
    });
  }

  get current(): Throttles {
    return this.#watch.current;
  }

  start(): void {
    this.#watch.start();
  }

  stop(): Promise<void> {
    return this.#watch.stop();
  }

  /** Reads now. Never rejects. */
  read(): Promise<void> {
    return this.#watch.read();
  }

  /**
   * Counts what attempts have come to at an edge.
   * @throws SwitchError SWITCH_STORE_UNAVAILABLE
   */
  async note(counts: readonly AttemptCount[]): Promise<void> {
    const meant = this.#judged(counts);
    if (meant.length === 0) return;
    const hasStepped = await this.#step(await this.#parts.throttles.add(meant));
    if (hasStepped) await this.#watch.refresh();
  }

  /** An operator gives a gateway all of its calls again. @returns whether it was throttled */
  async release(gateway: string): Promise<boolean> {
    const { throttles } = this.#parts;
    const seen = (await throttles.list()).find((each) => each.gateway === gateway);
    if (seen === undefined) return false;
    const [isDone = false] = await throttles.step([{ seen, level: 0 }]);
    await this.#watch.refresh();
    return isDone;
  }

  /** Which of them count as failures is each gateway's to say. */
  #judged(counts: readonly AttemptCount[]): AttemptCounts[] {
    const gateways = this.#parts.tables()?.routingGateways;
    return [...Map.groupBy(counts, ({ gateway }) => gateway)].flatMap(([gateway, codes]) => {
      const terms = gateways?.get(gateway)?.throttle;
      if (terms === undefined) return [];
      const failed = codes.filter(({ code }) => terms.failureCodes.has(code));
      return [{ gateway, attempts: sumOf(codes), failed: sumOf(failed) }];
    });
  }

  /** Ends the windows that are complete. @returns whether one has changed anything */
  async #step(tallies: readonly GatewayTally[]): Promise<boolean> {
    const { journal, logger, tables, throttles } = this.#parts;
    const gateways = tables()?.routingGateways;
    if (gateways === undefined) return false;
    const steps = tallies.flatMap((seen): (TallyStep & { seen: GatewayTally })[] => {
      const level = throttleStep(seen, gateways.get(seen.gateway)?.throttle);
      return level === undefined ? [] : [{ seen, level }];
    });
    const done = await throttles.step(steps);
    let hasChanged = false;
    for (const [at, { level, seen }] of steps.entries()) {
      // Another pod has ended that window.
      if (done[at] !== true || level === seen.level) continue;
      hasChanged = true;
      // One that is configured no more is released without a word.
      const terms = gateways.get(seen.gateway)?.throttle;
      if (terms === undefined) continue;
      const [before, share] = [shareAt(seen.level, terms), shareAt(level, terms)];
      noteStep({ seen, before, share }, { journal, logger });
    }
    return hasChanged;
  }
}

function sumOf(counts: readonly AttemptCount[]): number {
  return counts.reduce((sum, { count }) => sum + count, 0);
}

function throttlesOf(tallies: readonly GatewayTally[]): Throttles {
  return new Map(
    tallies.map(({ gateway, lastAttempts: attempts, lastFailed: failed, level, sinceMs }) => [
      gateway,
      { level, sinceMs, attempts, failed },
    ]),
  );
}
