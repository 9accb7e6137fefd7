import { setTelemetryOn } from './state.ts';

/** The running export of spans and metrics. */
export interface Telemetry {
  /** Sends what is gathered and stops. Never rejects: telemetry must not fail a service. */
  shutdown(): Promise<void>;
}

/**
 * Starts the export of traces, metrics and, with `OTEL_LOGS_EXPORTER=otlp`, lines of the log by OTLP over HTTP where `OTEL_EXPORTER_OTLP_ENDPOINT` names a
 * collector; the SDK is not even loaded otherwise. The other `OTEL_*` variables of the OTLP exporters
 * (headers, time-outs, certificates) are the SDK's own.
 */
export async function startTelemetry(
  serviceName: string,
  env: NodeJS.ProcessEnv,
): Promise<Telemetry> {
  const endpoint = env['OTEL_EXPORTER_OTLP_ENDPOINT'];
  if (endpoint === undefined || endpoint === '') return { shutdown: () => Promise.resolve() };
  const { openExport } = await import('./otlp-export.ts');
  const running = await openExport(serviceName, endpoint, env);
  setTelemetryOn(true);
  return {
    shutdown: async () => {
      setTelemetryOn(false);
      await running.close();
    },
  };
}
