import { ServerTransaction, cseq, serialize } from '@tandem/sip';
import type { ServerTransactionUser, SipRequest } from '@tandem/sip';
import { replyTo } from '../core/call/call-state.ts';
import type { Call, FinalResponse } from '../core/call/call-state.ts';
import type { CallEffect } from '../core/call/call-steps.ts';
import { encodeToken } from '../core/dialog/dialog-token.ts';
import { nameTowards } from '../core/network/local-addresses.ts';
import {
  dialogTerminated,
  refusal,
  rejection,
  relayedResponse,
  trying,
} from '../core/messages/caller-response.ts';
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

/** A carrier's response, and the dialog in which the caller gets it. */
export type SaidToCaller = Pick<
  Extract<CallEffect, { kind: 'relay' }>,
  'branch' | 'response' | 'toTag'
>;

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
  relay(said: SaidToCaller, passedBody: Buffer): void {
    const { branch, response, toTag } = said;
    // RFC 3261 §12.1.1: our tag opens a dialog with the caller, whether the carrier gave one of its own or not.
    const issued = this.#parts.tokens.forCaller(branch, response, toTag);
    const pass = (): void => {
      this.#respond(response.status, this.#relayed(said, passedBody, issued.text));
      passed('after-provisional');
    };
    if (!issued.isReference) {
      pass();
      return;
    }
    // A Contact that refers to the store may not leave before the store has the token.
    const { call, mailbox } = this.#parts;
    const { callId } = call;
    // The first dialog's is that of the call.
    const dialog = toTag === call.toTag ? undefined : toTag;
    const done = (): void => {
      if (mailbox.isPending) pass();
    };
    const failed = (error: unknown): void => {
      this.#edge.logger.warn({ err: error, callId }, 'token of an early dialog not stored');
    };
    const saved = this.#edge.store.saveTokens(callId, { a: encodeToken(issued.token) }, dialog);
    this.#edge.barrier.settled(saved, { done, failed }, { callId });
  }

  /** Passes the carrier's 2xx on. @returns the bytes that the caller got */
  answer(said: SaidToCaller, passedBody: Buffer): Buffer {
    const { branch, response, toTag } = said;
    const { text } = this.#parts.tokens.forCaller(branch, response, toTag);
    const bytes = this.#relayed(said, passedBody, text);
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

  /** Tells that one of several early dialogs is over (RFC 6228). */
  endDialog({ toTag, code }: Extract<CallEffect, { kind: 'end-dialog' }>): void {
    const { invite, source } = this.#parts.call;
    const local = nameTowards(this.#edge.local, source);
    this.#respond(199, serialize(dialogTerminated(invite, { toTag, code, local })));
  }

  /** @param passedBody what the body step has made of that of the callee's answer. @default none */
  refuse(final: FinalResponse, passedBody?: Buffer): void {
    const { callerAnswers, invite, source, toTag } = this.#parts.call;
    const makesCause = callerAnswers?.makesCause;
    const said = { toTag, local: nameTowards(this.#edge.local, source), passedBody, makesCause };
    const response =
      final.kind === 'refusal'
        ? refusal(invite, { ...final, ...said })
        : rejection({ ...final, ...said, invite });
    this.#respond(response.status, serialize(response));
  }

  #relayed(
    { branch, response, toTag }: SaidToCaller,
    passedBody: Buffer,
    contactToken: string,
  ): Buffer {
    const { invite, source } = this.#parts.call;
    return serialize(
      relayedResponse({
        response,
        passedBody,
        invite,
        toTag,
        local: nameTowards(this.#edge.local, source),
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
    this.#edge.transport.send(bytes, replyTo(this.#parts.call));
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
