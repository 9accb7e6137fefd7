import { setTimeout as sleep } from 'node:timers/promises';
import type { ManagedProcess } from './managed-process.ts';
import type { ServiceName } from '@tandem/config';
import type { ClusterLayout } from './cluster/cluster-plan.ts';
import type { SwitchApi } from './switch-api.ts';

/** How a switch runs: in one process with embedded stores, or as separate processes on the real ones. */
export type Way = 'allinone' | 'real';

/** The ways that a test run covers: `TANDEM_E2E_WAYS`, with commas between. @default both */
export const ways: readonly Way[] = (process.env['TANDEM_E2E_WAYS'] ?? 'allinone,real')
  .split(',')
  .filter((way): way is Way => way === 'allinone' || way === 'real');

/** A switch that belongs to a test. */
export interface RunningSwitch {
  readonly way: Way;
  readonly sip: { readonly address: string; readonly port: number };
  readonly api: SwitchApi;
  /** By name; one named `allinone` where all run in one. */
  readonly processes: ReadonlyMap<string, ManagedProcess>;
  /** Applies a configuration and waits until every service has it (ROUTE-13: 2 s). */
  configure(document: object): Promise<void>;
  /** Ends the processes of a service without warning and starts them again; not where all services are one process. */
  restart(service: ServiceName, signal: NodeJS.Signals): Promise<void>;
  stop(): Promise<void>;
}

/** What a test may want otherwise. */
export interface SwitchOptions {
  /** Where spans go; telemetry is off without it. */
  readonly otlpEndpoint?: string;
  /** As `TANDEM_RTPENGINES` says it. @default no media is anchored */
  readonly rtpengines?: string | undefined;
  /** Data directory to find again. @default a new one */
  readonly dataDir?: string;
  /** Which services share a process, where not all do. @default split */
  readonly layout?: ClusterLayout | undefined;
  /** Arguments for node of one process, such as --cpu-prof. */
  readonly nodeArgs?: Readonly<Record<string, readonly string[]>>;
}

/** Where a switch under test sends its telemetry, and that it does so often; where its media relays are. */
export function optionVariables({
  otlpEndpoint,
  rtpengines,
}: SwitchOptions): Record<string, string> {
  return {
    ...(otlpEndpoint === undefined
      ? {}
      : { OTEL_EXPORTER_OTLP_ENDPOINT: otlpEndpoint, OTEL_METRIC_EXPORT_INTERVAL: '500' }),
    ...(rtpengines === undefined ? {} : { TANDEM_RTPENGINES: rtpengines }),
  };
}

/** How long a change may take to reach every service (ROUTE-13). */
const CHANGE_MS = 2000;

/** Applies a configuration and gives it the time that it may take. */
export async function applyAndWait(api: SwitchApi, document: object): Promise<void> {
  await api.apply(document);
  await sleep(CHANGE_MS);
}
