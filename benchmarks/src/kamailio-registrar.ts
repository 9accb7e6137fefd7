import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ManagedProcess, freePorts, isUdpPortBound, until } from '@tandem/e2e';
import type { Subject } from './call-subjects.ts';
import { listenerOf } from './cpu-time.ts';
import { startDatabase } from './kamailio-peer.ts';

const run = promisify(execFile);
const CONFIGURATION = join(import.meta.dirname, '../kamailio/registrar.cfg');
const TABLES = '/usr/share/kamailio/postgres';

type Registrar = Pick<Subject, 'title' | 'sip' | 'own' | 'stores' | 'stop'>;

/** Kamailio's registrar. Its bindings are in its memory alone, or besides in a PostgreSQL of its own, which needs root. */
export async function startKamailioRegistrar(hasDatabase: boolean): Promise<Registrar> {
  const folder = await mkdtemp(join(tmpdir(), 'tandem-registrar-'));
  await chmod(folder, 0o755);
  const [sipPort = 0, databasePort = 0] = await freePorts(2);
  const stopDatabase = hasDatabase ? await openTables(folder, databasePort) : undefined;
  const database = `DATABASE="postgres://postgres:x@127.0.0.1:${String(databasePort)}/peer"`;
  const kamailio = new ManagedProcess({
    name: 'kamailio',
    command: 'kamailio',
    args: [
      ...['-f', CONFIGURATION, '-DD', '-E', '-m', '256', '-M', '16', '-Y', folder],
      ...['-A', `LISTEN=udp:127.0.0.1:${String(sipPort)}`],
      ...(hasDatabase ? ['-A', database] : []),
    ],
    cwd: folder,
  });
  await until('kamailio listens', () => kamailio.isRunning && isUdpPortBound(sipPort));
  return {
    title: hasDatabase ? 'Kamailio, PostgreSQL' : 'Kamailio, memory',
    sip: { address: '127.0.0.1', port: sipPort },
    own: new Map([['Kamailio', kamailio.pid]]),
    stores: new Map(hasDatabase ? [['PostgreSQL', listenerOf(databasePort)]] : []),
    stop: async () => {
      await kamailio.stop({ graceMs: 5000 });
      await stopDatabase?.();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function openTables(folder: string, port: number): Promise<() => Promise<void>> {
  const stop = await startDatabase(folder, port);
  const sql = (database: string, ...args: string[]) =>
    run('psql', ['-q', '-h', '127.0.0.1', '-p', String(port), '-U', 'postgres', database, ...args]);
  await sql('postgres', '-c', 'create database peer');
  for (const schema of ['standard', 'usrloc']) {
    await sql('peer', '-f', `${TABLES}/${schema}-create.sql`);
  }
  return stop;
}
