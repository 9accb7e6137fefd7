import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  databaseForTest,
  redisForTest,
  testKafkaBrokers,
  testRedisUrl,
  topicForTest,
} from '@tandem/testing';
import { freePorts } from './free-ports.ts';
import { ManagedProcess } from './managed-process.ts';
import {
  type RunningSwitch,
  type SwitchOptions,
  applyAndWait,
  telemetryVariables,
} from './running-switch.ts';
import { requireStores } from './stores.ts';
import { SwitchApi } from './switch-api.ts';
import { until } from './until.ts';

const REPOSITORY = join(import.meta.dirname, '../..');

// In the order of start: who is called stands before who calls.
const SERVICES = ['api', 'auth', 'billing', 'routing', 'edge'] as const;
const LOOPBACK = '127.0.0.1';

/** Starts each service as a process of its own on the real stores, with a database, prefix and topic of its own. */
export async function startReal(options: SwitchOptions = {}): Promise<RunningSwitch> {
  await requireStores();
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'tandem-e2e-')));
  const [database, redis, topic] = await Promise.all([
    databaseForTest(),
    redisForTest(),
    topicForTest({ partitions: 0 }),
  ]);
  const keyFile = join(dataDir, 'secret-key');
  await writeFile(keyFile, randomBytes(32).toString('base64'), { mode: 0o600 });
  const ports = await freePorts(2 + 2 * SERVICES.length);
  const [sipPort = 0, apiPort = 0, ...others] = ports;
  const grpc = (service: Service): string => at(others[SERVICES.indexOf(service)]);
  const admin = (service: Service): string =>
    at(others[SERVICES.length + SERVICES.indexOf(service)]);
  const shared = {
    TANDEM_SIP_LISTEN: at(sipPort),
    TANDEM_API_LISTEN: at(apiPort),
    TANDEM_DATA_DIR: dataDir,
    TANDEM_SECRET_KEY_FILE: keyFile,
    TANDEM_REDIS_URL: testRedisUrl(),
    TANDEM_REDIS_PREFIX: redis.prefix,
    TANDEM_POSTGRES_URL: database.url,
    TANDEM_KAFKA_BROKERS: testKafkaBrokers().join(','),
    TANDEM_KAFKA_TOPIC: topic.topic,
    TANDEM_KAFKA_GROUP: topic.groupId,
    TANDEM_AUTH_ADDRESS: grpc('auth'),
    TANDEM_ROUTING_ADDRESS: grpc('routing'),
    TANDEM_BILLING_ADDRESS: grpc('billing'),
    TANDEM_EDGE_ADDRESS: grpc('edge'),
    TANDEM_LOG_LEVEL: 'info',
    ...telemetryVariables(options),
  };
  const processes = new Map<string, ManagedProcess>();
  const start = async (service: Service): Promise<void> => {
    const process_ = new ManagedProcess({
      name: service,
      command: process.execPath,
      args: [...(options.nodeArgs?.[service] ?? []), 'src/main.ts'],
      cwd: join(REPOSITORY, 'services', service),
      env: {
        ...shared,
        TANDEM_GRPC_LISTEN: grpc(service),
        TANDEM_ADMIN_LISTEN: admin(service),
      },
    });
    processes.set(service, process_);
    await process_.line(/"msg":"started"/, 30_000);
  };
  // A service that needs a configuration is not ready before there is one.
  const allReady = async (): Promise<void> => {
    for (const service of SERVICES) {
      await until(`${service} is ready`, () => isReady(admin(service)), {
        timeoutMs: 30_000,
      }).catch((cause: unknown) => {
        const output = processes.get(service)?.output.slice(-4000) ?? '';
        throw new Error(`${service} is not ready: ${output}`, { cause });
      });
    }
  };
  const stop = async (): Promise<void> => {
    // The edge first, so that nothing is asked of a service that is gone.
    for (const service of SERVICES.toReversed()) await processes.get(service)?.stop();
    if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true });
    await Promise.all([redis.close(), topic.close(), database.close()]);
  };
  try {
    for (const service of SERVICES) await start(service);
  } catch (error) {
    await stop();
    throw error;
  }
  const token = (await readFile(join(dataDir, 'api-token'), 'utf8')).trim();
  const api = new SwitchApi(`http://${at(apiPort)}`, token);
  return {
    way: 'real',
    sip: { address: LOOPBACK, port: sipPort },
    api,
    configure: async (document) => {
      await applyAndWait(api, document);
      await allReady();
    },
    processes,
    restart: async (service, signal) => {
      const known = SERVICES.find((name) => name === service);
      if (known === undefined) throw new Error(`no service ${service}`);
      await processes.get(known)?.stop({ signal });
      await start(known);
      await allReady();
    },
    stop,
  };
}

type Service = (typeof SERVICES)[number];

function at(port: number | undefined): string {
  return `${LOOPBACK}:${String(port ?? 0)}`;
}

async function isReady(admin: string): Promise<boolean> {
  const response = await fetch(`http://${admin}/readyz`, { signal: AbortSignal.timeout(2000) });
  return response.ok;
}
