import {
  INVALID_SPAN_CONTEXT,
  ROOT_CONTEXT,
  SpanKind,
  TraceFlags,
  context,
  trace,
} from '@opentelemetry/api';
import type { Attributes, Context, Span, Tracer } from '@opentelemetry/api';
import { isTelemetryOn } from './state.ts';

/** The tracer of a service or library; spans of it go nowhere while telemetry is off. */
export function tracer(name: string): Tracer {
  return trace.getTracer(name);
}

/** How a span begins. */
export interface SpanSettings {
  /** `service.operation`, from the service's telemetry.ts. */
  readonly name: string;
  /** `traceparent` received from the caller; '' or undefined makes the active span the parent. */
  readonly parent?: string | undefined;
  /** @default SpanKind.INTERNAL */
  readonly kind?: SpanKind;
  readonly attributes?: Attributes;
}

const noSpan: Span = trace.wrapSpanContext(INVALID_SPAN_CONTEXT);

/** Starts a span; while telemetry is off always the same span that records nothing, at no cost. */
export function startSpan(source: Tracer, settings: SpanSettings): Span {
  if (!isTelemetryOn()) return noSpan;
  const { name, parent, kind = SpanKind.INTERNAL, attributes } = settings;
  const parentContext =
    parent === undefined || parent === '' ? context.active() : contextFrom(parent);
  return source.startSpan(
    name,
    attributes === undefined ? { kind } : { kind, attributes },
    parentContext,
  );
}

/** Runs `work` with the span active, so that log lines and inner spans belong to it. It does not end it. */
export function withSpan<T>(span: Span, work: () => T): T {
  if (!isTelemetryOn()) return work();
  return context.with(trace.setSpan(context.active(), span), work);
}

/** The W3C `traceparent` of a span, to be sent along with a request; '' while telemetry is off. */
export function traceParentOf(span: Span): string {
  if (!isTelemetryOn()) return '';
  const { traceId, spanId, traceFlags } = span.spanContext();
  if (!span.isRecording() && traceId === INVALID_SPAN_CONTEXT.traceId) return '';
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}

/** The context that a received `traceparent` stands for; the root where it is empty or malformed. */
export function contextFrom(traceParent: string): Context {
  if (!isTelemetryOn() || !isTraceParent(traceParent)) return ROOT_CONTEXT;
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId: traceParent.slice(3, 35),
    spanId: traceParent.slice(36, 52),
    traceFlags: Number.parseInt(traceParent.slice(53, 55), 16) & TraceFlags.SAMPLED,
    isRemote: true,
  });
}

/** `trace_id` and `span_id` of the active span, for a log line; empty where there is none. */
export function activeTraceIds(): Record<string, string> {
  if (!isTelemetryOn()) return {};
  const span = trace.getActiveSpan();
  if (span === undefined) return {};
  const { traceId, spanId } = span.spanContext();
  return { trace_id: traceId, span_id: spanId };
}

// W3C Trace Context §3.2: version 00 has four fields; ids of zeros are invalid.
const TRACE_PARENT = /^[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}/;

function isTraceParent(text: string): boolean {
  return !text.startsWith('ff') && TRACE_PARENT.test(text);
}
