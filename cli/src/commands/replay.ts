import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from 'commander';
import { segment, type Json } from '../api-client.ts';
import { CliError, exitCodes } from '../cli-error.ts';
import { readBytes } from '../import/read-bytes.ts';
import { column, listAt, textAt, timeColumn } from '../output.ts';
import { readInput } from '../read-input.ts';
import { callsFile } from '../replay/calls-file.ts';
import { writeResult, writeResultCsv } from '../replay/tell-result.ts';
import type { CommandContext } from '../run-cli.ts';

interface ReplayOptions {
  readonly from?: string;
  readonly until?: string;
  readonly draft?: string;
  readonly rates?: string;
  readonly version?: string;
  readonly calls?: string;
  readonly mapping?: string;
  readonly ignoreLimits?: boolean;
  readonly note?: string;
  readonly csv?: string;
  readonly wait: boolean;
}

const LIST = [
  column('ID', 'id'),
  column('STATE', 'state'),
  timeColumn('CREATED', 'createdAt'),
  column('BY', 'createdBy'),
  column('CALLS', 'calls', 'right'),
  { title: 'DONE', align: 'right', text: (row: Json) => percentOf(row) },
  { title: 'DRAFT', text: (row: Json) => draftOf(row) },
  column('NOTE', 'note'),
] as const;

const RULE = `
The draft is a whole document, as for tandem apply (tandem get, and an editor; or tandem import --out); with --draft-version it is a version that
there was. It is held against the configuration in effect. Nothing is called, applied or charged. --calls: a CSV whose first line names columns:
from and callee, and id, caller, at, gateway, code, seconds, price; or any other with --mapping, as of tandem shadow. docs/replay.md says what a
replay cannot know. Ctrl-C leaves it running: tandem replay show ID --wait.`;

/** replay: calls of the past against a draft of the configuration (OPS-08). */
export function addReplayCommands(program: Command, context: CommandContext): void {
  const replay = program
    .command('replay')
    .description('play calls of the past by a draft of the configuration, before it is applied')
    .option('--from <time>', 'CDRs of calls that began since; such as 24h, or a day')
    .option('--until <time>', 'before; now where it is not set')
    .option('--calls <file>', 'calls of a file in place of CDRs')
    .option('-m, --mapping <file>', 'YAML: which column of the file is what')
    .option('-d, --draft <file>', 'the draft, YAML; - reads standard input')
    .option('--draft-version <number>', 'a version as draft')
    .option(
      '--rates <group:id>',
      'imports of rates that wait to be applied, with commas: the draft has them',
    )
    .option(
      '--ignore-limits',
      'count what lines and calls per second would be needed without limits',
    )
    .option('--note <text>', 'kept with the replay')
    .option(
      '--csv <rows>',
      'write one list of the result as CSV: gateways, accounts, lines, moves or reasons',
    ) // prettier-ignore
    .option('--no-wait', 'begin it, and leave it')
    .addHelpText('after', RULE)
    .action(async (options: ReplayOptions & { readonly draftVersion?: string }) => {
      await begin({ ...options, ...(options.draftVersion === undefined ? {} : { version: options.draftVersion }) }, context); // prettier-ignore
    });
  replay
    .command('list')
    .description('list replays, newest first')
    .option('--limit <number>', 'how many', '100')
    .action(async (_options: unknown, command: Command) => {
      const { limit } = command.opts<{ readonly limit: string }>();
      const answer = await context.api().json({ path: '/replays', query: { limit } });
      context.output().rows(listAt(answer, 'replays'), LIST, 'There is no replay.');
    });
  replay
    .command('show <id>')
    .description('show how far a replay is, and what it has found')
    .option('--wait', 'until it has ended')
    .option('--csv <rows>', 'one list of the result as CSV')
    .action(async (id: string, _options: unknown, command: Command) => {
      // The command above takes --csv, too, wherever it stands.
      const { csv } = command.optsWithGlobals<{ readonly csv?: string }>();
      const isWaiting = command.opts<{ readonly wait?: boolean }>().wait === true;
      const told = isWaiting ? await waited(id, context) : await context.api().json({ path: `/replays/${segment(id)}` }); // prettier-ignore
      tell(told, csv, context);
    });
  replay
    .command('remove <id>')
    .description('remove a replay; one that runs is ended')
    .action(async (id: string) => {
      const answer = await context
        .api()
        .json({ method: 'DELETE', path: `/replays/${segment(id)}` });
      const output = context.output();
      if (output.isJson) output.object(answer);
      else output.line(`Replay ${id} is removed.`);
    });
}

async function begin(options: ReplayOptions, context: CommandContext): Promise<void> {
  const { calls, csv, draft, from, ignoreLimits, mapping, note, rates, until, version } = options;
  const isNamed = draft !== undefined || version !== undefined || rates !== undefined;
  if (!isNamed || (draft !== undefined && version !== undefined)) {
    throw new CliError(
      exitCodes.usage,
      'Name the draft: --draft FILE, or --draft-version NUMBER, or --rates GROUP:ID.',
    );
  }
  if ((from === undefined) === (calls === undefined)) {
    throw new CliError(exitCodes.usage, 'Say which calls: --from TIME of CDRs, or --calls FILE.');
  }
  const api = context.api();
  // What is wrong with the file is found before anything is begun.
  const file = calls === undefined ? undefined : await callsFile(await readBytes(calls), { file: calls, mapping }, context); // prettier-ignore
  const body = draft === undefined ? undefined : await readInput(draft, context);
  let told = await api.json({
    method: 'POST',
    path: '/replays',
    query: {
      from,
      until,
      version,
      rates,
      note,
      calls: calls === undefined ? undefined : 'file',
      limits: ignoreLimits === true ? 'ignore' : undefined,
    },
    ...(body === undefined ? {} : { headers: { 'content-type': 'application/yaml' }, body }),
  });
  const id = textAt(told, 'id');
  if (file !== undefined) {
    told = await api.json({
      method: 'PUT',
      path: `/replays/${segment(id)}/calls`,
      headers: { 'content-type': 'text/csv' },
      body: file,
    });
  }
  if (options.wait) tell(await waited(id, context), csv, context);
  else if (context.output().isJson) context.output().object(told);
  else context.output().line(`Replay ${id} is begun: tandem replay show ${id}`);
}

/** Between two looks. */
const LOOK_MS = 1000;
const PARTS = 1000;

/** Waits with a bar for who looks. @throws CliError where it has failed, or somebody does not want to wait any more */
async function waited(id: string, context: CommandContext): Promise<Json> {
  const interrupted = context.untilInterrupted();
  const api = context.api();
  for (;;) {
    const told = await api.json({ path: `/replays/${segment(id)}` });
    const state = textAt(told, 'state');
    const share = typeof told['share'] === 'number' ? told['share'] : 0;
    if (state === 'failed') {
      throw new CliError(exitCodes.refused, `Replay ${id} has failed: ${textAt(told, 'error')}.`);
    }
    context.progress(Math.floor(share * PARTS), PARTS);
    if (state === 'done') return told;
    await delay(LOOK_MS, undefined, { signal: interrupted }).catch(() => undefined);
    if (interrupted.aborted) {
      throw new CliError(exitCodes.refused, `Replay ${id} goes on: tandem replay show ${id} --wait, or tandem replay remove ${id}.`); // prettier-ignore
    }
  }
}

function tell(told: Json, csv: string | undefined, context: CommandContext): void {
  const output = context.output();
  if (csv !== undefined) writeResultCsv(told, csv, output);
  else if (output.isJson) output.object(told);
  else writeResult(told, output);
}

function percentOf(row: Json): string {
  const share = typeof row['share'] === 'number' ? row['share'] : 0;
  return `${String(Math.floor(share * 100))} %`;
}

function draftOf(row: Json): string {
  const version = textAt(row, 'draftVersion');
  const held = Array.isArray(row['rates']) ? (row['rates'] as Json[]) : [];
  const rates = held.map((each) => ` with rates of ${textAt(each, 'group')}`).join(',');
  return `${version === '' ? 'document' : `version ${version}`}${rates} against ${textAt(row, 'version')}`;
}
