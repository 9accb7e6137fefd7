import type { Logger } from '@tandem/service';
import type { KnownHealth } from '../core/health/offline-places.ts';
import type { RoutingTables } from '../core/routing-tables.ts';
import { Watch } from '../watch.ts';
import type { HealthStore } from './health-store.ts';

/** How soon a pod knows that an address has gone off line, or come back (ROUTE-07: within two seconds). */
const READ_EVERY_MS = 500;
/** When off-line gateways were checked last is read as seldom. */
const LOOK_AGAIN_MS = 20_000;

interface OfflineWatchParts {
  readonly store: Pick<HealthStore, 'offline'>;
  readonly tables: () => Pick<RoutingTables, 'checks'> | undefined;
  /** Milliseconds; goes on evenly. */
  readonly now: () => number;
  readonly logger: Logger;
}

/**
 * Which addresses of gateways do not answer (ROUTE-07). A round costs one short question, and none where no gateway is checked; what is
 * off line is read where it has changed.
 */
export function watchOffline({
  store,
  tables,
  now,
  logger,
}: OfflineWatchParts): Watch<KnownHealth> {
  let mark = '';
  let readMs = 0;
  return new Watch<KnownHealth>({
    what: 'off-line gateways',
    everyMs: READ_EVERY_MS,
    unread: nothing,
    logger,
    read: async (known) => {
      if ((tables()?.checks.size ?? 0) === 0) {
        mark = '';
        return nothing;
      }
      const isOld = known.size > 0 && now() - readMs > LOOK_AGAIN_MS;
      const found = await store.offline(isOld ? '' : mark);
      if (found === undefined) return known;
      mark = found.mark;
      readMs = now();
      return found.gateways;
    },
  });
}

const nothing: KnownHealth = new Map();
