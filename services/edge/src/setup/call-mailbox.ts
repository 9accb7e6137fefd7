import { to } from '@tandem/sip';
import type { SipRequest, SipResponse } from '@tandem/sip';
import { step } from '../core/call/call-machine.ts';
import { isSettled } from '../core/call/call-outcomes.ts';
import { destinationOf } from '../core/call/call-state.ts';
import type { Branch, Call, CallPhase } from '../core/call/call-state.ts';
import type { CallEffect, CallInput, CallSurroundings } from '../core/call/call-steps.ts';
import { resume } from '../core/call/recovery.ts';
import type { DialogToken } from '../core/dialog/dialog-token.ts';
import { formatMark } from '../core/marks/call-mark.ts';
import { statelessTag } from '../core/marks/stateless-tag.ts';
import { isAmong } from '../core/network/caller-addresses.ts';
import type { PeerAddress } from '../core/network/peer-address.ts';
import type { PeerMessage } from '../core/network/peer-message.ts';
import type { EdgeResources } from '../edge-resources.ts';
import { passed } from '../faults.ts';
import {
  callsAnswered,
  callsFailed,
  callsLost,
  callsStarted,
  messagesDropped,
  setUpTime,
} from '../telemetry.ts';
import type { CallSpan } from '../telemetry.ts';
import type { AnsweredCall } from './answered-calls.ts';
import { CallServices, isForService } from './call-services.ts';
import type { ServiceEffect } from './call-services.ts';
import { CallerLeg } from './caller-leg.ts';
import { CarrierLeg } from './carrier-leg.ts';
import { LegTokens } from './leg-tokens.ts';
import { accepted, answerStateless, challengeStateless, noCall } from './stateless-answers.ts';

/** What a call tells its keeper. */
export interface CallKeeper {
  /** The call has taken its id. @param formerId the one that it had until now */
  onCallId(mailbox: CallMailbox, formerId?: string): void;
  /** A request of the caller that proves to be one in the dialog of its answer: it goes to the callee. */
  onInDialog(request: SipRequest, source: PeerAddress): void;
  /** The call is answered and its mailbox at an end: what is left of it. */
  onAnswered(mailbox: CallMailbox, answered: AnsweredCall): void;
  /** No transaction of the call is left. */
  onOver(mailbox: CallMailbox): void;
  /** The call is another pod's: what this one has not dealt with goes there. */
  onElsewhere(callId: string, messages: readonly PeerMessage[], owner?: string): void;
}

/** What all mailboxes of a pod share. */
export class MailboxSurroundings implements CallSurroundings {
  readonly edge: EdgeResources;
  readonly keeper: CallKeeper;
  readonly services: CallServices;
  /** Of the step that is being taken. */
  nowMs = 0;

  constructor(edge: EdgeResources, keeper: CallKeeper) {
    this.edge = edge;
    this.keeper = keeper;
    this.services = new CallServices(edge);
  }

  cnonce(): string {
    return this.edge.random(12);
  }

  mark(callId: string, sequence: number): string {
    const { local, sealer } = this.edge;
    return formatMark(sealer, { slot: local.slot, epoch: local.epoch, callId, sequence });
  }
}

/** What a mailbox begins with. */
export interface MailboxParts {
  /** New, or as another pod left it in the call's record. */
  readonly call: Call;
  readonly span: CallSpan;
  readonly transactionKey: string;
  /** By `originOf`. */
  readonly origin: string;
}

/** Everything that a mailbox takes: messages of the call, what its services and transactions say, and what becomes of it. */
export type MailboxInput =
  | CallInput
  /** The INVITE again, or the ACK of a refusal. */
  | { readonly kind: 'request'; readonly request: SipRequest }
  /** CANCEL, or BYE in the early dialog: answered once that is stored; where the answer was quicker CANCEL is too late (edge.md §4). */
  | { readonly kind: 'withdrawal'; readonly request: SipRequest; readonly from: PeerAddress }
  /** A response with the branch of the INVITE of that number. */
  | { readonly kind: 'carrier'; readonly sequence: number; readonly response: SipResponse }
  /** A request of that number did not leave. */
  | { readonly kind: 'undelivered'; readonly sequence: number; readonly method: string }
  /** From now on nothing happens to the call: what comes waits for `thaw`, or goes where the call is `lost` to. */
  | { readonly kind: 'freeze' }
  | { readonly kind: 'thaw' };

/** A request that takes the call back. */
interface Withdrawal {
  readonly message: SipRequest;
  readonly from: PeerAddress;
}

/** The transactions of a call; an INVITE that is only challenged has none. */
interface Legs {
  readonly caller: CallerLeg;
  readonly carrier: CarrierLeg;
  readonly tokens: LegTokens;
}

const open: ReadonlySet<CallPhase> = new Set<CallPhase>([
  'asking',
  'claiming',
  'routing',
  'recording',
  'calling',
  'parting',
  'switching',
  'answering',
]);

/**
 * The mailbox of an initial INVITE, from its arrival: all that happens to it comes in by `take`, one after the other, and its
 * machine (core/call/call-machine.ts) says what is to be done, which is done here and nowhere else.
 */
export class CallMailbox {
  readonly transactionKey: string;
  /** By `originOf`. */
  readonly origin: string;
  readonly #around: MailboxSurroundings;
  readonly #call: Call;
  readonly #span: CallSpan;
  #legs: Legs | undefined;
  #isTaking = false;
  /** What has happened while an input was taken. */
  #next: MailboxInput[] | undefined;
  /** What waits while the call is being handed over. */
  #held: MailboxInput[] | undefined;
  /** By the number of the INVITE; 0 = of the call. */
  #timers: Map<number, object> | undefined;
  /** Requests that take the call back, and have no answer yet. */
  #withdrawals: Withdrawal[] | undefined;
  /** The 2xx whose call is being stored as answered. */
  #answering: PeerMessage | undefined;

  constructor(around: MailboxSurroundings, parts: MailboxParts) {
    this.#around = around;
    this.#call = parts.call;
    this.#span = parts.span;
    this.transactionKey = parts.transactionKey;
    this.origin = parts.origin;
  }

  get callId(): string {
    return this.#call.callId;
  }

  /** Where the INVITE came from. */
  get source(): PeerAddress {
    return this.#call.source;
  }

  /** What the ACK of the answer has to say again. */
  get answeredInvite(): Pick<AnsweredCall, 'cseq' | 'authorization'> | undefined {
    const { phase, winner } = this.#call;
    if (phase !== 'answered' || this.#legs === undefined) return undefined;
    return { cseq: this.#legs.caller.inviteCseq, authorization: winner?.authorization };
  }

  /** Whether it is not known yet who calls. */
  get isAsking(): boolean {
    return this.#call.phase === 'asking';
  }

  /** Whether the call has no final answer yet. */
  get isPending(): boolean {
    return open.has(this.#call.phase);
  }

  /** Encoded in neither record nor header yet: the tokens of a dialog that is still early. */
  get earlyTokens(): { readonly a: DialogToken | undefined; readonly b: DialogToken | undefined } {
    return this.#legs?.tokens.issued ?? { a: undefined, b: undefined };
  }

  /** Number of INVITEs that have been sent to carriers, or are about to be. */
  get sequence(): number {
    return this.#call.sequence;
  }

  /** Whether INVITEs are under way at carriers: the record says so, and the call waits for a peer. */
  get isCalling(): boolean {
    return this.#call.phase === 'calling' && !this.#call.isRecording;
  }

  /** Whether another pod may go on with it and need not send anything again. */
  get isHandable(): boolean {
    const { branches } = this.#call;
    return this.isCalling && branches.every((each) => !each.isLive || each.hasProvisional);
  }

  /** Whether nobody has to be told anything any more. */
  get isSettled(): boolean {
    return isSettled(this.#call);
  }

  /** Whether an INVITE of this call carries this branch. */
  sent(sequence: number, branch: string): boolean {
    return this.#legs?.carrier.branchOf(sequence) === branch;
  }

  /** Begins to work on an INVITE that has come in. */
  begin(): void {
    this.#perform({ kind: 'authenticate' });
  }

  /** Goes on with a call that another pod began. */
  resume(parts: Parameters<typeof resume>[2]): void {
    const { edge, keeper } = this.#around;
    this.#around.nowMs = edge.clock.now();
    const effects = resume(this.#call, this.#around, parts);
    keeper.onCallId(this);
    this.#openLegs();
    this.#performAll(effects);
  }

  /** Takes what happens, now or behind what is being taken. */
  take(input: MailboxInput): void {
    if (this.#isTaking) {
      (this.#next ??= []).push(input);
      return;
    }
    this.#isTaking = true;
    try {
      for (let now: MailboxInput | undefined = input; now !== undefined;) {
        this.#deal(now);
        now = this.#next?.shift();
      }
    } finally {
      this.#isTaking = false;
    }
  }

  /** Writes all that another pod needs to go on just so. @returns whether the call is still this pod's */
  saveAll(): Promise<boolean> {
    return this.#around.services.writeAhead(this.#asked);
  }

  /** Stops every timer without a word. */
  close(): void {
    if (this.isAsking) this.take({ kind: 'lost' });
    this.#stopTimers();
    this.#legs?.caller.abandon();
    this.#legs?.carrier.abandon();
  }

  #deal(input: MailboxInput): void {
    if (this.#held !== undefined && input.kind !== 'lost' && input.kind !== 'thaw') {
      this.#held.push(input);
      return;
    }
    switch (input.kind) {
      case 'request':
        this.#legs?.caller.receive(input.request);
        break;
      case 'withdrawal':
        this.#withdraw({ message: input.request, from: input.from });
        break;
      case 'carrier':
        this.#legs?.carrier.receive(input.sequence, input.response);
        break;
      case 'undelivered':
        this.#legs?.carrier.undelivered(input.sequence, input.method);
        break;
      case 'freeze':
        this.#held = [];
        break;
      case 'thaw':
        this.#next = [...(this.#held ?? []), ...(this.#next ?? [])];
        this.#held = undefined;
        break;
      default:
        this.#step(input);
    }
  }

  #step(input: CallInput): void {
    const around = this.#around;
    const { callId, phase } = this.#call;
    around.nowMs = around.edge.clock.now();
    const effects = step(this.#call, input, around);
    // The claim of a pod that died has been taken over, and the id of its call.
    if (callId !== this.#call.callId) around.keeper.onCallId(this, callId);
    this.#performAll(effects);
    const { kind } = input;
    if (phase === 'asking' && this.isPending) this.#weighWithdrawals();
    if (kind === 'told' || kind === 'branch-over' || kind === 'cancel-over') this.#checkOver();
  }

  #performAll(effects: readonly CallEffect[]): void {
    for (const effect of effects) this.#perform(effect);
  }

  #perform(effect: CallEffect): void {
    if (isForService(effect)) {
      this.#ask(effect);
      return;
    }
    switch (effect.kind) {
      case 'challenge':
        this.#challenge(effect);
        break;
      case 'start-timer':
        this.#startTimer(effect);
        break;
      case 'stop-timer':
        if (effect.sequence === undefined) this.#stopTimers();
        else this.#stopTimer(effect.sequence);
        break;
      case 'publish':
        this.#around.edge.outbox.publish(effect.event);
        break;
      case 'accept-cancel':
        this.#acceptWithdrawals();
        break;
      case 'leave':
        this.#leaveTo(effect);
        break;
      case 'drop':
        this.#drop(effect);
        break;
      case 'forget':
        this.#around.services.forget(this.#call.callId);
        break;
      default:
        if (this.#legs !== undefined) this.#say(effect, this.#legs);
    }
  }

  /** What callers and carriers hear. */
  #say(
    effect: Extract<
      CallEffect,
      {
        kind:
          | 'trying'
          | 'invite'
          | 'acknowledge'
          | 'cancel-invite'
          | 'hang-up'
          | 'relay'
          | 'relay-again'
          | 'respond';
      }
    >,
    legs: Legs,
  ): void {
    const { caller, carrier } = legs;
    switch (effect.kind) {
      case 'trying':
        caller.sendTrying();
        break;
      case 'invite':
        if (this.#call.sequence === 1) {
          setUpTime.record((this.#around.edge.clock.now() - this.#call.startedMs) / 1000);
        }
        carrier.invite(effect.branch, effect.isSeen);
        break;
      case 'acknowledge':
        carrier.acknowledge(effect.sequence);
        break;
      case 'cancel-invite':
        carrier.cancel(effect.branch);
        break;
      case 'hang-up':
        carrier.hangUp(effect.branch, effect.response);
        break;
      case 'relay':
        if (effect.response.status < 200) caller.relay(effect.branch, effect.response);
        else this.#answer(effect.branch, effect.response, legs);
        break;
      case 'relay-again':
        caller.relayAgain();
        break;
      case 'respond':
        // RFC 3261 §9.2: the CANCEL has its answer before the INVITE has; many a client expects them in this order.
        this.#acceptWithdrawals();
        caller.refuse(effect.final);
        passed('after-end-relay');
        break;
    }
  }

  #ask(effect: ServiceEffect): void {
    if (effect.kind === 'claim') {
      callsStarted.add(1);
      this.#around.keeper.onCallId(this);
      this.#openLegs();
    } else if (effect.kind === 'store-answer') {
      this.#answering = { message: effect.response, from: this.#carrierOf(effect.branch) };
    } else if (effect.kind === 'store-end') {
      callsFailed.add(1, { reason: effect.ending.reason });
      this.#span.end(this.callId, effect.ending.reason);
    }
    const { services } = this.#around;
    services.ask(effect, this.#asked).then(
      (input) => {
        this.take(input);
      },
      (error: unknown) => {
        const input = services.failed(effect, this.callId, error);
        if (input !== undefined) this.take(input);
      },
    );
  }

  get #asked(): { call: Call; tokens: LegTokens | undefined; traceParent: string } {
    const { traceParent } = this.#span;
    return { call: this.#call, tokens: this.#legs?.tokens, traceParent };
  }

  #openLegs(): void {
    const { edge, keeper } = this.#around;
    const call = this.#call;
    const tokens = new LegTokens(edge, call);
    const parts = { call, tokens, mailbox: this };
    const caller = new CallerLeg(edge, { ...parts, keeper });
    this.#legs = { caller, carrier: new CarrierLeg(edge, parts), tokens };
    caller.start();
  }

  /** Nothing is remembered of it. */
  #challenge({ challenge }: Extract<CallEffect, { kind: 'challenge' }>): void {
    const { edge, keeper } = this.#around;
    const { invite, source } = this.#call;
    for (const { message, from } of this.#takeWithdrawals()) {
      // RFC 3261 §9.2: with the tag of the INVITE's own answer. Who may send it from elsewhere is not challenged.
      const isCaller = from.address === source.address;
      const answer = isCaller ? { ...accepted, toTag: statelessTag(invite) } : noCall;
      answerStateless(edge, message, { source: from, answer });
    }
    challengeStateless(edge, { invite, source, challenge });
    this.#span.end(this.callId, 'challenged');
    keeper.onOver(this);
  }

  /** The caller has its 2xx. */
  #answer(branch: Branch, response: SipResponse, { caller, carrier }: Legs): void {
    const { callId, source } = this.#call;
    const answer = caller.answer(branch, response);
    passed('after-answer-relay');
    callsAnswered.add(1);
    this.#acceptWithdrawals();
    this.#span.end(callId, 'answered');
    const sent = carrier.onlyInvite;
    // Where another branch is still being wound up the transactions run to their end.
    if (sent === undefined) return;
    carrier.abandon();
    caller.abandon();
    this.#around.keeper.onAnswered(this, {
      transactionKey: this.transactionKey,
      callId,
      branch: branch.text,
      cseq: caller.inviteCseq,
      authorization: branch.authorization,
      // A copy: the tag as it was read keeps the whole message in memory.
      tag: Buffer.from(to(response).tag ?? '', 'latin1').toString('latin1'),
      answer,
      source,
      carrier: sent.address,
    });
  }

  #withdraw(withdrawal: Withdrawal): void {
    if (this.isAsking) {
      // Who may take the call back is known once auth has said who calls.
      this.#keepWithdrawal(withdrawal);
    } else if (this.#mayWithdraw(withdrawal)) {
      this.#keepWithdrawal(withdrawal);
      this.#step({ kind: 'cancel' });
    } else {
      const { message, from } = withdrawal;
      messagesDropped.add(1, { cause: 'foreign-source' });
      answerStateless(this.#around.edge, message, { source: from, answer: noCall });
    }
  }

  /** Auth has said who calls. */
  #weighWithdrawals(): void {
    for (const withdrawal of this.#takeWithdrawals()) this.#withdraw(withdrawal);
  }

  /**
   * CANCEL goes hop by hop (RFC 3261 §9.1): who did not send the INVITE may not take it back. All nodes of a gateway that is
   * known by its addresses are one client. A BYE has its token.
   */
  #mayWithdraw({ message, from: { address } }: Withdrawal): boolean {
    const { callerAddresses, source } = this.#call;
    if (message.method !== 'CANCEL' || address === source.address) return true;
    return isAmong(callerAddresses, address);
  }

  /** A repetition changes nothing: the one answer is for it too. That of a stranger keeps nobody's place. */
  #keepWithdrawal(withdrawal: Withdrawal): void {
    const kept = (this.#withdrawals ??= []);
    const same = kept.findIndex(({ message }) => message.method === withdrawal.message.method);
    const { address } = this.source;
    if (same === -1) kept.push(withdrawal);
    else if (withdrawal.from.address === address && kept[same]?.from.address !== address) {
      kept[same] = withdrawal;
    }
  }

  /** The cancel is stored, or another end was quicker: its sender need not repeat it. */
  #acceptWithdrawals(): void {
    const { edge, keeper } = this.#around;
    // RFC 3261 §9.2: with the tag of the INVITE's own answer.
    const answer = { ...accepted, toTag: this.#call.toTag };
    const isAnswered = this.#call.phase === 'answered';
    for (const { message, from } of this.#takeWithdrawals()) {
      // RFC 3261 §15: a CANCEL comes too late then, but a BYE ends the answered call, and the callee has to hear of it.
      if (isAnswered && message.method === 'BYE') keeper.onInDialog(message, from);
      else answerStateless(edge, message, { source: from, answer });
    }
  }

  #takeWithdrawals(): Withdrawal[] {
    return this.#withdrawals?.splice(0) ?? [];
  }

  /** What the new owner has to know of it learns: it may have been said to this pod alone. */
  #drop({ isElsewhere, owner }: Extract<CallEffect, { kind: 'drop' }>): void {
    if (!isElsewhere) {
      this.#leave('lost');
      return;
    }
    const { invite, source, isTryingSent } = this.#call;
    if (this.#held === undefined) callsLost.add(1);
    const inHand: PeerMessage[] = this.#takeWithdrawals();
    if (this.#answering !== undefined) inHand.push(this.#answering);
    if (!isTryingSent) inHand.push({ message: invite, from: source });
    for (const input of this.#held ?? []) inHand.push(...this.#messageOf(input));
    this.#held = undefined;
    this.#leave('lost');
    this.#around.keeper.onElsewhere(this.callId, inHand, owner);
  }

  #messageOf(input: MailboxInput): PeerMessage[] {
    switch (input.kind) {
      case 'request':
        return [{ message: input.request, from: this.source }];
      case 'withdrawal':
        return [{ message: input.request, from: input.from }];
      case 'carrier': {
        const branch = this.#call.branches.find(({ sequence }) => sequence === input.sequence);
        const from = branch === undefined ? this.source : this.#carrierOf(branch);
        return [{ message: input.response, from }];
      }
      default:
        return [];
    }
  }

  #carrierOf({ attempt }: Branch): PeerAddress {
    return destinationOf(attempt).address ?? this.source;
  }

  /** The INVITE is a repetition: it belongs to the call that has claimed it, and so does what has come after it. */
  #leaveTo({ claim }: Extract<CallEffect, { kind: 'leave' }>): void {
    const { invite, source } = this.#call;
    const inHand = [{ message: invite, from: source }, ...this.#takeWithdrawals()];
    this.#leave('left');
    this.#around.keeper.onElsewhere(claim.callId, inHand, claim.owner);
  }

  #leave(outcome: string): void {
    this.#span.end(this.callId, outcome);
    this.#stopTimers();
    this.#legs?.caller.abandon();
    this.#legs?.carrier.abandon();
    this.#around.keeper.onOver(this);
  }

  #startTimer(effect: Extract<CallEffect, { kind: 'start-timer' }>): void {
    const number = effect.name === 'slow' ? 0 : effect.sequence;
    this.#stopTimer(number);
    this.#timers ??= new Map();
    const timer = this.#around.edge.clock.start(effect.ms, () => {
      this.#timers?.delete(number);
      if (effect.name === 'slow') this.take({ kind: 'timer', name: 'slow' });
      else this.take({ kind: 'timer', name: effect.name, sequence: number });
    });
    this.#timers.set(number, timer);
  }

  #stopTimer(number: number): void {
    const timer = this.#timers?.get(number);
    if (timer === undefined) return;
    this.#around.edge.clock.stop(timer);
    this.#timers?.delete(number);
  }

  #stopTimers(): void {
    if (this.#timers === undefined) return;
    for (const timer of this.#timers.values()) this.#around.edge.clock.stop(timer);
    this.#timers.clear();
  }

  #checkOver(): void {
    if (this.#legs?.caller.isOver === true && this.#legs.carrier.isOver) {
      this.#around.keeper.onOver(this);
    }
  }
}
