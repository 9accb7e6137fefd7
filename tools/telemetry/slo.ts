import type { Alert, Condition, RecordingRule } from './description.ts';

/** A service level objective: of what counts in `total` no more than the budget may be in `bad`. */
export interface Objective {
  /** In names of rules: `calls`. */
  readonly name: string;
  /** In names of alerts: `Calls`. */
  readonly title: string;
  /** The share that must be good. */
  readonly objective: number;
  /** What the objective says, in words. */
  readonly says: string;
  /** Queries for a window such as `5m`. */
  readonly bad: (window: string) => string;
  readonly total: (window: string) => string;
}

const SWITCH_AT_FAULT = 'reason=~"InternalError|ServiceUnavailable"';
const SETUP = 'tandem_edge_set_up_duration_seconds';

/** What the switch promises. Refusals by the customer's fault, and what carriers fail at, are no faults of it. */
export const objectives: readonly Objective[] = [
  {
    name: 'calls',
    title: 'Calls',
    objective: 0.9995,
    says: '99.95 % of all calls are not refused or failed by the switch itself',
    bad: (window) =>
      `sum(rate(tandem_edge_failures_total{${SWITCH_AT_FAULT}}[${window}])) + sum(rate(tandem_edge_refused_total[${window}]))`,
    total: (window) =>
      `sum(rate(tandem_edge_calls_total[${window}])) + sum(rate(tandem_edge_refused_total[${window}]))`,
  },
  {
    name: 'set_up',
    title: 'SetUp',
    objective: 0.99,
    says: '99 % of all calls have their INVITE to the carrier within 0.5 s',
    bad: (window) =>
      `sum(rate(${SETUP}_count[${window}])) - sum(rate(${SETUP}_bucket{le="0.5"}[${window}]))`,
    total: (window) => `sum(rate(${SETUP}_count[${window}]))`,
  },
  {
    name: 'registrations',
    title: 'Registrations',
    objective: 0.999,
    says: '99.9 % of all requests to register are decided',
    bad: (window) =>
      `sum(rate(tandem_registrar_registrations_total{outcome="error"}[${window}])) + sum(rate(tandem_edge_registers_shed_total{cause="load"}[${window}]))`,
    total: (window) =>
      `sum(rate(tandem_registrar_registrations_total[${window}])) + sum(rate(tandem_edge_registers_shed_total{cause="load"}[${window}]))`,
  },
];

/** The windows over which the share of bad ones is kept. */
export const windows = ['5m', '30m', '1h', '2h', '6h', '1d', '3d'] as const;
type Window = (typeof windows)[number];

/** Name of the rule that keeps the share of bad ones. */
export function ratioName({ name }: Pick<Objective, 'name'>, window: Window): string {
  return `tandem:slo_${name}:bad_ratio_rate${window}`;
}

/** One rule for each objective and window. Where nothing comes there is no share, and no alert. */
export const ratioRules: readonly RecordingRule[] = objectives.flatMap((objective) =>
  windows.map((window) => ({
    record: ratioName(objective, window),
    expr: `(${objective.bad(window)}) / (${objective.total(window)} > 0)`,
  })),
);

/**
 * Two alerts for each objective, by how fast its budget of 30 days is used up: 2 % of it in an hour or 5 % in six are a page,
 * 10 % in a day or in three a ticket. The short window has them end soon after the cause has.
 */
export const burnAlerts: readonly Alert[] = objectives.flatMap((objective) => {
  const burns = (long: Window, short: Window, factor: number): readonly Condition[] => {
    const is = `> ${String(Number((factor * (1 - objective.objective)).toPrecision(6)))}`;
    return [long, short].map((window) => ({ value: ratioName(objective, window), is }));
  };
  return [
    {
      name: `TandemSlo${objective.title}Fast`,
      severity: 'page',
      summary: `Not so, and fast: ${objective.says}. The budget of a month is gone within two to five days.`,
      when: [burns('1h', '5m', 14.4), burns('6h', '30m', 6)],
      lasting: '2m',
    },
    {
      name: `TandemSlo${objective.title}Slow`,
      severity: 'ticket',
      summary: `Not so, and slowly: ${objective.says}. The budget of a month is gone before it is over.`,
      when: [burns('1d', '2h', 3), burns('3d', '6h', 1)],
      lasting: '15m',
    },
  ];
});
