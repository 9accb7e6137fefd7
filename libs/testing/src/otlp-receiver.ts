import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { PrometheusPage } from './prometheus-page.ts';
import type { MetricsExport } from './prometheus-page.ts';

/** A span as a collector would receive it. */
export interface ReceivedSpan {
  /** `service.name` of the process that sent it. */
  readonly service: string;
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  /** '' for the root of a trace. */
  readonly parentSpanId: string;
  readonly attributes: ReadonlyMap<string, unknown>;
  /** True where the span's status is an error. */
  readonly isError: boolean;
  readonly startNanos: bigint;
  readonly endNanos: bigint;
}

/** A metric's name with the service that sent it and the attributes of its points. */
export interface ReceivedMetric {
  readonly service: string;
  readonly name: string;
  readonly points: readonly ReadonlyMap<string, unknown>[];
}

/** A line of a log as a collector would receive it. */
export interface ReceivedLog {
  readonly service: string;
  /** `INFO`. */
  readonly severity: string;
  readonly body: unknown;
  /** '' where no span was active. */
  readonly traceId: string;
  readonly spanId: string;
  readonly attributes: ReadonlyMap<string, unknown>;
}

/** A collector for tests: takes OTLP over HTTP as JSON, keeps all of it, and shows the metrics to Prometheus at `/metrics`. */
export interface OtlpReceiver {
  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly endpoint: string;
  /** Every span received so far. */
  spans(): readonly ReceivedSpan[];
  /** The spans of one trace. */
  trace(traceId: string): readonly ReceivedSpan[];
  /** Every metric received so far, one entry per export. */
  metrics(): readonly ReceivedMetric[];
  /** Every line of a log received so far. */
  logs(): readonly ReceivedLog[];
  /** The attributes of every resource that has sent something. */
  resources(): readonly ReadonlyMap<string, unknown>[];
  /** What could not be taken: a metric that Prometheus would mistake for another one. */
  faults(): readonly string[];
  close(): Promise<void>;
}

/** Opens a receiver on a free port of the loopback. */
export async function openOtlpReceiver(): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = [];
  const metrics: ReceivedMetric[] = [];
  const logs: ReceivedLog[] = [];
  const resources: ReadonlyMap<string, unknown>[] = [];
  const page = new PrometheusPage();
  const faults: string[] = [];
  const show = (sent: MetricsExport): void => {
    try {
      page.take(sent);
    } catch (error) {
      faults.push(String(error));
    }
  };
  const server = createServer((request, response) => {
    if (request.method === 'GET') {
      response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(page.text());
      return;
    }
    readBody(request).then(
      (body) => {
        if (request.url === '/v1/metrics') show(body as MetricsExport);
        resources.push(...readResources(body as AnyRequest));
        if (request.url === '/v1/logs') logs.push(...readLogs(body as LogsRequest));
        if (request.url === '/v1/traces') spans.push(...readSpans(body as TracesRequest));
        if (request.url === '/v1/metrics') metrics.push(...readMetrics(body as MetricsRequest));
        response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      },
      () => response.writeHead(400).end(),
    );
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${String(port)}`,
    spans: () => spans,
    trace: (traceId) => spans.filter((span) => span.traceId === traceId),
    metrics: () => metrics,
    logs: () => logs,
    resources: () => resources,
    faults: () => faults,
    close: () => close(server),
  };
}

/**
 * Draws the spans of a trace as an indented tree, one `service name` a line, children in the order of
 * their start: what a test compares with.
 */
export function spanTree(spans: readonly ReceivedSpan[]): string {
  const byStart = spans.toSorted((a, b) => Number(a.startNanos - b.startNanos));
  const ids = new Set(spans.map((span) => span.spanId));
  const draw = (parents: readonly ReceivedSpan[], depth: number): string[] =>
    parents.flatMap((span) => [
      `${'  '.repeat(depth)}${span.service} ${span.name}`,
      ...draw(
        byStart.filter((child) => child.parentSpanId === span.spanId),
        depth + 1,
      ),
    ]);
  return draw(
    byStart.filter((span) => !ids.has(span.parentSpanId)),
    0,
  ).join('\n');
}

// The parts of OTLP's JSON form that are read here (opentelemetry-proto, JSON Protobuf encoding).
interface Attribute {
  readonly key: string;
  readonly value?: Readonly<Record<string, unknown>>;
}
interface Resource {
  readonly attributes?: readonly Attribute[];
}
interface WireSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly attributes?: readonly Attribute[];
  readonly status?: { readonly code?: number | string };
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
}
interface TracesRequest {
  readonly resourceSpans?: readonly {
    readonly resource?: Resource;
    readonly scopeSpans?: readonly { readonly spans?: readonly WireSpan[] }[];
  }[];
}
type WirePoints = Readonly<Record<string, { readonly dataPoints?: readonly Resource[] }>>;
interface MetricsRequest {
  readonly resourceMetrics?: readonly {
    readonly resource?: Resource;
    readonly scopeMetrics?: readonly {
      readonly metrics?: readonly (WirePoints & { readonly name: string })[];
    }[];
  }[];
}
interface WireLog {
  readonly severityText?: string;
  readonly body?: Attribute['value'];
  readonly traceId?: string;
  readonly spanId?: string;
  readonly attributes?: readonly Attribute[];
}
interface LogsRequest {
  readonly resourceLogs?: readonly {
    readonly resource?: Resource;
    readonly scopeLogs?: readonly { readonly logRecords?: readonly WireLog[] }[];
  }[];
}
type AnyRequest = TracesRequest & MetricsRequest & LogsRequest;

const STATUS_ERROR = 2;

function readResources(body: AnyRequest): readonly ReadonlyMap<string, unknown>[] {
  const { resourceSpans = [], resourceMetrics = [], resourceLogs = [] } = body;
  return [...resourceSpans, ...resourceMetrics, ...resourceLogs].map(({ resource }) =>
    readAttributes(resource?.attributes),
  );
}

function readLogs({ resourceLogs = [] }: LogsRequest): ReceivedLog[] {
  return resourceLogs.flatMap(({ resource, scopeLogs = [] }) =>
    scopeLogs
      .flatMap(({ logRecords = [] }) => logRecords)
      .map((record) => ({
        service: serviceOf(resource),
        severity: record.severityText ?? '',
        body: Object.values(record.body ?? {})[0],
        traceId: record.traceId ?? '',
        spanId: record.spanId ?? '',
        attributes: readAttributes(record.attributes),
      })),
  );
}

function readSpans(body: TracesRequest): ReceivedSpan[] {
  return (body.resourceSpans ?? []).flatMap(({ resource, scopeSpans = [] }) =>
    scopeSpans
      .flatMap(({ spans = [] }) => spans)
      .map((span) => ({
        service: serviceOf(resource),
        name: span.name,
        traceId: span.traceId,
        spanId: span.spanId,
        parentSpanId: span.parentSpanId ?? '',
        attributes: readAttributes(span.attributes),
        isError: span.status?.code === STATUS_ERROR || span.status?.code === 'STATUS_CODE_ERROR',
        startNanos: BigInt(span.startTimeUnixNano),
        endNanos: BigInt(span.endTimeUnixNano),
      })),
  );
}

function readMetrics(body: MetricsRequest): ReceivedMetric[] {
  return (body.resourceMetrics ?? []).flatMap(({ resource, scopeMetrics = [] }) =>
    scopeMetrics
      .flatMap(({ metrics = [] }) => metrics)
      .map(({ name, ...kinds }) => ({
        service: serviceOf(resource),
        name,
        points: Object.values(kinds as WirePoints)
          .flatMap((kind) => kind.dataPoints ?? [])
          .map((point) => readAttributes(point.attributes)),
      })),
  );
}

function serviceOf(resource: Resource | undefined): string {
  const name = readAttributes(resource?.attributes).get('service.name');
  return typeof name === 'string' ? name : '';
}

function readAttributes(attributes: readonly Attribute[] = []): Map<string, unknown> {
  return new Map(attributes.map(({ key, value }) => [key, Object.values(value ?? {})[0]]));
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  const text = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
  return JSON.parse(text.toString('utf8'));
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
}
