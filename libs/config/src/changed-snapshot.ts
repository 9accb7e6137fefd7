import { Worker } from 'node:worker_threads';
import type { Rate, RoutingGateway, SlimConfiguration } from './document.ts';
import { changed, longListOf, nameOfEntry, type ConfigurationDelta } from './delta.ts';
import {
  RatePacker,
  RoutePacker,
  type PackedLists,
  type PackedRates,
  type PackedRoutes,
  type RouteOwner,
} from './packed-lists.ts';
import type { Snapshot } from './snapshots.ts';

/** Routing gateways whose prefixes are others: what they are, or null where there are none any more. */
type ChangedRoutes = ReadonlyMap<
  string,
  { readonly owner: RouteOwner; readonly prefixes: readonly string[] } | null
>;

/** What the thread has to do. */
export interface RoutesJob {
  readonly routes: PackedRoutes;
  readonly changes: ChangedRoutes;
}

/** Entries from which a table is made in a thread of its own: some 20 ms. */
const LARGE = 50_000;

/**
 * The snapshot after changes, one after the other. What they do not change is shared: of the prefixes and rates only what is other is
 * packed anew, and that of a large table in a thread.
 * @throws RangeError where a change is not of this snapshot
 */
export async function snapshotAfter(
  { configuration: before, lists }: Snapshot,
  deltas: readonly ConfigurationDelta[],
  version: number,
): Promise<Snapshot> {
  let configuration: SlimConfiguration = before;
  for (const delta of deltas) {
    configuration = changed({ ...configuration }, delta, (list, entry) => {
      const long = longListOf(list);
      return Object.fromEntries(Object.entries(entry).filter(([name]) => name !== long));
    }) as unknown as SlimConfiguration;
  }
  return { version, configuration, lists: await listsAfter(lists, deltas) };
}

async function listsAfter(
  { rates, routes }: PackedLists,
  deltas: readonly ConfigurationDelta[],
): Promise<PackedLists> {
  const gateways = changesIn<Pick<RoutingGateway, 'name' | 'priority' | 'prefixes'>>(
    'routingGateways',
    deltas,
  );
  const groups = changesIn<{ readonly rates: readonly Rate[] }>('rateGroups', deltas);
  const changes = new Map(
    [...gateways].map(([name, gateway]) => {
      if (gateway === null) return [name, null] as const;
      const { prefixes, priority } = gateway;
      return [name, { owner: { name, priority }, prefixes }] as const;
    }),
  );
  return {
    routes: changes.size === 0 ? routes : await routesAfter({ routes, changes }),
    rates: groups.size === 0 ? rates : ratesAfter(rates, groups),
  };
}

/** Routes with the prefixes of some gateways exchanged. */
export function changeRoutes({ changes, routes }: RoutesJob): PackedRoutes {
  const packer = new RoutePacker(routes, (name) => !changes.has(name));
  for (const change of changes.values()) {
    if (change !== null) packer.add(change.owner, change.prefixes);
  }
  return packer.finish();
}

async function routesAfter(job: RoutesJob): Promise<PackedRoutes> {
  const added = [...job.changes.values()].reduce(
    (sum, change) => sum + (change?.prefixes.length ?? 0),
    job.routes.index.byteLength / 16,
  );
  if (added < LARGE) return changeRoutes(job);
  const worker = new Worker(new URL('./routes-thread.ts', import.meta.url), { workerData: job });
  try {
    return await new Promise<PackedRoutes>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.once('exit', (code) => {
        reject(new Error(`the thread that packed prefixes ended with ${String(code)}`));
      });
    });
  } finally {
    await worker.terminate();
  }
}

function ratesAfter(
  before: PackedLists['rates'],
  groups: ReadonlyMap<string, { readonly rates: readonly Rate[] } | null>,
): PackedLists['rates'] {
  const after = new Map<string, PackedRates>(before);
  for (const [name, group] of groups) {
    if (group === null) {
      after.delete(name);
      continue;
    }
    const packer = new RatePacker();
    for (const rate of group.rates) packer.add(rate);
    after.set(name, packer.finish());
  }
  return after;
}

/**
 * Entries of a list whose long lists are others after all of the changes; null where the entry is gone. One whose long list is left out
 * has it as before.
 */
function changesIn<Entry>(
  list: string,
  deltas: readonly ConfigurationDelta[],
): ReadonlyMap<string, Entry | null> {
  const long = longListOf(list) ?? '';
  const entries = new Map<string, Entry | null>();
  for (const { splices } of deltas) {
    const own = splices.filter((splice) => splice.list === list);
    const added = own.flatMap((splice) => splice.added);
    const kept = new Set(added.filter((entry) => entry[long] === undefined).map(nameOfEntry));
    for (const name of own.flatMap(({ removed }) => removed)) {
      if (!kept.has(name)) entries.set(name, null);
    }
    for (const entry of added) {
      if (entry[long] !== undefined) entries.set(nameOfEntry(entry), entry as Entry);
    }
  }
  return entries;
}

/** Names of the entries of a list whose long lists some change touches. */
export function touchedIn(list: string, deltas: readonly ConfigurationDelta[]): string[] {
  return [...changesIn(list, deltas).keys()];
}
