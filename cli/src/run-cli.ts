import { Command, CommanderError } from 'commander';
import { ApiClient, type ApiSettings } from './api-client.ts';
import { CliError, exitCodes } from './cli-error.ts';
import { addAccountCommands } from './commands/accounts.ts';
import { addAlarmCommands } from './commands/alarms.ts';
import { addAuditCommand } from './commands/audit.ts';
import { addAnalysisCommands } from './commands/analysis.ts';
import { addCallCommands } from './commands/calls.ts';
import { addCompletionCommand } from './commands/completion.ts';
import { addConfigurationCommands } from './commands/configuration.ts';
import { addDisputeCommands } from './commands/disputes.ts';
import { addEdgeCommands } from './commands/edge.ts';
import { addEntryCommands } from './commands/entries.ts';
import { addExplainCommand, withCallIdLast } from './commands/explain.ts';
import { addGatewayCommands } from './commands/gateways.ts';
import { addImportCommands } from './commands/import.ts';
import { addInvoiceCommands } from './commands/invoices.ts';
import { addJournalCommand } from './commands/journal.ts';
import { addMessagesCommand } from './commands/messages.ts';
import { addNumberListCommands } from './commands/number-lists.ts';
import { addOperationCommands } from './commands/operation.ts';
import { addOutboundRegistrationCommands } from './commands/outbound-registrations.ts';
import { addParameterCommands } from './commands/parameters.ts';
import { addRateCommands } from './commands/rates.ts';
import { addRegistrationCommands } from './commands/registrations.ts';
import { addReratingCommands } from './commands/reratings.ts';
import { addReplayCommands } from './commands/replay.ts';
import { addShadowCommand } from './commands/shadow.ts';
import { addSignInCommands } from './commands/sign-in.ts';
import { addTokenCommands } from './commands/tokens.ts';
import { addUserCommands } from './commands/users.ts';
import { addTraceCommands } from './commands/trace.ts';
import { Output } from './output.ts';
import { firstLine } from './read-input.ts';
import { defaultTokenFile } from './token-place.ts';
import { progressBar } from './progress-bar.ts';

/** What a command line is run in. */
export interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  readonly stdin: AsyncIterable<Buffer | string>;
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  readonly fetch: typeof fetch;
  /** Whether what is written is looked at by somebody. @default false */
  readonly isTerminal?: boolean;
  /** Asks for a secret without showing it. @default the first line of standard input */
  readonly readSecret?: (question: string) => Promise<string>;
  /** Whether a person looks at standard error. @default nobody does */
  readonly isWatched?: boolean;
  /** Columns of the terminal. @default 120 */
  readonly width?: number | undefined;
  /** From now on Ctrl-C aborts this, and ends nothing else. @default it ends the process */
  readonly untilInterrupted?: (() => AbortSignal) | undefined;
}

/** What every command is given. */
export interface CommandContext {
  readonly stdin: AsyncIterable<Buffer | string>;
  readonly isTerminal: boolean;
  readonly env: NodeJS.ProcessEnv;
  readSecret(question: string): Promise<string>;
  settings(): ApiSettings;
  /** Writes text as it is to standard output. */
  readonly write: (text: string) => void;
  api(): ApiClient;
  output(): Output;
  /** Shows how far a long command is, to whom looks. */
  progress(done: number, of: number): void;
  /** Columns of the terminal. */
  readonly width: number;
  /** Aborted once somebody wants a command that runs on to end. */
  untilInterrupted(): AbortSignal;
}

interface GlobalOptions {
  readonly api: string;
  readonly tokenFile?: string;
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
      'file with the token (TANDEM_TOKEN_FILE); by default that of tandem sign-in, else api-token of the data directory',
      env['TANDEM_TOKEN_FILE'],
    )
    .option('--json', 'print one JSON object a line')
    .showHelpAfterError('Try tandem help.')
    .addHelpText(
      'after',
      '\nExit codes: 0 done, 1 refused, 2 wrong usage, 3 cannot be reached, 4 not authenticated.',
    )
    .exitOverride()
    .configureOutput({ writeOut: around.stdout, writeErr: around.stderr });
  const settings = (): ApiSettings => {
    const { api, tokenFile } = program.opts<GlobalOptions>();
    const file = tokenFile ?? defaultTokenFile(api, env);
    return { url: api, tokenFile: file, fetch: around.fetch };
  };
  const context: CommandContext = {
    stdin: around.stdin,
    write: around.stdout,
    env,
    isTerminal: around.isTerminal === true,
    readSecret: around.readSecret ?? (() => firstLine(around.stdin)),
    settings,
    width: around.width ?? 120,
    untilInterrupted: around.untilInterrupted ?? (() => new AbortController().signal),
    api: () => new ApiClient(settings()),
    progress: (done, of) => {
      if (around.isWatched === true) around.stderr(progressBar(done, of));
    },
    output: () => new Output(around.stdout, program.opts<GlobalOptions>().json === true),
  };
  addConfigurationCommands(program, context);
  addEntryCommands(program, context);
  addParameterCommands(program, context);
  addNumberListCommands(program, context);
  addRateCommands(program, context);
  addImportCommands(program, context);
  addCallCommands(program, context);
  addAnalysisCommands(program, context);
  addExplainCommand(program, context);
  addMessagesCommand(program, context);
  addTraceCommands(program, context);
  addAccountCommands(program, context);
  addInvoiceCommands(program, context);
  addDisputeCommands(program, context);
  addReratingCommands(program, context);
  addOperationCommands(program, context);
  addShadowCommand(program, context);
  addReplayCommands(program, context);
  addGatewayCommands(program, context);
  addAlarmCommands(program, context);
  addRegistrationCommands(program, context);
  addJournalCommand(program, context);
  addOutboundRegistrationCommands(program, context);
  addEdgeCommands(program, context);
  addSignInCommands(program, context);
  addUserCommands(program, context);
  addTokenCommands(program, context);
  addAuditCommand(program, context);
  addCompletionCommand(program, context);
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
