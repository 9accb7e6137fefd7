import type { Command } from 'commander';
import { segment, type Json } from '../api-client.ts';
import { CliError, exitCodes } from '../cli-error.ts';
import { column, listAt, objectAt, textAt, timeAt, timeColumn, type Output } from '../output.ts';
import type { CommandContext } from '../run-cli.ts';
import { addExplainRegistration } from './journal.ts';

const COLUMNS = [
  timeColumn('TIME (UTC)', 'at'),
  column('FROM', 'caller'),
  column('TO', 'callee'),
  column('PHONE/GATEWAY', 'terminal'),
  column('SENT TO', 'gateway'),
  column('SOURCE', 'source'),
  column('WHY', 'text'),
  column('ID', 'id'),
] as const;

interface FindOptions {
  readonly from?: string;
  readonly to?: string;
  readonly at?: string;
  readonly within?: string;
  readonly phone?: string;
  readonly gateway?: string;
  readonly address?: string;
  readonly failed?: boolean;
  readonly lastFailure?: boolean;
  readonly limit?: string;
}

/** explain. */
export function addExplainCommand(program: Command, context: CommandContext): void {
  const explain = program
    .command('explain')
    .description(
      'say why a call or request went as it did, and what would change it: by its id, or by what is known of it',
    )
    .argument('[call-id]', "Tandem's call id, or the SIP Call-ID of either leg")
    .option('--from <number>', 'who called')
    .option('--to <number>', 'who was called')
    .option('--at <time>', 'when: "2 minutes ago", 14:05 (UTC), 2026-01-31T12:00:00Z')
    .option('--within <minutes>', 'so much earlier or later than --at (5)')
    .option('--phone <username>', 'calls of a phone and to it, and its registrations')
    .option('--gateway <name>', 'mapping or routing gateway')
    .option('--address <address>', 'where it came from')
    .option('--failed', 'what failed or was refused alone')
    .option('--last-failure', 'the last of those')
    .option('--limit <number>', 'at most so many (20)')
    .action(async (callId: string | undefined, options: FindOptions) => {
      if (callId !== undefined) {
        if (Object.keys(options).length > 0) {
          throw new CliError(exitCodes.usage, 'Give a call id, or options to find one; not both.');
        }
        await explainOne(callId, context);
      } else if (Object.keys(options).length === 0) {
        throw new CliError(
          exitCodes.usage,
          'Give a call id, or what is known: --from, --to, --at, --phone, --gateway, --address, --last-failure.',
        );
      } else {
        await find(options, context);
      }
    });
  addExplainRegistration(explain, context);
}

/**
 * A Call-ID may begin with a dash, and is no option then: what follows `explain` or `messages` and is none of its options is put where no
 * option can be.
 */
export function withCallIdLast(args: readonly string[], program: Command): readonly string[] {
  const at = args.findIndex((word) => word === 'explain' || word === 'messages');
  const callId = args[at + 1];
  if (at === -1 || callId?.startsWith('-') !== true || callId === '--') return args;
  const explain = program.commands.find((command) => command.name() === args[at]);
  const options = [...(explain?.options ?? []), ...program.options];
  const known = options.flatMap(({ long, short }) => [long, short]);
  const [name = ''] = callId.split('=');
  if (known.includes(name) || name === '--help' || name === '-h') return args;
  return [...args.slice(0, at + 1), ...args.slice(at + 2), '--', callId];
}

async function find(options: FindOptions, context: CommandContext): Promise<void> {
  const { address, at, failed, from, gateway, lastFailure, limit, phone, to, within } = options;
  const isLast = lastFailure === true;
  const query = {
    caller: from,
    callee: to,
    at,
    within,
    phone,
    gateway,
    address,
    failed: isLast || failed === true ? 'true' : undefined,
    limit: isLast ? '1' : limit,
  };
  const answer = await context.api().json({ path: '/explain', query });
  const output = context.output();
  const candidates = listAt(answer, 'candidates');
  const missing = answer['missing'];
  if (Array.isArray(missing) && missing.length > 0) {
    output.line(`Could not be asked, and may be missing: ${missing.join(', ')}.`);
  }
  const [only] = candidates;
  if (only !== undefined && candidates.length === 1) {
    await explainOne(textAt(only, 'id'), context);
    return;
  }
  output.rows(
    candidates,
    COLUMNS,
    'Nothing fits: no call, no refused request, no registration. What never reached the switch leaves no trace here: see the address and port it is sent to, and firewalls between.',
  );
  if (candidates.length > 0) output.line('Explain one of them by its ID: tandem explain ID');
  if (answer['hasMore'] === true) output.line('There are more; see them with --limit.');
}

async function explainOne(callId: string, context: CommandContext): Promise<void> {
  const answer = await context.api().json({ path: `/explain/${segment(callId)}` });
  const output = context.output();
  if (output.isJson) output.object(answer);
  else {
    writeExplanation(answer, output);
    output.line(`SIP messages: tandem messages ${shellWord(callId)}`);
  }
}

/** A Call-ID is what a stranger has written: as a shell takes it for one word. */
function shellWord(text: string): string {
  return /^[\w@.:+/-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

function writeExplanation(answer: Json, output: Output): void {
  output.line(textAt(answer, 'summary'));
  const missing = answer['missing'];
  if (Array.isArray(missing) && missing.length > 0) {
    output.line(`Could not be asked, and may know more: ${missing.join(', ')}.`);
  }
  const evidence = answer['evidence'];
  if (Array.isArray(evidence)) for (const line of evidence) output.line(`  ${String(line)}`);
  if (textAt(answer, 'change') !== '')
    output.line(`What would change it: ${textAt(answer, 'change')}`);
  const attempts = listAt(answer, 'attempts');
  if (attempts.length > 0) output.line('Attempts');
  for (const [index, attempt] of attempts.entries()) {
    output.line(`  ${String(index + 1)}. ${textAt(attempt, 'text')}`);
  }
  writeSteps(answer, output);
  writeEntries(answer, output);
  const others = answer['others'];
  if (Array.isArray(others) && others.length > 0) {
    output.line(`Other calls with this Call-ID: ${others.join(', ')}`);
  }
}

/** What the journal has with this Call-ID: where it is the explanation itself, once is enough. */
function writeEntries(answer: Json, output: Output): void {
  const entries = listAt(answer, 'entries');
  const told = entries.filter((entry) => textAt(entry, 'text') !== textAt(answer, 'summary'));
  if (told.length > 0) output.line('Journal');
  for (const entry of told) output.line(`  ${timeAt(entry, 'last')}  ${textAt(entry, 'text')}`);
}

/** Every decision with its time and who took it; used for the analysis of a route, too. */
export function writeSteps(answer: Json, output: Output): void {
  const steps = listAt(answer, 'steps');
  if (steps.length > 0) output.line('Steps');
  for (const step of steps) {
    const decision = objectAt(step, 'decision');
    const time = timeAt(decision, 'at').split(' ')[1] ?? '';
    const service = textAt(decision, 'service').padEnd(7);
    output.line(`  ${time.padEnd(8)}  ${service}  ${textAt(step, 'text')}`);
  }
}
