import type { GetStatusResponse } from '@tandem/proto/edge';
import { presentFinding } from '../network-tests/presentation.ts';
import { presentTime } from '../times.ts';
import type { StatusView } from './schemas.ts';

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
