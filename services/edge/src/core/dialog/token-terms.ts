import type { ByteReader, ByteWriter } from '../network/byte-codec.ts';
import type { MediaTerms } from '../media/media-terms.ts';
import type { ContactForm } from '../messages/local-headers.ts';
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
   * AUTH-11: the switch has credentials for the called side, which may challenge what is in the dialog, so that numbers may have
   * moved there. In the caller's token alone.
   */
  readonly mayChallenge: boolean;
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
};

const RELAYS_REFER = 1;
const IN_PARAM = 2;
const HAS_SESSION = 4;
const SPEAKS = 8;
const HAS_CALLER_TIMER = 16;
/** Pods that do not know it pass on what is not challenged, and lose it where they issue a token anew. */
const MAY_CHALLENGE = 32;
/** The caller's mode of answers; neither bit: its socket. */
const REPLIES_TO_VIA = 64;
const REPLIES_TO_VIA_PORT = 128;

/** Packs terms: one byte where there is nothing to say. */
export function writeTerms(writer: ByteWriter, terms: TokenTerms): void {
  writer.u8(
    (terms.relaysRefer ? RELAYS_REFER : 0) |
      (terms.contactForm === 'param' ? IN_PARAM : 0) |
      (terms.sessionSeconds > 0 ? HAS_SESSION : 0) |
      (terms.speaksFromS > 0 ? SPEAKS : 0) |
      (terms.hasCallerTimer ? HAS_CALLER_TIMER : 0) |
      (terms.mayChallenge ? MAY_CHALLENGE : 0) |
      (terms.replyMode === 'via' ? REPLIES_TO_VIA : 0) |
      (terms.replyMode === 'via-port' ? REPLIES_TO_VIA_PORT : 0),
  );
  // Two seconds are one: a day fits.
  if (terms.sessionSeconds > 0) writer.u16(terms.sessionSeconds / 2);
  if (terms.speaksFromS > 0) writer.u32(terms.speaksFromS);
}

/** Reads what `writeTerms` wrote. @throws RangeError past the end */
export function readTerms(reader: ByteReader): TokenTerms {
  const kind = reader.u8();
  const terms = {
    sessionSeconds: (kind & HAS_SESSION) === 0 ? 0 : reader.u16() * 2,
    speaksFromS: (kind & SPEAKS) === 0 ? 0 : reader.u32(),
    hasCallerTimer: (kind & HAS_CALLER_TIMER) !== 0,
    relaysRefer: (kind & RELAYS_REFER) !== 0,
    contactForm: (kind & IN_PARAM) === 0 ? 'user' : 'param',
    mayChallenge: (kind & MAY_CHALLENGE) !== 0,
  } as const;
  if ((kind & REPLIES_TO_VIA) !== 0) return { ...terms, replyMode: 'via' };
  return (kind & REPLIES_TO_VIA_PORT) === 0 ? terms : { ...terms, replyMode: 'via-port' };
}
