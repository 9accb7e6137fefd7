import { contact, cseq, magicCookie, parseUri, serialize, to, topVia } from '@tandem/sip';
import type { SipRequest, SipResponse } from '@tandem/sip';
import { parseMark } from '../core/call-mark.ts';
import { openBranch, sealBranch } from '../core/dialog-branch.ts';
import type { RelayedHop } from '../core/dialog-branch.ts';
import { decodeToken, encodeToken, openToken, sealToken } from '../core/dialog-token.ts';
import type { DialogToken, LegName } from '../core/dialog-token.ts';
import { addressOf, refreshedToken, widenedToken } from '../core/dialog-tokens.ts';
import { endingEvent } from '../core/events.ts';
import { plainResponse } from '../core/messages/caller-response.ts';
import { isTargetRefresh, relayedRequest } from '../core/messages/dialog-request.ts';
import { relayedDialogResponse } from '../core/messages/dialog-response.ts';
import type { PeerAddress } from '../core/peer-address.ts';
import { statelessTag } from '../core/stateless-tag.ts';
import { messagesDropped } from '../telemetry.ts';
import type { AnsweredCall } from './answered-calls.ts';
import type { CallSession } from './call-session.ts';
import type { EdgeResources } from './edge-resources.ts';

const CALL_ID = /^[\w-]{16}$/;
/** A branch holds the Vias of the sender, and comes back in one header line, which has an end everywhere. */
const LONGEST_BRANCH = 6000;

/** What the relay may learn of the calls that began on this pod; it works without. */
export interface CallsOfPod {
  /** A call that has no final answer yet. */
  pending(callId: string): CallSession | undefined;
  /** A call that was answered lately. */
  answered(callId: string): Pick<AnsweredCall, 'cseq' | 'authorization'> | undefined;
}

/**
 * Passes requests in a dialog from one leg to the other, and their responses back, with what is sealed in the
 * messages themselves: no call is looked up, so any pod can do it (edge.md §1.1).
 */
export class DialogRelay {
  readonly #edge: EdgeResources;
  readonly #calls: CallsOfPod;

  constructor(edge: EdgeResources, calls: CallsOfPod) {
    this.#edge = edge;
    this.#calls = calls;
  }

  /** Relays a request that has a To tag, or a CANCEL or ACK on its way to a re-INVITE. */
  request(request: SipRequest, source: PeerAddress): void {
    const text = openToken(this.#edge.sealer, userPart(request.uri));
    if (text?.kind === 'inline') {
      this.#withToken(request, source, text.token);
      return;
    }
    const named = text ?? this.#namedCall(request);
    if (named === undefined) {
      this.#refuse(request, source, { code: 481, phrase: 'Call/Transaction Does Not Exist' });
      return;
    }
    this.#storedToken(named.callId, named.holder).then(
      (token) => {
        if (token !== undefined) this.#withToken(request, source, token);
        else
          this.#refuse(request, source, { code: 481, phrase: 'Call/Transaction Does Not Exist' });
      },
      (error: unknown) => {
        this.#edge.logger.warn({ err: error, callId: named.callId }, 'token not at hand');
        this.#refuse(request, source, { code: 503, phrase: 'Service Unavailable' });
      },
    );
  }

  /** Passes back the response to a request that was relayed; drops what is not ours. */
  response(response: SipResponse): void {
    const hop = openBranch(this.#edge.sealer, topVia(response).branch ?? '');
    if (hop === undefined) {
      messagesDropped.add(1, { cause: 'foreign-branch' });
      return;
    }
    const { method } = cseq(response);
    const moves = (method === 'INVITE' || method === 'UPDATE') && response.status < 300;
    const target = moves ? contact(response)?.uri : undefined;
    if (target === undefined) {
      this.#sendResponse(response, hop, undefined);
      return;
    }
    this.#refreshed(hop.callId, hop.from, target).then(
      (contactToken) => {
        this.#sendResponse(response, hop, contactToken);
      },
      (error: unknown) => {
        this.#edge.logger.warn({ err: error, callId: hop.callId }, 'target not refreshed');
        this.#sendResponse(response, hop, undefined);
      },
    );
  }

  #withToken(request: SipRequest, source: PeerAddress, token: DialogToken): void {
    // A token proves the path of a request, not its sender (edge.md §2).
    if (token.holderAddresses.includes(source.address)) {
      this.#fromHolder(request, source, token);
      return;
    }
    // The carrier's token was made before it answered: its Contact and Record-Route are in the stored one.
    this.#isKnownSource(token, source).then(
      (isKnown) => {
        if (isKnown) this.#fromHolder(request, source, token);
        else this.#refuseForeign(request, source);
      },
      (error: unknown) => {
        this.#edge.logger.warn({ err: error, callId: token.callId }, 'token not at hand');
        this.#refuseForeign(request, source);
      },
    );
  }

  async #isKnownSource(token: DialogToken, source: PeerAddress): Promise<boolean> {
    const stored = (await this.#edge.store.tokens(token.callId))?.[token.holder];
    return (
      stored !== undefined &&
      stored.length > 0 &&
      decodeToken(stored).holderAddresses.includes(source.address)
    );
  }

  #refuseForeign(request: SipRequest, source: PeerAddress): void {
    messagesDropped.add(1, { cause: 'foreign-source' });
    this.#refuse(request, source, {
      code: 403,
      phrase: 'Forbidden',
      warning: 'Source address is not of this call',
    });
  }

  #fromHolder(request: SipRequest, source: PeerAddress, token: DialogToken): void {
    if (request.method === 'REFER') {
      this.#refuse(request, source, {
        code: 403,
        phrase: 'Forbidden',
        warning: 'Transfer is not permitted',
      });
      return;
    }
    const pending = this.#calls.pending(token.callId);
    if (request.method === 'BYE' && token.holder === 'a' && pending !== undefined) {
      // RFC 3261 §15: the caller may leave an early dialog with BYE.
      this.#refuse(request, source, { code: 200, phrase: 'OK' });
      pending.cancel();
      return;
    }
    if (request.method === 'BYE') {
      this.#bye(request, source, token);
      return;
    }
    if (!isTargetRefresh(request)) {
      this.#sendRequest(request, source, { token, contactToken: undefined });
      return;
    }
    const other = token.holder === 'a' ? 'b' : 'a';
    this.#refreshed(token.callId, other, contact(request)?.uri ?? '').then(
      (contactToken) => {
        this.#sendRequest(request, source, { token, contactToken });
      },
      (error: unknown) => {
        this.#edge.logger.warn({ err: error, callId: token.callId }, 'target not refreshed');
        this.#refuse(request, source, { code: 503, phrase: 'Service Unavailable' });
      },
    );
  }

  /** edge.md §4.3: `end` first, then the relay, then the event. The BYE goes on whatever the store says. */
  #bye(request: SipRequest, source: PeerAddress, token: DialogToken): void {
    const { store, outbox, logger } = this.#edge;
    const ending = endingEvent(token.callId, {
      reason: 'NormalClearing',
      code: 200,
      by: token.holder === 'a' ? 'caller' : 'callee',
      text: request.headers.get('Reason') ?? '',
    });
    const relay = (): void => {
      this.#sendRequest(request, source, { token, contactToken: undefined });
    };
    store.end({ callId: token.callId, ending }).then(
      (result) => {
        relay();
        if (result.kind === 'first') outbox.publish(result.event);
        if (result.kind === 'unknown')
          logger.warn({ callId: token.callId }, 'end of an unknown call');
      },
      (error: unknown) => {
        logger.error({ err: error, callId: token.callId }, 'end not stored');
        relay();
      },
    );
  }

  #sendRequest(
    request: SipRequest,
    source: PeerAddress,
    relay: { readonly token: DialogToken; readonly contactToken: string | undefined },
  ): void {
    const { local, random, sealer, transport } = this.#edge;
    const { token } = relay;
    const answered = this.#answeredBy(request, token);
    const branch =
      answered !== undefined
        ? magicCookie + random(12)
        : sealBranch(sealer, {
            callId: token.callId,
            from: token.holder,
            source,
            vias: request.headers.getAll('Via'),
            callIdHeader: request.headers.get('Call-ID') ?? '',
            fromHeader: request.headers.get('From') ?? '',
            toHeader: request.headers.get('To') ?? '',
            cseqNumber: cseq(request).number,
          });
    if (branch.length > LONGEST_BRANCH) {
      this.#refuse(request, source, { code: 513, phrase: 'Message Too Large' });
      return;
    }
    const relayed = relayedRequest({
      request,
      token,
      branch,
      local,
      contactToken: relay.contactToken,
      authorization: answered?.authorization,
    });
    transport.send(serialize(relayed), token.nextHop);
  }

  /**
   * The call whose initial INVITE's 2xx this acknowledges, where it was answered here: nothing answers the ACK, so its
   * branch need not say where it came from. Any other ACK may be of a refused re-INVITE, whose branch it must have; the
   * callee's are, since its numbers are its own.
   */
  #answeredBy(request: SipRequest, token: DialogToken): ReturnType<CallsOfPod['answered']> {
    if (request.method !== 'ACK' || token.holder !== 'a') return undefined;
    const answered = this.#calls.answered(token.callId);
    return answered?.cseq === cseq(request).number ? answered : undefined;
  }

  #sendResponse(response: SipResponse, hop: RelayedHop, contactToken: string | undefined): void {
    const { local, transport } = this.#edge;
    const { method } = cseq(response);
    const relayed = relayedDialogResponse({ response, method, hop, local, contactToken });
    transport.send(serialize(relayed), hop.source);
  }

  /** Moves the other side's target in the token that `holder` holds, and gives the new token's text. */
  async #refreshed(callId: string, holder: LegName, target: string): Promise<string | undefined> {
    const { store, sealer } = this.#edge;
    const stored = await store.tokens(callId);
    if (stored === undefined) {
      const early = this.#calls.pending(callId)?.earlyTokens[holder];
      return early === undefined ? undefined : sealToken(sealer, refreshedToken(early, target));
    }
    const token = decodeToken(stored[holder]);
    const moved = refreshedToken(token, target);
    if (moved !== token) {
      const mover = holder === 'a' ? 'b' : 'a';
      const own = widenedToken(decodeToken(stored[mover]), addressOf(target));
      await store.saveTokens(callId, {
        ...stored,
        [holder]: encodeToken(moved),
        [mover]: encodeToken(own),
      });
    }
    return sealToken(sealer, moved);
  }

  async #storedToken(callId: string, holder: LegName): Promise<DialogToken | undefined> {
    const early = this.#calls.pending(callId)?.earlyTokens[holder];
    if (early !== undefined) return early;
    const stored = await this.#edge.store.tokens(callId);
    return stored === undefined || stored[holder].length === 0
      ? undefined
      : decodeToken(stored[holder]);
  }

  /** A peer that sends to our address without the token: its To tag or Call-ID still names the call. */
  #namedCall(request: SipRequest): { callId: string; holder: LegName } | undefined {
    const tag = to(request).tag;
    const mark = tag === undefined ? undefined : parseMark(this.#edge.sealer, tag);
    if (mark !== undefined) return { callId: mark.callId, holder: 'a' };
    const callId = request.headers.get('Call-ID') ?? '';
    return CALL_ID.test(callId) ? { callId, holder: 'b' } : undefined;
  }

  #refuse(
    request: SipRequest,
    source: PeerAddress,
    answer: { readonly code: number; readonly phrase: string; readonly warning?: string },
  ): void {
    if (request.method === 'ACK') {
      messagesDropped.add(1, { cause: 'ack-without-dialog' });
      return;
    }
    const { local, transport } = this.#edge;
    const response = plainResponse(request, { ...answer, toTag: statelessTag(request), local });
    // CALL-07: the reply address is the socket.
    transport.send(serialize(response), source);
  }
}

function userPart(uri: string): string {
  try {
    return parseUri(uri).user ?? '';
  } catch {
    return ''; // No SIP URI, so no token of ours.
  }
}
