import { from, serverTransactionKey, to } from '@tandem/sip';
import type { SipRequest, SipResponse } from '@tandem/sip';
import { SpanStatusCode, startSpan, traceParentOf } from '@tandem/telemetry';
import type { Span } from '@tandem/telemetry';
import { begin, step } from '../core/call-machine.ts';
import { newCall } from '../core/call-state.ts';
import type { CallAttempt, CallEffect, CallInput, CallState } from '../core/call-state.ts';
import type { DialogToken } from '../core/dialog-token.ts';
import type { PeerAddress } from '../core/peer-address.ts';
import { callsAnswered, callsFailed, callsStarted, edgeTracer, setUpTime } from '../telemetry.ts';
import type { AnsweredCall } from './answered-calls.ts';
import { CallInquiries } from './call-inquiries.ts';
import type { Inquiry } from './call-inquiries.ts';
import { CallerLeg } from './caller-leg.ts';
import { CarrierLeg } from './carrier-leg.ts';
import type { EdgeResources } from './edge-resources.ts';

/** Is auth or routing slower than this, the caller gets its 100 all the same, after a record (edge.md §4.1). */
const SLOW_MS = 200;

/** What a call tells its keeper. */
export interface CallSessionOwner {
  /** The call has taken this id. */
  onCallId(session: CallSession): void;
  /** An ACK of a 2xx that came with the INVITE's own key: it goes to the callee. */
  onAnswerAck(ack: SipRequest, source: PeerAddress): void;
  /** The call is answered and its session at an end: what is left of it. */
  onAnswered(session: CallSession, answered: AnsweredCall): void;
  /** No transaction of the call is left. */
  onOver(session: CallSession): void;
}

/**
 * One initial INVITE and its legs: the mailbox in which everything that happens to the call is taken one after the
 * other, and the only place that performs what the machine of core/call-machine.ts says.
 */
export class CallSession {
  readonly transactionKey: string;
  /** The same for an INVITE that came by another way too (RFC 3261 §8.2.2.2). */
  readonly origin: string;
  readonly #edge: EdgeResources;
  readonly #owner: CallSessionOwner;
  /** Where the INVITE came from. */
  readonly source: PeerAddress;
  readonly #call: CallState;
  readonly #span: Span;
  readonly #caller: CallerLeg;
  readonly #carrier: CarrierLeg;
  readonly #inquiries: CallInquiries;
  readonly #inputs: CallInput[] = [];
  #isStepping = false;
  #timer: object | undefined;
  #slowTimer: object | undefined;
  /** The 2xx as the caller got it, to repeat it when the carrier repeats its own. */
  #answer: { readonly tag: string; readonly bytes: Buffer } | undefined;

  constructor(
    edge: EdgeResources,
    parts: {
      readonly invite: SipRequest;
      readonly source: PeerAddress;
      readonly owner: CallSessionOwner;
    },
  ) {
    const { invite, source } = parts;
    const call = newCall(edge.random(12), edge.clock.now());
    const onOver = (): void => {
      this.#checkOver();
    };
    this.#edge = edge;
    this.#owner = parts.owner;
    this.source = source;
    this.transactionKey = serverTransactionKey(invite);
    this.origin = originOf(invite);
    this.#call = call;
    this.#span = startSpan(edgeTracer, { name: 'edge.call' });
    this.#caller = new CallerLeg(edge, {
      call,
      invite,
      source,
      onAnswerAck: (ack) => {
        this.#owner.onAnswerAck(ack, source);
      },
      onOver,
    });
    this.#carrier = new CarrierLeg(edge, {
      call,
      invite,
      source,
      switchTag: () => this.#caller.toTag,
      onInput: (input) => {
        this.#take(input);
      },
      onRepeatedAnswer: (response) => {
        this.#repeatAnswer(response);
      },
      onOver,
    });
    this.#inquiries = new CallInquiries(edge, {
      call,
      invite,
      source,
      traceParent: traceParentOf(this.#span),
      encodedTokens: (answer) => this.#carrier.encodedTokens(answer),
    });
  }

  get callId(): string {
    return this.#call.callId;
  }

  /** The To tag that the caller sees. */
  get toTag(): string {
    return this.#caller.toTag;
  }

  /** What the ACK of the answer has to say again. */
  get answeredInvite(): Pick<AnsweredCall, 'cseq' | 'authorization'> | undefined {
    if (this.#call.phase !== 'answered') return undefined;
    const { authorization } = this.#call.attempts.at(-1) ?? {};
    return { cseq: this.#caller.inviteCseq, authorization };
  }

  /** Whether the call has no final answer yet. */
  get isPending(): boolean {
    const { phase } = this.#call;
    return phase !== 'answered' && phase !== 'ended' && phase !== 'ending';
  }

  /** Encoded in neither record nor header yet: the tokens of a dialog that is still early. */
  get earlyTokens(): { readonly a: DialogToken | undefined; readonly b: DialogToken | undefined } {
    return this.#carrier.tokens;
  }

  /** Begins to work on the INVITE. */
  start(): void {
    this.#owner.onCallId(this);
    this.#caller.start();
    this.#slowTimer = this.#edge.clock.start(SLOW_MS, () => {
      this.#slow();
    });
    for (const effect of begin()) this.#perform(effect);
  }

  /** The INVITE again, or the ACK of a refusal. */
  receive(request: SipRequest): void {
    this.#caller.receive(request);
  }

  /** The caller gave up (CANCEL, or BYE in the early dialog). */
  cancel(): void {
    this.#take({ kind: 'cancel' });
  }

  /** Whether an INVITE of this call carries this branch. */
  sent(sequence: number, branch: string): boolean {
    return this.#carrier.branchOf(sequence) === branch;
  }

  /** A response with the branch of one of our requests of this call. */
  carrierResponse(sequence: number, response: SipResponse): void {
    this.#carrier.receive(sequence, response);
  }

  #take(input: CallInput): void {
    this.#inputs.push(input);
    if (this.#isStepping) return;
    this.#isStepping = true;
    for (let next = this.#inputs.shift(); next !== undefined; next = this.#inputs.shift()) {
      const around = {
        nowMs: this.#edge.clock.now(),
        authorize: (response: SipResponse, attempt: CallAttempt) =>
          this.#carrier.authorize(response, attempt),
      };
      for (const effect of step(this.#call, next, around)) this.#perform(effect);
    }
    this.#isStepping = false;
  }

  #perform(effect: CallEffect): void {
    switch (effect.kind) {
      case 'authenticate':
      case 'claim':
      case 'route':
      case 'switch':
      case 'record':
      case 'store-answer':
      case 'store-end':
        this.#inquire(effect);
        break;
      default:
        this.#act(effect);
    }
  }

  #inquire(effect: Inquiry): void {
    if (effect.kind === 'claim') callsStarted.add(1);
    if (effect.kind === 'store-end') {
      callsFailed.add(1, { reason: effect.ending.reason });
      this.#finish(effect.ending.reason);
    }
    // An inquiry never rejects.
    void this.#inquiries.ask(effect).then((input) => {
      this.#take(input);
    });
  }

  #act(effect: Exclude<CallEffect, Inquiry>): void {
    switch (effect.kind) {
      case 'challenge':
        this.#finish('challenged');
        this.#caller.challenge(effect.response);
        break;
      case 'trying':
        this.#caller.sendTrying();
        break;
      case 'invite':
        this.#invite(effect.attempt);
        break;
      case 'cancel-invite':
        this.#carrier.cancel(effect.sequence);
        break;
      case 'hang-up':
        this.#carrier.hangUp(effect.sequence, effect.response);
        break;
      case 'relay':
        this.#relay(effect.attempt, effect.response);
        break;
      case 'respond':
        this.#caller.refuse(effect.final);
        break;
      case 'publish':
        this.#edge.outbox.publish(effect.event);
        break;
      case 'start-timer':
        this.#startTimer(effect);
        break;
      case 'stop-timer':
        this.#stopTimer();
        break;
      case 'leave':
        this.#finish('left');
        this.#caller.abandon();
        this.#checkOver();
        break;
    }
  }

  #invite(attempt: CallAttempt): void {
    if (this.#call.sequence === 1) {
      setUpTime.record((this.#edge.clock.now() - this.#call.startedMs) / 1000);
    }
    this.#carrier.invite(attempt);
  }

  /** Routing takes its time: a stub of the record first, then the 100 that stops the caller's repetitions. */
  #slow(): void {
    this.#slowTimer = undefined;
    if (this.#call.phase !== 'routing' && this.#call.phase !== 'recording') return;
    this.#inquiries.writeAhead().then(
      () => {
        if (this.#call.isTryingSent || !this.isPending) return;
        this.#call.isTryingSent = true;
        this.#caller.sendTrying();
      },
      (error: unknown) => {
        this.#edge.logger.debug({ err: error, callId: this.callId }, 'no stub record');
      },
    );
  }

  #relay(attempt: CallAttempt, response: SipResponse): void {
    // RFC 3261 §12.1.1: our tag opens a dialog with the caller, whether the carrier gave one of its own or not.
    const contactToken = this.#carrier.contactForCaller(attempt, response);
    const bytes = this.#caller.relay(response, contactToken);
    if (response.status >= 200) this.#answered(to(response).tag ?? '', bytes);
  }

  #answered(tag: string, bytes: Buffer): void {
    callsAnswered.add(1);
    this.#answer = { tag, bytes };
    this.#stopTimer();
    this.#finish('answered');
    const sent = this.#carrier.onlyInvite;
    // An earlier attempt is still being wound up: the transactions run to their end.
    if (sent === undefined) return;
    this.#carrier.abandon();
    this.#caller.abandon();
    this.#owner.onAnswered(this, {
      transactionKey: this.transactionKey,
      callId: this.callId,
      branch: sent.branch,
      cseq: this.#caller.inviteCseq,
      authorization: sent.attempt.authorization,
      // A copy: the tag as it was read keeps the whole message in memory.
      tag: Buffer.from(tag, 'latin1').toString('latin1'),
      answer: bytes,
      source: this.source,
      carrier: sent.address,
    });
  }

  /** The carrier has not seen the caller's ACK: it travels end to end, so the 2xx does too (edge.md §1.2). */
  #repeatAnswer(response: SipResponse): void {
    if (this.#answer === undefined) return;
    const tag = to(response).tag ?? '';
    if (tag === this.#answer.tag) this.#caller.repeat(response.status, this.#answer.bytes);
    // Another fork answered too; the caller has one dialog (RFC 3261 §13.2.2.4).
    else this.#carrier.hangUp(this.#call.attempts.at(-1)?.sequence ?? 0, response);
  }

  #startTimer({ name, ms }: Extract<CallEffect, { kind: 'start-timer' }>): void {
    this.#stopTimer();
    this.#timer = this.#edge.clock.start(ms, () => {
      this.#take({ kind: 'timer', name });
    });
  }

  #stopTimer(): void {
    if (this.#timer !== undefined) this.#edge.clock.stop(this.#timer);
    this.#timer = undefined;
  }

  /** The call's fate is known: its span ends, and nothing is slow any more. */
  #finish(outcome: string): void {
    if (this.#slowTimer !== undefined) this.#edge.clock.stop(this.#slowTimer);
    this.#slowTimer = undefined;
    this.#span.setAttribute('tandem.outcome', outcome);
    this.#span.setAttribute('tandem.call_id', this.callId);
    if (outcome !== 'answered' && outcome !== 'challenged') {
      this.#span.setStatus({ code: SpanStatusCode.ERROR, message: outcome });
    }
    this.#span.end();
  }

  #checkOver(): void {
    if (this.#caller.isOver && this.#carrier.isOver) this.#owner.onOver(this);
  }
}

function originOf(invite: SipRequest): string {
  const { headers } = invite;
  return `${headers.get('Call-ID') ?? ''} ${headers.get('CSeq') ?? ''} ${from(invite).tag ?? ''}`;
}
