import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePorts } from '@tandem/e2e';
import { startDatabase } from '../kamailio-peer.ts';
import type { Rule } from './rules.ts';

const run = promisify(execFile);
const TABLES = '/usr/share/kamailio/postgres';

/** A PostgreSQL that has the rules as Kamailio's modules and the extension `prefix` want them. */
export interface PrefixDatabase {
  readonly url: string;
  readonly folder: string;
  /** What its extension costs: loading with the index, memory with the index, one look-up. */
  measure(numbers: readonly string[]): Promise<PrefixFigures>;
  stop(): Promise<void>;
}

export interface PrefixFigures {
  readonly loadSeconds: number;
  readonly bytes: number;
  readonly micros: number;
}

/** @param rules those of one prefix side by side. Needs root. */
export async function openPrefixDatabase(
  rules: readonly Rule[],
  gateways: number,
): Promise<PrefixDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'tandem-prefixes-'));
  await chmod(folder, 0o755);
  const [port = 0] = await freePorts(1);
  const stopDatabase = await startDatabase(folder, port);
  const sql = async (text: string): Promise<string> => {
    const connection = ['-h', '127.0.0.1', '-p', String(port), '-U', 'postgres', 'postgres'];
    const file = join(folder, 'statements.sql');
    await writeFile(file, text);
    const { stdout } = await run('psql', [
      '-qtA',
      '-v',
      'ON_ERROR_STOP=1',
      '-f',
      file,
      ...connection,
    ]);
    return stdout.trim();
  };
  for (const schema of ['standard', 'drouting', 'mtree']) {
    await sql(`\\i ${TABLES}/${schema}-create.sql`);
  }
  const codes = [...Map.groupBy(rules, ([prefix]) => prefix)].map(
    ([prefix, entries]) =>
      [prefix, entries.map(([, name]) => Number(name.slice('gateway-'.length)) + 1)] as const,
  );
  const copied = (into: string, rows: readonly string[]): string =>
    `COPY ${into} FROM STDIN;\n${rows.join('\n')}\n\\.\n`;
  const numbersOfGateways = Array.from({ length: gateways }, (_, at) => at + 1);
  await sql(copied('dr_gateways (gwid, address)', numbersOfGateways.map((gwid) => `${String(gwid)}\t192.0.2.1:5060`))); // prettier-ignore
  await sql(copied('dr_rules (groupid, prefix, timerec, routeid, gwlist)', codes.map(([prefix, list]) => `0\t${prefix}\t\t0\t${list.join(',')}`))); // prettier-ignore
  await sql(copied('mtree (tprefix, tvalue)', codes.map(([prefix, list]) => `${prefix}\t${list.join(',')}`))); // prettier-ignore
  return {
    url: `postgres://postgres:x@127.0.0.1:${String(port)}/postgres`,
    folder,
    measure: async (numbers) => {
      await sql('CREATE EXTENSION prefix');
      const rows = codes.map(([prefix, list]) => `${prefix}\t{${list.join(',')}}`);
      const startMs = performance.now();
      await sql(
        `CREATE TABLE rule (prefix prefix_range, gateways int[]);\n${copied('rule', rows)}
         CREATE INDEX ON rule USING gist (prefix); ANALYZE rule;`,
      );
      const loadSeconds = (performance.now() - startMs) / 1000;
      const bytes = Number(await sql(`SELECT pg_total_relation_size('rule')`));
      await sql(`CREATE TABLE called (number text);\n${copied('called', numbers)}`);
      // Warm, and in one statement: what a network would add is left out.
      const micros = await sql(
        `CREATE FUNCTION looked_up() RETURNS float AS $$
         DECLARE each text; begun timestamptz; found text[];
         BEGIN
           begun := clock_timestamp();
           FOR each IN SELECT number FROM called LOOP
             SELECT array_agg(list.text) INTO found FROM
               (SELECT gateways::text AS text FROM rule WHERE prefix @> each::prefix_range ORDER BY length(prefix) DESC) list;
           END LOOP;
           RETURN extract(epoch FROM clock_timestamp() - begun) * 1e6 / (SELECT count(*) FROM called);
         END $$ LANGUAGE plpgsql;
         SELECT least(looked_up(), looked_up(), looked_up());`,
      );
      return { loadSeconds, bytes, micros: Number(micros) };
    },
    stop: async () => {
      await stopDatabase();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
