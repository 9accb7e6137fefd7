import { RE2JS } from 're2js';

/** Longest pattern of a number rule. */
const LONGEST_PATTERN = 256;
/** Steps of the compiled program: with 64 characters of a number it takes a millisecond or two at the very worst. */
const LARGEST_PROGRAM = 200;
/** `$0` is all that matched, `$1` to `$9` are groups, `$$` is a dollar sign. */
const REFERENCE = /\$(\$|\d)?/g;

/** What a number becomes where the pattern matches. */
export interface NumberExpression {
  /** With what matched, the first time, replaced; undefined where nothing matches. */
  replace(number: string): string | undefined;
}

/**
 * A regular expression that takes a time in proportion to the length of its input, whatever it is: RE2's syntax, so no
 * look-around and no back references.
 * @returns a text that says what is wrong with it
 */
export function numberExpression(pattern: string, by: string): NumberExpression | string {
  const expression = compiled(pattern);
  if (typeof expression === 'string') return expression;
  const groups = expression.groupCount();
  for (const [reference, digit] of by.matchAll(REFERENCE)) {
    if (digit === undefined) return `has "$" in by: write $1 to $9 for a group, $0 for all of it`;
    if (digit !== '$' && Number(digit) > groups) {
      return `names ${reference} in by, but the pattern has ${groups === 0 ? 'no group' : `${String(groups)} in all`}`;
    }
  }
  return {
    replace: (number: string) => {
      const matcher = expression.matcher(number);
      if (!matcher.find()) return undefined;
      const made = by.replace(REFERENCE, (_reference: string, digit: string) =>
        digit === '$' ? '$' : (matcher.group(Number(digit)) ?? ''),
      );
      return number.slice(0, matcher.start()) + made + number.slice(matcher.end());
    },
  };
}

function compiled(pattern: string): RE2JS | string {
  if (pattern === '') return 'is empty: write a pattern such as "^0(\\d+)$"';
  if (pattern.length > LONGEST_PATTERN) {
    return `is ${String(pattern.length)} characters long, must be at most ${String(LONGEST_PATTERN)}: make several rules of it`;
  }
  try {
    const expression = RE2JS.compile(pattern);
    const size = expression.programSize();
    if (size <= LARGEST_PROGRAM) return expression;
    return `is too large when its counts are written out (${String(size)} steps, at most ${String(LARGEST_PROGRAM)}): use smaller counts, or * and +`;
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    return `is no regular expression of RE2 (${cause.replace(/^error parsing regexp: /, '')}): no look-around, no back references, counts to 1000`;
  }
}
