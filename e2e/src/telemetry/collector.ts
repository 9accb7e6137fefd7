import { openOtlpReceiver } from '@tandem/testing';
import { join } from 'node:path';
import { freePorts } from '../free-ports.ts';
import { ManagedProcess } from '../managed-process.ts';
import { until } from '../until.ts';

const CONFIGURATION = join(import.meta.dirname, '../../../charts/tandem/collector/config.yaml');

/** What takes OTLP and has a page for Prometheus. */
export interface Collector {
  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly endpoint: string;
  /** `host:port` of its page `/metrics`. */
  readonly page: string;
  /** What it could not take, as far as it tells. */
  faults(): readonly string[];
  stop(): Promise<void>;
}

/** Starts the OpenTelemetry collector of `TANDEM_COLLECTOR` with the chart's configuration; without it the tests' own receiver. */
export async function startCollector(): Promise<Collector> {
  const command = process.env['TANDEM_COLLECTOR'];
  if (command !== undefined) return realCollector(command);
  const receiver = await openOtlpReceiver();
  return {
    endpoint: receiver.endpoint,
    page: new URL(receiver.endpoint).host,
    faults: () => receiver.faults(),
    stop: () => receiver.close(),
  };
}

async function realCollector(command: string): Promise<Collector> {
  const [http = 0, grpc = 0, page = 0, health = 0] = await freePorts(4);
  const at = (key: string, port: number): string =>
    `--config=yaml:${key}::endpoint: 127.0.0.1:${String(port)}`;
  const process_ = new ManagedProcess({
    name: 'collector',
    command,
    args: [
      `--config=file:${CONFIGURATION}`,
      at('receivers::otlp::protocols::http', http),
      at('receivers::otlp::protocols::grpc', grpc),
      at('exporters::prometheus', page),
      at('extensions::health_check', health),
    ],
  });
  await until(`the collector is ready: ${process_.output}`, async () => {
    const { ok } = await fetch(`http://127.0.0.1:${String(health)}/`);
    return ok;
  }).catch((error: unknown) => {
    throw new Error(`the collector does not start: ${process_.output}`, { cause: error });
  });
  return {
    endpoint: `http://127.0.0.1:${String(http)}`,
    page: `127.0.0.1:${String(page)}`,
    faults: () => process_.output.split('\n').filter((line) => /\t(error|warn)\t/.test(line)),
    stop: async () => {
      await process_.stop();
    },
  };
}
