import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { segment } from '../api-client.ts';
import { CliError, exitCodes } from '../cli-error.ts';
import { ladderOf, rawOf } from '../ladder.ts';
import { listAt, timeAt, textAt } from '../output.ts';
import type { CommandContext } from '../run-cli.ts';

interface Options {
  readonly raw?: boolean;
  readonly pcap?: string;
  readonly from?: string;
  readonly until?: string;
}

/** messages. */
export function addMessagesCommand(program: Command, context: CommandContext): void {
  const messages = program
    .command('messages')
    .description('show the SIP messages of a call, refused request or registration as a ladder')
    .argument(
      '<call-id>',
      "Tandem's call id, the SIP Call-ID of either leg, or a journal entry's id",
    );
  shown(messages).action(async (callId: string, options: Options) => {
    await show(`/calls/${segment(callId)}/messages`, options, context);
  });
  shown(
    messages
      .command('registration')
      .description('those of the last registrations of a phone')
      .argument('<phone>', 'username'),
  ).action(async (phone: string, _options: Options, command: Command) => {
    // The command above has options of the same names.
    const options = command.optsWithGlobals<Options>();
    await show(`/registrations/${segment(phone)}/messages`, options, context);
  });
}

function shown(command: Command): Command {
  return command
    .option('--raw', 'whole messages')
    .option('--pcap <file>', 'write a capture file for Wireshark or sngrep instead')
    .option('--from <time>', 'not before: a UTC time, or 2h for two hours ago')
    .option('--until <time>', 'before');
}

async function show(
  path: string,
  { from, pcap, raw, until }: Options,
  context: CommandContext,
): Promise<void> {
  const api = context.api();
  const output = context.output();
  if (pcap !== undefined) {
    await writeCapture(pcap, await api.bytes({ path, query: { from, until, format: 'pcap' } }));
    output.line(`Written to ${pcap}.`);
    return;
  }
  const answer = await api.json({ path, query: { from, until } });
  const messages = listAt(answer, 'messages');
  if (output.isJson) {
    for (const message of messages) output.object(message);
    return;
  }
  if (raw === true) for (const message of messages) output.raw(rawOf(message));
  else for (const line of ladderOf(messages, context.width)) output.line(line);
  if (answer['hasMore'] === true) {
    const last = textAt(messages.at(-1) ?? {}, 'at');
    output.line(`There are more: --from ${last}`);
  }
  output.line(`Kept since ${timeAt(answer, 'keptSince')} UTC.`);
}

/** @throws CliError where the file cannot be written */
export async function writeCapture(file: string, bytes: Buffer): Promise<void> {
  try {
    await writeFile(file, bytes);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CliError(exitCodes.usage, `${file} cannot be written: ${why}`);
  }
}
