import { hash } from 'node:crypto';
import { encodeCallEvent } from '@tandem/events';
import { CallEvent } from '@tandem/proto/events';
import type { RouteRequest } from '@tandem/proto/routing';
import { cseq, from, isSipsUri, serverTransactionKey, userOf } from '@tandem/sip';
import type { SipRequest, SipResponse } from '@tandem/sip';
import { authenticateRequest } from '../core/call/authenticate-request.ts';
import { deviceNamed } from '../core/messages/gruu.ts';
import { receivedIdentity } from '../core/messages/identity.ts';
import { callEventBytes } from '../core/call/call-event.ts';
import type { CallFacts } from '../core/call/call-event.ts';
import { callRecord } from '../core/call/call-record.ts';
import type { Branch, Call } from '../core/call/call-state.ts';
import type { CallEffect, CallInput } from '../core/call/call-steps.ts';
import { answeredEventId, endingEvent } from '../core/call/events.ts';
import { timedEvent } from '../core/call/outbox-payload.ts';
import { encodeToken } from '../core/dialog/dialog-token.ts';
import { sealedCredentials } from '../core/dialog/dialog-credentials.ts';
import { sessionTerms } from '../core/dialog/session-timers.ts';
import { ownerName } from '../core/marks/owner.ts';
import type { AnswerWrite } from '../ports.ts';
import type { EdgeResources } from '../edge-resources.ts';
import { passed } from '../faults.ts';
import { answerStep, endStep } from '../outbox/outbox.ts';
import { AskedAhead } from './asked-ahead.ts';
import type { AheadRequest } from './asked-ahead.ts';
import { noTokens } from './leg-tokens.ts';
import type { LegTokens } from './leg-tokens.ts';

const serviceKinds = [
  'authenticate',
  'claim',
  'route',
  'switch',
  'record',
  'record-stub',
  'store-answer',
  'store-end',
] as const;
const ofServices: ReadonlySet<CallEffect['kind']> = new Set(serviceKinds);

/** The effects of a call whose outcome comes back as an input. */
export type ServiceEffect = Extract<CallEffect, { kind: (typeof serviceKinds)[number] }>;

export function isForService(effect: CallEffect): effect is ServiceEffect {
  return ofServices.has(effect.kind);
}

/** Whether the store may be away and the call goes on all the same: where it fails it is for another reason. */
export function isNeverAway({ kind }: ServiceEffect): boolean {
  return kind === 'store-answer' || kind === 'store-end';
}

/** The call that is asked about. */
export interface AskedCall {
  readonly call: Call;
  /** From the claim on. */
  readonly tokens: LegTokens | undefined;
  /** Of the call's span; '' while telemetry is off. */
  readonly traceParent: string;
}

/** Asks auth, routing and the store on behalf of calls; every answer, and every failure, is an input for the call. */
export class CallServices {
  readonly #edge: EdgeResources;
  readonly #ahead: AskedAhead;

  constructor(edge: EdgeResources) {
    this.#edge = edge;
    this.#ahead = new AskedAhead(edge);
  }

  /** What comes of it; rejects where the service, or the store, does not answer: `failed` says what that means. */
  ask(effect: ServiceEffect, about: AskedCall): Promise<CallInput> {
    switch (effect.kind) {
      case 'authenticate':
        return this.#authenticate(about);
      case 'claim':
        return this.#claim(about);
      case 'route':
        return this.#route(about);
      case 'switch':
        return this.#switch(effect, about);
      case 'record':
      case 'record-stub':
        return this.#writeRecord(effect.kind, about);
      case 'store-answer':
        return this.#storeAnswer(effect.response, about);
      case 'store-end':
        return this.#storeEnd(effect, about);
    }
  }

  /** @returns undefined where nothing follows */
  failed({ kind }: ServiceEffect, callId: string, error: unknown): CallInput | undefined {
    const { logger } = this.#edge;
    if (kind === 'record-stub') {
      logger.debug({ err: error, callId }, 'no stub record');
      return undefined;
    }
    const isOfRouting = kind === 'route' || kind === 'switch';
    const what = kind === 'authenticate' ? 'auth' : isOfRouting ? 'routing' : 'store';
    logger.warn({ err: error, callId, what }, 'call cannot be decided');
    return { kind: 'unavailable', what, text: error instanceof Error ? error.message : 'failed' };
  }

  /** Writes the record of the call as it stands. @returns whether the call is still this pod's */
  writeAhead(about: AskedCall): Promise<boolean> {
    const { call, tokens } = about;
    const last = call.winner ?? call.branches.at(-1);
    const issued = last === undefined ? undefined : tokens?.forCarrier(last);
    return this.#edge.store.writeAhead({
      callId: call.callId,
      owner: ownerName(this.#edge.local),
      lines: call.lines,
      record: this.#record(about),
      tokenB: issued?.isReference === true ? encodeToken(issued.token) : undefined,
    });
  }

  /** Whether the store and routing have been asked about a call of which auth has not been heard yet. */
  hasAskedAhead(callId: string): boolean {
    return this.#ahead.has(callId);
  }

  /** No other pod need go on with the call. */
  forget(callId: string): void {
    const { local, logger, store } = this.#edge;
    store.forget(callId, ownerName(local)).catch((error: unknown) => {
      logger.debug({ err: error, callId }, 'call not forgotten');
    });
  }

  /** ROUTE-06: all pods of routing are to leave a gateway out for a time. Nothing follows for the call. */
  rest({ attempt }: Branch, { callId, seconds }: { callId: string; seconds: number }): void {
    const { logger, routing } = this.#edge;
    const { gateway } = attempt.candidate;
    routing.rest({ gateway, seconds, callId }).catch((error: unknown) => {
      logger.warn({ err: error, callId, gateway }, 'gateway not left out');
    });
  }

  async #authenticate(about: AskedCall): Promise<CallInput> {
    const { auth, network } = this.#edge;
    const { call, traceParent } = about;
    const { callId, invite, source } = call;
    const isSourceHidden = network?.isSourceHidden(source) ?? false;
    const response = await auth.authenticate(
      authenticateRequest(invite, { source, traceParent, isSourceHidden }),
      (accepting) => {
        // Whoever is to be refused takes no line.
        if (call.overload === undefined) this.#ahead.begin(aheadOf(about), accepting);
      },
    );
    passed('after-authenticate');
    if (response.outcome?.$case !== 'allow') this.#ahead.forget(callId);
    return { kind: 'authenticated', response };
  }

  async #claim(about: AskedCall): Promise<CallInput> {
    const claim = await this.#ahead.claim(aheadOf(about));
    passed('after-claim');
    return claim === undefined ? { kind: 'lost' } : { kind: 'claimed', claim };
  }

  async #route(about: AskedCall): Promise<CallInput> {
    const response = await this.#ahead.route(routeRequest(about));
    passed('after-route');
    return { kind: 'routed', response };
  }

  async #switch(
    { failedGateway, gateways, redirected }: Extract<ServiceEffect, { kind: 'switch' }>,
    { call, traceParent }: AskedCall,
  ): Promise<CallInput> {
    const { callId, lines } = call;
    const response = await this.#edge.routing.nextCandidate({
      traceParent,
      callId,
      failedGateway,
      gateways: [...gateways],
      lines: [...lines],
      redirected: [...redirected],
    });
    passed('after-switch');
    return { kind: 'switched', response };
  }

  async #writeRecord(kind: 'record' | 'record-stub', about: AskedCall): Promise<CallInput> {
    const isOurs = await this.writeAhead(about);
    const isStub = kind === 'record-stub';
    passed(isStub ? 'after-stub' : 'after-write-ahead');
    if (!isOurs) return { kind: 'lost' };
    return { kind: isStub ? 'stub-recorded' : 'recorded' };
  }

  async #storeAnswer(response: SipResponse, about: AskedCall): Promise<CallInput> {
    const { backlog, clock, local, logger, outbox, sealer, store, storedTokens } = this.#edge;
    const { call, tokens } = about;
    const { callId, invite, lines, maxDurationSeconds } = call;
    const eventId = answeredEventId(callId);
    const bytes = this.#event(about, { answer: response, identity: { eventId, type: 'answered' } });
    const event = { eventId, callId, bytes };
    const candidate = call.winner?.attempt.candidate;
    const terms = candidate?.dialog;
    const { references, ...encoded } = tokens?.encoded(response) ?? noTokens;
    const { answerTag: farTag = '', answerToTag, dialogs } = call;
    const isOnly = dialogs.length < 2 && answerToTag === call.toTag;
    const write: AnswerWrite = {
      callId,
      owner: ownerName(local),
      event,
      lines,
      ...encoded,
      dialog: { farTag, toTag: isOnly ? '' : answerToTag },
      session: sessionTerms({ invite, answer: response, terms, maxDurationSeconds }),
      credentials: sealedCredentials(sealer, candidate),
    };
    for (const holder of references) {
      const [token, toTag] = holder === 'a' ? [encoded.tokenA, answerToTag] : [encoded.tokenB];
      storedTokens.remember(callId, holder, token, toTag);
    }
    passed('before-answer');
    try {
      const result = await store.answer({ ...write, isWindingUp: call.isOthersDue });
      passed('after-answer');
      if (result.kind === 'lost') return { kind: 'lost' };
      const first = result.kind === 'first' ? result.event : undefined;
      return { kind: 'answer-stored', response, event: first };
    } catch (error) {
      // The call goes on: an answer that both ends know of cannot be taken back.
      logger.error({ err: error, callId }, 'answer not stored');
      const answeredMs = clock.now();
      const times = { answeredMs, endedMs: 0, aliveMs: 0 };
      outbox.publishUnstored({ ...event, bytes: timedEvent(bytes, times) });
      // A store that comes back with what it had believes that the call rings, and would have it begun anew.
      backlog.add(answerStep(callId), () =>
        store.answer({ ...write, agoMs: clock.now() - answeredMs }),
      );
      return { kind: 'answer-stored', response, event: undefined };
    }
  }

  async #storeEnd(
    { ending, final }: Extract<ServiceEffect, { kind: 'store-end' }>,
    about: AskedCall,
  ): Promise<CallInput> {
    const { backlog, clock, local, logger, outbox, store } = this.#edge;
    const { callId, isTryingSent } = about.call;
    const last = endingEvent(callId, ending);
    const event = this.#event(about);
    const lines = [...about.call.lines, ...(await this.#ahead.unusedLines(callId))];
    const write = { callId, owner: ownerName(local), ending: last, event, lines };
    passed('before-end');
    try {
      // A caller that has had no response repeats its INVITE; any other, and the carriers, have to be told by somebody.
      const windUp = isTryingSent ? { isWindingUp: true, record: this.#record(about, true) } : {};
      const result = await store.end({ ...write, ...windUp });
      passed('after-end');
      if (result.kind === 'lost') return { kind: 'lost' };
      const first = result.kind === 'first' ? result.event : undefined;
      return { kind: 'end-stored', final, event: first };
    } catch (error) {
      // Redis away: the end goes straight to the log (edge.md §5).
      logger.error({ err: error, callId }, 'end not stored');
      const times = { answeredMs: 0, endedMs: clock.now(), aliveMs: 0 };
      const bytes = timedEvent(Buffer.concat([event, last.bytes]), times);
      outbox.publishUnstored({ ...last, bytes });
      backlog.add(endStep(callId), () => store.end(write));
      return { kind: 'end-stored', final, event: undefined };
    }
  }

  /**
   * Ends a call whose own end has failed, by the little that cannot fail: lines are free and it has its CDR, of which billing knows
   * the rest. Never rejects.
   */
  async giveUp(about: AskedCall): Promise<void> {
    const { local, logger, outbox, store } = this.#edge;
    const { callId, lines } = about.call;
    const ending = endingEvent(callId, {
      reason: 'InternalError',
      code: 500,
      by: 'switch',
      text: '',
    });
    try {
      const all = [...lines, ...(await this.#ahead.unusedLines(callId))];
      const event = this.#leastEvent(about);
      const owner = ownerName(local);
      const result = await store.end({ callId, owner, ending, event, lines: all });
      if (result.kind === 'first') outbox.publish(result.event);
    } catch (error) {
      logger.warn({ callId, err: error }, 'end of a broken call not stored');
    }
  }

  #leastEvent(about: AskedCall): Buffer {
    try {
      return this.#event(about);
    } catch {
      const { callId, startedMs } = about.call;
      const edge = this.#edge.local.name;
      return encodeCallEvent(CallEvent.fromPartial({ callId, startedMs, edge, partial: true }));
    }
  }

  #record({ call, traceParent }: AskedCall, isEnded = false): Buffer {
    const { local, sealer } = this.#edge;
    return callRecord(call, { traceParent, sealer, owner: ownerName(local), isEnded });
  }

  #event({ call, traceParent }: AskedCall, more: Partial<CallFacts> = {}): Buffer {
    return callEventBytes(call, { traceParent, edge: this.#edge.local.name, ...more });
  }
}

function aheadOf(about: AskedCall): AheadRequest {
  const { callId, invite } = about.call;
  const transaction = claimKey(serverTransactionKey(invite), invite);
  const route = routeRequest(about);
  // A call that is refused already is not routed: the lines would be taken, and nobody would free them.
  if (about.call.failure !== undefined) route.origin = undefined;
  return { callId, transaction, route };
}

function routeRequest({ call, traceParent }: AskedCall): RouteRequest {
  const { callId, invite, origin, source } = call;
  return {
    traceParent,
    callId,
    origin,
    sourceAddress: source.address,
    caller: userOf(from(invite).uri),
    callee: userOf(invite.uri),
    device: deviceNamed(invite.uri),
    isSips: isSipsUri(invite.uri),
    identity: receivedIdentity(invite),
    verification: call.verification,
    takesNoLines: false,
  };
}

/** What the claim of an INVITE is kept by; `key` is that of its transaction, also for the CANCEL of it. */
export function claimKey(key: string, request: SipRequest): string {
  const callIdHeader = request.headers.get('Call-ID') ?? '';
  return hash('sha256', `${key}|${callIdHeader}|${String(cseq(request).number)}`, 'base64url');
}
