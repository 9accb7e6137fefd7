import { execFile } from 'node:child_process';
import { connect } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { testKafkaBrokers, testPostgresUrl, testRedisUrl } from '@tandem/testing';

const run = promisify(execFile);
const REPOSITORY = join(import.meta.dirname, '../..');

/** Starts Redis, PostgreSQL and Kafka of `deploy/local` unless all three answer already. */
export async function requireStores(): Promise<void> {
  const addresses = [testRedisUrl(), testPostgresUrl(), `tcp://${testKafkaBrokers()[0] ?? ''}`];
  const up = await Promise.all(addresses.map((address) => accepts(new URL(address))));
  if (up.every(Boolean)) return;
  await run(join(REPOSITORY, 'deploy/local/stores'), ['start'], { timeout: 120_000 });
}

async function accepts({ hostname, port }: URL): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    const end = (isUp: boolean): void => {
      socket.destroy();
      resolve(isUp);
    };
    socket.once('connect', () => {
      end(true);
    });
    socket.once('error', () => {
      end(false);
    });
  });
}
