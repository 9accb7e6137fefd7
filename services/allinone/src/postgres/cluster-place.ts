import { createHash } from 'node:crypto';
import { chown, cp, mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

/** Where a cluster lives and as whom it runs. */
export interface ClusterPlace {
  /** Folder with `bin`, `lib` and `share`. */
  readonly programs: string;
  /** Folder of the database. */
  readonly data: string;
  /** Set where this process is root, which PostgreSQL refuses to run as. */
  readonly user: { readonly uid: number; readonly gid: number } | undefined;
}

/** Root's clusters that cannot live in the data folder: it or the programs lie below a folder closed to others. */
const OPEN_FOLDER = '/var/lib/tandem-embedded';

/**
 * Finds a place for the cluster of a data folder. As root PostgreSQL runs as another user, who must be able to reach
 * its files: where a folder above them is closed (a home of root, a `mktemp -d`), both are kept below
 * /var/lib/tandem-embedded, under a name made from the data folder.
 */
export async function clusterPlace(dataDir: string, programs: string): Promise<ClusterPlace> {
  const inside = join(resolve(dataDir), 'postgres');
  if (process.getuid?.() !== 0) {
    await mkdir(inside, { recursive: true });
    return { programs, data: inside, user: undefined };
  }
  const user = await unprivilegedUser();
  await mkdir(resolve(dataDir), { recursive: true });
  const isReachable = (await isOpen(dirname(inside))) && (await isOpen(programs));
  if (isReachable) return { programs, data: await owned(inside, user), user };

  const name = createHash('sha256').update(resolve(dataDir)).digest('hex').slice(0, 12);
  const folder = join(OPEN_FOLDER, name);
  await mkdir(folder, { recursive: true });
  const copy = join(folder, 'programs');
  await copyOnce(programs, copy);
  return { programs: copy, data: await owned(join(folder, 'postgres'), user), user };
}

/** Whether others may pass through a folder and all above it. */
async function isOpen(folder: string): Promise<boolean> {
  const { mode } = await stat(folder);
  if ((mode & 0o001) === 0) return false;
  const parent = dirname(folder);
  return parent === folder || isOpen(parent);
}

async function owned(
  folder: string,
  user: { readonly uid: number; readonly gid: number },
): Promise<string> {
  await mkdir(folder, { recursive: true });
  await chown(folder, user.uid, user.gid);
  return folder;
}

/** A copy that was cut short is not taken for a whole one. */
async function copyOnce(from: string, to: string): Promise<void> {
  const isThere = await stat(to).then(
    () => true,
    () => false,
  );
  if (isThere) return;
  const partial = `${to}.partial`;
  await rm(partial, { recursive: true, force: true });
  await cp(from, partial, { recursive: true, verbatimSymlinks: true });
  await rename(partial, to);
}

/** The user `postgres` where there is one, else `nobody`: initdb wants a user with a name. */
async function unprivilegedUser(): Promise<{ uid: number; gid: number }> {
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  const entry =
    lines.find(([name]) => name === 'postgres') ?? lines.find(([name]) => name === 'nobody');
  return { uid: Number(entry?.[2] ?? 65_534), gid: Number(entry?.[3] ?? 65_534) };
}
