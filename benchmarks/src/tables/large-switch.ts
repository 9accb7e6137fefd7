import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CONFIGURATION_CHANNEL,
  configurationMigrations,
  configurationSchema,
  configurationShape,
  storeState,
} from '@tandem/config';
import { parseMoney } from '@tandem/domain';
import { freePorts } from '@tandem/e2e';
import { redisLimits } from '@tandem/limits';
import { connectRedis, createPool, migrate, silentLogger } from '@tandem/service';
import { listenerOf } from '../cpu-time.ts';
import { startDatabase } from '../kamailio-peer.ts';
import type { documentOf } from './rules.ts';
import type { Stalls } from './stall-monitor.ts';

export type LargeDocument = ReturnType<typeof documentOf>;

/** Tells which version answers: calls are routed with it. */
export const PARAMETER = 'SS_SIP_TIMEOUT_INVITE';

/**
 * Routing, and the api where it is wanted, as processes of their own by a document of any size, with a PostgreSQL of their own. Needs
 * root, and the Redis and Kafka of `make stores-start`.
 */
export class LargeSwitch {
  readonly folder: string;
  readonly address: string;
  readonly databasePid: number;
  readonly routing: ChildProcess;
  readonly #api: ChildProcess | undefined;
  readonly #apiPort: number;
  readonly #pool: ReturnType<typeof createPool>;
  readonly #end: () => Promise<void>;

  /** @param checkout another one, to compare with. @default this one */
  static async start(
    document: LargeDocument,
    {
      checkout = join(import.meta.dirname, '../../..'),
      hasApi,
    }: { readonly checkout?: string | undefined; readonly hasApi: boolean },
  ): Promise<LargeSwitch> {
    const folder = await mkdtemp(join(tmpdir(), 'tandem-large-'));
    await chmod(folder, 0o755);
    const ports = await freePorts(5);
    const [databasePort = 0] = ports;
    const stopDatabase = await startDatabase(folder, databasePort);
    const url = `postgres://postgres:x@127.0.0.1:${String(databasePort)}/postgres`;
    const logger = silentLogger();
    const pool = createPool({ url, logger, statementTimeoutMs: 0 });
    await migrate({ pool, folder: configurationMigrations, schema: 'tandem_config', logger });
    await pool.query('CREATE TABLE staged (document jsonb COMPRESSION lz4)');
    await pool.query('INSERT INTO staged VALUES ($1)', [storedText(document)]);
    const redisUrl = process.env['TANDEM_REDIS_URL'] ?? 'redis://127.0.0.1:21379';
    const redis = connectRedis({ url: redisUrl, logger });
    const redisPrefix = `benchmark-${randomUUID()}`;
    const { balances } = redisLimits({ redis, prefix: redisPrefix });
    await balances.set(new Map([['customer', parseMoney('1000000')]]));
    await writeFile(join(folder, 'key'), `${randomBytes(32).toString('base64')}\n`);
    const end = async (): Promise<void> => {
      const keys = await redis.keys(`{${redisPrefix}}*`);
      for (let at = 0; at < keys.length; at += 1000) await redis.del(...keys.slice(at, at + 1000));
      redis.disconnect();
      await pool.end();
      await stopDatabase();
      await rm(folder, { recursive: true, force: true });
    };
    await storeVersion(pool, 1, 'document');
    return new LargeSwitch({
      checkout,
      end,
      folder,
      hasApi,
      pool,
      ports,
      redisPrefix,
      redisUrl,
      url,
    });
  }

  private constructor({
    checkout,
    end,
    folder,
    hasApi,
    pool,
    ports,
    redisPrefix,
    redisUrl,
    url,
  }: {
    readonly checkout: string;
    readonly end: () => Promise<void>;
    readonly folder: string;
    readonly hasApi: boolean;
    readonly pool: ReturnType<typeof createPool>;
    readonly ports: readonly number[];
    readonly redisPrefix: string;
    readonly redisUrl: string;
    readonly url: string;
  }) {
    const [databasePort = 0, grpcPort = 0, adminPort = 0, apiPort = 0, apiAdminPort = 0] = ports;
    this.folder = folder;
    this.address = `127.0.0.1:${String(grpcPort)}`;
    this.databasePid = listenerOf(databasePort);
    this.#pool = pool;
    this.#end = end;
    this.#apiPort = apiPort;
    const shared = {
      ...process.env,
      TANDEM_POSTGRES_URL: url,
      TANDEM_REDIS_URL: redisUrl,
      TANDEM_REDIS_PREFIX: redisPrefix,
      TANDEM_KAFKA_BROKERS: process.env['TANDEM_KAFKA_BROKERS'] ?? '127.0.0.1:21092',
      TANDEM_SECRET_KEY_FILE: join(folder, 'key'),
    };
    this.routing = startService(join(checkout, 'services/routing'), {
      ...shared,
      TANDEM_GRPC_LISTEN: this.address,
      TANDEM_ADMIN_LISTEN: `127.0.0.1:${String(adminPort)}`,
    });
    if (!hasApi) return;
    this.#api = startService(join(checkout, 'services/api'), {
      ...shared,
      TANDEM_DATA_DIR: folder,
      TANDEM_API_LISTEN: `127.0.0.1:${String(apiPort)}`,
      TANDEM_ADMIN_LISTEN: `127.0.0.1:${String(apiAdminPort)}`,
      TANDEM_ROUTING_ADDRESS: this.address,
      // Nobody is there: no edge, nothing that gateways are held against.
      TANDEM_AUTH_ADDRESS: '127.0.0.1:1',
      TANDEM_BILLING_ADDRESS: '127.0.0.1:1',
      TANDEM_EDGE_ADDRESS: '127.0.0.1:1',
    });
  }

  /** What the next version is made of. */
  async stage(next: LargeDocument): Promise<void> {
    await this.#pool.query('UPDATE staged SET document = $1', [storedText(next)]);
  }

  /** Stores a version, made in the database by an expression over what is staged. @returns when it was there */
  put(mark: number, expression: string): Promise<number> {
    return storeVersion(this.#pool, mark, expression);
  }

  async overApi(method: string, path: string, body?: object): Promise<true> {
    const token = await readFile(join(this.folder, 'api-token'), 'utf8');
    const answer = await fetch(`http://127.0.0.1:${String(this.#apiPort)}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${token.trim()}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
    await answer.arrayBuffer();
    return true;
  }

  routingStalls(): Promise<Stalls> {
    return stallsOf(this.routing);
  }

  async apiStalls(): Promise<Stalls> {
    if (this.#api === undefined) throw new Error('there is no api');
    return stallsOf(this.#api);
  }

  async stop(): Promise<void> {
    this.routing.kill('SIGKILL');
    this.#api?.kill('SIGKILL');
    await this.#end();
  }
}

function startService(cwd: string, env: NodeJS.ProcessEnv): ChildProcess {
  return spawn(
    process.execPath,
    ['--import', join(import.meta.dirname, 'stall-monitor.ts'), 'src/main.ts'],
    { cwd, stdio: ['ignore', 'ignore', 'inherit', 'ipc'], env },
  );
}

async function stallsOf(service: ChildProcess): Promise<Stalls> {
  const answer = once(service, 'message');
  service.send('stalls');
  const [told] = (await answer) as [Stalls];
  return told;
}

async function storeVersion(
  pool: ReturnType<typeof createPool>,
  mark: number,
  expression: string,
): Promise<number> {
  const version = (await storeState(pool)).newest + 1;
  await pool.query(
    `UPDATE staged SET document = jsonb_set(${expression}, '{parameters}', jsonb_build_object('${PARAMETER}', $1::int))`,
    [mark],
  );
  await pool.query(
    `INSERT INTO tandem_config.version (version, applied_by, document, shape) SELECT $1, 'benchmark', document, $2 FROM staged`,
    [version, configurationShape()],
  );
  const storedMs = Date.now();
  await pool.query('SELECT pg_notify($1, $2)', [CONFIGURATION_CHANNEL, String(version)]);
  return storedMs;
}

/** As the API stores it: with the defaults. Its lists have them already. */
function storedText(next: LargeDocument): string {
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

/** Rates of the customer; the prices of another sheet differ from those of the first. */
export function sheetOf(count: number, sheet = 0): unknown[] {
  const more = { firstIncrement: 60, nextIncrement: 60, connectionFee: '0', freeSeconds: 0 };
  const rates: unknown[] = [{ prefix: '', pricePerMinute: `0.02${String(sheet)}`, ...more }];
  for (let rate = 1; rate < count; rate++) {
    const price = String(1000 + ((rate * 7919 + sheet) % 9000));
    // More than any vendor takes: a gateway that costs more than a call brings is left out.
    rates.push({ prefix: String(1_000_000 + rate), pricePerMinute: `0.${price}`, ...more });
  }
  return rates;
}
