import { serverTransactionKey } from '@tandem/sip';
import type { SipRequest, SipResponse } from '@tandem/sip';
import { isAmong } from '../core/network/caller-addresses.ts';
import { begin, resume, step } from '../core/call/call-machine.ts';
import type { CallSurroundings } from '../core/call/call-machine.ts';
import type {
  AuthVerdict,
  CallAttempt,
  CallEffect,
  CallInput,
  CallState,
} from '../core/call/call-state.ts';
import type { DialogToken } from '../core/dialog/dialog-token.ts';
import { originOf } from '../core/call/invite-origin.ts';
import { ownerName } from '../core/marks/owner.ts';
import type { PeerAddress } from '../core/network/peer-address.ts';
import type { Claim } from '../ports.ts';
import { callsFailed, callsLost, callsStarted, setUpTime } from '../telemetry.ts';
import type { CancelMessage } from './admissions.ts';
import type { AnsweredCall } from './answered-calls.ts';
import { CallInquiries } from './call-inquiries.ts';
import type { Inquiry } from './call-inquiries.ts';
import type { CallSpan } from './call-span.ts';
import { CallerLeg } from './caller-leg.ts';
import { CarrierLeg } from './carrier-leg.ts';
import type { EdgeResources } from '../edge-resources.ts';
import { passed } from '../faults.ts';
import { HeldWork } from './held-work.ts';
import type { PeerMessage } from './held-work.ts';
import { LegTokens, carrierAddress } from './leg-tokens.ts';
import { PendingCancels } from './pending-cancels.ts';
import { ResponseRelay } from './response-relay.ts';

/** Is routing slower than this, the caller gets its 100 all the same, after a record (edge.md §4.1). */
const SLOW_MS = 200;

/** What a call tells its keeper. */
export interface CallSessionOwner {
  /** The call has taken its id. @param formerId the one that it had until now */
  onCallId(session: CallSession, formerId?: string): void;
  /** An ACK of a 2xx that came with the INVITE's own key: it goes to the callee. */
  onAnswerAck(ack: SipRequest, source: PeerAddress): void;
  /** The call is answered and its session at an end: what is left of it. */
  onAnswered(session: CallSession, answered: AnsweredCall): void;
  /** No transaction of the call is left. */
  onOver(session: CallSession): void;
  /** The call is another pod's: what this one has not dealt with goes there. */
  onElsewhere(callId: string, messages: readonly PeerMessage[], owner?: string): void;
}

/** What a call begins with. */
export interface CallSessionParts {
  readonly invite: SipRequest;
  readonly source: PeerAddress;
  readonly owner: CallSessionOwner;
  /** New, or as another pod left it in the call's record. */
  readonly call: CallState;
  readonly span: CallSpan;
}

/**
 * One initial INVITE and its legs: the mailbox in which everything that happens to the call is taken one after the
 * other, and the only place that performs what the machine of core/call-machine.ts says.
 */
export class CallSession {
  readonly transactionKey: string;
  /** By `originOf`. */
  readonly origin: string;
  readonly invite: SipRequest;
  /** Where the INVITE came from. */
  readonly source: PeerAddress;
  readonly #edge: EdgeResources;
  readonly #owner: CallSessionOwner;
  readonly #call: CallState;
  readonly #span: CallSpan;
  readonly #caller: CallerLeg;
  readonly #carrier: CarrierLeg;
  readonly #tokens: LegTokens;
  readonly #inquiries: CallInquiries;
  readonly #responses: ResponseRelay;
  readonly #inputs: CallInput[] = [];
  #isStepping = false;
  #timer: object | undefined;
  #slowTimer: object | undefined;
  /** The 2xx whose call is being stored as answered. */
  #answering: PeerMessage | undefined;
  /** Answered once the cancel is stored. */
  readonly #cancels = new PendingCancels();
  /** A response of a carrier which shows that it has the INVITE that another pod sent. */
  #seenSequence = 0;
  #isForgotten = false;
  readonly #held = new HeldWork();
  #newOwner: string | undefined;

  constructor(edge: EdgeResources, parts: CallSessionParts) {
    const { invite, source, call } = parts;
    const onOver = (): void => {
      this.#checkOver();
    };
    this.#edge = edge;
    this.#owner = parts.owner;
    this.invite = invite;
    this.source = source;
    this.transactionKey = serverTransactionKey(invite);
    this.origin = originOf(invite);
    this.#call = call;
    this.#span = parts.span;
    this.#caller = new CallerLeg(edge, {
      call,
      invite,
      source,
      onAnswerAck: (ack) => {
        this.#owner.onAnswerAck(ack, source);
      },
      onOver,
    });
    const switchTag = (): string => this.#caller.toTag;
    const tokens = new LegTokens(edge, { call, invite, source, switchTag });
    this.#tokens = tokens;
    this.#carrier = new CarrierLeg(edge, {
      call,
      invite,
      tokens,
      onInput: (input) => {
        this.#take(input);
      },
      onRepeatedAnswer: (response) => {
        this.#responses.repeat(response);
      },
      onOver,
    });
    this.#inquiries = new CallInquiries(edge, {
      call,
      invite,
      source,
      tokens,
      switchTag,
      traceParent: this.#span.traceParent,
    });
    this.#responses = new ResponseRelay(edge, {
      call,
      source,
      transactionKey: this.transactionKey,
      caller: this.#caller,
      carrier: this.#carrier,
      tokens,
      isPending: () => this.isPending,
      onAnswered: (answered) => {
        this.#stopTimer();
        this.#finish('answered');
        if (answered !== undefined) this.#owner.onAnswered(this, answered);
      },
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
    return this.#tokens.issued;
  }

  /** Whether who is at this address is the client that called. */
  isCaller(address: string): boolean {
    return address === this.source.address || isAmong(this.#call.callerAddresses, address);
  }

  /** Number of INVITEs that have been sent to carriers, or are about to be. */
  get sequence(): number {
    return this.#call.sequence;
  }

  /** Whether an INVITE is under way at a carrier: the record says so, and the call waits for a peer. */
  get isCalling(): boolean {
    return this.#call.phase === 'calling';
  }

  /** Whether another pod may go on with it and need not send anything again. */
  get isHandable(): boolean {
    return this.isCalling && this.#call.attempts.at(-1)?.hasProvisional === true;
  }

  /** Whether nobody has to be told anything any more. */
  get isSettled(): boolean {
    return this.#caller.isSettled && this.#carrier.isSettled;
  }

  /** Begins to work on an INVITE of which auth has said who calls. */
  start(verdict: AuthVerdict): void {
    this.#owner.onCallId(this);
    this.#caller.start();
    this.#slowTimer = this.#edge.clock.start(SLOW_MS, () => {
      this.#slow();
    });
    for (const effect of begin(this.#call, verdict, this.#around())) this.#perform(effect);
  }

  /**
   * Goes on with a call that another pod began.
   * @param seenSequence number of the INVITE to which a response has come, so that it need not be sent again; 0 = none
   */
  resume(seenSequence: number): void {
    this.#seenSequence = seenSequence;
    this.#owner.onCallId(this);
    this.#caller.start();
    const around = this.#around();
    for (const effect of resume(this.#call, around)) this.#perform(effect);
    this.#checkOver();
  }

  /** The INVITE again, or the ACK of a refusal. */
  receive(request: SipRequest): void {
    this.#whenHere({ message: request, from: this.source }, () => {
      this.#caller.receive(request);
      if (request.method === 'ACK') this.#checkSettled();
    });
  }

  /**
   * The caller gave up: CANCEL, or BYE in the early dialog.
   * @param done called once that is stored, or comes too late: the request may be answered then (edge.md §4)
   */
  cancel({ message, from }: CancelMessage, done: () => void): void {
    this.#whenHere({ message, from }, () => {
      if (!this.isPending && this.#call.phase !== 'ending') {
        done();
        return;
      }
      this.#cancels.add({ message, from, done });
      this.#take({ kind: 'cancel' });
    });
  }

  /** Whether an INVITE of this call carries this branch. */
  sent(sequence: number, branch: string): boolean {
    return this.#carrier.branchOf(sequence) === branch;
  }

  /** A response with the branch of one of our requests of this call. */
  carrierResponse(sequence: number, response: SipResponse): void {
    const attempt = this.#call.attempts.at(-1);
    const from = (attempt === undefined ? undefined : carrierAddress(attempt)) ?? this.source;
    this.#whenHere({ message: response, from }, () => {
      this.#carrier.receive(sequence, response);
      if (this.#call.phase === 'ended') this.#checkSettled();
    });
  }

  /** A request of this call did not leave. */
  undelivered(sequence: number, method: string): void {
    this.#carrier.undelivered(sequence, method);
  }

  /** Writes all that another pod needs to go on just so. @returns whether the call is still this pod's */
  saveAll(): Promise<boolean> {
    return this.#inquiries.writeAhead();
  }

  /** From now on nothing happens to the call: what comes waits for `thaw` or `drop`. */
  freeze(): void {
    this.#held.begin();
  }

  /** The call goes on here after all. */
  thaw(): void {
    this.#held.release();
  }

  /**
   * Another pod goes on with the call: every timer stops, and nothing more is said.
   * @param owner `slot.epoch` of that pod, where it is known
   */
  drop(owner?: string): void {
    this.#newOwner = owner;
    this.#take({ kind: 'lost' });
  }

  /** Does `work` now; while the call is being handed over it waits, and its message may be another pod's. */
  #whenHere(message: PeerMessage | undefined, work: () => void): void {
    if (this.#held.isHolding) this.#held.add(work, message);
    else work();
  }

  /** Stops every timer without a word. */
  close(): void {
    if (this.#slowTimer !== undefined) this.#edge.clock.stop(this.#slowTimer);
    this.#slowTimer = undefined;
    this.#stopTimer();
    this.#caller.abandon();
    this.#carrier.abandon();
  }

  #take(input: CallInput): void {
    this.#inputs.push(input);
    if (this.#isStepping) return;
    this.#isStepping = true;
    for (let next = this.#inputs.shift(); next !== undefined; next = this.#inputs.shift()) {
      const { callId } = this;
      const effects = step(this.#call, next, this.#around());
      // The claim of a pod that died has been taken over, and the id of its call.
      if (callId !== this.callId) this.#owner.onCallId(this, callId);
      if (next.kind === 'recorded' || next.kind === 'end-stored') this.#carrier.acknowledge();
      for (const effect of effects) this.#perform(effect);
    }
    this.#isStepping = false;
    const { phase } = this.#call;
    if (phase === 'ended' || phase === 'answered') this.#cancels.answer();
  }

  #around(): CallSurroundings {
    return {
      nowMs: this.#edge.clock.now(),
      authorize: (response, attempt) => this.#carrier.authorize(response, attempt),
    };
  }

  #perform(effect: CallEffect): void {
    switch (effect.kind) {
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
    if (effect.kind === 'store-answer') {
      const from = carrierAddress(effect.attempt) ?? this.source;
      this.#answering = { message: effect.response, from };
    }
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
        this.#responses.relay(effect.attempt, effect.response);
        break;
      case 'respond':
        // RFC 3261 §9.2: the CANCEL has its answer before the INVITE has; many a client expects them in this order.
        this.#cancels.answer();
        this.#caller.refuse(effect.final);
        passed('after-end-relay');
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
        this.#leaveTo(effect.claim);
        break;
      case 'drop':
        this.#drop();
        break;
    }
  }

  #invite(attempt: CallAttempt): void {
    if (this.#call.sequence === 1) {
      setUpTime.record((this.#edge.clock.now() - this.#call.startedMs) / 1000);
    }
    const { sequence, hasProvisional, isAdopted } = attempt;
    this.#carrier.invite(attempt, isAdopted && (hasProvisional || sequence === this.#seenSequence));
  }

  #leave(outcome: string): void {
    this.#finish(outcome);
    this.#stopTimer();
    this.#caller.abandon();
    this.#carrier.abandon();
    this.#owner.onOver(this);
  }

  /** What the new owner has to know of it learns: it may have been said to this pod alone. */
  #drop(): void {
    if (!this.#held.isHolding) callsLost.add(1);
    const inHand = this.#cancels.take();
    if (this.#answering !== undefined) inHand.push(this.#answering);
    if (!this.#call.isTryingSent) inHand.push({ message: this.invite, from: this.source });
    inHand.push(...this.#held.messages);
    this.#leave('lost');
    this.#owner.onElsewhere(this.callId, inHand, this.#newOwner);
  }

  /** The INVITE is a repetition: it belongs to the call that has claimed it, and so does what has come after it. */
  #leaveTo({ callId, owner }: Claim): void {
    const inHand = [{ message: this.invite, from: this.source }, ...this.#cancels.take()];
    this.#leave('left');
    this.#owner.onElsewhere(callId, inHand, owner);
  }

  /** Routing takes its time: a stub of the record first, then the 100 that stops the caller's repetitions. */
  #slow(): void {
    this.#slowTimer = undefined;
    if (this.#call.phase !== 'routing' && this.#call.phase !== 'recording') return;
    this.#inquiries.writeAhead().then(
      (isOurs) => {
        passed('after-stub');
        if (!isOurs) {
          this.drop();
          return;
        }
        if (this.#call.isTryingSent || !this.isPending) return;
        this.#call.isTryingSent = true;
        this.#caller.sendTrying();
      },
      (error: unknown) => {
        this.#edge.logger.debug({ err: error, callId: this.callId }, 'no stub record');
      },
    );
  }

  #startTimer({ name, ms }: Extract<CallEffect, { kind: 'start-timer' }>): void {
    this.#stopTimer();
    this.#timer = this.#edge.clock.start(ms, () => {
      this.#whenHere(undefined, () => {
        this.#take({ kind: 'timer', name });
      });
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
    this.#span.end(this.callId, outcome);
  }

  #checkOver(): void {
    if (this.#call.phase === 'ended') this.#checkSettled();
    if (this.#caller.isOver && this.#carrier.isOver) this.#owner.onOver(this);
  }

  /** Nobody has to be told any more: no other pod need go on with it should this one die. */
  #checkSettled(): void {
    if (this.#isForgotten || this.#call.phase !== 'ended' || !this.#call.isTryingSent) return;
    if (!this.#caller.isSettled || !this.#carrier.isSettled) return;
    this.#isForgotten = true;
    const { local, logger, store } = this.#edge;
    store.forget(this.callId, ownerName(local)).catch((error: unknown) => {
      logger.debug({ err: error, callId: this.callId }, 'call not forgotten');
    });
  }
}
