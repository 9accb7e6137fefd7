import type { GetStatusResponse, Overload } from '@tandem/proto/edge';
import { presentFinding } from '../network-tests/presentation.ts';
import { presentTime } from '../times.ts';
import type { StatusView } from './schemas.ts';

/** The status of the edge that was asked. */
export function presentStatus(status: GetStatusResponse): StatusView {
  const { draining, outboxSinceMs, network, overload, ...rest } = status;
  return {
    ...rest,
    isDraining: draining,
    outboxSince: presentTime(outboxSinceMs),
    network: network.map(presentFinding),
    overload: overload === undefined ? null : presentOverload(overload),
  };
}

function presentOverload({
  shedding,
  sinceMs,
  rate,
  strangersRate,
  sources,
  ...rest
}: Overload): NonNullable<StatusView['overload']> {
  return {
    ...rest,
    isShedding: shedding,
    since: presentTime(sinceMs),
    rate: rate === 0 ? null : rate,
    strangersRate: strangersRate === 0 ? null : strangersRate,
    sources: sources.map(({ known, share, ...source }) => ({
      ...source,
      isKnown: known,
      share: share === 0 ? null : share,
    })),
  };
}
