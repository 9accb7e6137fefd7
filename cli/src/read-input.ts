import { readFile } from 'node:fs/promises';
import { CliError, exitCodes } from './cli-error.ts';
import type { CommandContext } from './run-cli.ts';

/** A file as text; - is standard input. @throws CliError where it cannot be read */
export async function readInput(
  file: string,
  context: Pick<CommandContext, 'stdin'>,
): Promise<string> {
  if (file === '-') {
    const chunks: Buffer[] = [];
    for await (const chunk of context.stdin) chunks.push(Buffer.from(chunk));
    return Buffer.concat(chunks).toString('utf8');
  }
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CliError(exitCodes.usage, `${file} cannot be read: ${why}.`);
  }
}

/** The first line of standard input. */
export async function firstLine(stdin: CommandContext['stdin']): Promise<string> {
  const text = await readInput('-', { stdin });
  return text.split(/\r?\n/)[0] ?? '';
}
