const RADIX = 13;
/** RADIX ** 14 is below 2 ** 53, so that up to 14 characters make an exact number; longer prefixes go on from there. */
export const FIRST_LENGTH = 14;
/** Of each further stretch of a longer prefix. */
const NEXT_LENGTH = 8;
const STEM = RADIX ** FIRST_LENGTH;
const STRETCH = RADIX ** NEXT_LENGTH;

/** Ordinals below this can be gone on from; a table of more prefixes has none that is longer than 14 characters. */
export const MOST_STEMS = Math.floor((Number.MAX_SAFE_INTEGER - STEM) / STRETCH);

/**
 * A prefix as an exact number: its characters are the digits of a number to the base 13. The few that are longer than 14
 * characters come in stretches: each further one is a number beside the ordinal of the prefix that it goes on from.
 */
export class PackedPrefix {
  #base = 0;
  #stretch = 0;
  #length = 0;
  #capacity = FIRST_LENGTH;

  /** What stands for it; no two prefixes of one table have the same. */
  get key(): number {
    return this.#base + this.#stretch;
  }

  /** Whether it takes another character only after {@link goOn}. */
  get isFull(): boolean {
    return this.#length === this.#capacity;
  }

  /** @returns false where the character is no digit, `*` or `#` */
  push(code: number): boolean {
    const digit = digitOf(code);
    if (digit === 0) return false;
    this.#stretch = this.#stretch * RADIX + digit;
    this.#length += 1;
    return true;
  }

  /**
   * Begins the next stretch.
   * @param ordinal of the prefix so far
   */
  goOn(ordinal: number): void {
    this.#base = STEM + ordinal * STRETCH;
    this.#stretch = 0;
    this.#length = 0;
    this.#capacity = NEXT_LENGTH;
  }
}

/** Of what a key stands for: its last stretch, and the ordinal that it goes on from. */
export interface UnpackedPrefix {
  /** Undefined where nothing goes before. */
  readonly stem: number | undefined;
  readonly text: string;
}

/** The inverse of {@link PackedPrefix.key}. */
export function unpackPrefix(key: number): UnpackedPrefix {
  if (key < STEM) return { stem: undefined, text: charactersOf(key) };
  const stem = Math.floor((key - STEM) / STRETCH);
  return { stem, text: charactersOf(key - STEM - stem * STRETCH) };
}

const CHARACTERS = ' 0123456789*#';

function charactersOf(stretch: number): string {
  let text = '';
  for (let rest = stretch; rest > 0; rest = Math.floor(rest / RADIX)) {
    text = (CHARACTERS[rest % RADIX] ?? '') + text;
  }
  return text;
}

/** 1 to 12, so that leading zeros count; 0 where the character is none of a number. */
function digitOf(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x2f;
  if (code === 0x2a) return 11;
  return code === 0x23 ? 12 : 0;
}
