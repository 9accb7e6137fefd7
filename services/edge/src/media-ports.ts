import type { MediaFigures } from '@tandem/proto/media';
import type { LegName } from './core/dialog/dialog-token.ts';
import type { MediaTerms } from './core/media/media-terms.ts';

/** A body on its way from one leg of a call to the other. */
export interface PassingBody {
  readonly callId: string;
  /** The side that sent it: the caller's, or the carrier's. */
  readonly from: LegName;
  /** Of its CSeq. */
  readonly method: string;
  /** Of a response. */
  readonly status: number | undefined;
  /** Number of the INVITE to a carrier that it is in, or answers; 0 in a dialog. */
  readonly sequence: number;
  /** '' where the message has none. */
  readonly contentType: string;
  /** Never empty: what has no body passes by. */
  readonly bytes: Buffer;
  /** How its media is anchored; undefined: it is not. */
  readonly media?: PassingMedia | undefined;
}

/** What has become of a body whose media is anchored. */
export interface AnchoredBody {
  readonly bytes: Buffer;
  /** Stands for the relay that has taken it; 0 = none: it goes on as it came. */
  readonly relay: number;
}

/** What a relay has to know of a session description that passes, besides the description (CALL-08). */
export interface PassingMedia {
  readonly terms: MediaTerms;
  /** RFC 3264: whether it offers, or answers what the other side offered. */
  readonly kind: 'offer' | 'answer';
  /** The callee's tag, of the fork that it comes from or goes to; '' in the INVITE to the carrier. */
  readonly calleeTag: string;
  /** The address that the message came from. */
  readonly source: string;
  /**
   * Names, within the call, the offer and whatever repeats or answers it, the same on every pod; '' where nobody has to be told where
   * the offer went: the record of the caller's INVITE says it.
   */
  readonly exchange: string;
  /** Of an answer to the caller's INVITE: that INVITE, for a relay that has not had its offer. */
  readonly offer?: PassingBody | undefined;
}

/**
 * What every body goes through that passes between the legs of a call, where media is anchored; the other headers of the
 * message stay as they are. May be asked again for a message that is repeated, on whatever pod, but for the INVITE to a
 * carrier, of which the record keeps what it has said, and for what offers in a dialog (`RecordedOffers`). It answers at once or settles
 * before long: the messages of the call wait. Where it rejects the message does not pass.
 */
export interface BodyStep {
  pass(passing: PassingBody): Buffer | Promise<AnchoredBody>;
}

/** An offer that a relay has taken, and what came of it. */
export interface KeptOffer extends AnchoredBody {
  /** Tells it from another offer of the same exchange; 8 bytes. */
  readonly digest: Buffer;
}

/** Offers in dialogs, for as long as they, or what answers them, may be repeated (edge.md §4). */
export interface OfferStore {
  /** First wins. @returns what is kept of the exchange. Rejects with SWITCH_STORE_UNAVAILABLE */
  keepOffer(callId: string, exchange: string, offer: KeptOffer): Promise<KeptOffer>;
  /** Undefined where none was kept within the last five minutes. Rejects with SWITCH_STORE_UNAVAILABLE */
  keptOffer(callId: string, exchange: string): Promise<KeptOffer | undefined>;
}

/** A call whose media is anchored, as a relay knows it. */
export interface AnchoredCall {
  readonly callId: string;
  readonly terms: MediaTerms;
}

/** Where media is anchored (CALL-08). */
export interface MediaRelays {
  /** The relay for a new attempt; undefined where none answers. */
  pick(callId: string): { readonly id: number; readonly name: string } | undefined;
  /** What a relay has counted of a call; undefined where none can tell within 200 ms. Never rejects. */
  figures(call: AnchoredCall): Promise<MediaFigures | undefined>;
  /**
   * Nobody needs the media of a call any more: relays are told in the same turn. @returns what they had counted of it; undefined
   * where none says so within 600 ms. Never rejects.
   */
  end(call: AnchoredCall): Promise<MediaFigures | undefined>;
  /** Has a digit sent to the other side of `from` as a telephone event. @returns whether a relay does it; never rejects */
  playDigit(
    call: AnchoredCall,
    digit: {
      readonly from: LegName;
      readonly tag: string;
      readonly code: string;
      readonly ms: number;
    },
  ): Promise<boolean>;
  /** The same, where nobody asks for what was counted. */
  release(call: AnchoredCall): void;
}
