/** Letters that are more than a base and a mark. */
const LETTERS: Readonly<Record<string, string>> = { ß: 'ss', æ: 'ae', Æ: 'AE', ø: 'o', Ø: 'O', œ: 'oe', Œ: 'OE', ł: 'l', Ł: 'L', đ: 'd', Đ: 'D' }; // prettier-ignore

/** A name as the document takes it, of a text that may be anything: `London 1` becomes `London-1`. */
export function nameFrom(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[ßæÆøØœŒłŁđĐ]/g, (letter) => LETTERS[letter] ?? letter)
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+|-+$/g, '')
    .slice(0, 64);
}

/** Gives each text a name of its own: who comes second gets `-2` behind it. */
export class Names {
  readonly #taken = new Map<string, number>();

  take(text: string, otherwise: string): string {
    const name = nameFrom(text) || nameFrom(otherwise);
    const count = (this.#taken.get(name) ?? 0) + 1;
    this.#taken.set(name, count);
    return count === 1 ? name : this.take(`${name.slice(0, 60)}-${String(count)}`, otherwise);
  }
}
