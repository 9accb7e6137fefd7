import type { NetworkFinding, TestNetworkResponse } from '@tandem/proto/edge';
import { presentTime } from '../times.ts';
import type { NetworkFindingView, NetworkTestView } from './schemas.ts';

/** What a test of the network found. */
export function presentNetworkTest({ edge, findings }: TestNetworkResponse): NetworkTestView {
  return { edge, findings: findings.map(presentFinding) };
}

export function presentFinding({ atMs, ...rest }: NetworkFinding): NetworkFindingView {
  return { ...rest, at: presentTime(atMs) };
}
