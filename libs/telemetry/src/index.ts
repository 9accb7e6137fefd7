export { startTelemetry } from './start-telemetry.ts';
export type { Telemetry } from './start-telemetry.ts';
export { exportLogLine } from './log-lines.ts';
export { isTelemetryOn } from './state.ts';
export {
  activeTraceIds,
  contextFrom,
  startSpan,
  traceParentOf,
  tracer,
  withSpan,
} from './tracing.ts';
export type { SpanSettings } from './tracing.ts';
export { counter, each, gauge, histogram } from './metrics.ts';
export type { Attributes, Counter, Histogram, MetricSettings, Observe } from './metrics.ts';
export { prometheusLabel, prometheusName, prometheusSeries } from './prometheus-names.ts';
export type { NamedMetric } from './prometheus-names.ts';
export { ROOT_CONTEXT, SpanKind, SpanStatusCode, context, trace } from '@opentelemetry/api';
export type { Context, Span, Tracer } from '@opentelemetry/api';
