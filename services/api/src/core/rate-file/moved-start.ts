/** Of a time as `toISOString` writes it. */
const LENGTH = 24;
const TIME = /"(\d{4}-\d\d-\d\dT[\d:.]{12}Z)"/g;

/**
 * Terms of a packed sheet, in which what was to be in effect from one moment on is so from a later one: an import that is to hold at once was
 * read before it is applied. Both texts are of one length, so nothing else moves.
 * @param terms of `PackedRates`
 * @returns undefined where a rate begins or ends between both: what was read then holds from the first moment
 */
export function movedStart(terms: Buffer, from: string, to: string): Buffer | undefined {
  if (from.length !== LENGTH || to.length !== LENGTH || to <= from) return undefined;
  const text = terms.toString('latin1');
  for (const [, time = ''] of text.matchAll(TIME)) {
    if (time > from && time <= to) return undefined;
  }
  return Buffer.from(text.replaceAll(`"${from}"`, `"${to}"`), 'latin1');
}
