import type { Command } from 'commander';
import { CliError, exitCodes } from '../cli-error.ts';
import type { CommandContext } from '../run-cli.ts';
import { compareCdrs } from '../shadow/compare-cdrs.ts';
import { listenShadow } from '../shadow/listen-shadow.ts';

interface ShadowOptions {
  readonly mapping?: string;
  readonly listen?: string;
  readonly hepKeyFile?: string;
  readonly calls?: string;
  readonly seconds?: string;
  readonly all?: boolean;
}

const RULE = `
Nothing is sent to any gateway: routing is asked for its analysis, as by tandem route. Of --listen the switch sends
copies by HEP 3, as Kamailio's siptrace, sngrep and captagent do; Ctrl-C ends it with the summary. With --json each
call is an object, and the summary the last. docs/migration.md has the mapping file and Kamailio's settings.`;

/** shadow: where routing would have decided otherwise than another switch. */
export function addShadowCommand(program: Command, context: CommandContext): void {
  program
    .command('shadow')
    .description("say where routing would have decided otherwise than another switch's calls went")
    .argument('[file]', 'CDRs of the other switch, as CSV')
    .option('-m, --mapping <file>', 'YAML: which column of the CDRs is what')
    .option('--listen <address>', 'take a copy of its packets: hep:0.0.0.0:9060')
    .option('--hep-key-file <file>', 'file with the key that copies must have')
    .option('--calls <number>', 'end after so many calls of --listen')
    .option('--seconds <number>', 'end after so long')
    .option('--all', 'tell of every call, not only where the decisions differ')
    .addHelpText('after', RULE)
    .action(async (file: string | undefined, options: ShadowOptions) => {
      const { all, hepKeyFile, listen, mapping } = options;
      if ((file === undefined) === (listen === undefined)) {
        throw new CliError(exitCodes.usage, 'Name a file with CDRs, or --listen hep:ADDRESS:PORT.');
      }
      const isAll = all === true;
      if (listen !== undefined) {
        const calls = countOf('--calls', options.calls);
        const seconds = countOf('--seconds', options.seconds);
        await listenShadow({ listen, keyFile: hepKeyFile, calls, seconds, isAll }, context);
      } else if (file !== undefined && mapping !== undefined) {
        await compareCdrs({ file, mapping, isAll }, context);
      } else {
        throw new CliError(exitCodes.usage, 'CDRs need --mapping FILE: which column is what.');
      }
    });
}

function countOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined || /^[1-9]\d{0,8}$/.test(text)) {
    return text === undefined ? undefined : Number(text);
  }
  throw new CliError(exitCodes.usage, `${name} is "${text}", must be a whole number from 1.`);
}
