import { from, serverTransactionKey, to } from '@tandem/sip';
import type { SipRequest } from '@tandem/sip';
import type { DialogToken, LegName } from '../core/dialog/dialog-token.ts';
import { parseMark } from '../core/marks/call-mark.ts';
import type { PeerAddress } from '../core/network/peer-address.ts';
import type { EdgeResources } from '../edge-resources.ts';
import type { Calls } from '../setup/calls.ts';
import { WaitingMessages } from './waiting-messages.ts';

type Resources = Pick<EdgeResources, 'barrier' | 'clock' | 'logger' | 'sealer' | 'storedTokens'>;

const CALL_ID = /^[\w-]{16}$/;

/** A side of a call, as a request names it that has no token. */
export interface NamedDialog {
  readonly callId: string;
  readonly holder: LegName;
}

/** What becomes of a request whose token is not in it. */
export interface FoundDialog {
  readonly found: (token: DialogToken) => void;
  /** The store has none: the pod of a call that still rings has its tokens in memory. */
  readonly early: () => void;
  /** The store has been away for long. */
  readonly away: () => void;
  /** The store was away: the request is dealt with from its beginning. */
  readonly again: () => void;
}

/** The tokens of requests that carry a reference to one, or none at all: from the memory of this pod, or from the store. */
export class NamedDialogs {
  readonly #edge: Resources;
  readonly #calls: Pick<Calls, 'pending'>;
  readonly #waiting: WaitingMessages;

  constructor(edge: Resources, calls: Pick<Calls, 'pending'>) {
    this.#edge = edge;
    this.#calls = calls;
    this.#waiting = new WaitingMessages(edge.clock);
  }

  /** Stops its timers. */
  close(): void {
    this.#waiting.close();
  }

  /** A peer that sends to our address without the token: its To tag or Call-ID still names the call. */
  named(request: SipRequest): NamedDialog | undefined {
    const tag = to(request).tag;
    const mark = tag === undefined ? undefined : parseMark(this.#edge.sealer, tag);
    if (mark !== undefined) return { callId: mark.callId, holder: 'a' };
    const callId = request.headers.get('Call-ID') ?? '';
    return CALL_ID.test(callId) ? { callId, holder: 'b' } : undefined;
  }

  /** Looks for the token of a dialog. */
  find(dialog: NamedDialog, request: SipRequest, source: PeerAddress, on: FoundDialog): void {
    const key = serverTransactionKey(request);
    const done = (token: DialogToken | undefined): void => {
      this.#waiting.done(key);
      if (token === undefined) on.early();
      else on.found(token);
    };
    const failed = (error: unknown): void => {
      if (this.#waiting.take(key, on.again)) return;
      this.#edge.logger.warn({ err: error, callId: dialog.callId }, 'token not at hand');
      on.away();
    };
    const inHand = { message: request, from: source };
    this.#edge.barrier.settled(this.#token(dialog, request), { done, failed }, inHand);
  }

  async #token(
    { callId, holder }: NamedDialog,
    request: SipRequest,
  ): Promise<DialogToken | undefined> {
    const toTag = holder === 'a' ? to(request).tag : undefined;
    const pending = this.#calls.pending(callId);
    const { tag: farTag = '' } = from(request);
    const callee = pending?.dialogs.find((each) => holder === 'b' && each.farTag === farTag);
    const early = pending?.earlyToken(holder, toTag ?? callee?.tag);
    return early ?? this.#edge.storedTokens.token(callId, holder, toTag);
  }
}
