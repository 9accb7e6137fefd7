/** The thread of replay-threads.ts: two configurations as tables, and calls of the past routed by both. */
import { parentPort, workerData } from 'node:worker_threads';
import {
  contentOf,
  readStoredSnapshot,
  sheetsInEffect,
  stepBack,
  withImportedRates,
  type DocumentPlace,
  type Snapshot,
} from '@tandem/config';
import { NumberList } from '@tandem/domain';
import { createPool, silentLogger, type Pool } from '@tandem/service';
import type { NameSource } from '@tandem/sip-names';
import type { NumberLists } from '../core/number-lists.ts';
import { replayRoute, type ReplayTables } from '../core/replayed-route.ts';
import { buildTables } from '../core/routing-tables.ts';
import type { FromReplayThread, ReplayJob, ToReplayThread } from './replay-threads.ts';

/** What calls take at most until those that are routed are handed back. */
const MOST_MS = 1000;

/** Whether names can be looked up says nothing about then: each stands for an address. */
const everyName: NameSource = {
  name: ({ host }) => ({
    text: host,
    servers: [
      { priority: 0, weight: 0, transport: 'udp', addresses: ['192.0.2.1:5060'], record: '' },
    ],
    isAsked: true,
    isStale: false,
    failure: '',
  }),
};

const port = parentPort;
if (port !== null) {
  const job = workerData as ReplayJob;
  const tell = (message: FromReplayThread): void => {
    port.postMessage(message);
  };
  stepBack(19);
  try {
    const { now, draft } = await sidesOf(job);
    port.on('message', (message: ToReplayThread) => {
      void route(message, { now, draft }, tell);
    });
    tell({ kind: 'ready' });
  } catch (error) {
    tell({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) });
  }
}

async function route(
  { calls, id }: ToReplayThread,
  { now, draft }: { readonly now: Side; readonly draft: Side },
  tell: (message: FromReplayThread) => void,
): Promise<void> {
  try {
    const endMs = performance.now() + MOST_MS;
    const routes = [];
    for (const call of calls) {
      if (routes.length > 0 && performance.now() > endMs) break;
      routes.push({
        now: await replayRoute(now.tables, call, now.lists),
        draft: await replayRoute(draft.tables, call, draft.lists),
      });
    }
    tell({ kind: 'routed', id, routes });
  } catch (error) {
    tell({
      kind: 'not-routed',
      id,
      reason: error instanceof Error ? error.message : String(error),
    });
  }
}

interface Side {
  readonly tables: ReplayTables;
  readonly lists: NumberLists;
}

async function sidesOf({
  draft,
  rates,
  url,
  version,
}: ReplayJob): Promise<{ now: Side; draft: Side }> {
  const pool = createPool({ url, logger: silentLogger(), size: 1 });
  const sideAt = async (place: DocumentPlace, held: ReplayJob['rates']): Promise<Side> =>
    sideOf(pool, await readStoredSnapshot(url, place), held);
  try {
    return { now: await sideAt({ version }, []), draft: await sideAt(draft, rates) };
  } finally {
    await pool.end();
  }
}

/** Passwords stay sealed: nobody is called. */
async function sideOf(pool: Pool, stored: Snapshot, held: ReplayJob['rates']): Promise<Side> {
  const sheets = await sheetsInEffect(pool, stored);
  const snapshot = await withImportedRates(pool, stored, { held, sheets });
  const { mappingGateways, numberLists = [], phones } = snapshot.configuration;
  const accounts = new Map([
    ...mappingGateways.map(({ account, name }) => [`mapping-gateway ${name}`, account] as const),
    ...phones.map(({ account, username }) => [`phone ${username}`, account] as const),
  ]);
  const routing = buildTables(snapshot, () => '', everyName);
  return { tables: { routing, accounts }, lists: await listsOf(pool, numberLists) };
}

/** What is in the lists now, for both: who changes a list does so beside the document. */
async function listsOf(
  pool: Pool,
  declared: readonly { readonly name: string; readonly match: 'exact' | 'prefix' }[],
): Promise<NumberLists> {
  const lists = new Map<string, NumberList>();
  if (declared.length === 0) return lists;
  for (const { match, name } of declared) {
    const { rows } = await pool.query<{ packed: Buffer; others: string[] }>(
      `SELECT packed, others FROM tandem_config.number_list
        WHERE list = $1 ORDER BY version DESC LIMIT 1`,
      [name],
    );
    const [row] = rows;
    if (row !== undefined) lists.set(name, new NumberList(contentOf(row), match));
  }
  return lists;
}
