import type { Pool } from '@tandem/service';

/** Does it unless another process is doing what has this name; undefined where one is. */
export async function aloneAt<T>(
  pool: Pool,
  name: string,
  work: () => Promise<T>,
): Promise<T | undefined> {
  const client = await pool.connect();
  try {
    const locked = await client.query<{ readonly is_mine: boolean }>(
      'SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS is_mine',
      [name],
    );
    if (locked.rows[0]?.is_mine !== true) return undefined;
    try {
      return await work();
    } finally {
      await client.query('SELECT pg_advisory_unlock(hashtextextended($1, 0))', [name]);
    }
  } finally {
    client.release();
  }
}
