import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { Client } from 'pg';
import { chooseLocalPorts, environmentOf } from '../../../tools/local-ports.ts';
import type { ClusterStores } from './cluster-plan.ts';

const SCRIPT = join(import.meta.dirname, '../../../deploy/local/stores');

/** The local stores with data of a cluster's own that stays between its runs. */
export interface KeptStores extends ClusterStores {
  /** Stops the stores where this run has started them. */
  stop(): void;
}

/**
 * Starts Redis, PostgreSQL and Kafka of deploy/local where they do not run, and makes the database.
 * @param id tells this cluster's data from others'
 * @throws Error where a store does not start
 */
export async function openKeptStores(id: string): Promise<KeptStores> {
  const wereUp = run('status', process.env, 'ignore');
  const env = {
    ...process.env,
    ...environmentOf(await chooseLocalPorts(process.env, wereUp)),
  };
  const stop = (): void => {
    if (!wereUp) run('stop', env, 'inherit');
  };
  if (!run('start', env, 'inherit')) {
    stop();
    throw new Error('the stores did not start');
  }
  const database = `tandem_cluster_${id}`;
  const postgres = new URL(env['TANDEM_TEST_POSTGRES_URL'] ?? '');
  await createDatabase(postgres, database);
  postgres.pathname = `/${database}`;
  return {
    redisUrl: env['TANDEM_TEST_REDIS_URL'] ?? '',
    redisPrefix: `cluster-${id}`,
    postgresUrl: postgres.href,
    kafkaBrokers: env['TANDEM_TEST_KAFKA_BROKERS'] ?? '',
    kafkaTopic: `tandem.call-events.${id}`,
    kafkaGroup: `tandem-billing-${id}`,
    stop,
  };
}

function run(command: string, env: NodeJS.ProcessEnv, stdio: 'ignore' | 'inherit'): boolean {
  // Standard output is for the lines about processes.
  return spawnSync(SCRIPT, [command], { env, stdio: ['ignore', 'ignore', stdio] }).status === 0;
}

async function createDatabase(server: URL, name: string): Promise<void> {
  const client = new Client({ connectionString: server.href });
  await client.connect();
  try {
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (found.rowCount === 0) await client.query(`CREATE DATABASE ${name}`);
  } finally {
    await client.end();
  }
}
