import type { LineLedger } from '@tandem/limits';
import { Rounds } from '@tandem/service';
import type { Logger } from '@tandem/service';
import { isTelemetryOn } from '@tandem/telemetry';
import { keyOfSubject, lineKey, subjectOf } from './core/line-keys.ts';
import { limitsAt } from './core/rules/group-capacity.ts';
import type { RoutingTables } from './core/routing-tables.ts';
import { reportLineLimits, reportLines } from './telemetry.ts';

const COUNT_EVERY_MS = 5000;
const KEYS_PER_COUNT = 1000;

export interface LineGaugeParts {
  readonly tables: () => RoutingTables | undefined;
  readonly lines: LineLedger;
  readonly logger: Logger;
}

/** Counts the lines of accounts and gateways from time to time for the metric, while telemetry is on. */
export class LineGauge {
  readonly #parts: LineGaugeParts;
  #counts: ReadonlyMap<string, number> = new Map();
  readonly #rounds = new Rounds(COUNT_EVERY_MS, async () => {
    await this.count();
  });
  #ends: readonly (() => void)[] = [];

  constructor(parts: LineGaugeParts) {
    this.#parts = parts;
  }

  start(): void {
    if (!isTelemetryOn()) return;
    this.#ends = [reportLines(() => this.#counts), reportLineLimits(() => this.limits())];
    this.#rounds.start();
  }

  async stop(): Promise<void> {
    for (const end of this.#ends) end();
    await this.#rounds.stop();
  }

  /** The limits of what was last counted, by subject; without those that have none. */
  limits(nowMs = Date.now()): ReadonlyMap<string, number> {
    const tables = this.#parts.tables();
    const limits = tables && limitsAt(tables.limits, tables.groups, nowMs);
    return new Map(
      [...this.#counts.keys()].flatMap((subject) => {
        const limit = limits?.get(keyOfSubject(subject));
        return limit === undefined ? [] : [[subject, limit] as const];
      }),
    );
  }

  /** Counts now; a store that is away leaves the last counts. */
  async count(): Promise<ReadonlyMap<string, number>> {
    const keys = keysOf(this.#parts.tables());
    const counts = new Map<string, number>();
    try {
      for (let from = 0; from < keys.length; from += KEYS_PER_COUNT) {
        const some = keys.slice(from, from + KEYS_PER_COUNT);
        const used = await this.#parts.lines.count(some);
        for (const [index, key] of some.entries()) {
          const inUse = used[index] ?? 0;
          // A subject that was reported before goes back to 0 rather than silent.
          if (inUse > 0 || this.#counts.has(subjectOf(key))) counts.set(subjectOf(key), inUse);
        }
      }
      this.#counts = counts;
    } catch (error) {
      this.#parts.logger.debug({ err: error }, 'lines in use were not counted');
    }
    return this.#counts;
  }
}

/** Phones are too many for a metric. */
function keysOf(tables: RoutingTables | undefined): string[] {
  if (tables === undefined) return [];
  const groups = new Set<string>();
  for (const gateway of tables.routingGateways.values()) {
    for (const line of gateway.lines) groups.add(line.key);
  }
  return [
    ...[...tables.accounts.keys()].map((name) => lineKey('account', name)),
    ...[...tables.mappingGateways.keys()].map((name) => lineKey('mapping-gateway', name)),
    ...groups,
  ];
}
