import { hash } from 'node:crypto';
import type { CallEvent } from '@tandem/proto/events';
import type { NextCandidateRequest, RouteRequest } from '@tandem/proto/routing';
import {
  cseq,
  ServerTransaction,
  from,
  serialize,
  serverTransactionKey,
  timerValues,
  to,
} from '@tandem/sip';
import type { ServerTransactionUser, SipRequest, SipResponse } from '@tandem/sip';
import { SpanStatusCode, startSpan, traceParentOf } from '@tandem/telemetry';
import type { Span } from '@tandem/telemetry';
import { authenticateRequest } from '../core/authenticate-request.ts';
import { callEvent, userOf } from '../core/call-event.ts';
import { begin, step } from '../core/call-machine.ts';
import { formatMark } from '../core/call-mark.ts';
import { callRecord } from '../core/call-record.ts';
import { newCall } from '../core/call-state.ts';
import type {
  CallAttempt,
  CallEffect,
  CallInput,
  CallState,
  EndingOf,
  FinalResponse,
} from '../core/call-state.ts';
import type { DialogToken } from '../core/dialog-token.ts';
import { answeredEventId, endingEvent } from '../core/events.ts';
import {
  challenge,
  refusal,
  rejection,
  relayedResponse,
  trying,
} from '../core/messages/caller-response.ts';
import type { PeerAddress } from '../core/peer-address.ts';
import { callsAnswered, callsFailed, callsStarted, edgeTracer, setUpTime } from '../telemetry.ts';
import type { AnsweredCall } from './answered-calls.ts';
import { CarrierLeg } from './carrier-leg.ts';
import type { EdgeResources } from './edge-resources.ts';

/** Is auth or routing slower than this, the caller gets its 100 all the same, after a record (edge.md §4.1). */
const SLOW_MS = 200;
/** Lines of an answered call are held as long as a call may last at most. */
const LONGEST_CALL_MS = 24 * 3_600_000;
const serverTimers = timerValues();

type Inquiry = Extract<
  CallEffect,
  {
    kind: 'authenticate' | 'claim' | 'route' | 'switch' | 'record' | 'store-answer' | 'store-end';
  }
>;

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
export class CallSession implements ServerTransactionUser<SipRequest> {
  readonly transactionKey: string;
  /** The same for an INVITE that came by another way too (RFC 3261 §8.2.2.2). */
  readonly origin: string;
  readonly #edge: EdgeResources;
  readonly #owner: CallSessionOwner;
  readonly #invite: SipRequest;
  readonly #source: PeerAddress;
  readonly #call: CallState;
  readonly #span: Span;
  readonly #server: ServerTransaction<SipRequest>;
  readonly #carrier: CarrierLeg;
  #toTag: string | undefined;
  readonly #inputs: CallInput[] = [];
  #isStepping = false;
  #timer: object | undefined;
  #slowTimer: object | undefined;
  /** The 2xx as the caller got it, to repeat it when the carrier repeats its own. */
  #answer: { readonly tag: string; readonly bytes: Buffer } | undefined;
  #isServerOver = false;

  constructor(
    edge: EdgeResources,
    call: {
      readonly invite: SipRequest;
      readonly source: PeerAddress;
      readonly owner: CallSessionOwner;
    },
  ) {
    this.#edge = edge;
    this.#owner = call.owner;
    this.#invite = call.invite;
    this.#source = call.source;
    this.transactionKey = serverTransactionKey(call.invite);
    this.origin = originOf(call.invite);
    this.#call = newCall(edge.random(12), edge.clock.now());
    this.#span = startSpan(edgeTracer, { name: 'edge.call' });
    this.#server = new ServerTransaction<SipRequest>({
      kind: 'invite',
      request: call.invite,
      timers: serverTimers,
      clock: edge.clock,
      user: this,
    });
    this.#carrier = new CarrierLeg(edge, {
      call: this.#call,
      invite: call.invite,
      source: call.source,
      switchTag: () => this.#tag(),
      onInput: (input) => {
        this.#take(input);
      },
      onRepeatedAnswer: (response) => {
        this.#repeatAnswer(response);
      },
      onOver: () => {
        this.#checkOver();
      },
    });
  }

  get callId(): string {
    return this.#call.callId;
  }

  /** The To tag that the caller sees. */
  get toTag(): string {
    return this.#tag();
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
    this.#server.start();
    this.#slowTimer = this.#edge.clock.start(SLOW_MS, () => {
      this.#slow();
    });
    this.#perform(begin());
  }

  /** The INVITE again, or the ACK of a refusal. */
  receive(request: SipRequest): void {
    this.#server.receive(request);
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

  send(bytes: Buffer): void {
    this.#edge.transport.send(bytes, this.#source.address, this.#source.port);
  }

  trying(): Buffer {
    return serialize(trying(this.#invite));
  }

  onRequest(request: SipRequest): void {
    // A client that gives the ACK of a 2xx the INVITE's branch (RFC 2543 did) means it for the callee all the same.
    if (request.method === 'ACK') this.#owner.onAnswerAck(request, this.#source);
  }

  onFailure(): void {
    this.#edge.logger.debug({ callId: this.callId }, 'no ACK for a refusal');
  }

  onTerminated(): void {
    this.#isServerOver = true;
    this.#checkOver();
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
      for (const effect of step(this.#call, next, around)) this.#performOne(effect);
    }
    this.#isStepping = false;
  }

  #perform(effects: readonly CallEffect[]): void {
    for (const effect of effects) this.#performOne(effect);
  }

  #performOne(effect: CallEffect): void {
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

  /** Effects whose outcome comes back as an input. */
  #inquire(effect: Inquiry): void {
    switch (effect.kind) {
      case 'authenticate':
        this.#authenticate();
        break;
      case 'claim':
        this.#claim();
        break;
      case 'route':
        this.#route();
        break;
      case 'switch':
        this.#switch(effect);
        break;
      case 'record':
        this.#record();
        break;
      case 'store-answer':
        this.#storeAnswer(effect.response);
        break;
      case 'store-end':
        this.#storeEnd(effect.ending, effect.final);
        break;
    }
  }

  #act(effect: Exclude<CallEffect, Inquiry>): void {
    switch (effect.kind) {
      case 'challenge':
        this.#challenge(effect);
        break;
      case 'trying':
        this.#server.respond(100, this.trying());
        break;
      case 'invite':
        this.#inviteCarrier(effect.attempt);
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
        this.#respond(effect.final);
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
        this.#server.abandon();
        this.onTerminated();
        break;
    }
  }

  #inviteCarrier(attempt: CallAttempt): void {
    if (this.#call.sequence === 1) {
      setUpTime.record((this.#edge.clock.now() - this.#call.startedMs) / 1000);
    }
    this.#carrier.invite(attempt);
  }

  #authenticate(): void {
    const request = authenticateRequest(this.#invite, {
      source: this.#source,
      traceParent: traceParentOf(this.#span),
    });
    this.#ask('auth', this.#edge.auth.authenticate(request), (response) => ({
      kind: 'authenticated',
      response,
    }));
  }

  #claim(): void {
    const { local, store } = this.#edge;
    callsStarted.add(1);
    const callIdHeader = this.#invite.headers.get('Call-ID') ?? '';
    const cseqHeader = this.#invite.headers.get('CSeq') ?? '';
    const key = hash('sha256', `${this.transactionKey}|${callIdHeader}|${cseqHeader}`, 'base64url');
    const owner = `${String(local.slot)}.${String(local.epoch)}`;
    this.#ask('store', store.claim(key, this.callId, owner), (claim) => ({
      kind: 'claimed',
      claim,
    }));
  }

  #route(): void {
    const { routing } = this.#edge;
    const request: RouteRequest = {
      traceParent: traceParentOf(this.#span),
      callId: this.callId,
      origin: this.#call.origin,
      sourceAddress: this.#source.address,
      caller: userOf(from(this.#invite).uri),
      callee: userOf(this.#invite.uri),
    };
    this.#ask('routing', routing.route(request), (response) => ({ kind: 'routed', response }));
  }

  #switch(effect: Extract<CallEffect, { kind: 'switch' }>): void {
    const request: NextCandidateRequest = {
      traceParent: traceParentOf(this.#span),
      callId: this.callId,
      failedGateway: effect.failedGateway,
      gateways: [...effect.gateways],
      lines: [...this.#call.lines],
    };
    this.#ask('routing', this.#edge.routing.nextCandidate(request), (response) => ({
      kind: 'switched',
      response,
    }));
  }

  #record(): void {
    this.#ask('store', this.#writeAhead(), () => ({ kind: 'recorded' }));
  }

  #writeAhead(): Promise<void> {
    const { local, sealer, store } = this.#edge;
    return store.writeAhead({
      callId: this.callId,
      owner: `${String(local.slot)}.${String(local.epoch)}`,
      lines: this.#call.lines,
      record: callRecord(this.#call, {
        inviteBytes: serialize(this.#invite),
        source: this.#source,
        traceParent: traceParentOf(this.#span),
        sealer,
      }),
    });
  }

  /** Routing takes its time: a stub of the record first, then the 100 that stops the caller's repetitions. */
  #slow(): void {
    if (this.#call.phase !== 'routing' && this.#call.phase !== 'recording') return;
    this.#writeAhead().then(
      () => {
        if (this.#call.isTryingSent || !this.isPending) return;
        this.#call.isTryingSent = true;
        this.#server.respond(100, this.trying());
      },
      (error: unknown) => {
        this.#edge.logger.debug({ err: error, callId: this.callId }, 'no stub record');
      },
    );
  }

  #challenge(effect: Extract<CallEffect, { kind: 'challenge' }>): void {
    if (effect.response.outcome?.$case !== 'challenge') return;
    const { code, wwwAuthenticate, proxyAuthenticate } = effect.response.outcome.value;
    const response = challenge(this.#invite, {
      code,
      wwwAuthenticate,
      proxyAuthenticate,
      toTag: this.#tag(),
    });
    this.#finishSpan('challenged');
    this.#stopSlowTimer();
    this.#server.respond(code, serialize(response));
  }

  #relay(attempt: CallAttempt, response: SipResponse): void {
    // RFC 3261 §12.1.1: our tag opens a dialog with the caller, whether the carrier gave one of its own or not.
    const tag = to(response).tag ?? '';
    const contactToken = this.#carrier.contactForCaller(attempt, response);
    const relayed = relayedResponse({
      invite: this.#invite,
      response,
      toTag: this.#tag(),
      local: this.#edge.local,
      contactToken,
    });
    const bytes = serialize(relayed);
    this.#server.respond(response.status, bytes);
    if (response.status >= 200) this.#answered(tag, bytes);
  }

  #answered(tag: string, bytes: Buffer): void {
    callsAnswered.add(1);
    this.#answer = { tag, bytes };
    this.#stopTimer();
    this.#stopSlowTimer();
    this.#finishSpan('answered');
    const sent = this.#carrier.onlyInvite;
    // An earlier attempt is still being wound up: the transactions run to their end.
    if (sent === undefined) return;
    this.#carrier.abandon();
    this.#server.abandon();
    this.#owner.onAnswered(this, {
      transactionKey: this.transactionKey,
      callId: this.callId,
      branch: sent.branch,
      cseq: cseq(this.#invite).number,
      // A copy: the tag as it was read keeps the whole message in memory.
      tag: Buffer.from(tag, 'latin1').toString('latin1'),
      answer: bytes,
      source: this.#source,
      carrier: sent.address,
    });
  }

  /** The carrier has not seen the caller's ACK: it travels end to end, so the 2xx does too (edge.md §1.2). */
  #repeatAnswer(response: SipResponse): void {
    if (this.#answer === undefined) return;
    const tag = to(response).tag ?? '';
    if (tag === this.#answer.tag) this.#server.respond(response.status, this.#answer.bytes);
    // Another fork answered too; the caller has one dialog (RFC 3261 §13.2.2.4).
    else this.#carrier.hangUp(this.#call.attempts.at(-1)?.sequence ?? 0, response);
  }

  #storeAnswer(response: SipResponse): void {
    const { clock, logger, outbox, store } = this.#edge;
    const event = this.#event(response);
    event.eventId = answeredEventId(this.callId);
    event.type = 'answered';
    const { tokenA, tokenB } = this.#carrier.encodedTokens(response);
    const stored = store.answer({
      callId: this.callId,
      event,
      lines: this.#call.lines,
      leaseMs: LONGEST_CALL_MS,
      tokenA,
      tokenB,
    });
    stored.then(
      (result) => {
        const first = result.kind === 'first' ? result.event : undefined;
        this.#take({ kind: 'answer-stored', response, event: first });
      },
      (error: unknown) => {
        // The call goes on: an answer that both ends know of cannot be taken back.
        logger.error({ err: error, callId: this.callId }, 'answer not stored');
        outbox.publishUnstored({ ...event, answeredMs: clock.now() });
        this.#take({ kind: 'answer-stored', response, event: undefined });
      },
    );
  }

  #storeEnd(ending: EndingOf, final: FinalResponse): void {
    const { clock, logger, outbox, store } = this.#edge;
    callsFailed.add(1, { reason: ending.reason });
    this.#finishSpan(ending.reason);
    const last = endingEvent(this.callId, ending);
    const event = this.#event();
    const stored = store.end({ callId: this.callId, ending: last, event, lines: this.#call.lines });
    stored.then(
      (result) => {
        const first = result.kind === 'first' ? result.event : undefined;
        this.#take({ kind: 'end-stored', final, event: first });
      },
      (error: unknown) => {
        // Redis away: the end goes straight to the log (edge.md §5).
        logger.error({ err: error, callId: this.callId }, 'end not stored');
        outbox.publishUnstored({ ...event, ...ended(last), endedMs: clock.now() });
        this.#take({ kind: 'end-stored', final, event: undefined });
      },
    );
  }

  #respond(final: FinalResponse): void {
    const { local } = this.#edge;
    const toTag = this.#tag();
    const response =
      final.kind === 'refusal'
        ? refusal(this.#invite, { ...final, toTag, local })
        : rejection({ ...final, invite: this.#invite, toTag, local });
    this.#server.respond(response.status, serialize(response));
  }

  #startTimer({ name, ms }: Extract<CallEffect, { kind: 'start-timer' }>): void {
    this.#stopTimer();
    this.#timer = this.#edge.clock.start(ms, () => {
      this.#take({ kind: 'timer', name });
    });
  }

  #stopSlowTimer(): void {
    if (this.#slowTimer !== undefined) this.#edge.clock.stop(this.#slowTimer);
    this.#slowTimer = undefined;
  }

  #stopTimer(): void {
    if (this.#timer !== undefined) this.#edge.clock.stop(this.#timer);
    this.#timer = undefined;
  }

  /** Asks another service or the store, and takes the answer as the call's next input. */
  #ask<T>(
    what: 'auth' | 'routing' | 'store',
    asked: Promise<T>,
    toInput: (answer: T) => CallInput,
  ): void {
    asked.then(
      (answer) => {
        this.#take(toInput(answer));
      },
      (error: unknown) => {
        const text = error instanceof Error ? error.message : 'failed';
        this.#edge.logger.warn({ err: error, callId: this.callId, what }, 'call cannot be decided');
        this.#take({ kind: 'unavailable', what, text });
      },
    );
  }

  #event(answer?: SipResponse): CallEvent {
    return callEvent(this.#call, {
      invite: this.#invite,
      source: this.#source,
      edge: this.#edge.local.name,
      traceParent: traceParentOf(this.#span),
      answer,
    });
  }

  #tag(): string {
    this.#toTag ??= formatMark(this.#edge.sealer, {
      slot: this.#edge.local.slot,
      epoch: this.#edge.local.epoch,
      callId: this.callId,
      sequence: 0,
    });
    return this.#toTag;
  }

  #finishSpan(outcome: string): void {
    this.#span.setAttribute('tandem.outcome', outcome);
    this.#span.setAttribute('tandem.call_id', this.callId);
    if (outcome !== 'answered' && outcome !== 'challenged') {
      this.#span.setStatus({ code: SpanStatusCode.ERROR, message: outcome });
    }
    this.#span.end();
  }

  #checkOver(): void {
    if (this.#isServerOver) this.#stopSlowTimer();
    if (this.#isServerOver && this.#carrier.isOver) this.#owner.onOver(this);
  }
}

function originOf(invite: SipRequest): string {
  const { headers } = invite;
  return `${headers.get('Call-ID') ?? ''} ${headers.get('CSeq') ?? ''} ${from(invite).tag ?? ''}`;
}

/** The fields of an ending that replace those of the whole event. */
function ended(ending: CallEvent): Pick<CallEvent, 'eventId' | 'type' | 'termination'> {
  return { eventId: ending.eventId, type: ending.type, termination: ending.termination };
}
