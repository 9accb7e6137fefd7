/** A place in the list of entries: the last one that was read. */
export interface EntryCursor {
  readonly firstMs: number;
  readonly id: string;
}

export function writeCursor({ firstMs, id }: EntryCursor): string {
  return Buffer.from(`${String(firstMs)}:${id}`).toString('base64url');
}

/** Reads what `writeCursor` wrote; undefined where the text is no cursor. */
export function readCursor(text: string): EntryCursor | undefined {
  const match = /^(\d{1,15}):([^\0]+)$/.exec(Buffer.from(text, 'base64url').toString());
  if (match === null) return undefined;
  const [, firstMs = '', id = ''] = match;
  return { firstMs: Number(firstMs), id };
}
