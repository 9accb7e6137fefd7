import chardet from 'chardet';

/** The text of a file, and how its letters were written. */
interface ReadText {
  readonly text: string;
  /** As the WHATWG names it: utf-8, windows-1252, gb18030 … */
  readonly encoding: string;
}

/** So much is looked at where no rule says which encoding it is. */
const SAMPLE_BYTES = 256 * 1024;

/**
 * Reads the letters of a file: by the mark at its beginning, else as UTF-8 where all of it is that, else by how often
 * which bytes are in it.
 * @param wanted the encoding, where it is known; @default detected
 * @throws RangeError where there is no such encoding, TypeError where the text is not in the one that is wanted
 */
export function readText(bytes: Uint8Array, wanted?: string): ReadText {
  if (wanted !== undefined) return decoded(bytes, wanted, true);
  const marked = markOf(bytes);
  if (marked !== undefined) return decoded(bytes, marked, false);
  try {
    return decoded(bytes, 'utf-8', true);
  } catch {
    return decoded(bytes, guessed(bytes), false);
  }
}

function decoded(bytes: Uint8Array, label: string, fatal: boolean): ReadText {
  const decoder = new TextDecoder(label, { fatal });
  return { text: decoder.decode(bytes), encoding: decoder.encoding };
}

function markOf([first, second, third]: Uint8Array): string | undefined {
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8';
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return first === 0xfe && second === 0xff ? 'utf-16be' : undefined;
}

function guessed(bytes: Uint8Array): string {
  const label = chardet.detect(bytes.subarray(0, SAMPLE_BYTES)) ?? 'windows-1252';
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return 'windows-1252'; // What it names is no encoding of the Web.
  }
}
