import { SeverityNumber } from '@opentelemetry/api';
import type { Attributes, LogRecord } from '@opentelemetry/api';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-http';
import type { Resource } from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import type { TakeLogLine } from './log-lines.ts';

/** Where lines of the log go, besides standard output. */
export interface OtlpLogs {
  readonly take: TakeLogLine;
  shutdown(): Promise<void>;
}

/** Lines that wait for a collector; the rest of them stands on standard output alone. */
const MOST_WAITING = 4096;
/** What is longer is cut: a stack may be of any length. */
const LONGEST_VALUE = 8192;

/** Sends lines of the log in batches, about once a second. */
export function openLogs(resource: Resource, base: string): OtlpLogs {
  const provider = new LoggerProvider({
    resource,
    logRecordLimits: { attributeValueLengthLimit: LONGEST_VALUE },
    processors: [
      new BatchLogRecordProcessor({
        exporter: new OTLPLogExporter({ url: `${base}/v1/logs` }),
        maxQueueSize: MOST_WAITING,
        maxExportBatchSize: 512,
        scheduledDelayMillis: 1000,
      }),
    ],
  });
  const logger = provider.getLogger('tandem.log');
  return {
    take: (line) => {
      const record = logRecordOf(line);
      if (record !== undefined) logger.emit(record);
    },
    shutdown: () => provider.shutdown(),
  };
}

const severities: Readonly<Record<string, SeverityNumber>> = {
  trace: SeverityNumber.TRACE,
  debug: SeverityNumber.DEBUG,
  info: SeverityNumber.INFO,
  warn: SeverityNumber.WARN,
  error: SeverityNumber.ERROR,
  fatal: SeverityNumber.FATAL,
};

/**
 * The log record of a line: its message is the body, its other fields are attributes; an error is told as OpenTelemetry's
 * conventions have it. It is made of what was written, so that it holds nothing that was kept out of the log.
 * Trace and span are those that are active. Undefined for what is no object in JSON.
 */
export function logRecordOf(line: string): LogRecord | undefined {
  let entry: unknown;
  try {
    entry = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof entry !== 'object' || entry === null) return undefined;
  const { level, time, msg, err, ...rest } = entry as Entry;
  // They are told as such.
  delete rest.trace_id;
  delete rest.span_id;
  const severityNumber = severities[level ?? ''];
  return {
    ...(typeof time === 'string' && { timestamp: new Date(time) }),
    ...(severityNumber !== undefined && { severityNumber }),
    ...(level !== undefined && { severityText: level.toUpperCase() }),
    body: msg ?? '',
    attributes: { ...rest, ...errorAttributes(err) },
  };
}

interface Entry extends Attributes {
  readonly level?: string;
  readonly time?: string;
  readonly msg?: string;
  trace_id?: string;
  span_id?: string;
}

/** Source: OpenTelemetry semantic conventions, "Exceptions in logs". */
function errorAttributes(error: unknown): Attributes {
  if (error === undefined || error === null) return {};
  if (typeof error === 'string') return { 'exception.message': error };
  if (typeof error !== 'object') return { 'exception.message': JSON.stringify(error) };
  const { type, message, stack, ...rest } = error as Readonly<Record<string, string>>;
  return {
    ...(type !== undefined && { 'exception.type': type }),
    ...(message !== undefined && { 'exception.message': message }),
    ...(stack !== undefined && { 'exception.stacktrace': stack }),
    ...(Object.keys(rest).length > 0 && { 'exception.fields': rest }),
  };
}
