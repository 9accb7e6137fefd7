import { BACKSLASH, COMMA, GREATER, LESS, QUOTE, trimmedSlice } from './characters.ts';

/**
 * Splits the value of a list header at its commas, except those in quotes or angle brackets.
 * Empty elements are left out. A quote or bracket that is never closed takes the rest with it.
 */
export function splitList(value: string): string[] {
  if (!value.includes(',')) {
    return value === '' ? [] : [value];
  }
  const elements: string[] = [];
  let start = 0;
  let isQuoted = false;
  let isBracketed = false;
  for (let at = 0; at < value.length; at++) {
    const code = value.charCodeAt(at);
    if (isQuoted) {
      if (code === BACKSLASH) {
        at++;
      } else if (code === QUOTE) {
        isQuoted = false;
      }
    } else if (isBracketed) {
      isBracketed = code !== GREATER;
    } else if (code === COMMA) {
      elements.push(trimmedSlice(value, start, at));
      start = at + 1;
    } else {
      isQuoted = code === QUOTE;
      isBracketed = code === LESS;
    }
  }
  elements.push(trimmedSlice(value, start, value.length));
  return elements.filter((element) => element !== '');
}
