import { readFile } from 'node:fs/promises';
import { CliError, exitCodes, type Detail } from '../cli-error.ts';

/** A file as it is. @throws CliError where it cannot be read */
export async function readBytes(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CliError(exitCodes.usage, `${file} cannot be read: ${why}.`);
  }
}

/** Runs what reads a file; what is wrong with the file is told as a refusal. */
export async function readable<Result>(read: () => Result): Promise<Result> {
  const { MappingMistakes, UnreadableFile } = await import('@tandem/migration');
  try {
    return read();
  } catch (error) {
    if (error instanceof MappingMistakes) {
      const mistakes: readonly Detail[] = error.mistakes;
      throw new CliError(exitCodes.refused, `${error.message}; nothing was changed.`, mistakes);
    }
    if (!(error instanceof UnreadableFile)) throw error;
    throw new CliError(exitCodes.refused, `${error.message}. Nothing was changed.`);
  }
}
