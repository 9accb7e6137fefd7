import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chown, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { SwitchError } from '@tandem/domain';
import type { Logger } from '@tandem/service';
import { Client } from 'pg';
import { postgresFolder } from './binaries.ts';
import { clusterPlace } from './cluster-place.ts';
import type { ClusterPlace } from './cluster-place.ts';

/** A PostgreSQL of this process's own. */
export interface EmbeddedPostgres {
  /** Connects as the owner of database `tandem`. */
  readonly url: string;
  /** Ends it in order; resolves when the process is gone. */
  stop(): Promise<void>;
}

const OWNER = 'tandem';
const READY = 'database system is ready to accept connections';
const START_LIMIT_MS = 60_000;

/**
 * Starts PostgreSQL on a free port of the loopback, with its data kept between starts.
 * @throws SwitchError SWITCH_STORE_UNAVAILABLE where it does not come up, with its last words.
 */
export async function openEmbeddedPostgres(
  dataDir: string,
  logger: Logger,
): Promise<EmbeddedPostgres> {
  const place = await clusterPlace(dataDir, postgresFolder());
  const password = await storedPassword(join(dataDir, 'postgres-password'));
  await initialise(place, password);
  await endOrphan(place, logger);
  const port = await freePort();
  const process = await startServer(place, port);
  const server = `postgres://${OWNER}:${password}@127.0.0.1:${String(port)}`;
  await createDatabase(`${server}/postgres`);
  return { url: `${server}/${OWNER}`, stop: () => stopServer(process) };
}

/** initdb into an empty folder; a cluster that is there already is kept. */
async function initialise(place: ClusterPlace, password: string): Promise<void> {
  if (await exists(join(place.data, 'PG_VERSION'))) return;
  const passwordFile = `${place.data}.password`;
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  if (place.user !== undefined) await chown(passwordFile, place.user.uid, place.user.gid);
  const initdb = run(place, 'initdb', [
    `--pgdata=${place.data}`,
    `--username=${OWNER}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--no-locale',
    '--no-instructions',
  ]);
  const said = collect(initdb);
  const [code] = (await once(initdb, 'close')) as [number | null];
  await rm(passwordFile);
  if (code !== 0) throw notUp('initdb failed', said());
}

async function startServer(place: ClusterPlace, port: number): Promise<ChildProcess> {
  const server = run(place, 'postgres', [
    '-D',
    place.data,
    '-p',
    String(port),
    ...['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'max_connections=50'].flatMap(
      (setting) => ['-c', setting],
    ),
  ]);
  const said = collect(server);
  const ready = new Promise<void>((resolve, reject) => {
    server.stderr?.on('data', () => {
      if (said().includes(READY)) resolve();
    });
    server.once('close', () => {
      reject(notUp('PostgreSQL ended', said()));
    });
    server.once('error', (error) => {
      reject(notUp('PostgreSQL cannot be started', error.message));
    });
  });
  const limit = AbortSignal.timeout(START_LIMIT_MS);
  const late = new Promise<never>((_, reject) => {
    limit.addEventListener('abort', () => {
      reject(notUp('PostgreSQL did not come up in time', said()));
    });
  });
  await Promise.race([ready, late]);
  return server;
}

/** SIGINT is PostgreSQL's fast shutdown: open transactions are rolled back, everything is on disk. */
async function stopServer(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = once(server, 'exit');
  server.kill('SIGINT');
  await ended;
}

/** A server whose parent was killed still holds the data: it is ours, so it is ended in order. */
async function endOrphan(place: ClusterPlace, logger: Logger): Promise<void> {
  const text = await readFile(join(place.data, 'postmaster.pid'), 'utf8').catch(() => '');
  const pid = Number(text.split('\n')[0]);
  if (!(pid > 1) || !(await isServerOf(pid, place.data))) return;
  logger.warn({ pid }, 'ending the PostgreSQL of a switch that was killed');
  process.kill(pid, 'SIGINT');
  for (
    let waited = 0;
    waited < START_LIMIT_MS && (await isServerOf(pid, place.data));
    waited += 50
  ) {
    await delay(50);
  }
}

async function isServerOf(pid: number, data: string): Promise<boolean> {
  const command = await readFile(`/proc/${String(pid)}/cmdline`, 'utf8').catch(() => '');
  return command.split('\0').includes(data);
}

async function createDatabase(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const found = await client.query('select 1 from pg_database where datname = $1', [OWNER]);
    if (found.rowCount === 0) await client.query(`create database ${OWNER}`);
  } finally {
    await client.end();
  }
}

/** In a process group of its own: Ctrl-C in a terminal is for the switch, which ends PostgreSQL last. */
function run(place: ClusterPlace, program: string, args: readonly string[]): ChildProcess {
  return spawn(join(place.programs, 'bin', program), args, {
    ...place.user,
    cwd: '/',
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' },
  });
}

/** The last words of a process. */
function collect(child: ChildProcess): () => string {
  let text = '';
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    text = (text + chunk).slice(-4000);
  });
  return () => text;
}

async function storedPassword(path: string): Promise<string> {
  const stored = await readFile(path, 'utf8').catch(() => undefined);
  if (stored !== undefined) return stored.trim();
  const password = randomBytes(24).toString('base64url');
  await writeFile(path, `${password}\n`, { mode: 0o600 });
  return password;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

function notUp(what: string, words: string): SwitchError {
  return new SwitchError('SWITCH_STORE_UNAVAILABLE', `${what}: ${words.trim()}`);
}
