/**
 * ROUTE-13: what calls notice of another version with a million prefixes over ten thousand gateways and a sheet of a million rates:
 * routing and api as processes of their own, routing asked a hundred times a second. For each change: until it is in force, delay of the answers
 * before and meanwhile, the longest time for which the event loop stood still, memory. Needs root, and Redis (`make stores-start`).
 * usage: node src/table-swap.ts [PREFIXES] [GATEWAYS] [FOLDER of another checkout, to compare with]
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CONFIGURATION_CHANNEL,
  configurationMigrations,
  configurationSchema,
  configurationShape,
  storeState,
} from '@tandem/config';
import { parseMoney } from '@tandem/domain';
import { freePorts, until } from '@tandem/e2e';
import { redisLimits } from '@tandem/limits';
import { Origin } from '@tandem/proto/auth';
import { RouteRequest, RoutingServiceService } from '@tandem/proto/routing';
import { connectRedis, createPool, migrate, silentLogger, unaryClient } from '@tandem/service';
import { cpuTimeMs, listenerOf } from './cpu-time.ts';
import { startDatabase } from './kamailio-peer.ts';
import { digits, documentOf, generator, rulesOf, type Rule } from './tables/rules.ts';
import type { Stalls } from './tables/stall-monitor.ts';

type SwapDocument = ReturnType<typeof documentOf>;

const RATE = 100;
const BEFORE_MS = 10_000;
const LIMIT_MS = 120_000;
/** Tells which version answers: calls are routed with it. */
const PARAMETER = '/parameters/SS_SIP_TIMEOUT_INVITE';

const prefixes = Number(process.argv[2] ?? 1_000_000);
const gateways = Number(process.argv[3] ?? 10_000);
const checkout = process.argv[4] ?? join(import.meta.dirname, '../..');
const redisUrl = process.env['TANDEM_REDIS_URL'] ?? 'redis://127.0.0.1:21379';

const logger = silentLogger();
const random = generator(20_260_601);
const rules = rulesOf(random, prefixes, gateways);
const folder = await mkdtemp(join(tmpdir(), 'tandem-swap-'));
await chmod(folder, 0o755);
const [databasePort = 0, grpcPort = 0, adminPort = 0, apiPort = 0, apiAdminPort = 0] =
  await freePorts(5);
const stopDatabase = await startDatabase(folder, databasePort);
const databasePid = listenerOf(databasePort);
const url = `postgres://postgres:x@127.0.0.1:${String(databasePort)}/postgres`;
const pool = createPool({ url, logger, statementTimeoutMs: 0 });
const redis = connectRedis({ url: redisUrl, logger });
const redisPrefix = `benchmark-${randomUUID()}`;

await migrate({ pool, folder: configurationMigrations, schema: 'tandem_config', logger });
// With the defaults, as the API stores it; a sheet of as many rates as there are prefixes.
const codes = [...new Set(rules.map(([prefix]) => prefix))];
const document = documentOf(rules, gateways, sheetOf(prefixes));
await pool.query('CREATE TABLE staged (document jsonb COMPRESSION lz4)');
await pool.query('INSERT INTO staged VALUES ($1)', [storedText(document)]);
await put(1, 'document');
await redisLimits({ redis, prefix: redisPrefix }).balances.set(
  new Map([['customer', parseMoney('1000000')]]),
);

const keyFile = join(folder, 'key');
await writeFile(keyFile, `${randomBytes(32).toString('base64')}\n`);
const kafkaBrokers = process.env['TANDEM_KAFKA_BROKERS'] ?? '127.0.0.1:21092';
const startMs = performance.now();
const routing = spawn(
  process.execPath,
  ['--import', join(import.meta.dirname, 'tables/stall-monitor.ts'), 'src/main.ts'],
  {
    cwd: join(checkout, 'services/routing'),
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: {
      ...process.env,
      TANDEM_POSTGRES_URL: url,
      TANDEM_REDIS_URL: redisUrl,
      TANDEM_REDIS_PREFIX: redisPrefix,
      TANDEM_KAFKA_BROKERS: kafkaBrokers,
      TANDEM_SECRET_KEY_FILE: keyFile,
      TANDEM_GRPC_LISTEN: `127.0.0.1:${String(grpcPort)}`,
      TANDEM_ADMIN_LISTEN: `127.0.0.1:${String(adminPort)}`,
    },
  },
);
const api = spawn(
  process.execPath,
  ['--import', join(import.meta.dirname, 'tables/stall-monitor.ts'), 'src/main.ts'],
  {
    cwd: join(checkout, 'services/api'),
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: {
      ...process.env,
      TANDEM_POSTGRES_URL: url,
      TANDEM_SECRET_KEY_FILE: keyFile,
      TANDEM_DATA_DIR: folder,
      TANDEM_KAFKA_BROKERS: kafkaBrokers,
      TANDEM_API_LISTEN: `127.0.0.1:${String(apiPort)}`,
      TANDEM_ADMIN_LISTEN: `127.0.0.1:${String(apiAdminPort)}`,
      TANDEM_ROUTING_ADDRESS: `127.0.0.1:${String(grpcPort)}`,
      // Nobody is there: no edge, nothing that gateways are held against.
      TANDEM_AUTH_ADDRESS: '127.0.0.1:1',
      TANDEM_BILLING_ADDRESS: '127.0.0.1:1',
      TANDEM_EDGE_ADDRESS: '127.0.0.1:1',
    },
  },
);
const client = unaryClient(RoutingServiceService, `127.0.0.1:${String(grpcPort)}`, {
  deadlineMs: 30_000,
});
const origin = Origin.create({ kind: 'phone', name: '1', account: 'customer' });
let asked = 0;
/** What tells one version from another: the parameter goes up to 300. */
let marks = 1;

/** @returns the version that answered, told by a timer; 0 where none did. @throws where an answer is of two versions */
async function ask(): Promise<number> {
  asked += 1;
  const code = codes[random(codes.length)] ?? '';
  const callee = code + digits(random, Math.max(0, 12 - code.length));
  const request = RouteRequest.create({ callId: `swap-${String(asked)}`, origin, callee });
  const { outcome } = await client.route(request);
  if (outcome?.$case !== 'routed') throw new Error(`not routed: ${JSON.stringify(outcome)}`);
  const versions = new Set(outcome.value.candidates.map(({ timers }) => timers?.inviteMs ?? 0));
  if (versions.size !== 1) throw new Error(`an answer of versions ${[...versions].join(' and ')}`);
  return Math.round(([...versions][0] ?? 0) / 1000);
}

/** Asks at an even pace until told otherwise. */
class Asking {
  readonly delays: { readonly atMs: number; readonly ms: number; readonly version: number }[] = [];
  failures = 0;
  readonly #timer: NodeJS.Timeout;
  readonly #beganMs = performance.now();
  #sent = 0;

  constructor() {
    this.#timer = setInterval(() => {
      const due = Math.floor(((performance.now() - this.#beganMs) * RATE) / 1000);
      while (this.#sent < due) {
        this.#sent += 1;
        this.#askOnce();
      }
    }, 1);
  }

  end(): void {
    clearInterval(this.#timer);
  }

  #askOnce(): void {
    const atMs = performance.now();
    ask().then(
      (version) => this.delays.push({ atMs, ms: performance.now() - atMs, version }),
      (error: unknown) => {
        this.failures += 1;
        if (this.failures < 4) process.stderr.write(`${String(error)}\n`);
      },
    );
  }
}

try {
  await until('routing answers', () => ask(), { timeoutMs: 120_000, everyMs: 100 });
  process.stdout.write(
    `${String(prefixes)} prefixes over ${String(gateways)} gateways, ${String(prefixes)} rates; in force ${seconds(performance.now() - startMs)} s after the start of the process, its start included\n\n` +
      '| change | in force after, s | CPU until 2 s later, s: routing with calls, PostgreSQL | p99 before, ms | p99 meanwhile, ms | longest stall, ms: routing, api | RSS before, MB | RSS, most, MB | wrong |\n' +
      '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n',
  );
  await sleep(5000);
  for (let round = 0; round < 500; round++) await ask();
  // It reads the version first, in a thread.
  await until('the api answers', () => overApi('GET', PARAMETER), {
    timeoutMs: 120_000,
    everyMs: 100,
  });
  await sleep(2000);
  await change('nothing but a parameter, by the api', byApi());
  await change('one gateway has another limit, by the api', byApi({ lineLimit: 7 }));
  await change('one gateway has other prefixes, by the api', byApi({ prefixes: ['49'] }));
  await change('one gateway has other prefixes, as a whole document', whole(`jsonb_set(document, '{routingGateways,0,prefixes}', '["49"]')`)); // prettier-ignore
  await change('nothing but a parameter, as a whole document', whole('document'));
  await stage(documentOf(rules, gateways, sheetOf(prefixes, 1)));
  await change('every rate of the sheet is another', whole('document'));
  await stage(documentOf(rules.map(moved), gateways, sheetOf(prefixes, 1)));
  await change('every gateway has the prefixes of another', whole('document'));
} finally {
  routing.kill('SIGKILL');
  api.kill('SIGKILL');
  client.close();
  const keys = await redis.keys(`{${redisPrefix}}*`);
  for (let at = 0; at < keys.length; at += 1000) await redis.del(...keys.slice(at, at + 1000));
  redis.disconnect();
  await pool.end();
  await stopDatabase();
  await rm(folder, { recursive: true, force: true });
}

/** @param make puts the version into effect, and says when that began */
async function change(name: string, make: (mark: number) => Promise<number>): Promise<void> {
  marks += 1;
  const mark = marks;
  const asking = new Asking();
  await sleep(BEFORE_MS);
  const { residentBytes: before } = await stalls(routing);
  await stalls(api);
  const changedMs = await make(mark);
  const cpuMs = [routing.pid ?? 0, databasePid].map(cpuTimeMs);
  let most = before;
  let longestMs = 0;
  let apiLongestMs = 0;
  const watch = async (): Promise<void> => {
    const seen = await stalls(routing);
    apiLongestMs = Math.max(apiLongestMs, (await stalls(api)).longestMs);
    most = Math.max(most, seen.residentBytes);
    longestMs = Math.max(longestMs, seen.longestMs);
  };
  await until(
    'the change is in force',
    async () => {
      await watch();
      return asking.delays.some((each) => each.version === mark);
    },
    { timeoutMs: LIMIT_MS, everyMs: 20 },
  );
  // What is let go of, and what comes a moment later, is part of it.
  for (let round = 0; round < 40; round++) {
    await sleep(50);
    await watch();
  }
  asking.end();
  await until('all have been answered', () => asking.delays.length + asking.failures >= 1);
  const [ownMs = 0, storeMs = 0] = [routing.pid ?? 0, databasePid].map(
    (pid, at) => cpuTimeMs(pid) - (cpuMs[at] ?? 0),
  );
  const inForce = asking.delays.find((each) => each.version === mark);
  const inForceMs = (inForce?.atMs ?? 0) + (inForce?.ms ?? 0) - changedMs;
  const calm = asking.delays.filter(({ atMs }) => atMs < changedMs - 2000);
  const during = asking.delays.filter(({ atMs }) => atMs >= changedMs);
  const cells = [
    name,
    seconds(inForceMs),
    `${seconds(ownMs)}, ${seconds(storeMs)}`,
    p99(calm).toFixed(1),
    p99(during).toFixed(1),
    `${longestMs.toFixed(0)}, ${apiLongestMs.toFixed(0)}`,
    megabytes(before),
    megabytes(most),
    String(asking.failures),
  ];
  process.stdout.write(`| ${cells.join(' | ')} |\n`);
}

/** The same prefix, by the next gateway. */
function moved([prefix, name]: Rule): Rule {
  const next = (Number(name.slice('gateway-'.length)) + 1) % gateways;
  return [prefix, `gateway-${String(next)}`];
}

/** What the next version is made of. */
async function stage(next: SwapDocument): Promise<void> {
  await pool.query('UPDATE staged SET document = $1', [storedText(next)]);
}

/** As the API stores it: with the defaults. Its lists have them already. */
function storedText(next: SwapDocument): string {
  const [standard, ...vendors] = next.rateGroups;
  const slim = {
    ...next,
    rateGroups: [{ ...standard, rates: [] }, ...vendors],
    routingGateways: next.routingGateways.map((each) => ({ ...each, prefixes: ['0'] })),
  };
  const { rateGroups, routingGateways, ...stored } = configurationSchema.parse(slim);
  return JSON.stringify({
    ...stored,
    rateGroups: rateGroups.map((group, at) => (at === 0 ? standard : group)),
    routingGateways: routingGateways.map((each, at) => ({
      ...each,
      prefixes: next.routingGateways[at]?.prefixes,
    })),
  });
}

/** By the whole document. */
function whole(expression: string): (mark: number) => Promise<number> {
  return (mark) => put(mark, expression);
}

/**
 * A change of the first gateway, where there is one, and of the parameter that tells the version, one request after the other.
 * It began with the first.
 */
function byApi(patch?: object): (mark: number) => Promise<number> {
  return async (mark) => {
    const beganMs = performance.now();
    if (patch !== undefined) {
      await overApi('PATCH', '/configuration/routing-gateways/gateway-0', patch);
    }
    await overApi('PUT', PARAMETER, { value: mark });
    return beganMs;
  };
}

async function overApi(method: string, path: string, body?: object): Promise<true> {
  const token = await readFile(join(folder, 'api-token'), 'utf8');
  const answer = await fetch(`http://127.0.0.1:${String(apiPort)}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${token.trim()}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
  await answer.arrayBuffer();
  return true;
}

/** Stores a version, made in the database. @returns when it was there */
async function put(mark: number, expression: string): Promise<number> {
  const version = (await storeState(pool)).newest + 1;
  await pool.query(
    `UPDATE staged SET document = jsonb_set(${expression}, '{parameters}', jsonb_build_object('SS_SIP_TIMEOUT_INVITE', $1::int))`,
    [mark],
  );
  await pool.query(
    `INSERT INTO tandem_config.version (version, applied_by, document, shape) SELECT $1, 'benchmark', document, $2 FROM staged`,
    [version, configurationShape()],
  );
  const storedMs = performance.now();
  await pool.query('SELECT pg_notify($1, $2)', [CONFIGURATION_CHANNEL, String(version)]);
  return storedMs;
}

async function stalls(process: ChildProcess): Promise<Stalls> {
  const answer = once(process, 'message');
  process.send('stalls');
  const [told] = (await answer) as [Stalls];
  return told;
}

/** Rates of the customer; the prices of another sheet differ from those of the first. */
function sheetOf(count: number, sheet = 0): unknown[] {
  const more = { firstIncrement: 60, nextIncrement: 60, connectionFee: '0', freeSeconds: 0 };
  const rates: unknown[] = [{ prefix: '', pricePerMinute: `0.02${String(sheet)}`, ...more }];
  for (let rate = 1; rate < count; rate++) {
    const price = String(1000 + ((rate * 7919 + sheet) % 9000));
    // More than any vendor takes: a gateway that costs more than a call brings is left out.
    rates.push({ prefix: String(1_000_000 + rate), pricePerMinute: `0.${price}`, ...more });
  }
  return rates;
}

function p99(delays: readonly { readonly ms: number }[]): number {
  const sorted = delays.map(({ ms }) => ms).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length * 0.99)] ?? 0;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(2);
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}
