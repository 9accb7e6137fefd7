import { to } from '@tandem/sip';
import type { SipResponse } from '@tandem/sip';
import { mediaTermsOf } from '../core/call/anchoring.ts';
import { destinationOf } from '../core/call/call-state.ts';
import type { Branch, Call, CallAttempt } from '../core/call/call-state.ts';
import { encodeToken, issueToken } from '../core/dialog/dialog-token.ts';
import type { DialogToken, IssuedToken, LegName } from '../core/dialog/dialog-token.ts';
import {
  addressOf,
  spokenIn,
  tokenForCaller,
  tokenForCarrier,
  widenedToken,
} from '../core/dialog/dialog-tokens.ts';
import type { DialogParts } from '../core/dialog/dialog-tokens.ts';
import { attemptOfTag, attemptTag } from '../core/marks/dialog-tag.ts';
import { callerTag } from '../core/messages/carrier-invite.ts';
import { callerUriB } from '../core/messages/identity.ts';
import { nameTowards } from '../core/network/local-addresses.ts';
import type { PeerAddress } from '../core/network/peer-address.ts';
import type { EdgeResources } from '../edge-resources.ts';

/** A token as it is kept here, with its text in a Contact. */
export interface Issued extends IssuedToken {
  readonly token: DialogToken;
}

/** The caller's token of one dialog. */
interface IssuedToCaller extends Issued {
  readonly branch: Branch;
  /** The callee's tag, and the one that the caller sees. */
  readonly farTag: string;
  readonly toTag: string;
  readonly contact: string | undefined;
}

interface IssuedToCarrier extends Issued {
  readonly attempt: CallAttempt;
}

/** The tokens of an answered call. */
export interface KeptTokens {
  readonly tokenA: Buffer;
  readonly tokenB: Buffer;
  /** Who has but a reference to his own. */
  readonly references: readonly LegName[];
}

/** Of a call that nobody answered. */
export const noTokens: KeptTokens = {
  tokenA: Buffer.alloc(0),
  tokenB: Buffer.alloc(0),
  references: [],
};

/** The tokens that a call puts into the Contacts which its two sides see (edge.md §2): the same on any pod. */
export class LegTokens {
  readonly #edge: EdgeResources;
  readonly #call: Call;
  /** That of the response that came last. */
  #a: IssuedToCaller | undefined;
  /** Those of other dialogs, the latest of each, by the tag that the caller sees. */
  #others: Map<string, IssuedToCaller> | undefined;
  /** That of the attempt that was asked for last, and those of others that ring beside it. */
  #b: IssuedToCarrier | undefined;
  #besideB: Map<CallAttempt, IssuedToCarrier> | undefined;

  constructor(edge: EdgeResources, call: Call) {
    this.#edge = edge;
    this.#call = call;
  }

  /**
   * The one that was issued last to a side.
   * @param toTag that the caller sees of the dialog. @default whichever
   */
  issued(holder: LegName, toTag?: string): DialogToken | undefined {
    if (holder === 'b') return this.#toCarrier(toTag)?.token;
    const last = this.#a;
    const isOther = toTag !== undefined && last?.toTag !== toTag;
    return (isOther ? (this.#others?.get(toTag) ?? last) : last)?.token;
  }

  /** How the carrier of a branch reaches the caller. */
  forCarrier({ attempt }: Branch): Issued {
    const last = this.#b;
    if (last?.attempt === attempt && isAtRelay(last, attempt)) return last;
    const known = this.#besideB?.get(attempt);
    if (known !== undefined && isAtRelay(known, attempt)) return known;
    const { candidate } = attempt;
    const token = tokenForCarrier(this.#dialogParts(attempt), {
      addresses: addressesOf(attempt),
      isStored: candidate.tokens === 'stored',
    });
    const { text, bytes, isReference } = issueToken(this.#edge.sealer, token);
    if (last !== undefined) (this.#besideB ??= new Map()).set(last.attempt, last);
    this.#b = { attempt, token, text, bytes, isReference };
    return this.#b;
  }

  #toCarrier(toTag: string | undefined): IssuedToCarrier | undefined {
    const last = this.#b;
    if (toTag === undefined || this.#besideB === undefined) return last;
    const tag = attemptOfTag(toTag);
    if (last?.token.localTag === tag) return last;
    return [...this.#besideB.values()].find(({ token }) => token.localTag === tag) ?? last;
  }

  /** How the caller reaches the callee who sent this response. */
  forCaller(branch: Branch, response: SipResponse, toTag: string): Issued {
    const { tag: farTag = '' } = to(response);
    const contact = response.headers.get('Contact');
    const { attempt } = branch;
    const { caller, dialog: terms, identity, username } = attempt.candidate;
    const mayChallenge = username !== '' || branch.countsBehind;
    const last = this.#a;
    for (const known of [last, this.#others?.get(toTag)]) {
      const isSame = known?.branch === branch && known.farTag === farTag;
      const isOfTerms = known?.token.terms.mayChallenge === mayChallenge;
      if (isSame && isOfTerms && known.contact === contact) return known;
    }
    const { local, sealer } = this.#edge;
    const { callId, invite, source } = this.#call;
    const { target, address = source } = destinationOf(attempt);
    const calling = { invite, local: nameTowards(local, address), caller, terms, identity };
    const token = tokenForCaller(this.#dialogParts(attempt), {
      response,
      address,
      // Requests in a dialog need no display name (RFC 3261 §12.2.1.1): the token stays short without it.
      localUri: `<${callerUriB(calling)}>`,
      remoteUri: `<${target.uri}>`,
      localTag: callerTag(invite, callId),
      cseqOffset: branch.cseqOffset,
      fallbackTarget: target.uri,
      mayChallenge,
    });
    const { text, bytes, isReference } = issueToken(sealer, token);
    if (last !== undefined && last.toTag !== toTag) {
      (this.#others ??= new Map()).set(last.toTag, last);
    }
    this.#a = { branch, farTag, toTag, contact, token, text, bytes, isReference };
    return this.#a;
  }

  /** Both as they are kept in the record of an answered call, and whose stands there alone. */
  encoded(answer: SipResponse): KeptTokens {
    const { winner, answerToTag } = this.#call;
    if (winner === undefined) return noTokens;
    const a = this.forCaller(winner, answer, answerToTag);
    const b = this.forCarrier(winner);
    // What comes from the callee may come from its Contact's host, or over the first proxy on its way.
    const wideB = widenedToken(
      spokenIn(b.token, answerToTag),
      a.token.nextHop,
      addressOf(a.token.target),
    );
    return {
      tokenA: a.bytes,
      tokenB: wideB === b.token ? b.bytes : encodeToken(wideB),
      references: [
        ...(a.isReference ? ['a' as const] : []),
        ...(b.isReference ? ['b' as const] : []),
      ],
    };
  }

  #dialogParts(attempt: CallAttempt): DialogParts {
    const { callId, callerAddresses, invite, replyMode, source, startedMs, toTag } = this.#call;
    const terms = attempt.candidate.dialog;
    const media = mediaTermsOf(this.#call, attempt);
    const switchTag = attemptTag(this.#edge.sealer, toTag, attempt.tagNumber);
    const said = { callId, invite, source, callerAddresses, replyMode, startedMs };
    return { ...said, switchTag, terms, media };
  }
}

/** A stub of the record may have a token from before a relay has taken the offer: nobody has seen that one. */
function isAtRelay({ token }: Issued, { relay }: CallAttempt): boolean {
  return (token.terms.media?.relay ?? 0) === relay;
}

/** Where the peer of an attempt may speak from: other devices of a phone are other peers. */
function addressesOf(attempt: CallAttempt): (PeerAddress | undefined)[] {
  const own = destinationOf(attempt);
  const { device = 0 } = own.target;
  const ways = attempt.destinations.filter(({ target }) => (target.device ?? 0) === device);
  return [own, ...ways].map(({ address }) => address);
}
