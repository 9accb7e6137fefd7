/**
 * ROUTE-14: one million prefixes over ten thousand gateways, in one table beside others: a Map from text, Kamailio's modules drouting
 * and mtree, PostgreSQL's extension prefix. Time and memory of loading, CPU of finding the gateways of a number; and of a whole
 * decision (account, rate, order by cost, terms, answer), its lines granted at once. Needs root, for PostgreSQL.
 * usage: node src/route-lookup.ts [PREFIXES] [GATEWAYS] [alone]
 */
import { randomBytes } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  configurationSchema,
  memorySnapshots,
  RouteOwners,
  secretKeyFrom,
  snapshotOf,
} from '@tandem/config';
import type { Snapshot, SnapshotSource } from '@tandem/config';
import { PrefixIndex, PrefixTable, parseMoney } from '@tandem/domain';
import { memoryLimits, type LineLedger } from '@tandem/limits';
import { Origin } from '@tandem/proto/auth';
import { RouteRequest } from '@tandem/proto/routing';
import { createRoutingApp } from '@tandem/routing';
import { silentLogger } from '@tandem/service';
import { measureKamailio } from './tables/kamailio-lookups.ts';
import { openPrefixDatabase } from './tables/prefix-database.ts';
import { digits, documentOf, generator, rulesOf, type Rule } from './tables/rules.ts';
import { mapMatches, textMap } from './tables/text-map.ts';

/** Of one way to find the gateways of a number. */
interface Row {
  readonly name: string;
  readonly loadSeconds: number | undefined;
  readonly bytes: number | undefined;
  /** CPU of one look-up, µs. */
  readonly micros: number;
}

const LOOKUPS = 100_000;
const PEER_LOOKUPS = 20_000;
const SCANS = 20;
const ROUTES = 20_000;

const prefixes = Number(process.argv[2] ?? 1_000_000);
const gateways = Number(process.argv[3] ?? 10_000);
const random = generator(20_260_601);
const rules = rulesOf(random, prefixes, gateways);
const numbers = Array.from({ length: LOOKUPS }, () => {
  const code = rules[random(rules.length)]?.[0] ?? '';
  return code + digits(random, Math.max(0, 12 - code.length));
});

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const own = await measureOwn();
const rows = [own.row, measureMap(), measureScan()];
if (process.argv[4] !== 'alone') rows.push(...(await measurePeers()));
const cells = rows.map(({ name, loadSeconds, bytes, micros: each }) => [
  name,
  loadSeconds === undefined ? '' : loadSeconds.toFixed(1),
  bytes === undefined ? '' : (bytes / prefixes).toFixed(0),
  each.toFixed(2),
  (each / own.row.micros).toFixed(1),
]);
process.stdout.write(
  [
    `${String(prefixes)} prefixes over ${String(gateways)} gateways`,
    '',
    '| | load, s | bytes a rule | look-up, µs of CPU | beside Tandem |',
    '| --- | ---: | ---: | ---: | ---: |',
    ...cells.map((row) => `| ${row.join(' | ')} |`),
    '',
    `the document was checked in ${own.checkSeconds.toFixed(1)} s, packed in ${own.packSeconds.toFixed(1)} s, tables were built in ${own.buildSeconds.toFixed(2)} s`,
    `whole decision ${own.routeMicros.toFixed(1)} µs of CPU, ${own.candidates.toFixed(1)} candidates in order`,
    '',
  ].join('\n'),
);

async function measureOwn() {
  const document = documentOf(rules, gateways);
  const checkStart = performance.now();
  const configuration = configurationSchema.parse(document);
  const checkSeconds = secondsSince(checkStart);
  const before = bytesInUse();
  const packStart = performance.now();
  const snapshot = snapshotOf(1, configuration);
  const packSeconds = secondsSince(packStart);
  const each = measureTable(snapshot);
  const routing = await openRouting();
  const buildStart = performance.now();
  routing.use(snapshot);
  while (!routing.app.isReady()) await turn();
  const buildSeconds = secondsSince(buildStart);
  const bytes = bytesInUse() - before;
  const { routeMicros, candidates } = await measureRoutes(routing);
  await routing.app.stop();
  const loadSeconds = packSeconds + buildSeconds;
  const row: Row = { name: 'Tandem', loadSeconds, bytes, micros: each };
  return { row, checkSeconds, packSeconds, buildSeconds, routeMicros, candidates };
}

/** Names of the gateways of each prefix, longest first, as the others have it. */
function measureTable({ lists: { routes } }: Snapshot): number {
  const names = Array.from(new RouteOwners(routes), ({ name }) => name);
  const index = new PrefixIndex(routes.index);
  const table = new PrefixTable({ index, valueOf: (owner) => names[owner] });
  return micros(numbers, (number) => table.matches(number).length);
}

function measureMap(): Row {
  const before = bytesInUse();
  const start = performance.now();
  const map = textMap(rules);
  const loadSeconds = secondsSince(start);
  const bytes = bytesInUse() - before;
  const each = micros(numbers, (number) => mapMatches(map, number).length);
  return { name: 'JavaScript Map', loadSeconds, bytes, micros: each };
}

function measureScan(): Row {
  const each = micros(numbers.slice(0, SCANS), (number) => scan(number).length);
  return { name: 'scan of all rules', loadSeconds: undefined, bytes: undefined, micros: each };
}

async function measurePeers(): Promise<Row[]> {
  const asked = numbers.slice(0, PEER_LOOKUPS);
  const database = await openPrefixDatabase(rules, gateways);
  try {
    // What the loop around the look-ups costs, and the process without a table.
    const bare = await measureKamailio('none', database, asked);
    const measured: Row[] = [];
    for (const module of ['drouting', 'mtree'] as const) {
      const { bytes, loadSeconds, micros: each } = await measureKamailio(module, database, asked);
      measured.push({
        name: `Kamailio ${module}`,
        loadSeconds: loadSeconds - bare.loadSeconds,
        bytes: bytes - bare.bytes,
        micros: each - bare.micros,
      });
    }
    return [...measured, { name: 'PostgreSQL prefix', ...(await database.measure(asked)) }];
  } finally {
    await database.stop();
  }
}

async function openRouting() {
  const { lines, ...others } = memoryLimits();
  const granted = { kind: 'taken', choice: 0, skipped: [], balance: parseMoney('100') } as const;
  const granting: LineLedger = {
    acquire: () => Promise.resolve(granted),
    peek: (request) => lines.peek(request),
    advance: (request) => lines.advance(request),
    renew: (callId, keys, leaseMs) => lines.renew(callId, keys, leaseMs),
    release: (callId, keys) => lines.release(callId, keys),
    list: (key) => lines.list(key),
    count: (keys) => lines.count(keys),
  };
  // Versions come packed, as from the thread that reads them.
  let take: ((snapshot: Snapshot) => void) | undefined;
  const snapshots: SnapshotSource = {
    ...memorySnapshots(),
    onChange: (listener) => {
      take = listener;
      return () => undefined;
    },
  };
  const app = await createRoutingApp(
    { redisPrefix: 'benchmark' },
    {
      logger: silentLogger(),
      snapshots,
      limits: { lines: granting, ...others },
      secretKey: secretKeyFrom(randomBytes(32).toString('base64')),
    },
  );
  await app.start();
  return {
    app,
    use: (next: Snapshot) => {
      take?.(next);
    },
  };
}

async function measureRoutes({
  app,
}: Awaited<ReturnType<typeof openRouting>>): Promise<{ routeMicros: number; candidates: number }> {
  const origin = Origin.create({ kind: 'phone', name: '1', account: 'customer' });
  const requests = numbers
    .slice(0, ROUTES)
    .map((callee, index) => RouteRequest.create({ callId: String(index), origin, callee }));
  let candidates = 0;
  let routeMicros = Infinity;
  // The best of three: the first one compiles.
  for (let round = 0; round < 3; round++) {
    const cpu = process.cpuUsage();
    candidates = 0;
    for (const request of requests) {
      const { outcome } = await app.handlers.route(request);
      if (outcome?.$case !== 'routed') throw new Error(`${request.callee} was not routed`);
      candidates += outcome.value.candidates.length;
    }
    const { user, system } = process.cpuUsage(cpu);
    routeMicros = Math.min(routeMicros, (user + system) / requests.length);
  }
  return { routeMicros, candidates: candidates / requests.length };
}

function scan(number: string): Rule[] {
  return rules.filter(([prefix]) => number.startsWith(prefix));
}

/** CPU of one call, the best of three rounds over all numbers. */
function micros(called: readonly string[], lookUp: (number: string) => number): number {
  let best = Infinity;
  let found = 0;
  for (let round = 0; round < 3; round++) {
    const cpu = process.cpuUsage();
    for (const number of called) found += lookUp(number);
    const { user, system } = process.cpuUsage(cpu);
    best = Math.min(best, (user + system) / called.length);
  }
  if (found === 0) throw new Error('nothing was found');
  return best;
}

function bytesInUse(): number {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

function secondsSince(startMs: number): number {
  return (performance.now() - startMs) / 1000;
}
