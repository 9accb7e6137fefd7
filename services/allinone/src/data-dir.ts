import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SwitchError } from '@tandem/domain';

/** What one switch keeps: its key, its token, its database. */
export interface DataDir {
  /** File of the key that seals passwords and tokens. */
  readonly secretKeyFile: string;
  /** Counts the starts, so that a start is told from those before (edge.md §6.3). */
  readonly boot: number;
  /** Lets another switch have the folder. */
  release(): Promise<void>;
}

/**
 * Takes a data folder for this process, and makes its key at the first start.
 * @throws SwitchError SWITCH_CONFIGURATION_INVALID where a running switch has it.
 */
export async function openDataDir(path: string): Promise<DataDir> {
  await mkdir(path, { recursive: true });
  const lock = join(path, 'lock');
  await takeLock(lock, path);
  const secretKeyFile = join(path, 'secret-key');
  const key = await readFile(secretKeyFile).catch(() => undefined);
  if (key === undefined) {
    await writeFile(secretKeyFile, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600 });
  }
  const bootFile = join(path, 'boot');
  const boot = Number(await readFile(bootFile, 'utf8').catch(() => '0')) + 1;
  await writeFile(bootFile, String(boot));
  return { secretKeyFile, boot, release: () => rm(lock, { force: true }) };
}

async function takeLock(lock: string, path: string): Promise<void> {
  const holder = Number(await readFile(lock, 'utf8').catch(() => '0'));
  if (holder > 0 && holder !== process.pid && isSwitch(await commandOf(holder))) {
    throw new SwitchError(
      'SWITCH_CONFIGURATION_INVALID',
      `process ${String(holder)} runs on ${path}: stop it, or set TANDEM_DATA_DIR to another folder`,
    );
  }
  const file = await open(lock, 'w');
  await file.writeFile(String(process.pid));
  await file.close();
}

async function commandOf(pid: number): Promise<string> {
  return readFile(`/proc/${String(pid)}/cmdline`, 'utf8').catch(() => '');
}

/** The number may by now be another program's. */
function isSwitch(command: string): boolean {
  return command.includes('node') && command.includes('main.ts');
}
