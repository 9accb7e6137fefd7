import type {
  GetStatusResponse,
  NetworkFinding,
  Pod,
  TestNetworkResponse,
} from '@tandem/proto/edge';
import { presentTime } from './present.ts';
import type { NetworkFindingView, PodView, StatusView } from './schemas.ts';

/** The status of the edge that was asked. */
export function presentStatus(status: GetStatusResponse): StatusView {
  const { draining, outboxSinceMs, network, ...rest } = status;
  return {
    ...rest,
    isDraining: draining,
    outboxSince: presentTime(outboxSinceMs),
    network: network.map(presentFinding),
  };
}

/** A pod or front that lives. */
export function presentPod({ draining, startedMs, ...rest }: Pod): PodView {
  return { ...rest, isDraining: draining, startedAt: presentTime(startedMs) };
}

/** What a test of the network found. */
export function presentNetworkTest({ edge, findings }: TestNetworkResponse): {
  edge: string;
  findings: NetworkFindingView[];
} {
  return { edge, findings: findings.map(presentFinding) };
}

function presentFinding({ atMs, ...rest }: NetworkFinding): NetworkFindingView {
  return { ...rest, at: presentTime(atMs) };
}
