/** How a figure is shown: the ids are Grafana's. */
export type Unit =
  'short' | 'percentunit' | 's' | 'bytes' | 'reqps' | 'cps' | 'bool' | 'dateTimeFromNow' | 'none';

/** One query of a panel; several series of it are told apart by the legend. */
export interface Query {
  /** PromQL; `$__rate_interval` and variables of the dashboard stand as Grafana has them. */
  readonly expr: string;
  /** Grafana's legend, with labels in double braces. */
  readonly legend: string;
}

/** A figure with its history. */
export interface Panel {
  readonly title: string;
  readonly unit: Unit;
  /** What it means, and what to look at when it is not as it should be. */
  readonly description: string;
  readonly queries: readonly Query[];
}

/** A group of panels that stand together. */
interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

/** A choice at the top of a dashboard: all values of a label of a metric, any number of them. */
export interface Variable {
  readonly name: string;
  readonly metric: string;
  readonly label: string;
}

/** One dashboard of Grafana. */
export interface Dashboard {
  /** Name of its file, and `tandem-NAME` its id in links. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly variables?: readonly Variable[];
  readonly rows: readonly Row[];
}

/** A rule that keeps the value of a query under a name of its own. */
export interface RecordingRule {
  readonly record: string;
  readonly expr: string;
}

/** A value and what must be true of it; kept apart so that a test can ask for the value alone. */
export interface Condition {
  readonly value: string;
  /** A comparison, such as `> 0`. */
  readonly is: string;
}

/** An alert: it fires where all conditions of one of the alternatives hold. */
export interface Alert {
  /** Also the name of its page in docs/runbooks. */
  readonly name: string;
  /** `page` wakes somebody, `ticket` waits for the morning. */
  readonly severity: 'page' | 'ticket';
  readonly summary: string;
  readonly when: readonly (readonly Condition[])[];
  /** For how long it must hold, such as `5m`. @default at once */
  readonly lasting?: string;
}

/** Rules that Prometheus evaluates together; the name is that of their file. */
export interface RuleGroup {
  readonly name: string;
  readonly records?: readonly RecordingRule[];
  readonly alerts: readonly Alert[];
}

/** The expression of an alert. */
export function expressionOf({ when }: Alert): string {
  return when.map((conditions) => conditions.map(comparison).join('\nand ')).join('\nor ');
}

function comparison({ value, is }: Condition): string {
  return `(${value}) ${is}`;
}

/** A query of a panel; without a legend the panel's only series has none. */
export function query(expr: string, legend = ''): Query {
  return { expr, legend };
}

/** Counters added up over all pods, by labels where there are some: how many a second. */
export function perSecond(metric: string, by: readonly string[] = [], window = RATE): string {
  return `sum${byLabels(by)}(rate(${metric}[${window}]))`;
}

/** The value under which a share of what a histogram has is, over all pods. */
export function quantile(
  share: number,
  histogram: string,
  by: readonly string[] = [],
  window = RATE,
): string {
  const rate = perSecond(`${histogram}_bucket`, ['le', ...by], window);
  return `histogram_quantile(${String(share)}, ${rate})`;
}

/** The time over which Grafana takes rates, by its step and how often Prometheus scrapes. */
const RATE = '$__rate_interval';

function byLabels(by: readonly string[]): string {
  return by.length === 0 ? '' : ` by (${by.join(', ')}) `;
}
