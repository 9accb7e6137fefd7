import type { Json } from './api-client.ts';
import { CliError, exitCodes } from './cli-error.ts';
import { listAt, textAt } from './output.ts';
import type { CommandContext } from './run-cli.ts';
import type { Column } from './table.ts';

const PAGE = 1000;

/** A list that the API gives page by page. */
export interface PagedList {
  readonly path: string;
  readonly query: Readonly<Record<string, string | undefined>>;
  /** Under which name an answer has its rows. */
  readonly items: string;
  readonly columns: readonly Column<Json>[];
  /** What --limit says. */
  readonly limit: string;
}

/** What was read, where it is still to be shown. */
export interface ReadList {
  readonly rows: readonly Json[];
  /** The last answer. */
  readonly last: Json;
  readonly hasMore: boolean;
}

/**
 * Goes from page to page until there are as many rows as were asked for. With --json each page is written as it comes, since a million
 * rows need no memory then, and nothing is left to be shown (undefined).
 */
export async function readPages(
  { columns, items, limit: limitText, path, query }: PagedList,
  context: CommandContext,
): Promise<ReadList | undefined> {
  const limit = limitOf(limitText);
  const api = context.api();
  const output = context.output();
  const rows: Json[] = [];
  let count = 0;
  let last: Json;
  let cursor: string | undefined;
  do {
    const page = String(Math.min(PAGE, limit - count));
    last = await api.json({ path, query: { ...query, limit: page, cursor } });
    const found = listAt(last, items);
    count += found.length;
    if (output.isJson) output.rows(found, columns, '');
    else rows.push(...found);
    cursor = textAt(last, 'nextCursor');
  } while (cursor !== '' && count < limit);
  return output.isJson ? undefined : { rows, last, hasMore: cursor !== '' };
}

/** How many rows `--limit` asks for. Throws where that is no whole number from 1. */
function limitOf(text: string): number {
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1) return limit;
  throw new CliError(exitCodes.usage, `--limit is "${text}", must be a whole number from 1.`);
}
