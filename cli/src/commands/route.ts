import type { Command } from 'commander';
import type { Json } from '../api-client.ts';
import { CliError, exitCodes } from '../cli-error.ts';
import { csvText } from '../csv.ts';
import { column, listAt, textAt } from '../output.ts';
import { readInput } from '../read-input.ts';
import type { CommandContext } from '../run-cli.ts';
import { writeSteps } from './explain.ts';

const CANDIDATE_COLUMNS = [
  { title: '', text: (row: Json) => (row['isChosen'] === true ? '*' : '') },
  column('GATEWAY', 'gateway'),
  column('GROUP', 'group'),
  column('VENDOR', 'account'),
  { title: 'ADDRESSES', text: (row: Json) => (row['addresses'] as string[]).join(' ') },
  column('CALLER SENT', 'caller'),
  column('CALLEE SENT', 'callee'),
] as const;

const SUMMARY_COLUMNS = [
  column('CALLEE', 'callee'),
  column('CALLER', 'caller'),
  column('OUTCOME', 'outcome'),
  { title: 'CODE', text: (row: Json) => (row['code'] === 0 ? '' : textAt(row, 'code')) },
  column('REASON', 'reason'),
  { title: 'GATEWAYS', text: (row: Json) => gatewaysOf(row) },
  column('PRICE', 'price'),
] as const;

const CSV_FIELDS = ['callee', 'caller', 'outcome', 'code', 'reason', 'gateways', 'price', 'change'];

/** Calls that are asked for at a time: as many as the answer comes for within a second or two. */
const AT_A_TIME = 200;
/** What one person looks at, and no day of a switch. */
const MOST_CALLS = 100_000;

const FILE_RULE = `
--file: a called number a line, in the first column, and the calling number in the second where there is one (commas, semicolons or tabs
between); a first line without a digit is a heading. Each is analysed as a call that came now, or at --at; no line is taken.`;

interface RouteOptions {
  readonly from: string;
  readonly caller?: string;
  readonly at?: string;
  readonly file?: string;
  readonly csv?: boolean;
}

/** route: where a call would go, or each of a file (ROUTE-12). */
export function addRouteCommand(program: Command, context: CommandContext): void {
  program
    .command('route')
    .description('show where a call would go, and why; nothing is changed')
    .argument('[number]', 'the called number as received')
    .requiredOption('--from <name>', 'mapping gateway, or username of a phone')
    .option('--caller <number>', 'the calling number')
    .option('--at <time>', 'at another time than now')
    .option('--file <file>', 'a CSV of numbers, in place of one; - reads standard input')
    .option('--csv', 'with --file: write CSV')
    .addHelpText('after', FILE_RULE)
    .action(async (callee: string | undefined, options: RouteOptions) => {
      if ((callee === undefined) === (options.file === undefined)) {
        throw new CliError(exitCodes.usage, 'Name one number, or a file with --file.');
      }
      if (callee === undefined) await routeFile(options, context);
      else await routeOne(callee, options, context);
    });
}

async function routeOne(
  callee: string,
  { at, caller, from }: RouteOptions,
  context: CommandContext,
): Promise<void> {
  const query = { from, caller, at, callee };
  const answer = await context.api().json({ path: '/route', query });
  const output = context.output();
  if (output.isJson) {
    output.object(answer);
    return;
  }
  output.line(textAt(answer, 'summary'));
  if (textAt(answer, 'change') !== '') {
    output.line(`What would change it: ${textAt(answer, 'change')}`);
  }
  const candidates = listAt(answer, 'candidates');
  if (candidates.length > 0) output.rows(candidates, CANDIDATE_COLUMNS, '');
  writeSteps(answer, output);
}

async function routeFile(options: RouteOptions, context: CommandContext): Promise<void> {
  const { at, caller = '', csv = false, file = '-', from } = options;
  const calls = callsOf(await readInput(file, context), caller);
  const api = context.api();
  const analyses: Json[] = [];
  context.progress(0, calls.length);
  while (analyses.length < calls.length) {
    const some = calls.slice(analyses.length, analyses.length + AT_A_TIME);
    const answer = await api.json({
      method: 'POST',
      path: '/route',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ from, at, calls: some }),
    });
    analyses.push(...listAt(answer, 'analyses'));
    context.progress(analyses.length, calls.length);
  }
  const output = context.output();
  if (csv) {
    const rows = analyses.map((each) => ({ ...each, gateways: gatewaysOf(each) }));
    output.raw(csvText(rows, CSV_FIELDS));
    return;
  }
  output.rows(analyses, SUMMARY_COLUMNS, '');
  const routed = analyses.filter((each) => each['outcome'] === 'routed').length;
  output.line();
  output.line(
    `${String(routed)} would be routed, ${String(analyses.length - routed)} refused${reasonsOf(analyses)}.`,
  );
}

/** @throws CliError where there is no number in it, or too many */
function callsOf(text: string, caller: string): { callee: string; caller: string }[] {
  const rows = text
    .replace(/^\ufeff/, '')
    .split('\n')
    .map((line) => line.split(/[,;\t]/).map((field) => field.trim().replace(/^"(.*)"$/, '$1')))
    .filter(([callee = '']) => callee !== '');
  const first = rows[0]?.[0] ?? '';
  const calls = (/\d/.test(first) ? rows : rows.slice(1)).map(([callee = '', own = '']) => ({
    callee,
    caller: own === '' ? caller : own,
  }));
  if (calls.length > 0 && calls.length <= MOST_CALLS) return calls;
  const many = `${String(calls.length)} numbers: write at most ${String(MOST_CALLS)} in a file`;
  throw new CliError(
    exitCodes.usage,
    calls.length === 0 ? 'There is no number in the file.' : `The file has ${many}.`,
  );
}

function gatewaysOf(row: Json): string {
  const { gateways } = row;
  return Array.isArray(gateways) ? gateways.join(' ') : '';
}

/** `: 3 NoRoute, 1 NumberBarred`, the most frequent first. */
function reasonsOf(analyses: readonly Json[]): string {
  const refused = analyses.filter((each) => each['outcome'] === 'refused');
  const counts = [...Map.groupBy(refused, (each) => textAt(each, 'reason'))].map(
    ([reason, those]) => ({ reason, count: those.length }),
  );
  if (counts.length === 0) return '';
  counts.sort((a, b) => b.count - a.count);
  return `: ${counts.map(({ count, reason }) => `${String(count)} ${reason}`).join(', ')}`;
}
