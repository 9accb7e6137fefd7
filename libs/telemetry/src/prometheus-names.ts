/** What decides the name that Prometheus gives a metric. */
export interface NamedMetric {
  readonly name: string;
  /** UCUM unit; what stands in braces is an annotation and no unit. */
  readonly unit: string;
  readonly kind: 'counter' | 'gauge' | 'histogram';
}

/**
 * The name of a metric in Prometheus, as the OTLP receiver of Prometheus and the exporters of the collector make it: words joined by `_`,
 * the unit spelt out, `_total` for a counter, `_ratio` for a gauge of unit `1`.
 * A histogram has three series, with `_bucket`, `_sum` and `_count` behind it.
 * Source: OpenTelemetry specification, compatibility/prometheus_and_openmetrics, "OTLP Metric points to Prometheus".
 */
export function prometheusName({ name, unit, kind }: NamedMetric): string {
  let words = name.split(/[^A-Za-z0-9:]+/).filter((word) => word !== '');
  const [main = '', per = ''] = unit.split('/', 2);
  const [mainWord, perWord] = [unitWord(main, mainUnits), unitWord(per, perUnits)];
  if (mainWord !== '' && !words.includes(mainWord)) words.push(mainWord);
  if (perWord !== '' && !words.includes(perWord)) words.push('per', perWord);
  const ending = endingOf(unit, kind);
  if (ending !== '') words = [...words.filter((word) => word !== ending), ending];
  const joined = words.join('_');
  return /^\d/.test(joined) ? `_${joined}` : joined;
}

/** The names of all series of a metric in Prometheus. */
export function prometheusSeries(metric: NamedMetric): readonly string[] {
  const name = prometheusName(metric);
  if (metric.kind !== 'histogram') return [name];
  return [`${name}_bucket`, `${name}_sum`, `${name}_count`];
}

/** The label that an attribute becomes in Prometheus. Two attributes of one label would be joined to one value. */
export function prometheusLabel(attribute: string): string {
  const label = attribute.replaceAll(/[^A-Za-z0-9_]+/g, '_');
  return /^\d/.test(label) ? `key_${label}` : label;
}

function endingOf(unit: string, kind: NamedMetric['kind']): string {
  if (kind === 'counter') return 'total';
  return unit === '1' && kind === 'gauge' ? 'ratio' : '';
}

function unitWord(unit: string, known: Readonly<Record<string, string>>): string {
  const text = unit.trim();
  if (/[{}]/.test(text)) return '';
  return known[text] ?? text.replaceAll(/[^A-Za-z0-9]+/g, '_').replaceAll(/^_|_$/g, '');
}

const mainUnits: Readonly<Record<string, string>> = {
  '1': '',
  d: 'days',
  h: 'hours',
  min: 'minutes',
  s: 'seconds',
  ms: 'milliseconds',
  us: 'microseconds',
  ns: 'nanoseconds',
  By: 'bytes',
  KiBy: 'kibibytes',
  MiBy: 'mebibytes',
  '%': 'percent',
  Hz: 'hertz',
};

const perUnits: Readonly<Record<string, string>> = {
  s: 'second',
  m: 'minute',
  h: 'hour',
  d: 'day',
  w: 'week',
};
