import type { ByteReader, ByteWriter } from '../network/byte-codec.ts';
import type { MediaTerms } from '../media/media-terms.ts';
import type { ContactForm } from '../messages/local-headers.ts';
import { replyModes } from '../network/reply-address.ts';
import type { ReplyMode } from '../network/reply-address.ts';

/** What holds in both dialogs of a call, for whichever pod relays in them. */
export interface TokenTerms {
  /** CALL-05: Session-Expires where a peer gives none, even seconds; 0 = none. */
  readonly sessionSeconds: number;
  /**
   * From when on requests of the switch's own may have taken numbers in the dialogs, seconds since the epoch: those of the
   * peers are counted on behind them then. 0 = never.
   */
  readonly speaksFromS: number;
  /** The caller has session timers of its own. */
  readonly hasCallerTimer: boolean;
  /** SS_SIP_RELAY_REFER. */
  readonly relaysRefer: boolean;
  /** How the called side wants the token in its Contact. */
  readonly contactForm: ContactForm;
  /**
   * AUTH-11: the switch has credentials for the called side, which may challenge what is in the dialog, or it has acknowledged
   * provisional responses there, so that numbers may have moved. In the caller's token alone.
   */
  readonly mayChallenge: boolean;
  /** CALL-12: how identity headers are dealt with on each side; sums of `identityTerms`. */
  readonly identityA: number;
  readonly identityB: number;
  /** Where the caller takes answers to what it asks in the dialog (CALL-07). @default 'socket' */
  readonly replyMode?: ReplyMode | undefined;
  /** How media is anchored; undefined: it is not. What is packed has it at its end (dialog/packed-media.ts). */
  readonly media?: MediaTerms | undefined;
}

/** A call without terms of its own: as a gateway that says nothing. */
export const plainTerms: TokenTerms = {
  sessionSeconds: 0,
  speaksFromS: 0,
  hasCallerTimer: false,
  relaysRefer: false,
  contactForm: 'user',
  mayChallenge: false,
  identityA: 0,
  identityB: 0,
};

const RELAYS_REFER = 1;
const IN_PARAM = 2;
const HAS_SESSION = 4;
const SPEAKS = 8;
const HAS_CALLER_TIMER = 16;
/** Pods that do not know it pass on what is not challenged, and lose it where they issue a token anew. */
const MAY_CHALLENGE = 32;
/** A byte names the caller's mode of answers; without it: its socket. */
const HAS_REPLY_MODE = 64;
const HAS_IDENTITY = 128;

/** Packs terms: one byte where there is nothing to say. */
export function writeTerms(writer: ByteWriter, terms: TokenTerms): void {
  writer.u8(
    (terms.relaysRefer ? RELAYS_REFER : 0) |
      (terms.contactForm === 'param' ? IN_PARAM : 0) |
      (terms.sessionSeconds > 0 ? HAS_SESSION : 0) |
      (terms.speaksFromS > 0 ? SPEAKS : 0) |
      (terms.hasCallerTimer ? HAS_CALLER_TIMER : 0) |
      (terms.mayChallenge ? MAY_CHALLENGE : 0) |
      (repliesOf(terms) > 0 ? HAS_REPLY_MODE : 0) |
      (hasIdentity(terms) ? HAS_IDENTITY : 0),
  );
  // Two seconds are one: a day fits.
  if (terms.sessionSeconds > 0) writer.u16(terms.sessionSeconds / 2);
  if (terms.speaksFromS > 0) writer.u32(terms.speaksFromS);
  if (hasIdentity(terms)) writer.u16(terms.identityA).u16(terms.identityB);
  if (repliesOf(terms) > 0) writer.u8(repliesOf(terms));
}

/** The mode of answers as a byte: its place in the list of them; 0 = the socket. */
function repliesOf({ replyMode = 'socket' }: TokenTerms): number {
  return replyModes.indexOf(replyMode);
}

function hasIdentity({ identityA, identityB }: TokenTerms): boolean {
  return (identityA | identityB) !== 0;
}

/** Reads what `writeTerms` wrote. @throws RangeError past the end */
export function readTerms(reader: ByteReader): TokenTerms {
  const kind = reader.u8();
  const isIdentified = (kind & HAS_IDENTITY) !== 0;
  // In the order in which they stand.
  const terms = {
    sessionSeconds: (kind & HAS_SESSION) === 0 ? 0 : reader.u16() * 2,
    speaksFromS: (kind & SPEAKS) === 0 ? 0 : reader.u32(),
    hasCallerTimer: (kind & HAS_CALLER_TIMER) !== 0,
    relaysRefer: (kind & RELAYS_REFER) !== 0,
    contactForm: (kind & IN_PARAM) === 0 ? 'user' : 'param',
    mayChallenge: (kind & MAY_CHALLENGE) !== 0,
    identityA: isIdentified ? reader.u16() : 0,
    identityB: isIdentified ? reader.u16() : 0,
  } as const;
  if ((kind & HAS_REPLY_MODE) === 0) return terms;
  // A mode of a later version: as a gateway that says nothing.
  const replyMode = replyModes[reader.u8()] ?? 'socket';
  return replyMode === 'socket' ? terms : { ...terms, replyMode };
}
