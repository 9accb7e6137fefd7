import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createPool, silentLogger } from '@tandem/service';
import { startTestCluster, type TestCluster } from '../src/cluster/test-cluster.ts';
import { configuration, demo } from '../src/configuration.ts';
import { freePorts } from '../src/free-ports.ts';
import { isSoak } from '../src/kill/trial-table.ts';
import { residentMegabytes } from '../src/resident-memory.ts';
import { Carrier, placeCalls } from '../src/sipp.ts';
import { until } from '../src/until.ts';

const perSecond = isSoak ? 100 : 20;
const seconds = Number(process.env['TANDEM_E2E_MESSAGES_SECONDS'] ?? (isSoak ? 3600 : 8));
const calls = perSecond * seconds;
/** What they may take of PostgreSQL: twice what an hour of this needs. */
const MOST_MEGABYTES = 6000;
const PATIENCE = { timeoutMs: 600_000, everyMs: 500 };

test(
  `OPS-09 ${String(perSecond)} calls/s for ${String(seconds)} s: each is answered, charged and explained, no message is lost, disk and memory are bounded`,
  { timeout: (seconds + 900) * 1000 },
  async (context) => {
    const [carrierPort = 0, other = 0, callerPort = 0] = await freePorts(3);
    const carrier = await Carrier.start({ scenario: 'carrier-answers', port: carrierPort });
    context.after(() => carrier.stop());
    const env = { TANDEM_MESSAGES_MEGABYTES: String(MOST_MEGABYTES) };
    const running = await startTestCluster({ layout: 'pod', pods: 1, mode: 'direct', env });
    context.after(() => running.stop());
    const document = configuration(carrierPort, other);
    for (const account of document.accounts) account['openingBalance'] = '1000000';
    await running.configure(document);
    const store = storeOf(context, running);
    const before = await memoryOf(running);
    // An edge asks itself by SIP where it is.
    const others = await store.kept();

    const scenario = await numberedCaller(context);
    const over = new AbortController();
    const watched = watch(over.signal, running, store);
    const caller = await placeCalls({
      scenario,
      address: demo.trunkAddress,
      port: callerPort,
      target: running.sip,
      callee: '44',
      calls,
      rate: perSecond,
      pauseMs: 1000,
      timeoutMs: seconds * 1000 + 60_000,
    });
    over.abort();
    // SIPp writes its counts once a second.
    await sleep(2000);
    const dropped = await droppedDatagrams([running.sip.port, carrierPort, callerPort]);
    await until('a CDR of each call', async () => (await store.cdrs()) >= calls, PATIENCE);
    const passed = caller.passed + (await carrier.passed());
    await until(
      'each message is kept',
      async () => (await store.kept()) - others >= passed,
      PATIENCE,
    ).catch(() => undefined);
    const [cdrs, kept, bytes] = [
      await store.cdrs(),
      (await store.kept()) - others,
      await store.bytes(),
    ];
    const after = await memoryOf(running);
    const { explained, found, largest, unanswered } = await watched;
    for (const line of [
      `${String(caller.successful)} of ${String(calls)} answered, ${String(cdrs)} CDRs, ${String(passed)} messages seen by caller and carrier, ${String(kept)} kept, ${String(dropped)} datagrams dropped by sockets`,
      `messages take ${megabytes(bytes)} MB at the end, ${megabytes(largest)} MB at most: ${(bytes / calls / 1000).toFixed(1)} kB a call`,
      `explain ${figures(explained)}, calls to a number ${figures(found)}, ${String(unanswered)} not answered in time`,
      ...[...after].map(
        ([name, now]) => `${name}: ${String(before.get(name))} → ${String(now)} MB`,
      ),
    ])
      context.diagnostic(line);

    assert.equal(caller.successful, calls, caller.output);
    assert.equal(cdrs, calls);
    assert.ok(kept >= passed, `${String(kept)} of ${String(passed)} messages are kept`);
    assert.ok(largest <= MOST_MEGABYTES * 1_000_000, megabytes(largest));
  },
);

interface Store {
  cdrs(): Promise<number>;
  /** Messages. */
  kept(): Promise<number>;
  /** What they take, with indexes. */
  bytes(): Promise<number>;
}

function storeOf(context: TestContext, { stores }: TestCluster): Store {
  const pool = createPool({
    url: stores.postgresUrl,
    logger: silentLogger(),
    size: 1,
    applicationName: 'tandem-e2e',
  });
  context.after(() => pool.end());
  const one = async (sql: string): Promise<number> => {
    const { rows } = await pool.query<{ readonly value: string | null }>(sql);
    return Number(rows[0]?.value ?? 0);
  };
  return {
    cdrs: () => one('SELECT count(*) AS value FROM tandem_billing.cdr'),
    kept: () => one('SELECT sum(count) AS value FROM tandem_journal.message_frame'),
    bytes: () =>
      one(`SELECT sum(pg_total_relation_size(inhrelid)) AS value FROM pg_inherits
           WHERE inhparent IN ('tandem_journal.message_frame'::regclass, 'tandem_journal.message_key'::regclass)`),
  };
}

/** A caller whose calls go each to a number of its own. */
async function numberedCaller(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tandem-caller-'));
  context.after(() => rm(folder, { recursive: true, force: true }));
  const text = await readFile(join(import.meta.dirname, '../sipp/caller-ip.xml'), 'utf8');
  const file = join(folder, 'numbered.xml');
  await writeFile(file, text.replaceAll('[service]', '[service]2079[call_number]'));
  return file;
}

interface Watched {
  /** How long it took to explain the newest call, and to find it by its number: milliseconds. */
  readonly explained: readonly number[];
  readonly found: readonly number[];
  /** The most that messages took: bytes. */
  readonly largest: number;
  /** Questions that had no answer in time. */
  readonly unanswered: number;
}

interface Newest {
  readonly cdrs: readonly { readonly callId: string; readonly a: { readonly callee: string } }[];
}

/** Asks, all the while, as an operator does. */
async function watch(
  signal: AbortSignal,
  { api }: Pick<TestCluster, 'api'>,
  store: Store,
): Promise<Watched> {
  const explained: number[] = [];
  const found: number[] = [];
  let largest = 0;
  let unanswered = 0;
  while (!signal.aborted) {
    await sleep(isSoak ? 10_000 : 1000, undefined, { signal }).catch(() => undefined);
    try {
      largest = Math.max(largest, await store.bytes());
      const { cdrs } = (await api.get('/api/v1/cdrs?limit=1')) as Newest;
      const [cdr] = cdrs;
      if (cdr === undefined) continue;
      explained.push(await timeOf(() => api.get(`/api/v1/explain/${cdr.callId}`)));
      found.push(await timeOf(() => api.get(`/api/v1/explain?callee=${cdr.a.callee}`)));
    } catch {
      // A machine that others fill lets whoever asks wait for too long: that is told, and no call is lost by it.
      unanswered += 1;
    }
  }
  return { explained, found, largest, unanswered };
}

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return performance.now() - startedMs;
}

function figures(values: readonly number[]): string {
  const sorted = values.toSorted((one, other) => one - other);
  const at = (share: number): string =>
    (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(0);
  return `${at(0.5)} ms (95 %: ${at(0.95)}, at most ${at(1)}, of ${String(sorted.length)})`;
}

function megabytes(bytes: number): string {
  return (bytes / 1_000_000).toFixed(0);
}

async function memoryOf({
  processes,
}: Pick<TestCluster, 'processes'>): Promise<ReadonlyMap<string, number>> {
  const all = [...processes].map(async ([name, { pid }]) => {
    return [name, Math.round(await residentMegabytes(pid))] as const;
  });
  return new Map(await Promise.all(all));
}

/** What the kernel threw away for sockets of these ports, because nobody read them in time. */
async function droppedDatagrams(ports: readonly number[]): Promise<number> {
  const rows = (await readFile('/proc/net/udp', 'utf8')).trimEnd().split('\n').slice(1);
  return rows
    .map((row) => row.trim().split(/\s+/))
    .filter(([, local = '']) => ports.includes(Number.parseInt(local.split(':')[1] ?? '', 16)))
    .reduce((sum, columns) => sum + Number(columns.at(-1)), 0);
}
