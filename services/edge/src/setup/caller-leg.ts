import { ServerTransaction, cseq, serialize } from '@tandem/sip';
import type { ServerTransactionUser, SipRequest, SipResponse } from '@tandem/sip';
import type { Branch, Call, FinalResponse } from '../core/call/call-state.ts';
import { encodeToken } from '../core/dialog/dialog-token.ts';
import { refusal, rejection, relayedResponse, trying } from '../core/messages/caller-response.ts';
import type { EdgeResources } from '../edge-resources.ts';
import { passed } from '../faults.ts';
import type { CallMailbox } from './call-mailbox.ts';
import type { LegTokens } from './leg-tokens.ts';
import type { CallKeeper } from './mailbox-surroundings.ts';
import { timersOver } from './own-requests.ts';

/** What a caller's leg needs of its call. */
export interface CallerLegParts {
  readonly call: Call;
  readonly tokens: LegTokens;
  readonly mailbox: Pick<CallMailbox, 'take' | 'isPending'>;
  readonly keeper: Pick<CallKeeper, 'onInDialog'>;
}

/** The INVITE server transaction of a call, and the responses that the caller gets in it, each in a dialog of its own. */
export class CallerLeg implements ServerTransactionUser<SipRequest> {
  readonly #edge: EdgeResources;
  readonly #parts: CallerLegParts;
  readonly #transaction: ServerTransaction<SipRequest>;
  #isOver = false;
  #hasResponded = false;
  /** The 2xx as the caller got it, to repeat it when the carrier repeats its own. */
  #answer: { readonly status: number; readonly bytes: Buffer } | undefined;

  constructor(edge: EdgeResources, parts: CallerLegParts) {
    this.#edge = edge;
    this.#parts = parts;
    this.#transaction = new ServerTransaction<SipRequest>({
      kind: 'invite',
      request: parts.call.invite,
      timers: timersOver(parts.call.source.transport),
      clock: edge.clock,
      user: this,
    });
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  get inviteCseq(): number {
    return cseq(this.#parts.call.invite).number;
  }

  start(): void {
    this.#transaction.start();
  }

  /** The INVITE again, or the ACK of a refusal. */
  receive(request: SipRequest): void {
    if (request.method === 'INVITE' && !this.#hasResponded) {
      this.#parts.mailbox.take({ kind: 'repeated' });
      return;
    }
    this.#transaction.receive(request);
    if (this.#transaction.stateName === 'Confirmed') this.#parts.mailbox.take({ kind: 'told' });
  }

  /** Ends the transaction without a word: what is left to do is little, and is done elsewhere. */
  abandon(): void {
    this.#transaction.abandon();
    this.#isOver = true;
  }

  sendTrying(): void {
    this.#respond(100, this.trying());
    passed('after-trying');
  }

  /** Passes a carrier's provisional response on. */
  relay(branch: Branch, response: SipResponse, passedBody: Buffer): void {
    // RFC 3261 §12.1.1: our tag opens a dialog with the caller, whether the carrier gave one of its own or not.
    const issued = this.#parts.tokens.forCaller(branch, response);
    const pass = (): void => {
      this.#respond(response.status, this.#relayed(branch, { response, passedBody }, issued.text));
      passed('after-provisional');
    };
    if (!issued.isReference) {
      pass();
      return;
    }
    // A Contact that refers to the store may not leave before the store has the token.
    const { call, mailbox } = this.#parts;
    const { callId } = call;
    this.#edge.store.saveTokens(callId, { a: encodeToken(issued.token) }).then(
      () => {
        if (mailbox.isPending) pass();
      },
      (error: unknown) => {
        this.#edge.logger.warn({ err: error, callId }, 'token of an early dialog not stored');
      },
    );
  }

  /** Passes the carrier's 2xx on. @returns the bytes that the caller got */
  answer(branch: Branch, response: SipResponse, passedBody: Buffer): Buffer {
    const { text } = this.#parts.tokens.forCaller(branch, response);
    const bytes = this.#relayed(branch, { response, passedBody }, text);
    this.#answer = { status: response.status, bytes };
    this.#respond(response.status, bytes);
    return bytes;
  }

  /** Sends the 2xx again, as it was (edge.md §1.2). @returns false where it has not been sent yet */
  relayAgain(): boolean {
    if (this.#answer === undefined) return false;
    this.#respond(this.#answer.status, this.#answer.bytes);
    return true;
  }

  refuse(final: FinalResponse): void {
    const { invite, toTag } = this.#parts.call;
    const said = { toTag, local: this.#edge.local };
    const response =
      final.kind === 'refusal'
        ? refusal(invite, { ...final, ...said })
        : rejection({ ...final, ...said, invite });
    this.#respond(response.status, serialize(response));
  }

  #relayed(
    branch: Branch,
    said: { readonly response: SipResponse; readonly passedBody: Buffer },
    contactToken: string,
  ): Buffer {
    const { invite, source, toTag } = this.#parts.call;
    return serialize(
      relayedResponse({
        ...said,
        invite,
        toTag,
        local: this.#edge.local,
        contactToken,
        transport: source.transport,
        terms: branch.attempt.candidate.dialog,
      }),
    );
  }

  #respond(status: number, bytes: Buffer): void {
    this.#hasResponded = true;
    this.#transaction.respond(status, bytes);
  }

  send(bytes: Buffer): void {
    this.#edge.transport.send(bytes, this.#parts.call.source);
  }

  trying(): Buffer {
    return serialize(trying(this.#parts.call.invite));
  }

  onRequest(request: SipRequest): void {
    const { call, keeper } = this.#parts;
    // A client that gives the ACK of a 2xx the INVITE's branch (RFC 2543 did) means it for the callee all the same.
    if (request.method === 'ACK') keeper.onInDialog(request, call.source);
  }

  onFailure(): void {
    this.#edge.logger.debug({ callId: this.#parts.call.callId }, 'no ACK for a refusal');
  }

  onTerminated(): void {
    this.#isOver = true;
    this.#parts.mailbox.take({ kind: 'told' });
  }
}
