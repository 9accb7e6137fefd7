import { Command, CommanderError } from 'commander';
import { ApiClient } from './api-client.ts';
import { CliError, exitCodes } from './cli-error.ts';
import { addAccountCommands } from './commands/accounts.ts';
import { addCallCommands } from './commands/calls.ts';
import { addConfigurationCommands } from './commands/configuration.ts';
import { addEdgeCommands } from './commands/edge.ts';
import { addEntryCommands } from './commands/entries.ts';
import { addExplainCommand, withCallIdLast } from './commands/explain.ts';
import { addGatewayCommands } from './commands/gateways.ts';
import { addJournalCommand } from './commands/journal.ts';
import { addMessagesCommand } from './commands/messages.ts';
import { addNumberListCommands } from './commands/number-lists.ts';
import { addOperationCommands } from './commands/operation.ts';
import { addOutboundRegistrationCommands } from './commands/outbound-registrations.ts';
import { addParameterCommands } from './commands/parameters.ts';
import { addRegistrationCommands } from './commands/registrations.ts';
import { addTraceCommands } from './commands/trace.ts';
import { Output } from './output.ts';

/** What a command line is run in. */
export interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  readonly stdin: AsyncIterable<Buffer | string>;
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  readonly fetch: typeof fetch;
  /** Columns of the terminal. @default 120 */
  readonly width?: number | undefined;
  /** From now on Ctrl-C aborts this, and ends nothing else. @default it ends the process */
  readonly untilInterrupted?: (() => AbortSignal) | undefined;
}

/** What every command is given. */
export interface CommandContext {
  readonly stdin: AsyncIterable<Buffer | string>;
  api(): ApiClient;
  output(): Output;
  /** Columns of the terminal. */
  readonly width: number;
  untilInterrupted(): AbortSignal;
}

interface GlobalOptions {
  readonly api: string;
  readonly tokenFile: string;
  readonly json?: boolean;
}

/** Runs one command line and answers the exit code. */
export async function runCli(args: readonly string[], around: Surroundings): Promise<number> {
  const program = buildProgram(around);
  try {
    await program.parseAsync([...withCallIdLast(args, program)], { from: 'user' });
    return exitCodes.done;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodes.usage;
    if (!(error instanceof CliError)) throw error;
    report(error, program.opts<GlobalOptions>().json === true, around);
    return error.exitCode;
  }
}

function buildProgram(around: Surroundings): Command {
  const { env } = around;
  const program = new Command('tandem')
    .description('Operates a Tandem switch over its REST API.')
    .option(
      '--api <url>',
      'address of the API (TANDEM_API)',
      env['TANDEM_API'] ?? 'http://127.0.0.1:8080',
    )
    .option(
      '--token-file <file>',
      'file with the token (TANDEM_TOKEN_FILE)',
      env['TANDEM_TOKEN_FILE'] ?? `${env['TANDEM_DATA_DIR'] ?? '.tandem'}/api-token`,
    )
    .option('--json', 'print one JSON object a line')
    .showHelpAfterError('Try tandem help.')
    .addHelpText(
      'after',
      '\nExit codes: 0 done, 1 refused, 2 wrong usage, 3 cannot be reached, 4 not authenticated.',
    )
    .exitOverride()
    .configureOutput({ writeOut: around.stdout, writeErr: around.stderr });
  const context: CommandContext = {
    stdin: around.stdin,
    width: around.width ?? 120,
    untilInterrupted: around.untilInterrupted ?? (() => new AbortController().signal),
    api: () => {
      const { api, tokenFile } = program.opts<GlobalOptions>();
      return new ApiClient({ url: api, tokenFile, fetch: around.fetch });
    },
    output: () => new Output(around.stdout, program.opts<GlobalOptions>().json === true),
  };
  addConfigurationCommands(program, context);
  addEntryCommands(program, context);
  addParameterCommands(program, context);
  addNumberListCommands(program, context);
  addCallCommands(program, context);
  addExplainCommand(program, context);
  addMessagesCommand(program, context);
  addTraceCommands(program, context);
  addAccountCommands(program, context);
  addOperationCommands(program, context);
  addGatewayCommands(program, context);
  addRegistrationCommands(program, context);
  addJournalCommand(program, context);
  addOutboundRegistrationCommands(program, context);
  addEdgeCommands(program, context);
  return program;
}

function report(error: CliError, isJson: boolean, around: Surroundings): void {
  around.stderr(`tandem: ${error.message}\n`);
  for (const detail of error.details) {
    if (isJson) around.stdout(`${JSON.stringify(detail)}\n`);
    else {
      const line = detail.line === undefined ? '' : ` (line ${String(detail.line)})`;
      around.stderr(`  ${detail.path}${line}: ${detail.message}\n`);
    }
  }
}
