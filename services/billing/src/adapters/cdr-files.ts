import { createWriteStream } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { csvHead, csvLines } from '../core/cdr-csv.ts';
import type { CdrTexts } from '../core/cdr-csv.ts';

/** One file of CDRs: gzip CSV. */
export interface CdrFile {
  readonly folder: string;
  /** Whoever watches the folder sees it whole under this name, or not at all. */
  readonly name: string;
  readonly rows: AsyncIterable<readonly CdrTexts[]>;
  /** Columns behind those of every file. @default none */
  readonly further?: readonly string[];
}

/**
 * Writes a file beside its name, and gives it that name once all of it is on the disk; one of that name is replaced. Memory does not grow with it.
 * @returns how many CDRs are in it
 * @throws what the rows or the disk say; nothing of that name is there then, or what was there before
 */
export async function writeCdrFile({ folder, name, rows, further }: CdrFile): Promise<number> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, name);
  const partPath = join(folder, `.${name}.part`);
  let count = 0;
  async function* texts(): AsyncGenerator<string> {
    yield csvHead(further);
    for await (const some of rows) {
      count += some.length;
      yield csvLines(some);
    }
  }
  try {
    // On the disk before it is closed.
    const file = createWriteStream(partPath, { flush: true });
    await pipeline(Readable.from(texts()), createGzip(), file);
    await rename(partPath, path);
    await syncFolder(folder);
  } catch (error) {
    await rm(partPath, { force: true });
    throw error;
  }
  return count;
}

/** A name is on the disk when its folder is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
