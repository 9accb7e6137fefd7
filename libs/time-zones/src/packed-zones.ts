/** A zone as moment-timezone packs it. */
export interface Zone {
  /** When each offset ends, milliseconds since the epoch; that of the last never. */
  readonly endsMs: readonly number[];
  /** Minutes to add to UTC. */
  readonly offsets: readonly number[];
}

const DIGITS = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWX';

/**
 * `Area/City|abbreviations|offsets west of UTC in minutes|which offset holds in each span|spans in minutes|population`.
 * Numbers have base 60, with a fraction.
 */
export function unpackZone(packed: string): Zone {
  const [, , offsetTexts = '', indices = '', spans = ''] = packed.split('|');
  const west = offsetTexts.split(' ').map(fromBase60);
  const offsets = Array.from(indices, (digit) => -(west[fromBase60(digit)] ?? 0));
  const endsMs: number[] = [];
  let endMs = 0;
  for (const span of spans === '' ? [] : spans.split(' ')) {
    endMs = Math.round(endMs + fromBase60(span) * 60_000);
    endsMs.push(endMs);
  }
  endsMs.length = offsets.length - 1;
  return { endsMs: [...endsMs, Infinity], offsets };
}

/** The name of a packed zone, or of a link to one. */
export function nameOfPacked(packed: string): string {
  return packed.slice(0, packed.indexOf('|'));
}

function fromBase60(text: string): number {
  const isNegative = text.startsWith('-');
  const [whole = '', fraction = ''] = text.slice(isNegative ? 1 : 0).split('.');
  let value = 0;
  for (const digit of whole) value = value * 60 + DIGITS.indexOf(digit);
  let unit = 1;
  for (const digit of fraction) {
    unit /= 60;
    value += DIGITS.indexOf(digit) * unit;
  }
  return isNegative ? -value : value;
}
