/** Plain COPY of the rows that billing has written, into a table of the same columns and indexes: what PostgreSQL alone takes for them. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Pool } from '@tandem/service';

const COPY_TABLE = 'tandem_billing.copied';

/** @returns rows per second, without the time for reading them */
export async function measureCopy(pool: Pool, url: string): Promise<number> {
  await pool.query(
    `CREATE TABLE ${COPY_TABLE} (LIKE tandem_billing.cdr_other INCLUDING DEFAULTS INCLUDING STORAGE INCLUDING INDEXES)`,
  );
  const rows = await copyOut(url);
  const start = performance.now();
  const psql = spawn('psql', ['--no-psqlrc', '-q', url, '-c', `COPY ${COPY_TABLE} FROM STDIN`], {
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  psql.stdin.end(rows);
  const [code] = (await once(psql, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`psql ended with ${String(code)}`);
  const seconds = (performance.now() - start) / 1000;
  const { rows: counted } = await pool.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM ${COPY_TABLE}`,
  );
  return (counted[0]?.n ?? 0) / seconds;
}

async function copyOut(url: string): Promise<Buffer> {
  const text = 'COPY (SELECT * FROM tandem_billing.cdr) TO STDOUT';
  const psql = spawn('psql', ['--no-psqlrc', '-q', url, '-c', text], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const chunks: Buffer[] = [];
  for await (const chunk of psql.stdout) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
