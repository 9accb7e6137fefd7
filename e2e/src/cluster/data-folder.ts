import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** What a cluster keeps between its runs, in the folder that `make run` may use as well. */
export interface DataFolder {
  readonly path: string;
  /** File of the key that seals passwords and tokens. */
  readonly secretKeyFile: string;
  /** Folder of a log per process. */
  readonly logs: string;
  /** Tells this folder's database, keys and topic from others'. */
  readonly id: string;
  /** Lets another switch have the folder. */
  release(): void;
}

/**
 * Takes a data folder for this process, and makes its key and id at the first start.
 * @throws Error where a running switch has it
 */
export function openDataFolder(folder: string): DataFolder {
  // The processes of the cluster run in folders of their own.
  const path = resolve(folder);
  const logs = join(path, 'cluster');
  mkdirSync(logs, { recursive: true });
  const lock = join(path, 'lock');
  takeLock(lock, path);
  const secretKeyFile = join(path, 'secret-key');
  readOrMake(secretKeyFile, () => `${randomBytes(32).toString('base64')}\n`);
  const id = readOrMake(join(logs, 'id'), () => randomBytes(4).toString('hex'));
  const release = (): void => {
    rmSync(lock, { force: true });
  };
  return { path, secretKeyFile, logs, id, release };
}

function takeLock(lock: string, path: string): void {
  const holder = Number(readOr(lock, '0'));
  if (holder > 0 && holder !== process.pid && isSwitch(holder)) {
    throw new Error(
      `process ${String(holder)} runs on ${path}: stop it, or set TANDEM_DATA_DIR to another folder`,
    );
  }
  writeFileSync(lock, String(process.pid));
}

/** The number may by now be another program's. */
function isSwitch(pid: number): boolean {
  const command = readOr(`/proc/${String(pid)}/cmdline`, '');
  return command.includes('node') && command.includes('main.ts');
}

function readOrMake(file: string, make: () => string): string {
  const present = readOr(file, '').trim();
  if (present !== '') return present;
  const made = make();
  writeFileSync(file, made, { mode: 0o600 });
  return made.trim();
}

function readOr(file: string, otherwise: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return otherwise;
  }
}
