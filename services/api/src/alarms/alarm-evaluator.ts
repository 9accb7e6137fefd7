import { randomUUID } from 'node:crypto';
import { alarmFigure, alarmRulesOf, type AlarmRule, type Configuration } from '@tandem/config';
import { Rounds, type Logger } from '@tandem/service';
import type { AlarmLease, AlarmRound, AlarmStore, KeptAlarms, NewAlarm } from '../alarm-ports.ts';
import { ended, evaluate, type AlarmState, type FigureReading, type Reading } from '../core/alarms/alarm-state.ts'; // prettier-ignore
import { telling } from '../core/alarms/notification.ts';
import { Samples, type Sample } from '../core/alarms/samples.ts';
import type { ServicePorts } from '../ports.ts';
import { readFigures } from './figures/read-figures.ts';

/** As long as the longest window of what is counted. */
const KEPT_MS = 2 * 3_600_000;
const LEAST_LEASE_MS = 30_000;

export interface AlarmEvaluatorParts {
  readonly store: AlarmStore;
  readonly ports: ServicePorts;
  /** Undefined before the first version. */
  readonly configuration: () => Promise<Configuration | undefined>;
  readonly logger: Logger;
  /** How the console is reached. */
  readonly url: () => string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** From one round to the next. */
  readonly everyMs: number;
  /** How long a pod that says nothing more keeps the others from evaluating. @default three rounds, 30 s at least */
  readonly leaseMs?: number | undefined;
  /** Told after something has changed. */
  readonly onChanged: () => void;
  /** After each round, whether this pod evaluates or not. */
  readonly onRound?: (() => Promise<void>) | undefined;
}

/**
 * Judges all rules again and again (OPS-11). One pod of the api does so at a time: who holds the lease. What it needs for the next round
 * is stored with each, so that who takes over goes on where it stood.
 */
export class AlarmEvaluator {
  readonly #parts: AlarmEvaluatorParts;
  readonly #holder = randomUUID();
  readonly #leaseMs: number;
  readonly #rounds: Rounds;
  #lease: AlarmLease | undefined;
  #states = new Map<string, readonly AlarmState[]>();
  #series = new Map<string, Samples>();

  constructor(parts: AlarmEvaluatorParts) {
    this.#parts = parts;
    this.#leaseMs = parts.leaseMs ?? Math.max(LEAST_LEASE_MS, 3 * parts.everyMs);
    this.#rounds = new Rounds(parts.everyMs, () => this.round());
  }

  /** Whether this pod evaluates. */
  get isEvaluating(): boolean {
    return this.#lease !== undefined;
  }

  start(): void {
    this.#rounds.startAtOnce();
  }

  async stop(): Promise<void> {
    await this.#rounds.stop();
    if (this.#lease === undefined) return;
    this.#lease = undefined;
    await this.#parts.store.release(this.#holder).catch(() => undefined);
  }

  /** One round, where it is this pod's turn. Never rejects. */
  async round(): Promise<void> {
    try {
      if (await this.#take()) await this.#evaluate();
      await this.#parts.onRound?.();
    } catch (error) {
      // What was begun may be stored or not: the next round begins with what is.
      this.#lease = undefined;
      this.#parts.logger.warn({ err: error }, 'alarms were not evaluated');
    }
  }

  /** @returns whether this pod evaluates, with all that it needs in hand */
  async #take(): Promise<boolean> {
    const { logger, store } = this.#parts;
    const lease = await store.lease(this.#holder, this.#leaseMs);
    if (lease === undefined) {
      if (this.#lease !== undefined) logger.info('another pod evaluates alarms');
      this.#lease = undefined;
      return false;
    }
    if (this.#lease?.term !== lease.term) {
      this.#resume(await store.load());
      logger.info({ term: String(lease.term) }, 'this pod evaluates alarms');
    }
    this.#lease = lease;
    return true;
  }

  #resume({ series, states }: KeptAlarms): void {
    this.#states = new Map(states);
    this.#series = new Map([...series].map(([name, kept]) => [name, new Samples(KEPT_MS, kept)]));
  }

  async #evaluate(): Promise<void> {
    const { configuration: current, logger, now, onChanged, ports, store, url } = this.#parts;
    const lease = this.#lease;
    const configuration = await current();
    if (configuration === undefined || lease === undefined) return;
    const nowMs = now();
    const rules = alarmRulesOf(configuration.alarmRules);
    const used = new Map<string, Samples>();
    const series = (name: string): Samples => {
      const known = this.#series.get(name) ?? new Samples(KEPT_MS);
      this.#series.set(name, known);
      used.set(name, known);
      return known;
    };
    const readings = await readFigures(rules, { ports, configuration, nowMs, series });
    const { round, states } = this.#judge(rules, readings, nowMs);
    const samples = new Map([...used].flatMap(([name, each]) => sampleOf(name, each, nowMs)));
    const channels = configuration.alarmChannels ?? [];
    const tell = telling({ channels, rules, url: url(), now: new Date(nowMs), newId: randomUUID });
    const isStored = await store.store(this.#holder, lease, { ...round, samples }, tell);
    if (!isStored) {
      this.#lease = undefined;
      logger.info('alarms were evaluated too slowly: another pod has taken over');
      return;
    }
    this.#states = states;
    for (const each of round.raised) logger.warn({ rule: each.rule, subject: each.subject, value: each.valueText }, 'alarm raised'); // prettier-ignore
    for (const each of round.cleared) logger.info({ rule: each.rule, subject: each.subject, why: each.why }, 'alarm ended'); // prettier-ignore
    if (round.raised.length + round.cleared.length > 0) onChanged();
  }

  // eslint-disable-next-line complexity -- one pass over all rules, in which each outcome has its list
  #judge(
    rules: readonly AlarmRule[],
    readings: ReadonlyMap<AlarmRule, FigureReading>,
    nowMs: number,
  ): { round: Omit<AlarmRound, 'samples'>; states: Map<string, readonly AlarmState[]> } {
    const states = new Map<string, readonly AlarmState[]>();
    const changed = new Map<string, readonly AlarmState[]>();
    const unknown = new Map<string, string>();
    const raised: NewAlarm[] = [];
    const cleared: AlarmRound['cleared'][number][] = [];
    const values: AlarmRound['values'][number][] = [];
    const names = new Set(rules.map(({ name }) => name));
    const gone = [...this.#states.keys()].filter((name) => !names.has(name));
    for (const [name, rule] of [...rules.map((each) => [each.name, each] as const), ...gone.map((each) => [each, undefined] as const)]) {
      const before = this.#states.get(name) ?? [];
      const reading = rule && readings.get(rule);
      const after = rule === undefined || reading === undefined ? ended(before) : evaluate(rule, reading, before, nowMs);
      if (after.states.length > 0) states.set(name, after.states);
      if (!isSame(before, after.states)) changed.set(name, after.states);
      if (rule !== undefined) unknown.set(name, reading?.kind === 'unknown' && rule.enabled ? reading.cause : '');
      for (const change of after.changes) {
        if (change.kind === 'cleared') {
          const { reading: found, subject, why } = change;
          cleared.push({ rule: name, subject, why, value: found?.value, valueText: rule && found ? textOf(rule, found) : '' });
        } else if (rule !== undefined) raised.push(newAlarm(rule, change.reading, nowMs));
      }
      if (rule !== undefined && reading?.kind === 'known') values.push(...valuesOf(rule, reading.readings, before));
    } // prettier-ignore
    const round = { at: new Date(nowMs), states: changed, raised, cleared, values, unknown, keptMs: KEPT_MS }; // prettier-ignore
    return { round, states };
  }
}

/** What has been counted in this round. */
function sampleOf(
  name: string,
  samples: Samples,
  nowMs: number,
): [string, { raw: Samples['raw']; sample: Sample }][] {
  const { last, raw } = samples;
  return last?.atMs === nowMs ? [[name, { raw, sample: last }]] : [];
}

function isSame(one: readonly AlarmState[], other: readonly AlarmState[]): boolean {
  return one.length === other.length && one.every((state, at) => state === other[at]);
}

function valuesOf(
  rule: AlarmRule,
  readings: readonly Reading[],
  before: readonly AlarmState[],
): AlarmRound['values'][number][] {
  const raised = new Set(
    before.filter(({ phase }) => phase === 'raised').map(({ subject }) => subject),
  );
  return readings
    .filter(({ subject }) => raised.has(subject))
    .map((found) => ({
      rule: rule.name,
      subject: found.subject,
      value: found.value,
      valueText: textOf(rule, found),
    }));
}

function newAlarm(rule: AlarmRule, found: Reading, nowMs: number): NewAlarm {
  const valueText = textOf(rule, found);
  return {
    rule: rule.name,
    subject: found.subject,
    figure: rule.figure,
    severity: rule.severity,
    summary: rule.summary.replaceAll('{subject}', found.subject).replaceAll('{value}', valueText),
    note: rule.note,
    isBuiltIn: rule.isBuiltIn,
    value: found.value,
    valueText,
    comparison: rule.comparison,
    threshold: rule.threshold,
    raisedAt: new Date(nowMs),
  };
}

/** `63.5 % of 40 attempts`. */
function textOf({ figure }: AlarmRule, { of, text, value }: Reading): string {
  if (text !== undefined) return text;
  const { counts, unit } = alarmFigure(figure);
  const number = String(Math.round(value * 100) / 100);
  const measured = unit === '' ? number : `${number} ${unit}`;
  return of === undefined || counts === undefined ? measured : `${measured} of ${String(of)} ${counts}`; // prettier-ignore
}
