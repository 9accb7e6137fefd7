import { Redis } from 'ioredis';
import { uniqueName } from './unique-name.ts';

/** A Redis of a test's own: the server is shared, the prefix is not. */
export interface TestRedis {
  readonly url: string;
  readonly redis: Redis;
  /** Put it into every key, as `{prefix}:…` or as it is. */
  readonly prefix: string;
  /** Deletes every key that holds the prefix, and disconnects. */
  readonly close: () => Promise<void>;
}

/** Where the tests' Redis is: `TANDEM_TEST_REDIS_URL`. @default 'redis://127.0.0.1:21379' */
export function testRedisUrl(): string {
  return process.env['TANDEM_TEST_REDIS_URL'] ?? 'redis://127.0.0.1:21379';
}

/** Connects to the tests' Redis. @throws when it does not answer. */
export async function redisForTest(): Promise<TestRedis> {
  const url = testRedisUrl();
  const prefix = uniqueName('test');
  const redis = new Redis(url, { lazyConnect: true, maxRetriesPerRequest: 1, retryStrategy: null });
  // A failed connection rejects the call below; without a listener it would be printed as well.
  redis.on('error', () => undefined);
  await redis.connect();
  return {
    url,
    redis,
    prefix,
    close: async () => {
      await deleteKeys(redis, `*${prefix}*`);
      redis.disconnect();
    },
  };
}

async function deleteKeys(redis: Redis, pattern: string): Promise<void> {
  let cursor = '0';
  do {
    const [next, keys] = await redis.scan(cursor, 'MATCH', pattern, 'COUNT', 1000);
    if (keys.length > 0) await redis.unlink(...keys);
    cursor = next;
  } while (cursor !== '0');
}
