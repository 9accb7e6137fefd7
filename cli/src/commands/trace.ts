import type { Command } from 'commander';
import { segment, type Json } from '../api-client.ts';
import { CliError, exitCodes } from '../cli-error.ts';
import { lineOf, rawOf } from '../ladder.ts';
import { column, listAt, objectAt, textAt, timeAt, timeColumn, type Output } from '../output.ts';
import type { CommandContext } from '../run-cli.ts';
import { writeCapture } from './messages.ts';

const COLUMNS = [
  column('TRACE', 'id'),
  column('OF', 'about'),
  timeColumn('SINCE (UTC)', 'created'),
  timeColumn('UNTIL (UTC)', 'until'),
  timeColumn('ENDED (UTC)', 'ended'),
  column('MESSAGES', 'messages', 'right'),
  column('BY', 'createdBy'),
] as const;

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };
/** Seconds that the API waits for a message before it answers without one. */
const WAIT = '20';

interface Options {
  readonly address?: string;
  readonly gateway?: string;
  readonly phone?: string;
  readonly number?: string;
  readonly for: string;
  readonly raw?: boolean;
  readonly pcap?: string;
}

/** trace, trace list, trace read, trace end. */
export function addTraceCommands(program: Command, context: CommandContext): void {
  const trace = program
    .command('trace')
    .description(
      'watch SIP messages as they pass, over all pods; it ends by itself, or with Ctrl-C',
    )
    .option('--address <address>', 'of a peer: an IP address or a CIDR block')
    .option('--gateway <name>', 'mapping or routing gateway')
    .option('--phone <username>')
    .option('--number <number>', 'who calls or is called')
    .option('--for <time>', 'how long: 30s, 5m, 2h', '5m')
    .option('--raw', 'whole messages')
    .option('--pcap <file>', 'write them into a capture file at the end, too')
    .action((options: Options) => watch(options, context));

  trace
    .command('list')
    .description('list traces that go on, and those of late')
    .action(async () => {
      const answer = await context.api().json({ path: '/traces' });
      context.output().rows(listAt(answer, 'traces'), COLUMNS, 'There is no trace.');
    });

  trace
    .command('read')
    .description('show what a trace has')
    .argument('<trace>', 'as listed')
    .option('--raw', 'whole messages')
    .option('--pcap <file>', 'write a capture file instead')
    .action(async (id: string, _options: object, command: Command) => {
      const { pcap, raw } = command.optsWithGlobals<Pick<Options, 'pcap' | 'raw'>>();
      if (pcap === undefined) await follow(id, { isRaw: raw === true, wait: '0' }, context);
      else await capture(id, pcap, context);
    });

  trace
    .command('end')
    .description('end a trace; what it has can still be read')
    .argument('<trace>', 'as listed')
    .action(async (id: string) => {
      const answer = await end(id, context);
      const output = context.output();
      if (output.isJson) output.object(answer);
      else output.line(`The trace of ${textAt(answer, 'about')} is ended.`);
    });
}

async function watch(options: Options, context: CommandContext): Promise<void> {
  const { address, gateway, number, pcap, phone, raw } = options;
  const body = JSON.stringify({ address, gateway, number, phone, seconds: secondsOf(options.for) });
  const headers = { 'content-type': 'application/json' };
  const created = await context.api().json({ method: 'POST', path: '/traces', headers, body });
  const id = textAt(created, 'id');
  const until = timeAt(created, 'until').split(' ')[1] ?? '';
  const output = context.output();
  output.line(`Trace ${id} of ${textAt(created, 'about')}, until ${until} UTC.`);
  const interrupted = context.untilInterrupted();
  await follow(id, { isRaw: raw === true, wait: WAIT, interrupted }, context);
  if (interrupted.aborted) await end(id, context);
  if (pcap !== undefined) await capture(id, pcap, context);
}

interface Following {
  readonly isRaw: boolean;
  /** Seconds; 0: what is there. */
  readonly wait: string;
  readonly interrupted?: AbortSignal | undefined;
}

/** Shows messages as they come until the trace has ended or somebody interrupts; without waiting, those that are there. */
async function follow(
  id: string,
  { interrupted, isRaw, wait }: Following,
  context: CommandContext,
): Promise<void> {
  const output = context.output();
  let after = '';
  for (;;) {
    const page = await readPage(id, { after, wait, interrupted }, context);
    if (page === undefined) return;
    const messages = listAt(page, 'messages');
    for (const message of messages) write(message, isRaw, output);
    after = textAt(page, 'next');
    const trace = objectAt(page, 'trace');
    const isOver = textAt(trace, 'ended') !== '' || wait === '0';
    if (messages.length > 0 || !isOver) continue;
    if (wait !== '0') output.line(`Ended with ${textAt(trace, 'messages')} messages.`);
    return;
  }
}

/** Undefined where somebody interrupts. */
async function readPage(
  id: string,
  { interrupted, ...query }: Omit<Following, 'isRaw'> & { readonly after: string },
  context: CommandContext,
): Promise<Json | undefined> {
  const read = context.api().json({ path: `/traces/${segment(id)}/messages`, query });
  if (interrupted === undefined) return read;
  if (interrupted.aborted) return undefined;
  const isInterrupted = new Promise<undefined>((resolve) => {
    interrupted.addEventListener('abort', () => {
      resolve(undefined);
    });
  });
  return Promise.race([read, isInterrupted]);
}

function write(message: Json, isRaw: boolean, output: Output): void {
  if (output.isJson) output.object(message);
  else if (isRaw) output.raw(rawOf(message));
  else output.line(lineOf(message));
}

function end(id: string, context: CommandContext): Promise<Json> {
  return context.api().json({ method: 'DELETE', path: `/traces/${segment(id)}` });
}

async function capture(id: string, file: string, context: CommandContext): Promise<void> {
  const path = `/traces/${segment(id)}/messages`;
  await writeCapture(file, await context.api().bytes({ path, query: { format: 'pcap' } }));
  context.output().line(`Written to ${file}.`);
}

function secondsOf(text: string): number {
  const [, count = '', unit = ''] = /^(\d{1,5})([smh])$/.exec(text) ?? [];
  const seconds = Number(count) * (UNITS[unit] ?? 0);
  if (seconds >= 1 && seconds <= 86_400) return seconds;
  throw new CliError(exitCodes.usage, `--for is "${text}": write 30s, 5m or 2h, at most 24h.`);
}
