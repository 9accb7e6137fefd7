import type { Mistake } from '@tandem/config';
import { readListNumber } from '@tandem/domain';

/** More than any list that operators have. */
const MOST_NUMBERS = 2_000_000;
/** Lines that are read before others get their turn. */
const LINES_AT_ONCE = 20_000;
const MOST_MISTAKES = 100;

/** What a file of numbers says, or what is wrong with it. */
export type NumberFile =
  | { readonly kind: 'read'; readonly numbers: readonly string[] }
  | {
      readonly kind: 'wrong';
      /** The first hundred. */
      readonly mistakes: readonly Mistake[];
      readonly count: number;
    };

/**
 * Reads a list of numbers as people have them: one a line, in the first column where there are several (with commas, semicolons or
 * tabs between), in quotes or not; a first line without a digit is a heading. Every line that holds no number is a mistake.
 * @param pause lets others have their turn, every 20,000 lines
 */
export async function readNumberFile(
  text: string,
  pause: () => Promise<unknown>,
): Promise<NumberFile> {
  const numbers: string[] = [];
  const mistakes: Mistake[] = [];
  let count = 0;
  let line = 0;
  let isFirst = true;
  for (let at = text.startsWith('\ufeff') ? 1 : 0; at < text.length;) {
    const found = text.indexOf('\n', at);
    const end = found === -1 ? text.length : found;
    const field = firstField(text.slice(at, end));
    at = end + 1;
    line += 1;
    if (line % LINES_AT_ONCE === 0) await pause();
    if (field === '') continue;
    const isHeading = isFirst && !/[0-9]/.test(field);
    isFirst = false;
    if (isHeading) continue;
    const number = readListNumber(field);
    if (number !== undefined) numbers.push(number);
    else {
      count += 1;
      if (mistakes.length < MOST_MISTAKES) mistakes.push({ path: '', message: notANumber(field), line }); // prettier-ignore
    }
  }
  if (count > 0) return { kind: 'wrong', mistakes, count };
  const mistake = emptyOrTooLong(numbers.length);
  return mistake === undefined
    ? { kind: 'read', numbers }
    : { kind: 'wrong', mistakes: [{ path: '', message: mistake }], count: 1 };
}

function firstField(line: string): string {
  const text = line.trim();
  if (text.startsWith('"')) return text.slice(1, Math.max(1, text.indexOf('"', 1))).trim();
  const end = text.search(/[,;\t]/);
  return (end === -1 ? text : text.slice(0, end)).trim();
}

function notANumber(field: string): string {
  const shown = field.length > 40 ? `${field.slice(0, 37)}...` : field;
  return `is ${JSON.stringify(shown)}, must be a number of 1 to 32 digits, * or #, such as 442079460000`;
}

function emptyOrTooLong(count: number): string | undefined {
  if (count === 0) return 'has no number: to have none in a list, take it out of the document';
  return count > MOST_NUMBERS
    ? `has ${String(count)} numbers, must have at most ${String(MOST_NUMBERS)}: make several lists of it`
    : undefined;
}
