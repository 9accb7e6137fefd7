import { SwitchError } from '@tandem/domain';
import type { Journal } from '@tandem/events';
import type { Logger } from '@tandem/service';
import type { HealthHandlers } from '../api/grpc-handlers.ts';
import type { GatewayHealth } from '../core/health/health.ts';
import type { KnownHealth } from '../core/health/offline-places.ts';
import type { LiveQuality } from '../core/live-quality.ts';
import type { RoutingTables } from '../core/routing-tables.ts';
import type { Throttling } from '../throttle/throttling.ts';
import { GatewayChecks } from './gateway-checks.ts';
import { checkTargets, listGateways } from './gateway-list.ts';
import type { HealthStore } from './health-store.ts';
import { reportHealth } from './health-telemetry.ts';
import { watchOffline } from './offline-watch.ts';

/** The part of routing that knows which gateways answer (ROUTE-07). */
export interface HealthPart {
  readonly handlers: HealthHandlers;
  /** What calls are routed by. */
  readonly current: KnownHealth;
  start(): void;
  stop(): Promise<void>;
}

export function openHealth(parts: {
  readonly store: HealthStore;
  readonly tables: () => RoutingTables | undefined;
  readonly quality: () => LiveQuality;
  /** Edges tell with their checks what attempts came to. */
  readonly throttling: Pick<Throttling, 'current' | 'note'>;
  readonly journal: Journal | undefined;
  readonly logger: Logger;
}): HealthPart {
  const { store, tables } = parts;
  const checks = new GatewayChecks(parts);
  const watch = watchOffline({ ...parts, now: () => performance.now() });
  let endReport: (() => void) | undefined;
  return {
    handlers: {
      takeChecks: async ({ attempts, ...request }) => {
        await parts.throttling.note(attempts);
        return checks.take(request);
      },
      listGateways: async (request) =>
        listGateways({ ...parts, tables: inEffect(tables()), quality: parts.quality(), throttles: parts.throttling.current }, request), // prettier-ignore
      listCheckTargets: async ({ gateway }) =>
        Promise.resolve(checkTargets(inEffect(tables()), gateway)),
    },
    get current() {
      return watch.current;
    },
    start: () => {
      watch.start();
      endReport = reportHealth(() => readAll(store, tables()));
    },
    stop: () => {
      endReport?.();
      return watch.stop();
    },
  };
}

async function readAll(
  store: Pick<HealthStore, 'read'>,
  tables: RoutingTables | undefined,
): Promise<readonly (readonly [string, GatewayHealth])[]> {
  const names = [...(tables?.checks.keys() ?? [])];
  if (names.length === 0) return [];
  const { health } = await store.read(names).catch(() => ({ health: [] }));
  return names.flatMap((name, at) => {
    const known = health[at];
    return known === undefined || known.addresses.length === 0 ? [] : [[name, known] as const];
  });
}

function inEffect(tables: RoutingTables | undefined): RoutingTables {
  if (tables !== undefined) return tables;
  throw new SwitchError('SWITCH_SERVICE_UNAVAILABLE', 'routing has no configuration yet');
}
