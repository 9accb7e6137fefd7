import { activeTraceIds, exportLogLine } from '@tandem/telemetry';
import { pino } from 'pino';
import type { DestinationStream, Logger } from 'pino';

export type { Logger } from 'pino';

/** What `TANDEM_LOG_LEVEL` may be. */
export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** Fields that are never written, wherever they stand on the first three levels of an entry (AUTH-12). */
const secretFields = [
  'password',
  'authorization',
  'proxyAuthorization',
  'proxy-authorization',
  'secret',
  'secretKey',
  'token',
  'ha1',
  'cnonce',
] as const;

/**
 * Opens the log of a process: one JSON object a line on standard output, with `trace_id` and `span_id` of the active span.
 * Secrets are replaced by `[redacted]`. With `OTEL_LOGS_EXPORTER=otlp` the same line goes to the collector.
 * @param name of its only service; undefined where each of several has `logger.child({ service })`
 */
export function createLogger(name: string | undefined, options: LoggerOptions = {}): Logger {
  const settings = {
    level: options.level ?? 'info',
    base: { ...(name === undefined ? {} : { service: name }), pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    mixin: activeTraceIds,
    redact: { paths: redactPaths(), censor: '[redacted]' },
    hooks: {
      // What is written, after secrets were replaced in it.
      streamWrite: (line: string): string => {
        exportLogLine(line);
        return line;
      },
    },
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return options.destination === undefined ? pino(settings) : pino(settings, options.destination);
}

/** What a test or a tool sets otherwise than a service. */
export interface LoggerOptions {
  /** Lowest level that is written. @default 'info' */
  readonly level?: string;
  /** Where the lines go. @default standard output */
  readonly destination?: DestinationStream;
}

/** A log that keeps nothing, for tests and for tools that speak for themselves. */
export function silentLogger(): Logger {
  return pino({ level: 'silent' });
}

function redactPaths(): string[] {
  return secretFields.flatMap((field) => [`["${field}"]`, `*["${field}"]`, `*.*["${field}"]`]);
}
