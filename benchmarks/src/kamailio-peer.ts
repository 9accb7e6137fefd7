import { execFile } from 'node:child_process';
import { chmod, chown, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ManagedProcess, freePorts, isUdpPortBound, until } from '@tandem/e2e';
import { listenerOf } from './cpu-time.ts';

const run = promisify(execFile);
const CONFIGURATION = join(import.meta.dirname, '../kamailio');
const TABLES = '/usr/share/kamailio/postgres';
const SCHEMAS = ['standard', 'auth_db', 'drouting', 'acc', 'dialog'];

/** Kamailio with a PostgreSQL of its own, doing the whole job of a call. */
export interface KamailioPeer {
  readonly sipPort: number;
  readonly kamailioPid: number;
  readonly postgresPid: number;
  countCdrs(): Promise<number>;
  stop(): Promise<void>;
}

/** Starts the peer, routing prefix 44 to a carrier on `carrierPort` of 127.0.0.1. Needs root. */
export async function startKamailioPeer(carrierPort: number): Promise<KamailioPeer> {
  const folder = await mkdtemp(join(tmpdir(), 'tandem-peer-'));
  await chmod(folder, 0o755);
  const [sipPort = 0, databasePort = 0, deadPort = 0] = await freePorts(3);
  const stopDatabase = await startDatabase(folder, databasePort);
  const sql = async (database: string, ...args: string[]): Promise<string> => {
    const connection = ['-h', '127.0.0.1', '-p', String(databasePort), '-U', 'postgres'];
    const { stdout } = await run('psql', ['-qtA', ...connection, database, ...args]);
    return stdout.trim();
  };
  await sql('postgres', '-c', 'create database peer');
  for (const schema of SCHEMAS) await sql('peer', '-f', `${TABLES}/${schema}-create.sql`);
  await sql(
    'peer',
    ...[
      '-v',
      `first=127.0.0.1:${String(carrierPort)}`,
      '-v',
      `second=127.0.0.1:${String(deadPort)}`,
    ],
    ...['-v', 'ON_ERROR_STOP=1', '-f', join(CONFIGURATION, 'tables.sql')],
  );
  const kamailio = new ManagedProcess({
    name: 'kamailio',
    command: 'kamailio',
    args: [
      ...['-f', join(CONFIGURATION, 'kamailio.cfg'), '-DD', '-E', '-m', '256', '-M', '16'],
      ...['-Y', folder, '-A', `LISTEN=udp:127.0.0.1:${String(sipPort)}`],
      ...['-A', `DATABASE="postgres://postgres:x@127.0.0.1:${String(databasePort)}/peer"`],
    ],
    cwd: folder,
  });
  await until('kamailio listens', () => kamailio.isRunning && isUdpPortBound(sipPort));
  return {
    sipPort,
    kamailioPid: kamailio.pid,
    postgresPid: listenerOf(databasePort),
    countCdrs: async () => Number(await sql('peer', '-c', 'select count(*) from acc_cdrs')),
    stop: async () => {
      await kamailio.stop({ graceMs: 5000 });
      await stopDatabase();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A PostgreSQL of its own, in a folder. Needs root. @returns what ends it */
export async function startDatabase(folder: string, port: number): Promise<() => Promise<void>> {
  const data = join(folder, 'data');
  const versions = (await readdir('/usr/lib/postgresql')).map(Number).sort((a, b) => a - b);
  const binaries = `/usr/lib/postgresql/${String(versions.at(-1) ?? 0)}/bin`;
  const uid = Number((await run('id', ['-u', 'postgres'])).stdout);
  await mkdir(data);
  await chown(data, uid, uid);
  const asPostgres = (command: string) => run('su', ['postgres', '-c', command], { cwd: folder });
  await asPostgres(`${binaries}/initdb -D ${data} -A trust`);
  const options = `-p ${String(port)} -c listen_addresses=127.0.0.1 -k ${data}`;
  await asPostgres(`${binaries}/pg_ctl -w -D ${data} -l ${data}/log -o '${options}' start`);
  return async () => {
    await asPostgres(`${binaries}/pg_ctl -D ${data} -m fast stop`);
  };
}
