import { context, metrics, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { Resource } from '@opentelemetry/resources';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { takeLogLines } from './log-lines.ts';
import { bindInstruments } from './metrics.ts';
import type { OtlpLogs } from './otlp-logs.ts';

/** How long what is gathered may take to be sent at the end. */
const SHUTDOWN_MS = 2000;

/** What `openExport` started. */
export interface OtlpExport {
  close(): Promise<void>;
}

/**
 * Builds the SDK: spans in batches, metrics every 10 s (`OTEL_METRIC_EXPORT_INTERVAL`), a share of the
 * traces where `OTEL_TRACES_SAMPLER_ARG` says so, lines of the log where `OTEL_LOGS_EXPORTER` is `otlp`.
 * This module is only loaded where there is a collector.
 */
export async function openExport(
  serviceName: string,
  endpoint: string,
  env: NodeJS.ProcessEnv,
): Promise<OtlpExport> {
  const base = endpoint.replace(/\/+$/, '');
  const resource = resourceFromAttributes({
    'service.name': serviceName,
    'service.namespace': 'tandem',
    'service.instance.id': instanceOf(env),
  });
  const tracerProvider = new TracerProvider({
    resource,
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(sampledShare(env)) }),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: new OTLPTraceExporter({ url: `${base}/v1/traces` }),
        maxQueueSize: 16_384,
        maxExportBatchSize: 2048,
        scheduledDelayMillis: 1000,
      }),
    ],
  });
  const metricsEveryMs = positive(env['OTEL_METRIC_EXPORT_INTERVAL'], 10_000);
  const meterProvider = new MeterProvider({
    resource,
    readers: [
      new PeriodicExportingMetricReader({
        exporter: new OTLPMetricExporter({ url: `${base}/v1/metrics` }),
        exportIntervalMillis: metricsEveryMs,
        // The reader throws where an export may take longer than the interval.
        exportTimeoutMillis: Math.min(5000, metricsEveryMs),
      }),
    ],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(tracerProvider);
  metrics.setGlobalMeterProvider(meterProvider);
  bindInstruments((name) => meterProvider.getMeter(name));
  const logs =
    env['OTEL_LOGS_EXPORTER'] === 'otlp' ? await openOtlpLogs(resource, base) : undefined;
  takeLogLines(logs?.take);
  return {
    close: async () => {
      // A collector that is away takes the SDK ten seconds, and an error: neither may keep a service from stopping.
      takeLogLines(undefined);
      const sent = Promise.allSettled([
        tracerProvider.shutdown(),
        meterProvider.shutdown(),
        logs?.shutdown(),
      ]);
      await Promise.race([sent, sleep(SHUTDOWN_MS, undefined, { ref: false })]);
    },
  };
}

async function openOtlpLogs(resource: Resource, base: string): Promise<OtlpLogs> {
  const { openLogs } = await import('./otlp-logs.ts');
  return openLogs(resource, base);
}

/** The pod's name in Kubernetes, the same after a restart of its container; elsewhere one of the process. */
function instanceOf(env: NodeJS.ProcessEnv): string {
  const given = env['TANDEM_INSTANCE'] ?? env['TANDEM_POD_NAME'];
  if (given !== undefined && given !== '') return given;
  const isPod = env['KUBERNETES_SERVICE_HOST'] !== undefined;
  return isPod ? hostname() : `${hostname()}-${String(process.pid)}`;
}

function sampledShare(env: NodeJS.ProcessEnv): number {
  const share = Number(env['OTEL_TRACES_SAMPLER_ARG'] ?? '1');
  return share >= 0 && share <= 1 ? share : 1;
}

function positive(text: string | undefined, fallback: number): number {
  const value = Number(text);
  return value > 0 ? value : fallback;
}
