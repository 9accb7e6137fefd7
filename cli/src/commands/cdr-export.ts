import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import { CliError, exitCodes } from '../cli-error.ts';
import type { CommandContext } from '../run-cli.ts';

/** What narrows a list of CDRs, as commander gives it. */
export type CdrOptions = Readonly<Record<string, string | boolean | undefined>>;

const FILTERS = ['from', 'until', 'account', 'gateway', 'caller', 'callee', 'reason', 'address', 'callerPrefix', 'calleePrefix', 'code'] as const; // prettier-ignore

/** The same as the API takes it. */
export function cdrQuery(options: CdrOptions): Record<string, string | undefined> {
  const given = FILTERS.map((name) => [name, options[name]] as const);
  return {
    ...(Object.fromEntries(given) as Record<string, string | undefined>),
    failed: options['failed'] === true ? 'true' : undefined,
  };
}

/** cdrs export: all that match, however many. */
export function addCdrExport(cdrs: Command, context: CommandContext): void {
  cdrs
    .command('export')
    .description('write all CDRs that match as CSV, oldest first; options as of cdrs, but --limit')
    .option(
      '-o, --output <file>',
      'where to; standard output where it is not given. One that ends with .gz is packed',
    )
    .action(async ({ output: file }: { readonly output?: string }, command: Command) => {
      const query = cdrQuery(command.optsWithGlobals<CdrOptions>());
      const isPacked = file?.endsWith('.gz') === true;
      const request = {
        path: '/cdr-export',
        query: { ...query, gzip: isPacked ? 'true' : undefined },
      };
      const chunks = context.api().chunks(request);
      if (file === undefined) {
        const decoder = new TextDecoder();
        for await (const chunk of chunks) context.write(decoder.decode(chunk, { stream: true }));
        return;
      }
      await toFile(file, chunks);
      context.output().line(`Written to ${file}.`);
    });
}

/** What breaks off leaves nothing under the name of the file. */
async function toFile(file: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
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
