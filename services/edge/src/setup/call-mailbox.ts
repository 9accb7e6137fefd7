import { step } from '../core/call/call-machine.ts';
import { isOpen, isSettled } from '../core/call/call-outcomes.ts';
import { carrierOf } from '../core/call/call-state.ts';
import type { Call, FinalResponse } from '../core/call/call-state.ts';
import type { CallEffect, CallInput } from '../core/call/call-steps.ts';
import { bodyOfResponse } from '../core/call/call-bodies.ts';
import { resume } from '../core/call/recovery.ts';
import type { DialogToken, LegName } from '../core/dialog/dialog-token.ts';
import { refusedBody } from '../core/messages/passing-body.ts';
import type { PeerMessage } from '../core/network/peer-message.ts';
import { descriptionFault } from '../core/media/description-fault.ts';
import { passed } from '../faults.ts';
import type { PassingBody } from '../ports.ts';
import { callsLost, callsStarted, countAnswered, countFailed, setUpTime } from '../telemetry.ts';
import type { CallSpan } from '../telemetry.ts';
import { stuck } from './anchored-answer.ts';
import { giveUpBroken } from './broken-calls.ts';
import { answeredCall } from './answered-calls.ts';
import type { AnsweredCall } from './answered-calls.ts';
import { AttemptMedia } from './attempt-media.ts';
import { isForService, isNeverAway } from './call-services.ts';
import type { ServiceEffect } from './call-services.ts';
import { CallTimers } from './call-timers.ts';
import { CallerLeg } from './caller-leg.ts';
import type { SaidToCaller } from './caller-leg.ts';
import { CarrierLeg, speak } from './carrier-leg.ts';
import { LegTokens } from './leg-tokens.ts';
import type { Legs, SpokenEffect } from './legs.ts';
import { allInHand } from './messages-in-hand.ts';
import type { MailboxInput } from './mailbox-input.ts';
import type { MailboxSurroundings } from './mailbox-surroundings.ts';
import { answerNoCall } from './stateless-answers.ts';
import { Withdrawals } from './withdrawals.ts';
import type { Withdrawal } from './withdrawals.ts';

/** What a mailbox begins with. */
export interface MailboxParts {
  /** New, or as another pod left it in the call's record. */
  readonly call: Call;
  readonly span: CallSpan;
  readonly transactionKey: string;
  /** By `originOf`. */
  readonly origin: string;
}

/** What is still to be done once a message has its body. */
interface Waiting {
  rest: readonly CallEffect[];
}

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
  readonly #media: AttemptMedia | undefined;
  #legs: Legs | undefined;
  #isTaking = false;
  /** What has happened while an input was taken. */
  #next: MailboxInput[] | undefined;
  /** A response waits for its body, and with it what is still to be done. */
  #waiting: Waiting | undefined;
  /** What waits while the call is being handed over. */
  #held: MailboxInput[] | undefined;
  #timers: CallTimers | undefined;
  /** Requests that take the call back, and have no answer yet. */
  #withdrawals: Withdrawals | undefined;
  /** The 2xx whose call is being stored as answered. */
  #answering: PeerMessage | undefined;
  /** It is another pod's, or none's. */
  #isLeft = false;
  /** An error that nobody expected has been thrown on its way. */
  #isBroken = false;

  constructor(around: MailboxSurroundings, parts: MailboxParts) {
    this.#around = around;
    this.#call = parts.call;
    this.#span = parts.span;
    const { media } = around.edge;
    this.#media = media === undefined ? undefined : new AttemptMedia(media);
    this.transactionKey = parts.transactionKey;
    this.origin = parts.origin;
  }

  get callId(): string {
    return this.#call.callId;
  }

  /** Where the INVITE came from, and where it may have gone. */
  get ways(): Pick<Call, 'source' | 'candidates'> {
    return this.#call;
  }

  /** What the ACK of the answer has to say again. */
  get answeredInvite(): Pick<AnsweredCall, 'cseq' | 'authorizations'> | undefined {
    const { phase, winner } = this.#call;
    if (phase !== 'answered' || this.#legs === undefined) return undefined;
    const authorizations = winner?.authorizations ?? [];
    return { cseq: this.#legs.caller.inviteCseq, authorizations };
  }

  /** Whether it is not known yet who calls. */
  get isAsking(): boolean {
    return this.#call.phase === 'asking';
  }

  /** Whether the call has no final answer yet. */
  get isPending(): boolean {
    return isOpen(this.#call);
  }

  /** Encoded in neither record nor header yet: a token of a dialog that is still early, as `LegTokens.issued`. */
  earlyToken(holder: LegName, toTag?: string): DialogToken | undefined {
    return this.#legs?.tokens.issued(holder, toTag);
  }

  /** Those that callees have opened. */
  get dialogs(): Call['dialogs'] {
    return this.#call.dialogs;
  }

  /** Number of INVITEs that have been sent to carriers, or are about to be. */
  get sequence(): number {
    return this.#call.sequence;
  }

  /** Whether the INVITE of this number was given up for later ones: several may be live at once. */
  isPast(sequence: number): boolean {
    if (sequence >= this.#call.sequence) return false;
    return this.#call.branches.every((each) => each.sequence !== sequence || !each.isLive);
  }

  /** Whether INVITEs are under way at carriers: the record says so, and the call waits for a peer. */
  get isCalling(): boolean {
    return this.#call.phase === 'calling' && !this.#call.isRecording && this.#waiting === undefined;
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
    this.#goOn(this.#perform.bind(this, { kind: 'authenticate' }));
  }

  /** Goes on with a call that another pod began. */
  resume(parts: Parameters<typeof resume>[2]): void {
    const { edge, keeper } = this.#around;
    this.#around.nowMs = edge.clock.now();
    keeper.onCallId(this);
    this.#goOn(() => {
      this.#openLegs();
      this.#performAll(resume(this.#call, this.#around, parts));
    });
  }

  /** Takes what happens, now or behind what is being taken. */
  take(input: MailboxInput): void {
    if (this.#isLeft) return;
    if (this.#isTaking || (this.#waiting !== undefined && input.kind !== 'lost')) {
      (this.#next ??= []).push(input);
      return;
    }
    this.#goOn(this.#deal.bind(this, input));
  }

  /** Writes all that another pod needs to go on just so. @returns whether the call is still this pod's */
  saveAll(): Promise<boolean> {
    return this.#around.services.writeAhead(this.#asked);
  }

  /** Stops every timer without a word. */
  close(): void {
    if (this.isAsking) this.take({ kind: 'lost' });
    this.#abandon();
  }

  /** Does `work`, then takes what has happened meanwhile, until a message waits for its body. Never throws. */
  #goOn(work: () => void): void {
    this.#isTaking = true;
    this.#attempt(work);
    while (this.#waiting === undefined) {
      const next = this.#next?.shift();
      if (next === undefined) break;
      this.#attempt(this.#deal.bind(this, next));
    }
    this.#isTaking = false;
  }

  #attempt(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#broken(error);
    }
  }

  /**
   * What was to happen to the call cannot: it ends by its machine, or, where that cannot either, without.
   * @param isEnd it was its end
   */
  #broken(error: unknown, isEnd = false): void {
    const { edge } = this.#around;
    const { callId, source } = this.#call;
    edge.barrier.failed(error, 'call', { callId, from: source });
    if (this.#isLeft) return;
    this.#waiting = undefined;
    const { phase } = this.#call;
    const isForGood = isEnd || this.#isBroken || this.#legs === undefined || phase === 'ended';
    this.#isBroken = true;
    if (isForGood) {
      this.#next = undefined;
      giveUpBroken(this.#around, this.#asked);
      this.#leave('broken');
    } else {
      this.#next = [{ kind: 'broken' }, ...(this.#held ?? []), ...(this.#next ?? [])];
      this.#held = undefined;
    }
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
    const due = this.#media?.answer.due(this.#call, input, (heard) => {
      this.#step(heard);
    });
    if (due !== undefined) {
      this.#answering = due.message;
      this.#pass(due.passing, due);
      return;
    }
    const around = this.#around;
    const { callId, phase } = this.#call;
    around.nowMs = around.edge.clock.now();
    const effects = step(this.#call, input, around);
    around.edge.tally.look(this.#call);
    // The claim of a pod that died has been taken over, and the id of its call.
    if (callId !== this.#call.callId) around.keeper.onCallId(this, callId);
    this.#performAll(effects);
    if (!this.#isLeft) this.#media?.settle(this.#call);
    if (phase === 'asking' && this.isPending) {
      for (const each of this.#withdrawals?.take() ?? []) this.#withdraw(each);
    }
    if (['told', 'branch-over', 'cancel-over'].includes(input.kind)) this.#checkOver();
  }

  #performAll(effects: readonly CallEffect[]): void {
    for (const [at, effect] of effects.entries()) {
      this.#perform(effect);
      if (this.#waiting === undefined) continue;
      this.#waiting.rest = effects.slice(at + 1);
      return;
    }
  }

  #perform(effect: CallEffect): void {
    if (isForService(effect)) {
      this.#ask(effect);
      return;
    }
    switch (effect.kind) {
      case 'challenge':
      case 'turn-away':
        this.#beNoCall(effect);
        break;
      case 'start-timer':
        this.#startTimer(effect);
        break;
      case 'stop-timer':
        this.#timers?.stop(effect.sequence);
        break;
      case 'rest-gateway':
        this.#around.services.rest(effect.branch, { callId: this.callId, seconds: effect.seconds });
        break;
      case 'publish':
        this.#around.edge.outbox.publish(effect.event);
        break;
      case 'accept-cancel':
        this.#withdrawals?.accept();
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
  #say(effect: SpokenEffect, legs: Legs): void {
    const { caller, carrier } = legs;
    switch (effect.kind) {
      case 'invite':
        if (this.#call.sequence === 1) {
          setUpTime.record((this.#around.edge.clock.now() - this.#call.startedMs) / 1000);
          this.#around.keeper.onDecided(this);
        }
        carrier.invite(effect.branch, effect.isSeen);
        break;
      case 'relay':
        if (effect.isToBeStored) this.#relayStored(effect, legs);
        else this.#relay(effect, legs);
        break;
      case 'relay-again':
        // Its body could not pass at first.
        if (!caller.relayAgain()) {
          this.#relay({ ...effect, toTag: this.#call.answerToTag }, legs);
        }
        break;
      case 'respond':
        // RFC 3261 §9.2: the CANCEL has its answer before the INVITE has; many a client expects them in this order.
        this.#around.keeper.onDecided(this);
        this.#withdrawals?.accept();
        this.#refuse(effect.final, legs);
        break;
      default:
        speak(effect, legs);
    }
  }

  #ask(effect: ServiceEffect): void {
    if (effect.kind === 'claim') {
      callsStarted.add(1);
      this.#around.keeper.onCallId(this);
      this.#openLegs();
    } else if (effect.kind === 'store-answer') {
      this.#answering = { message: effect.response, from: carrierOf(this.#call, effect.branch) };
    } else if (effect.kind === 'store-end') {
      countFailed(this.#call, effect.ending.reason);
      this.#span.end(this.callId, effect.ending.reason);
    }
    const { services } = this.#around;
    services.ask(effect, this.#asked).then(
      (input) => {
        this.take(input);
      },
      (error: unknown) => {
        if (isNeverAway(effect)) {
          this.#goOn(this.#broken.bind(this, error, effect.kind === 'store-end'));
          return;
        }
        const input = services.failed(effect, this.callId, error);
        if (input !== undefined) this.take(input);
      },
    );
  }

  get #asked(): { call: Call; tokens: Legs['tokens'] | undefined; traceParent: string } {
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
  #beNoCall(effect: Extract<CallEffect, { kind: 'challenge' | 'turn-away' }>): void {
    const { edge, keeper } = this.#around;
    answerNoCall(edge, this.#call, { effect, withdrawals: this.#withdrawals });
    this.#span.end(this.callId, effect.kind === 'challenge' ? 'challenged' : 'turned-away');
    keeper.onOver(this);
  }

  /**
   * Passes a provisional response on once the record knows of its dialog, so that an adopter gives that the same tag; until
   * then nothing else happens to the call.
   */
  #relayStored(said: SaidToCaller, legs: Legs): void {
    const waiting: Waiting = { rest: [] };
    this.#waiting = waiting;
    const relay = (): void => {
      this.#goOnAfter(waiting, () => {
        this.#relay(said, legs);
      });
    };
    this.saveAll().then(
      (isOurs) => {
        if (isOurs) relay();
        else this.take({ kind: 'lost' });
      },
      (error: unknown) => {
        // No pod can adopt the call now either.
        const { logger } = this.#around.edge;
        logger.warn({ err: error, callId: this.callId }, 'early dialog not stored');
        relay();
      },
    );
  }

  /** Passes a carrier's response on once its body has passed. */
  #relay(said: SaidToCaller, legs: Legs): void {
    const { branch, response } = said;
    const anchored = this.#media?.answer.bytesOf(response);
    if (anchored !== undefined) {
      this.#answer(said, anchored, legs);
      return;
    }
    this.#pass(bodyOfResponse(this.#call, branch, response), {
      passed: (passedBody) => {
        if (response.status < 200) legs.caller.relay(said, passedBody);
        else this.#answer(said, passedBody, legs);
      },
      failed: (error) => {
        // A 2xx comes again, since it gets no ACK; without a provisional response the call goes on.
        const isStuck = response.status < 200 && descriptionFault(error) !== undefined;
        if (isStuck) this.take(stuck(branch.sequence, response, error));
      },
    });
  }

  /** Tells the caller that its call has failed, once the body of what the callee says has passed. */
  #refuse(final: FinalResponse, { caller }: Legs): void {
    const { callId } = this.#call;
    const tell = (passedBody?: Buffer): void => {
      caller.refuse(final, passedBody);
      passed('after-end-relay');
    };
    const passing = refusedBody(final, callId);
    if (passing === undefined) tell();
    else this.#pass(passing, { passed: tell, failed: tell.bind(undefined, undefined) });
  }

  /** Takes a body of the carrier through the body step; until it has passed nothing else happens to the call. */
  #pass(
    passing: PassingBody,
    on: { readonly passed: (bytes: Buffer) => void; readonly failed: (error: unknown) => void },
  ): void {
    const { bodies, logger } = this.#around.edge;
    const { callId } = this.#call;
    const waiting: Waiting = { rest: [] };
    let isWaiting = false;
    const go = (work: () => void): void => {
      if (isWaiting) this.#goOnAfter(waiting, work);
      else work();
    };
    isWaiting = !bodies.pass(passing, {
      passed: (bytes) => {
        go(() => {
          on.passed(bytes);
        });
      },
      failed: (error) => {
        const { status } = passing;
        logger.warn({ err: error, callId, status }, 'body of a response does not pass');
        go(on.failed.bind(undefined, error));
      },
    });
    if (isWaiting) this.#waiting = waiting;
  }

  #goOnAfter(waiting: Waiting, work: () => void): void {
    // The call may be another pod's by now.
    if (this.#waiting !== waiting) return;
    this.#waiting = undefined;
    this.#goOn(() => {
      work();
      if (this.#waiting === undefined) this.#performAll(waiting.rest);
      else this.#waiting.rest = waiting.rest;
    });
  }

  /** The caller has its 2xx. */
  #answer(said: SaidToCaller, passedBody: Buffer, { caller, carrier }: Legs): void {
    const answer = caller.answer(said, passedBody);
    passed('after-answer-relay');
    countAnswered(this.#call);
    this.#withdrawals?.accept();
    this.#span.end(this.callId, 'answered');
    const sent = carrier.onlyInvite;
    // Where another branch is still being wound up the transactions run to their end.
    if (sent === undefined) return;
    carrier.abandon();
    caller.abandon();
    const { transactionKey } = this;
    const { inviteCseq: cseq } = caller;
    const parts = { transactionKey, said, cseq, answer, carrier: sent.address };
    this.#around.keeper.onAnswered(this, answeredCall(this.#call, parts));
  }

  #withdraw(withdrawal: Withdrawal): void {
    this.#withdrawals ??= new Withdrawals(this.#around, this.#call);
    // Who may take the call back is known once auth has said who calls.
    if (this.isAsking) this.#withdrawals.keep(withdrawal);
    else if (this.#withdrawals.weigh(withdrawal)) {
      this.#withdrawals.keep(withdrawal);
      const { headers } = withdrawal.message;
      this.#step({ kind: 'cancel', reasons: headers.getAll('Reason') });
    }
  }

  /** What the new owner has to know of it learns: it may have been said to this pod alone. */
  #drop({ isElsewhere, owner }: Extract<CallEffect, { kind: 'drop' }>): void {
    if (!isElsewhere) {
      this.#leave('lost');
      return;
    }
    if (this.#held === undefined) callsLost.add(1);
    const next = this.#waiting === undefined ? [] : (this.#next ?? []);
    const inHand = allInHand(this.#call, {
      withdrawals: this.#withdrawals?.take() ?? [],
      answering: this.#answering,
      inputs: [...(this.#held ?? []), ...next],
    });
    this.#held = undefined;
    if (this.#waiting !== undefined) this.#next = undefined;
    this.#leave('lost');
    this.#around.keeper.onElsewhere(this.callId, inHand, owner);
  }

  /** The INVITE is a repetition: it belongs to the call that has claimed it, and so does what has come after it. */
  #leaveTo({ claim }: Extract<CallEffect, { kind: 'leave' }>): void {
    const { invite, source } = this.#call;
    const inHand = [{ message: invite, from: source }, ...(this.#withdrawals?.take() ?? [])];
    this.#leave('left');
    this.#around.keeper.onElsewhere(claim.callId, inHand, claim.owner);
  }

  #leave(outcome: string): void {
    this.#isLeft = true;
    this.#span.end(this.callId, outcome);
    this.#abandon();
    this.#around.keeper.onOver(this);
  }

  #abandon(): void {
    this.#waiting = undefined;
    this.#timers?.stop();
    this.#legs?.caller.abandon();
    this.#legs?.carrier.abandon();
  }

  #startTimer(effect: Extract<CallEffect, { kind: 'start-timer' }>): void {
    this.#timers ??= new CallTimers(this.#around.edge.clock);
    this.#timers.start(effect, (fired) => {
      this.take(fired);
    });
  }

  #checkOver(): void {
    if (this.#legs?.caller.isOver === true && this.#legs.carrier.isOver) {
      this.#around.keeper.onOver(this);
    }
  }
}
