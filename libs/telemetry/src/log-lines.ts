/** Takes a line of the log, as it stands on standard output. */
export type TakeLogLine = (line: string) => void;

let take: TakeLogLine | undefined;

/** Hands a line of the log to the collector, where lines go there (`OTEL_LOGS_EXPORTER`). */
export function exportLogLine(line: string): void {
  take?.(line);
}

/** Set by `startTelemetry` alone. */
export function takeLogLines(value: TakeLogLine | undefined): void {
  take = value;
}
