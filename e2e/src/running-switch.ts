import { setTimeout as sleep } from 'node:timers/promises';
import type { ManagedProcess } from './managed-process.ts';
import type { ServiceName } from '@tandem/config';
import type { ClusterLayout } from './cluster/cluster-plan.ts';
import type { ConfigurationDocument } from './configuration.ts';
import type { SwitchApi } from './switch-api.ts';
import { until } from './until.ts';

/** How a switch runs: in one process with embedded stores, or as separate processes on the real ones. */
export type Way = 'allinone' | 'real';

/** The ways that a test run covers: `TANDEM_E2E_WAYS`, with commas between. @default both */
export const ways: readonly Way[] = (process.env['TANDEM_E2E_WAYS'] ?? 'allinone,real')
  .split(',')
  .filter((way): way is Way => way === 'allinone' || way === 'real');

/** The way of tests that find the same in both: that one, unless `TANDEM_E2E_WAYS` says which. */
export function usualWay(way: Way): readonly Way[] {
  return process.env['TANDEM_E2E_WAYS'] === undefined ? [way] : ways;
}

/** A switch that belongs to a test. */
export interface RunningSwitch {
  readonly way: Way;
  readonly sip: { readonly address: string; readonly port: number };
  readonly api: SwitchApi;
  /** By name; one named `allinone` where all run in one. */
  readonly processes: ReadonlyMap<string, ManagedProcess>;
  /** Applies a configuration and waits until every service has it. */
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
  /** Addresses that it listens on, all in one alone; the first is the one that it says. @default 127.0.0.1 */
  readonly addresses?: readonly string[];
  /** Data directory to find again. @default a new one */
  readonly dataDir?: string;
  /** Which services share a process, where not all do. @default split */
  readonly layout?: ClusterLayout | undefined;
  /** Arguments for node of one process, such as --cpu-prof. */
  readonly nodeArgs?: Readonly<Record<string, readonly string[]>>;
  /** Other variables of the process, where all services are one. */
  readonly env?: Readonly<Record<string, string>>;
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
export const CHANGE_MS = 2000;

/** Applies a configuration and gives it the time that it may take. */
export async function applyAndWait(api: SwitchApi, document: object): Promise<void> {
  await api.apply(document);
  await sleep(CHANGE_MS);
}

/** Waits until routing goes by this version of a document, and billing has told it the money of those who may call. */
export async function untilRouted(
  api: SwitchApi,
  version: number,
  document: object,
): Promise<void> {
  const { mappingGateways, rateGroups } = document as ConfigurationDocument;
  const [trunk] = mappingGateways;
  const [rate] = (rateGroups[0]?.['rates'] ?? []) as readonly { readonly prefix: string }[];
  if (trunk === undefined || rate === undefined)
    throw new Error('nobody can call by this document');
  await until(`calls are routed by version ${String(version)}`, async () => {
    const route = await api.route(String(trunk['name']), `${rate.prefix}0000000000`);
    // What a service says of what it does not know yet, the balance for one.
    return route.configurationVersion >= version && route.reason !== 'ServiceUnavailable';
  });
}
