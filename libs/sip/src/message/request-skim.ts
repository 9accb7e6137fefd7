/** What tells a request that begins something from one that belongs to something, at a glance. */
export interface RequestSkim {
  /** Value of To. */
  readonly to: string;
  readonly hasToTag: boolean;
  /** The word stands somewhere in the message. */
  readonly mayHaveCredentials: boolean;
}

const TO = '\r\nTo: ';
const SPACE = 32;
const TAB = 9;
const tagAtEnd = /;[ \t]*tag[ \t]*=/i;
const credentials = /authorization/i;

/**
 * Looks at a request that is written as nearly all are, for who gets far too many: about a sixth of what reading its head costs.
 * Nothing of it has been checked.
 * @returns undefined where To is written in another way, which says nothing about the message: it is to be read.
 */
export function skimRequest(bytes: Buffer): RequestSkim | undefined {
  const text = bytes.toString('latin1');
  const headEnd = text.indexOf('\r\n\r\n');
  const start = text.indexOf(TO);
  if (start < 0 || headEnd <= start) return undefined;
  const end = text.indexOf('\r\n', start + TO.length);
  const next = text.charCodeAt(end + 2);
  if (next === SPACE || next === TAB) return undefined;
  const to = text.slice(start + TO.length, end);
  return {
    to,
    // A tag inside the brackets would be the URI's.
    hasToTag: tagAtEnd.test(to.slice(to.lastIndexOf('>') + 1)),
    mayHaveCredentials: credentials.test(text),
  };
}
