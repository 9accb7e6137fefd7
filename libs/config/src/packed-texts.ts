/** Texts in one buffer that threads share, each once: a sheet of a million rates has some thousand prices. */
export class PackedTexts {
  readonly buffer: SharedArrayBuffer;
  readonly #ends: Uint32Array;
  readonly #bytes: Buffer;

  /** @param buffer of others, perhaps of another thread */
  constructor(buffer: SharedArrayBuffer) {
    const [count = 0] = new Uint32Array(buffer, 0, 1);
    this.buffer = buffer;
    this.#ends = new Uint32Array(buffer, 4, count);
    this.#bytes = Buffer.from(buffer, 4 + count * 4);
  }

  get size(): number {
    return this.#ends.length;
  }

  /** @param at its number, as the builder gave it */
  text(at: number): string {
    const start = at === 0 ? 0 : this.#ends[at - 1];
    return this.#bytes.toString('utf8', start, this.#ends[at]);
  }
}

/** Gathers what goes into {@link PackedTexts}. */
export class PackedTextsBuilder {
  readonly #known = new Map<string, number>();

  /** The number of the text, from 0. */
  add(text: string): number {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    this.#known.set(text, this.#known.size);
    return this.#known.size - 1;
  }

  finish(): PackedTexts {
    return packTexts([...this.#known.keys()]);
  }
}

/** Texts by their places; one that is there twice is kept twice. */
export function packTexts(texts: readonly string[]): PackedTexts {
  const length = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  const buffer = new SharedArrayBuffer(4 + texts.length * 4 + length);
  const ends = new Uint32Array(buffer, 4, texts.length);
  const bytes = Buffer.from(buffer, 4 + texts.length * 4);
  new Uint32Array(buffer, 0, 1)[0] = texts.length;
  let end = 0;
  for (const [at, text] of texts.entries()) {
    end += bytes.write(text, end);
    ends[at] = end;
  }
  return new PackedTexts(buffer);
}
