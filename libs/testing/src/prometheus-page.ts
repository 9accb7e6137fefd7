import { prometheusLabel, prometheusName } from '@tandem/telemetry';

// The parts of OTLP's JSON form of metrics that are read here (opentelemetry-proto, metrics/v1).
interface WireAttribute {
  readonly key: string;
  readonly value?: Readonly<Record<string, unknown>>;
}
interface WirePoint {
  readonly attributes?: readonly WireAttribute[];
  readonly asInt?: number | string;
  readonly asDouble?: number;
  readonly count?: number | string;
  readonly sum?: number;
  readonly bucketCounts?: readonly (number | string)[];
  readonly explicitBounds?: readonly number[];
}
interface WireMetric {
  readonly name: string;
  readonly unit?: string;
  readonly sum?: { readonly dataPoints?: readonly WirePoint[]; readonly isMonotonic?: boolean };
  readonly gauge?: { readonly dataPoints?: readonly WirePoint[] };
  readonly histogram?: { readonly dataPoints?: readonly WirePoint[] };
}

/** What an export of metrics holds. */
export interface MetricsExport {
  readonly resourceMetrics?: readonly {
    readonly resource?: { readonly attributes?: readonly WireAttribute[] };
    readonly scopeMetrics?: readonly { readonly metrics?: readonly WireMetric[] }[];
  }[];
}

type Labels = ReadonlyMap<string, string>;

/**
 * The page that a collector has for Prometheus: what each process exported last, by the names and labels that the collector's
 * Prometheus exporter gives it. `job` and `instance` are of the process: it is to be scraped with `honor_labels`.
 */
export class PrometheusPage {
  readonly #lines = new Map<string, readonly string[]>();

  /** @throws Error where two metrics, or two series of one, would be one in Prometheus */
  take({ resourceMetrics = [] }: MetricsExport): void {
    for (const { resource, scopeMetrics = [] } of resourceMetrics) {
      const own = textAttributes(resource?.attributes);
      const instance = own.get('service.instance.id') ?? '';
      const job = `${own.get('service.namespace') ?? ''}/${own.get('service.name') ?? ''}`;
      const target = new Map([
        ['job', job],
        ['instance', instance],
      ]);
      const metrics = scopeMetrics.flatMap(({ metrics: some = [] }) => some);
      const lines = metrics.flatMap((metric) => linesOf(metric, target));
      refuseDoubles(lines);
      this.#lines.set(`${job} ${instance}`, lines);
    }
  }

  /** In the text format, version 0.0.4. */
  text(): string {
    return `${[...this.#lines.values()].flat().join('\n')}\n`;
  }
}

function linesOf(metric: WireMetric, target: Labels): string[] {
  const { gauge, histogram, name, sum, unit = '' } = metric;
  const kind =
    histogram !== undefined ? 'histogram' : sum?.isMonotonic === true ? 'counter' : 'gauge';
  const shown = prometheusName({ name, unit, kind });
  const points = (histogram ?? sum ?? gauge)?.dataPoints ?? [];
  return points.flatMap((point) => {
    const labels = new Map([...target, ...labelsOf(name, point.attributes)]);
    if (kind === 'histogram') return histogramLines(shown, labels, point);
    return [line(shown, labels, Number(point.asInt ?? point.asDouble))];
  });
}

function histogramLines(name: string, labels: Labels, point: WirePoint): string[] {
  const { bucketCounts = [], count = 0, explicitBounds = [], sum = 0 } = point;
  let below = 0;
  const buckets = bucketCounts.map((inBucket, index) => {
    below += Number(inBucket);
    const bound = explicitBounds[index];
    const le = bound === undefined ? '+Inf' : String(bound);
    return line(`${name}_bucket`, new Map([...labels, ['le', le]]), below);
  });
  return [
    ...buckets,
    line(`${name}_sum`, labels, sum),
    line(`${name}_count`, labels, Number(count)),
  ];
}

function labelsOf(metric: string, attributes: readonly WireAttribute[] | undefined): Labels {
  const labels = new Map<string, string>();
  for (const [key, value] of textAttributes(attributes)) {
    const label = prometheusLabel(key);
    if (labels.has(label)) throw new Error(`${metric}: two attributes are the label ${label}`);
    labels.set(label, value);
  }
  return labels;
}

function line(name: string, labels: Labels, value: number): string {
  const shown = [...labels].map(([label, text]) => `${label}="${escaped(text)}"`);
  return `${name}{${shown.join(',')}} ${String(value)}`;
}

function escaped(text: string): string {
  return text
    .replaceAll('\\', String.raw`\\`)
    .replaceAll('"', String.raw`\"`)
    .replaceAll('\n', String.raw`\n`);
}

function refuseDoubles(lines: readonly string[]): void {
  const seen = new Set<string>();
  for (const text of lines) {
    const series = text.slice(0, text.lastIndexOf(' '));
    if (seen.has(series)) throw new Error(`two series would be one: ${series}`);
    seen.add(series);
  }
}

function textAttributes(attributes: readonly WireAttribute[] = []): Map<string, string> {
  return new Map(attributes.map(({ key, value = {} }) => [key, textOf(Object.values(value)[0])]));
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? '');
}
