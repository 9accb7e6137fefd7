import { createPool, silentLogger } from '@tandem/service';
import type { Pool, PoolClient } from '@tandem/service';

/**
 * A pool whose server process is ended at a statement, before or behind it: what is not committed then never was, and of a commit behind which
 * it dies nobody hears.
 */
export function dyingPool(
  url: string,
  { statement, isBehind }: { readonly statement: number; readonly isBehind: boolean },
): Pool {
  // prettier-ignore
  const pool = createPool({ url, logger: silentLogger(), size: 2 });
  const patched = new WeakSet<PoolClient>();
  const connect = pool.connect.bind(pool) as () => Promise<PoolClient>;
  let count = 0;
  const connected = async (): Promise<PoolClient> => {
    const client = await connect();
    if (patched.has(client)) return client;
    patched.add(client);
    client.on('error', () => undefined);
    const query = client.query.bind(client) as (...given: readonly unknown[]) => Promise<unknown>;
    const dies = async (...given: readonly unknown[]): Promise<unknown> => {
      count += 1;
      const isLast = count === statement;
      if (isLast && !isBehind) await query('SELECT pg_terminate_backend(pg_backend_pid())');
      const result = await query(...given);
      if (isLast) await query('SELECT pg_terminate_backend(pg_backend_pid())');
      return result;
    };
    return Object.assign(client, { query: dies });
  };
  const once = async (...given: readonly unknown[]): Promise<unknown> => {
    const client = await connected();
    try {
      const result = await (client.query as unknown as (...all: readonly unknown[]) => Promise<unknown>)(...given); // prettier-ignore
      client.release();
      return result;
    } catch (error) {
      client.release(true);
      throw error;
    }
  };
  return Object.assign<Pool, object>(pool, { connect: connected, query: once });
}
