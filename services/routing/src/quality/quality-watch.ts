import { KEPT_BUCKETS } from '@tandem/limits';
import type { GatewayQualities, QualityBucket } from '@tandem/limits';
import type { Logger } from '@tandem/service';
import { LiveQuality } from '../core/live-quality.ts';
import type { RoutingTables } from '../core/routing-tables.ts';
import { Watch } from '../watch.ts';

const READ_EVERY_MS = 5000;

interface QualityWatchParts {
  readonly qualities: Pick<GatewayQualities, 'read'>;
  readonly tables: () => Pick<RoutingTables, 'parameters'> | undefined;
  readonly logger: Logger;
}

/** How gateways do of late (ROUTE-04). Of what is over nothing changes any more: a round reads the minutes that have come since. */
export function watchQuality({ qualities, tables, logger }: QualityWatchParts): Watch<LiveQuality> {
  let buckets: readonly QualityBucket[] = [];
  return new Watch<LiveQuality>({
    what: 'live qualities of gateways',
    everyMs: READ_EVERY_MS,
    unread: new LiveQuality(0, []),
    logger,
    read: async (known) => {
      const windowSeconds = tables()?.parameters.SS_GATEWAY_QUALITY_WINDOW;
      if (windowSeconds === undefined) return known;
      // The last one was not over yet; before there is one, all that is kept.
      const found = await qualities.read(buckets.at(-1)?.bucket ?? 0);
      const [first] = found;
      if (first === undefined) return known;
      const older = buckets.filter(({ bucket }) => bucket < first.bucket);
      // A window that is made longer finds what is kept here.
      buckets = [...older, ...found].slice(-KEPT_BUCKETS);
      return new LiveQuality(windowSeconds, buckets);
    },
  });
}
