import type { MediaPlan, MediaSide } from '@tandem/proto/media';
import type { ByteReader, ByteWriter } from '../network/byte-codec.ts';
import { iceIn, srtpIn } from './sdp-part.ts';

/** How the media of a call is anchored (CALL-08): all that a pod needs that has nothing but a token. */
export interface MediaTerms {
  /** Stands for the relay that the call was given to (libs/rtpengine): it is asked first. Never 0. */
  readonly relay: number;
  /** Number of the attempt, from 1: each has a call of its own at the relay. */
  readonly attempt: number;
  readonly isRequired: boolean;
  readonly isRecorded: boolean;
  /** The caller's INVITE offered nothing: the callee does, and the caller answers in its ACK or PRACK. */
  readonly isLateOffer: boolean;
  /** CALL-05; 0 = the call goes on without media. */
  readonly silenceSeconds: number;
  readonly a: SideTerms;
  readonly b: SideTerms;
}

export type SideTerms = Readonly<Omit<MediaSide, 'codecsStripped' | 'codecsOffered'>> & {
  readonly codecsStripped: readonly string[];
  readonly codecsOffered: readonly string[];
};

/** What the terms of an attempt are made of, besides the plan. */
export interface AttemptTerms extends Pick<MediaTerms, 'relay' | 'attempt' | 'isLateOffer'> {
  /** The caller's session description, asked for where it matters; undefined where it offers none. */
  readonly offer: () => string | undefined;
}

/** The terms of an attempt; undefined where it is not anchored. */
export function mediaTerms(
  plan: MediaPlan | undefined,
  { relay, attempt, isLateOffer, offer }: AttemptTerms,
): MediaTerms | undefined {
  if (plan?.a === undefined || plan.b === undefined || relay === 0) return undefined;
  const { isRequired, isRecorded, silenceSeconds, a, b } = plan;
  return {
    ...{ relay, attempt, isRequired, isRecorded, isLateOffer, silenceSeconds },
    a: beside(a, b, offer),
    b,
  };
}

/**
 * A caller of whom nothing is said has what its first offer shows, where something is said of the callee: the callee's later
 * offers do not.
 */
function beside(caller: MediaSide, callee: MediaSide, offer: () => string | undefined): MediaSide {
  const isSrtpOpen = caller.srtp === '' && callee.srtp !== '';
  const isIceOpen = caller.ice === '' && callee.ice !== '';
  if (!isSrtpOpen && !isIceOpen) return caller;
  const sdp = offer() ?? '';
  return {
    ...caller,
    srtp: isSrtpOpen ? srtpIn(sdp) : caller.srtp,
    ice: isIceOpen ? iceIn(sdp) : caller.ice,
  };
}

const REQUIRED = 1;
const RECORDED = 2;
const LATE_OFFER = 4;
const HAS_SILENCE = 8;
const HAS_MORE_A = 16;
const HAS_MORE_B = 32;

/** What the two bits of each setting of a side mean. A setting of a later version is read as none. */
const srtpWords = ['', 'none', 'sdes', 'dtls'];
const iceWords = ['', 'remove', 'force'];
const familyWords = ['', 'ipv4', 'ipv6'];
const natWords = ['symmetric', 'sip-source', 'none'];
const dtmfWords = ['pass', 'rfc4733'];

/** Packs terms: eight bytes where the sides want nothing of their own. */
export function writeMediaTerms(writer: ByteWriter, terms: MediaTerms): void {
  const { a, b, silenceSeconds } = terms;
  writer
    .u32(terms.relay)
    .u8(terms.attempt)
    .u8(
      (terms.isRequired ? REQUIRED : 0) |
        (terms.isRecorded ? RECORDED : 0) |
        (terms.isLateOffer ? LATE_OFFER : 0) |
        (silenceSeconds > 0 ? HAS_SILENCE : 0) |
        (hasMore(a) ? HAS_MORE_A : 0) |
        (hasMore(b) ? HAS_MORE_B : 0),
    );
  if (silenceSeconds > 0) writer.u16(silenceSeconds);
  writeSide(writer, a);
  writeSide(writer, b);
}

/** Reads what `writeMediaTerms` wrote. @throws RangeError past the end */
export function readMediaTerms(reader: ByteReader): MediaTerms {
  const relay = reader.u32();
  const attempt = reader.u8();
  const flags = reader.u8();
  const silenceSeconds = (flags & HAS_SILENCE) === 0 ? 0 : reader.u16();
  return {
    relay,
    attempt,
    isRequired: (flags & REQUIRED) !== 0,
    isRecorded: (flags & RECORDED) !== 0,
    isLateOffer: (flags & LATE_OFFER) !== 0,
    silenceSeconds,
    a: readSide(reader, (flags & HAS_MORE_A) !== 0),
    b: readSide(reader, (flags & HAS_MORE_B) !== 0),
  };
}

function hasMore({ codecsOffered, codecsStripped, dtmf, interface: name }: SideTerms): boolean {
  return name !== '' || codecsOffered.length > 0 || codecsStripped.length > 0 || dtmf === 'rfc4733';
}

function writeSide(writer: ByteWriter, side: SideTerms): void {
  writer.u8(
    indexIn(srtpWords, side.srtp) |
      (indexIn(iceWords, side.ice) << 2) |
      (indexIn(familyWords, side.addressFamily) << 4) |
      (indexIn(natWords, side.nat) << 6),
  );
  if (!hasMore(side)) return;
  writer
    .u8(indexIn(dtmfWords, side.dtmf))
    .string(side.interface)
    .string(side.codecsStripped.join(','))
    .string(side.codecsOffered.join(','));
}

function readSide(reader: ByteReader, isMore: boolean): SideTerms {
  const bits = reader.u8();
  const side = {
    srtp: srtpWords[bits & 3] ?? '',
    ice: iceWords[(bits >> 2) & 3] ?? '',
    addressFamily: familyWords[(bits >> 4) & 3] ?? '',
    nat: natWords[(bits >> 6) & 3] ?? 'symmetric',
  };
  if (!isMore) {
    return { ...side, dtmf: 'pass', interface: '', codecsStripped: [], codecsOffered: [] };
  }
  return {
    ...side,
    dtmf: dtmfWords[reader.u8()] ?? 'pass',
    interface: reader.string(),
    codecsStripped: listOf(reader.string()),
    codecsOffered: listOf(reader.string()),
  };
}

function indexIn(words: readonly string[], word: string): number {
  return Math.max(0, words.indexOf(word));
}

function listOf(text: string): string[] {
  return text === '' ? [] : text.split(',');
}
