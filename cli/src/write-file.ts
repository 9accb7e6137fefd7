import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { CliError, exitCodes } from './cli-error.ts';

/** Writes what comes into a file. What breaks off leaves nothing under its name. @throws CliError */
export async function writeFileOf(file: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  const partPath = `${file}.part`;
  try {
    await pipeline(chunks, createWriteStream(partPath));
    await rename(partPath, file);
  } catch (error) {
    await rm(partPath, { force: true });
    if (error instanceof CliError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new CliError(exitCodes.usage, `${file} cannot be written: ${why}.`);
  }
}
