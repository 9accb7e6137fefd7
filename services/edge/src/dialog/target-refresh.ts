import { contact, from, parseNameAddr, to } from '@tandem/sip';
import type { SipRequest, SipResponse } from '@tandem/sip';
import type { RelayedHop } from '../core/dialog/dialog-branch.ts';
import { decodeToken, encodeToken, issueToken } from '../core/dialog/dialog-token.ts';
import type { DialogToken, LegName } from '../core/dialog/dialog-token.ts';
import {
  addressOf,
  rebuiltFromResponse,
  rebuiltToken,
  refreshedToken,
  spokenIn,
  widenedToken,
} from '../core/dialog/dialog-tokens.ts';
import type { PeerAddress } from '../core/network/peer-address.ts';
import { attemptOfTag, isFurtherTag } from '../core/marks/dialog-tag.ts';
import type { StoredDialogs, StoredTokens } from '../ports.ts';
import type { EdgeResources } from '../edge-resources.ts';

type Resources = Pick<EdgeResources, 'logger' | 'sealer' | 'store'>;

/** A token in a dialog of a call that has no answer yet and is in this pod's memory. */
export type EarlyTokens = (
  callId: string,
  holder: LegName,
  toTag: string,
) => DialogToken | undefined;

/** A target refresh (RFC 3261 §12.2). */
interface TargetChange {
  readonly callId: string;
  /** Whose token says where the other side is, so that it changes. */
  readonly holder: LegName;
  /** What the caller knows the dialog by. */
  readonly toTag: string;
  readonly target: string;
  /** Where the mover was heard. */
  readonly source: PeerAddress;
  /** A sealed text of the call, for its key. */
  readonly like: string;
  readonly rebuilt: () => DialogToken | undefined;
}

/** Keeps the tokens of a call true while its ends move their targets (RFC 3261 §12.2), and writes those that the Contacts get. */
export class TargetRefresh {
  readonly #edge: Resources;
  readonly #early: EarlyTokens;

  constructor(edge: Resources, early: EarlyTokens) {
    this.#edge = edge;
    this.#early = early;
  }

  /**
   * What the other side of a request gets as our Contact; undefined where nobody knows, which an emptied store and a sender
   * behind proxies are needed for. Never rejects.
   */
  byRequest(
    request: SipRequest,
    token: DialogToken,
    { source, like }: { readonly source: PeerAddress; readonly like: string },
  ): Promise<string | undefined> {
    return this.#move({
      callId: token.callId,
      holder: token.holder === 'a' ? 'b' : 'a',
      toTag: token.holder === 'a' ? (to(request).tag ?? '') : token.localTag,
      target: contact(request)?.uri ?? '',
      source,
      like,
      rebuilt: () => rebuiltToken(request, token, source),
    });
  }

  /** What the sender of a request gets as our Contact in the response to it; as `byRequest`. */
  byResponse(
    response: SipResponse,
    hop: RelayedHop,
    { source, like }: { readonly source: PeerAddress; readonly like: string },
  ): Promise<string | undefined> {
    return this.#move({
      callId: hop.callId,
      holder: hop.from,
      toTag: (hop.from === 'a' ? parseNameAddr(hop.toHeader).tag : from(response).tag) ?? '',
      target: contact(response)?.uri ?? '',
      source,
      like,
      rebuilt: () => rebuiltFromResponse(response, hop, source),
    });
  }

  async #move(change: TargetChange): Promise<string | undefined> {
    const { callId, holder, toTag } = change;
    const stored = await this.#stored(callId, toTag);
    const bytes = stored?.[holder];
    if (stored !== undefined && bytes !== undefined && bytes.length > 0) {
      return this.#moved(change, stored, decodeToken(bytes));
    }
    const early = this.#early(callId, holder, toTag);
    // Not in the store: an early dialog of another pod, or a store that is away or was emptied.
    const token =
      early === undefined ? change.rebuilt() : refreshedToken(early, change.target, change.source);
    if (token === undefined) return undefined;
    const { text, isReference } = issueToken(this.#edge.sealer, token, change.like);
    if (!isReference) return text;
    // All callees of an attempt have the one that is kept.
    const kept = holder === 'a' ? token : spokenIn(token, attemptOfTag(token.localTag));
    const dialog = isFurtherTag(toTag) ? toTag : undefined;
    const isSaved = await this.#save(callId, { [holder]: encodeToken(kept) }, dialog);
    return isSaved ? text : undefined;
  }

  async #moved(
    change: TargetChange,
    stored: StoredDialogs,
    token: DialogToken,
  ): Promise<string | undefined> {
    const { callId, holder, target, toTag, source, like } = change;
    const moved = refreshedToken(token, target, source);
    const { text, isReference } = issueToken(this.#edge.sealer, moved, like);
    if (moved === token) return text;
    const mover = holder === 'a' ? 'b' : 'a';
    const own = stored[mover];
    const tokens = {
      [holder]: encodeToken(moved),
      ...(own.length === 0
        ? {}
        : { [mover]: encodeToken(widenedToken(decodeToken(own), addressOf(target), source)) }),
    };
    const isSaved = await this.#save(callId, tokens, stored.isOfDialog ? toTag : undefined);
    return isSaved || !isReference ? text : undefined;
  }

  async #stored(callId: string, toTag: string): Promise<StoredDialogs | undefined> {
    try {
      return await this.#edge.store.tokens(callId, toTag);
    } catch (error) {
      this.#edge.logger.debug({ err: error, callId }, 'tokens not at hand');
      return undefined;
    }
  }

  async #save(
    callId: string,
    tokens: Partial<StoredTokens>,
    toTag: string | undefined,
  ): Promise<boolean> {
    try {
      await this.#edge.store.saveTokens(callId, tokens, toTag);
      return true;
    } catch (error) {
      this.#edge.logger.warn({ err: error, callId }, 'target not stored');
      return false;
    }
  }
}
