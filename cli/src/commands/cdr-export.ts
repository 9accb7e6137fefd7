import type { Command } from 'commander';
import type { CommandContext } from '../run-cli.ts';
import { writeFileOf } from '../write-file.ts';

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
      await writeFileOf(file, chunks);
      context.output().line(`Written to ${file}.`);
    });
}
