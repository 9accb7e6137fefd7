/** A place in the list of CDRs: the last one that was read. */
export interface CdrCursor {
  readonly startedMs: number;
  readonly callId: string;
}

export function writeCursor(cursor: CdrCursor): string {
  return Buffer.from(`${String(cursor.startedMs)}:${cursor.callId}`).toString('base64url');
}

/** Reads what `writeCursor` wrote; undefined where the text is no cursor. */
export function readCursor(text: string): CdrCursor | undefined {
  const match = /^(\d{1,16}):([^\0]+)$/.exec(Buffer.from(text, 'base64url').toString());
  if (match === null) return undefined;
  const [, startedMs = '', callId = ''] = match;
  return { startedMs: Number(startedMs), callId };
}
