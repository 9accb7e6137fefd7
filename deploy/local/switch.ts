import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { serviceNames, services, type Service, type ServiceName } from '@tandem/config';

const root = join(import.meta.dirname, '../..');
const folder = join(process.env['TANDEM_LOCAL_DIR'] ?? join(root, '.local'), 'switch');
const firstPort = Number(process.env['TANDEM_LOCAL_SWITCH_PORT'] ?? '21500');
const READY_MS = 30_000;
const STOP_MS = 30_000;

try {
  await run(process.argv[2]);
} catch (error) {
  console.error(`switch: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}

async function run(command: string | undefined): Promise<void> {
  switch (command) {
    case 'start':
      await start();
      break;
    case 'stop':
      await stop();
      break;
    case 'status':
      for (const name of serviceNames) printRunning(name);
      break;
    default:
      throw new Error('say start, stop or status');
  }
}

async function start(): Promise<void> {
  const stores = spawnSync(join(root, 'deploy/local/stores'), ['start'], { stdio: 'inherit' });
  if (stores.status !== 0) throw new Error('the stores did not start');
  mkdirSync(folder, { recursive: true });
  const shared = { ...sharedSettings(), ...relaySettings() };
  for (const name of serviceNames) {
    if (pidOf(name) === undefined) launch(name, shared);
    await untilIs('healthz', name);
  }
  await untilIs('readyz', 'api');
  await loadExample(shared);
  for (const name of serviceNames) {
    await untilIs('readyz', name);
    printRunning(name);
  }
}

/** A switch without a configuration takes no calls: the first start gets the example, as `make run` does. */
async function loadExample(shared: NodeJS.ProcessEnv): Promise<void> {
  const api = `http://${String(shared['TANDEM_API_LISTEN'])}`;
  const tokenFile = join(String(shared['TANDEM_DATA_DIR']), 'api-token');
  const headers = { authorization: `Bearer ${readFileSync(tokenFile, 'utf8').trim()}` };
  const current = await fetch(`${api}/api/v1/configuration`, { headers });
  if (current.status !== 404) return;
  const apply = [
    '--api',
    api,
    '--token-file',
    tokenFile,
    'apply',
    '-f',
    'examples/first-call.yaml',
  ];
  const { status } = spawnSync(process.execPath, ['cli/src/main.ts', ...apply], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) throw new Error('the example was not taken');
}

/** Stops in the opposite order, so that nothing is asked of a service that has gone. */
async function stop(): Promise<void> {
  for (const name of serviceNames.toReversed()) {
    const pid = pidOf(name);
    if (pid === undefined) continue;
    process.kill(pid, 'SIGTERM');
    const deadline = Date.now() + STOP_MS;
    while (pidOf(name) !== undefined) {
      if (Date.now() > deadline) process.kill(pid, 'SIGKILL');
      await sleep(50);
    }
    rmSync(pidFile(name), { force: true });
  }
  spawnSync(join(root, 'deploy/local/relay'), ['stop'], { stdio: 'inherit' });
}

/** The local media relay, where it starts: calls whose media passes need none. */
function relaySettings(): NodeJS.ProcessEnv {
  const given = process.env['TANDEM_RTPENGINES'];
  if (given !== undefined) return { TANDEM_RTPENGINES: given };
  const { status } = spawnSync(join(root, 'deploy/local/relay'), ['start'], { stdio: 'inherit' });
  const port = process.env['TANDEM_LOCAL_RELAY_PORT'] ?? '21223';
  return status === 0 ? { TANDEM_RTPENGINES: `udp:127.0.0.1:${port}` } : {};
}

function launch(name: ServiceName, shared: NodeJS.ProcessEnv): void {
  const log = openSync(join(folder, `${name}.log`), 'a');
  const child = spawn(process.execPath, ['src/main.ts'], {
    cwd: join(root, 'services', name),
    env: {
      ...process.env,
      ...shared,
      TANDEM_GRPC_LISTEN: grpcAddress(name),
      TANDEM_ADMIN_LISTEN: adminAddress(name),
    },
    stdio: ['ignore', log, log],
    detached: true,
  });
  child.unref();
  if (child.pid !== undefined) writeFileSync(pidFile(name), String(child.pid));
}

function sharedSettings(): NodeJS.ProcessEnv {
  const { env } = process;
  const settings: Record<string, string> = {
    TANDEM_DATA_DIR: folder,
    TANDEM_SECRET_KEY_FILE: secretKeyFile(),
    TANDEM_SIP_LISTEN: '127.0.0.1:5060',
    TANDEM_API_LISTEN: '127.0.0.1:8080',
    TANDEM_REDIS_URL: `redis://127.0.0.1:${env['TANDEM_LOCAL_REDIS_PORT'] ?? '21379'}`,
    TANDEM_POSTGRES_URL: `postgres://tandem@127.0.0.1:${env['TANDEM_LOCAL_POSTGRES_PORT'] ?? '21432'}/tandem`,
    TANDEM_KAFKA_BROKERS: `127.0.0.1:${env['TANDEM_LOCAL_KAFKA_PORT'] ?? '21092'}`,
  };
  for (const name of serviceNames) {
    const { address }: Service = services[name];
    if (address !== undefined) settings[address] = grpcAddress(name);
  }
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [name, env[name] ?? value]),
  );
}

function secretKeyFile(): string {
  const file = join(folder, 'secret-key');
  if (!existsSync(file)) writeFileSync(file, randomBytes(32).toString('base64'), { mode: 0o600 });
  return file;
}

/** Waits until a service answers a probe with 200. */
async function untilIs(probe: 'healthz' | 'readyz', name: ServiceName): Promise<void> {
  const deadline = Date.now() + READY_MS;
  while (!(await answers(probe, name))) {
    if (pidOf(name) === undefined || Date.now() > deadline) {
      throw new Error(`${name} does not get ready: see ${join(folder, `${name}.log`)}`);
    }
    await sleep(50);
  }
}

async function answers(probe: string, name: ServiceName): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(1000);
    return (await fetch(`http://${adminAddress(name)}/${probe}`, { signal })).ok;
  } catch {
    // Nobody listens yet.
    return false;
  }
}

function grpcAddress(name: ServiceName): string {
  return `127.0.0.1:${String(firstPort + serviceNames.indexOf(name))}`;
}

function adminAddress(name: ServiceName): string {
  return `127.0.0.1:${String(firstPort + 10 + serviceNames.indexOf(name))}`;
}

function pidFile(name: ServiceName): string {
  return join(folder, `${name}.pid`);
}

/** Undefined where the process has ended, or where its id is another program's by now. */
function pidOf(name: ServiceName): number | undefined {
  try {
    const pid = Number(readFileSync(pidFile(name), 'utf8'));
    const commandLine = readFileSync(`/proc/${String(pid)}/cmdline`, 'utf8');
    return commandLine.includes('src/main.ts') ? pid : undefined;
  } catch {
    return undefined;
  }
}

function printRunning(name: ServiceName): void {
  const pid = pidOf(name);
  if (pid !== undefined) console.log(JSON.stringify({ name, pid }));
}
