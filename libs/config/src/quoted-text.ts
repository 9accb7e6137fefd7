const LONGEST = 128;
// eslint-disable-next-line no-control-regex -- these are what is looked for
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;
const names: Readonly<Record<string, string>> = {
  '\0': 'a zero byte',
  '\t': 'a tab',
  '\n': 'a line break',
  '\r': 'a carriage return',
};

/**
 * What keeps a text from being the content of a quoted string (RFC 3261 §25.1), as user names and realms are written into digest
 * headers: undefined where nothing does. Quotes and backslashes are no hindrance: they are escaped when they are written.
 * @param expectation what it must be, in words
 */
export function quotedTextMistake(value: string, expectation: string): string | undefined {
  return secretTextMistake(value, expectation) ?? edgesMistake(value);
}

/** The same for a password: any blank may be meant, and no message repeats it. */
export function secretTextMistake(value: string, expectation: string): string | undefined {
  if (value.length === 0) return `is empty, must be ${expectation}`;
  if (value.length > LONGEST) {
    return `has ${String(value.length)} characters, must be ${expectation}`;
  }
  if (!value.isWellFormed()) return 'holds half a character (a lone surrogate): write it again';
  const at = value.search(UNPRINTABLE);
  if (at === -1) return undefined;
  const found = value.charAt(at);
  const code = `U+${found.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
  const shown = names[found] ?? 'a control character';
  return `holds ${shown} (${code}) at character ${String(at + 1)}, which no header can carry: remove it`;
}

/** A blank that is copied along is seen by nobody, and refused by whoever compares. */
function edgesMistake(value: string): string | undefined {
  return value.trim() === value
    ? undefined
    : `is ${JSON.stringify(value)}, with blanks at its ends: remove them`;
}
