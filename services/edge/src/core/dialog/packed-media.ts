import type { ByteReader, ByteWriter } from '../network/byte-codec.ts';
import { readMediaTerms, writeMediaTerms } from '../media/media-terms.ts';
import type { MediaTerms } from '../media/media-terms.ts';

/**
 * Stands before what anchored calls have at the end of a token or branch. A pod of the version before does not read on so
 * far: it relays what belongs to such a call, and ends it, without the relay.
 */
const MEDIA = 0x6d;

/** Nothing where media is not anchored: most calls have the bytes that they always had. */
export function writeMedia(writer: ByteWriter, media: MediaTerms | undefined): void {
  if (media === undefined) return;
  writer.u8(MEDIA);
  writeMediaTerms(writer, media);
}

/** Reads what `writeMedia` wrote, if it wrote anything. @throws RangeError where it is cut short */
export function readMedia(reader: ByteReader): MediaTerms | undefined {
  return !reader.isAtEnd && reader.u8() === MEDIA ? readMediaTerms(reader) : undefined;
}
