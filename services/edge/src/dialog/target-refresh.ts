import { contact, from, parseNameAddr, serverTransactionKey, to, topVia } from '@tandem/sip';
import type { SipResponse } from '@tandem/sip';
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
import type { RelayedRequest } from '../core/dialog/relayed-request.ts';
import type { PeerAddress } from '../core/network/peer-address.ts';
import { attemptOfTag, isFurtherTag } from '../core/marks/dialog-tag.ts';
import type { StoredDialogs } from '../ports.ts';
import type { EdgeResources } from '../edge-resources.ts';
import { WaitingMessages } from './waiting-messages.ts';

type Resources = Pick<EdgeResources, 'barrier' | 'clock' | 'logger' | 'sealer' | 'store'>;

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

/** What the store says of the tokens of a call; `away` where it says nothing. */
interface Asked {
  readonly stored?: StoredDialogs | undefined;
  readonly away?: Error;
}

/** What becomes of a message that moves a target. */
export interface Refreshed {
  /**
   * @param contactToken what the other side gets as our Contact; undefined where nobody knows, which an emptied store and a sender
   * behind proxies are needed for, or a store that has been away for long
   */
  readonly known: (contactToken: string | undefined) => void;
  /** The store was away: the message is dealt with from its beginning. */
  readonly again: () => void;
}

/** Keeps the tokens of a call true while its ends move their targets (RFC 3261 §12.2), and writes those that the Contacts get. */
export class TargetRefresh {
  readonly #edge: Resources;
  readonly #early: EarlyTokens;
  readonly #waiting: WaitingMessages;

  constructor(edge: Resources, early: EarlyTokens) {
    this.#edge = edge;
    this.#early = early;
    this.#waiting = new WaitingMessages(edge.clock);
  }

  /** Stops its timers. */
  close(): void {
    this.#waiting.close();
  }

  /** A request that may have moved its sender's target. */
  byRequest({ request, token, source, like }: RelayedRequest, refreshed: Refreshed): void {
    const moved = this.#move({
      callId: token.callId,
      holder: token.holder === 'a' ? 'b' : 'a',
      toTag: token.holder === 'a' ? (to(request).tag ?? '') : token.localTag,
      target: contact(request)?.uri ?? '',
      source,
      like,
      rebuilt: () => rebuiltToken(request, token, source),
    });
    const inHand = { message: request, from: source };
    this.#edge.barrier.settled(moved, this.#told(serverTransactionKey(request), refreshed), inHand);
  }

  /** A response to one: its own sender's target may have moved. The sender of the request gets our Contact in it. */
  byResponse(
    response: SipResponse,
    hop: RelayedHop,
    { source, like }: { readonly source: PeerAddress; readonly like: string },
    refreshed: Refreshed,
  ): void {
    const { callId } = hop;
    const moved = this.#move({
      callId,
      holder: hop.from,
      toTag: (hop.from === 'a' ? parseNameAddr(hop.toHeader).tag : from(response).tag) ?? '',
      target: contact(response)?.uri ?? '',
      source,
      like,
      rebuilt: () => rebuiltFromResponse(response, hop, source),
    });
    const key = `${topVia(response).branch ?? ''} ${String(response.status)}`;
    this.#edge.barrier.settled(moved, this.#told(key, refreshed), { callId, from: source });
  }

  #told(
    key: string,
    { again, known }: Refreshed,
  ): {
    readonly done: (contactToken: string | undefined) => void;
    readonly failed: (error: unknown) => void;
  } {
    return {
      done: (contactToken) => {
        this.#waiting.done(key);
        known(contactToken);
      },
      failed: (error) => {
        if (this.#waiting.take(key, again)) return;
        this.#edge.logger.warn({ err: error }, 'target not stored');
        known(undefined);
      },
    };
  }

  /** Rejects where the store is needed and away. */
  async #move(change: TargetChange): Promise<string | undefined> {
    const { callId, holder, toTag } = change;
    const { stored, away } = await this.#stored(callId, toTag);
    const bytes = stored?.[holder];
    if (stored !== undefined && bytes !== undefined && bytes.length > 0) {
      return this.#moved(change, stored, decodeToken(bytes));
    }
    const early = this.#early(callId, holder, toTag);
    // Not in the store: an early dialog of another pod, or a store that is away or was emptied.
    const token =
      early === undefined ? change.rebuilt() : refreshedToken(early, change.target, change.source);
    if (token === undefined) {
      if (away !== undefined) throw away;
      return undefined;
    }
    const { text, isReference } = issueToken(this.#edge.sealer, token, change.like);
    if (!isReference) return text;
    // All callees of an attempt have the one that is kept.
    const kept = holder === 'a' ? token : spokenIn(token, attemptOfTag(token.localTag));
    const dialog = isFurtherTag(toTag) ? toTag : undefined;
    await this.#edge.store.saveTokens(callId, { [holder]: encodeToken(kept) }, dialog);
    return text;
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
    try {
      await this.#edge.store.saveTokens(callId, tokens, stored.isOfDialog ? toTag : undefined);
    } catch (error) {
      if (isReference) throw error;
      this.#edge.logger.warn({ err: error, callId }, 'target not stored');
    }
    return text;
  }

  async #stored(callId: string, toTag: string): Promise<Asked> {
    try {
      return { stored: await this.#edge.store.tokens(callId, toTag) };
    } catch (error) {
      this.#edge.logger.debug({ err: error, callId }, 'tokens not at hand');
      return { away: error instanceof Error ? error : new Error(String(error)) };
    }
  }
}
