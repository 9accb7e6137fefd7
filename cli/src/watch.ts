import type { Json } from './api-client.ts';
import { CliError, exitCodes } from './cli-error.ts';
import { listAt, textAt } from './output.ts';
import type { CommandContext } from './run-cli.ts';
import { formatTable, type Column } from './table.ts';

/** A list that is shown as it changes. */
export interface WatchedList {
  /** Of GET /live. */
  readonly topic: 'alarms' | 'calls' | 'gateways' | 'registrations';
  readonly query: Readonly<Record<string, string | undefined>>;
  readonly columns: readonly Column<Json>[];
  /** Where one thing has several lines. @default itself */
  readonly linesOf?: (row: Json) => readonly Json[];
  readonly nothing: string;
}

/** Cursor to the upper left, and all behind it away. */
const CLEAR = '\u001B[H\u001B[J';

/**
 * Shows a list anew whenever something in it changes, until the API ends it or the command is stopped. With --json each event is
 * a line as it comes.
 */
export async function watch(list: WatchedList, context: CommandContext): Promise<void> {
  const { columns, linesOf = (row: Json) => [row], nothing, query, topic } = list;
  const output = context.output();
  const rows = new Map<string, Json>();
  const request = { path: '/live', query: { ...query, topics: topic } };
  for await (const { data, name } of context.api().events(request)) {
    const event = data as Json;
    if (name === 'end') throw ended(event);
    if (output.isJson) {
      output.object({ event: name, ...event });
      continue;
    }
    if (name === 'problem') {
      output.line(textAt(event, 'detail'));
      continue;
    }
    take(rows, event);
    const table = formatTable([...rows.values()].flatMap(linesOf), columns, nothing);
    const total = typeof event['total'] === 'number' ? event['total'] : rows.size;
    const more = total > rows.size ? `${String(rows.size)} of ${String(total)}; more with --limit.\n` : ''; // prettier-ignore
    output.raw(`${context.isTerminal ? CLEAR : ''}${table}${more}`);
  }
}

function take(rows: Map<string, Json>, event: Json): void {
  if (event['isWhole'] === true) rows.clear();
  const fields = textAt(event, 'key').split(',');
  for (const key of (event['removed'] as readonly string[] | undefined) ?? []) rows.delete(key);
  for (const row of listAt(event, 'rows')) {
    rows.set(fields.map((field) => textAt(row, field)).join('\n'), row);
  }
}

function ended(event: Json): CliError {
  if (textAt(event, 'reason') === 'stopping') {
    return new CliError(
      exitCodes.unreachable,
      'The pod of the API that was asked stops: try again.',
    );
  }
  return new CliError(exitCodes.notAuthenticated, 'The token has expired or was revoked.');
}
