import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  databaseForTest,
  redisForTest,
  testKafkaBrokers,
  testRedisUrl,
  topicForTest,
} from '@tandem/testing';
import { freePorts } from '../free-ports.ts';
import type { RunningSwitch } from '../running-switch.ts';
import { CHANGE_MS, untilRouted } from '../running-switch.ts';
import { layoutOr } from '../shape.ts';
import { requireStores } from '../stores.ts';
import { Cluster, type ClusterOptions } from './cluster.ts';
import type { ClusterShape, ClusterStores } from './cluster-plan.ts';

/** What a test may want of its cluster; the shape is `TANDEM_E2E_SHAPE` where that is set. @default split */
export interface TestClusterOptions extends Partial<
  Pick<
    ClusterOptions,
    | 'layout'
    | 'pods'
    | 'mode'
    | 'lossPercent'
    | 'seed'
    | 'env'
    | 'nodeArgs'
    | 'isRespawning'
    | 'connections'
  >
> {
  /** Data directory to find again. @default a new one */
  readonly dataDir?: string | undefined;
  /** Stores of the test's own. @default those of deploy/local, with a database, prefix and topic of its own */
  readonly stores?: Partial<ClusterStores>;
}

/** A cluster that belongs to a test. */
export interface TestCluster extends RunningSwitch {
  readonly cluster: Cluster;
  readonly stores: ClusterStores;
  readonly shape: ClusterShape;
}

/** Pods and fronts that are ready know each other: each looks every 400 ms, a distributor every 150. */
const ACQUAINTED_MS = 1000;

/** Starts a cluster on free ports and with data of its own; three pods behind random packets unless said otherwise. */
export async function startTestCluster(options: TestClusterOptions = {}): Promise<TestCluster> {
  await requireStores();
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'tandem-e2e-')));
  const own = await ownStores(options.stores);
  const [sip = 0, api = 0] = await freePorts(2);
  const secretKeyFile = join(dataDir, 'secret-key');
  // A folder that is found again has its key.
  if (!existsSync(secretKeyFile)) {
    await writeFile(secretKeyFile, randomBytes(32).toString('base64'), { mode: 0o600 });
  }
  const shape: ClusterOptions = {
    layout: layoutOr(options.layout ?? 'split'),
    pods: options.pods ?? 3,
    mode: options.mode ?? 'random',
    lossPercent: options.lossPercent ?? 0,
    seed: options.seed ?? 1,
    sip: `127.0.0.1:${String(sip)}`,
    api: `127.0.0.1:${String(api)}`,
    dataDir,
    secretKeyFile,
    stores: own.stores,
    env: options.env,
    connections: options.connections,
    nodeArgs: options.nodeArgs,
    isRespawning: options.isRespawning ?? true,
  };
  const close = async (): Promise<void> => {
    if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true });
    await own.close();
  };
  const cluster = await Cluster.start(shape).catch(async (error: unknown) => {
    await close();
    throw error;
  });
  return {
    way: 'real',
    cluster,
    shape,
    stores: own.stores,
    sip: cluster.sip,
    api: cluster.api,
    configure: async (document) => {
      const isFirst = !(await cluster.api.hasConfiguration());
      const version = await cluster.api.apply(document);
      // A process is not ready before it has a configuration; whether it has another one, nothing tells.
      if (!isFirst) await sleep(CHANGE_MS);
      await cluster.ready();
      if (shape.mode !== 'direct') await sleep(ACQUAINTED_MS);
      await untilRouted(cluster.api, version, document);
    },
    get processes() {
      return cluster.processes;
    },
    restart: async (service, signal) => {
      const names = cluster.processesOf(service);
      await Promise.all(names.map((name) => cluster.end(name, signal)));
      await Promise.all(names.map((name) => cluster.startAgain(name)));
      await cluster.ready();
    },
    stop: async () => {
      // Nobody needs these processes or their data any more; a profile is written by one that ends by itself.
      if (options.nodeArgs === undefined) await cluster.killAll();
      else await cluster.stop();
      await close();
    },
  };
}

async function ownStores(
  given: Partial<ClusterStores> | undefined,
): Promise<{ readonly stores: ClusterStores; close(): Promise<void> }> {
  const [database, redis, topic] = await Promise.all([
    databaseForTest(),
    redisForTest(),
    topicForTest({ partitions: 0 }),
  ]);
  return {
    stores: {
      redisUrl: testRedisUrl(),
      redisPrefix: redis.prefix,
      postgresUrl: database.url,
      kafkaBrokers: testKafkaBrokers().join(','),
      kafkaTopic: topic.topic,
      kafkaGroup: topic.groupId,
      ...given,
    },
    close: async () => {
      await Promise.all([redis.close(), topic.close(), database.close()]);
    },
  };
}
