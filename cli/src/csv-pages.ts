import type { CommandContext } from './run-cli.ts';

/** All pages of a list as CSV, with one heading. */
export async function* csvPages(
  context: CommandContext,
  path: string,
  filter: Readonly<Record<string, string | undefined>>,
): AsyncGenerator<Uint8Array> {
  let cursor: string | undefined;
  do {
    const query = { ...filter, cursor, limit: '5000', format: 'csv' };
    const { next, text } = await context.api().csvPage({ path, query });
    yield Buffer.from(cursor === undefined ? text : text.replace(/^[^\r\n]*\r?\n/, ''));
    cursor = next;
  } while (cursor !== undefined);
}
