import { hash } from 'node:crypto';
import type { NextCandidateRequest, RouteRequest } from '@tandem/proto/routing';
import { cseq, from, serialize, serverTransactionKey, userOf } from '@tandem/sip';
import type { SipRequest, SipResponse } from '@tandem/sip';
import { callEventBytes } from '../core/call/call-event.ts';
import type { CallFacts } from '../core/call/call-event.ts';
import { callRecord } from '../core/call/call-record.ts';
import { formatBranch } from '../core/marks/call-mark.ts';
import type { CallEffect, CallInput, CallState, FinalResponse } from '../core/call/call-state.ts';
import { encodeToken } from '../core/dialog/dialog-token.ts';
import { answeredEventId, endingEvent } from '../core/call/events.ts';
import { timedEvent } from '../core/call/outbox-payload.ts';
import { ownerName } from '../core/marks/owner.ts';
import type { PeerAddress } from '../core/network/peer-address.ts';
import { sessionTerms } from '../core/dialog/session-timers.ts';
import type { EdgeResources } from '../edge-resources.ts';
import { passed } from '../faults.ts';
import type { LegTokens } from './leg-tokens.ts';

/** The effects of a call whose outcome comes back as an input. */
export type Inquiry = Extract<
  CallEffect,
  { kind: 'claim' | 'route' | 'switch' | 'record' | 'store-answer' | 'store-end' }
>;

/** What is asked is about this call. */
export interface InquiryCall {
  readonly call: CallState;
  readonly invite: SipRequest;
  readonly source: PeerAddress;
  /** Of the call's span; '' while telemetry is off. */
  readonly traceParent: string;
  readonly tokens: LegTokens;
  /** The To tag that the caller sees. */
  readonly switchTag: () => string;
}

/** Asks routing and the store on behalf of one call; every answer, and every failure, is an input for it. */
export class CallInquiries {
  readonly #edge: EdgeResources;
  readonly #about: InquiryCall;

  constructor(edge: EdgeResources, about: InquiryCall) {
    this.#edge = edge;
    this.#about = about;
  }

  /** Never rejects. */
  async ask(effect: Inquiry): Promise<CallInput> {
    try {
      return await this.#input(effect);
    } catch (error) {
      const what = askedOf(effect);
      const text = error instanceof Error ? error.message : 'failed';
      const { callId } = this.#about.call;
      this.#edge.logger.warn({ err: error, callId, what }, 'call cannot be decided');
      return { kind: 'unavailable', what, text };
    }
  }

  /** Writes the record of the call as it stands. @returns whether the call is still this pod's */
  writeAhead(): Promise<boolean> {
    const { call, tokens } = this.#about;
    const last = call.attempts.at(-1);
    const issued = last === undefined ? undefined : tokens.forCarrier(last);
    return this.#edge.store.writeAhead({
      callId: call.callId,
      owner: ownerName(this.#edge.local),
      lines: call.lines,
      record: this.#record(),
      tokenB: issued?.isReference === true ? encodeToken(issued.token) : undefined,
    });
  }

  async #input(effect: Inquiry): Promise<CallInput> {
    switch (effect.kind) {
      case 'claim':
        return this.#claim();
      case 'route': {
        const response = await this.#edge.routing.route(this.#routeRequest());
        passed('after-route');
        return { kind: 'routed', response };
      }
      case 'switch': {
        const response = await this.#edge.routing.nextCandidate(this.#switchRequest(effect));
        passed('after-switch');
        return { kind: 'switched', response };
      }
      case 'record': {
        const isOurs = await this.writeAhead();
        passed('after-write-ahead');
        return { kind: isOurs ? 'recorded' : 'lost' };
      }
      case 'store-answer':
        return this.#storeAnswer(effect.response);
      case 'store-end':
        return this.#storeEnd(effect);
    }
  }

  async #claim(): Promise<CallInput> {
    const { call, invite } = this.#about;
    const key = claimKey(serverTransactionKey(invite), invite);
    const claim = await this.#edge.store.claim(key, call.callId, ownerName(this.#edge.local));
    passed('after-claim');
    return claim === undefined ? { kind: 'lost' } : { kind: 'claimed', claim };
  }

  #routeRequest(): RouteRequest {
    const { call, invite, source, traceParent } = this.#about;
    return {
      traceParent,
      callId: call.callId,
      origin: call.origin,
      sourceAddress: source.address,
      caller: userOf(from(invite).uri),
      callee: userOf(invite.uri),
    };
  }

  #switchRequest(effect: Extract<Inquiry, { kind: 'switch' }>): NextCandidateRequest {
    const { call, traceParent } = this.#about;
    return {
      traceParent,
      callId: call.callId,
      failedGateway: effect.failedGateway,
      gateways: [...effect.gateways],
      lines: [...call.lines],
    };
  }

  async #storeAnswer(response: SipResponse): Promise<CallInput> {
    const { clock, local, logger, outbox, store } = this.#edge;
    const { call, invite, tokens } = this.#about;
    const { callId, lines, maxDurationSeconds } = call;
    const eventId = answeredEventId(callId);
    const bytes = this.#event({ answer: response, identity: { eventId, type: 'answered' } });
    const event = { eventId, callId, bytes };
    const terms = call.attempts.at(-1)?.candidate.dialog;
    passed('before-answer');
    try {
      const result = await store.answer({
        callId,
        owner: ownerName(local),
        event,
        lines,
        ...tokens.encoded(response),
        session: sessionTerms({ invite, answer: response, terms, maxDurationSeconds }),
      });
      passed('after-answer');
      if (result.kind === 'lost') return { kind: 'lost' };
      const first = result.kind === 'first' ? result.event : undefined;
      return { kind: 'answer-stored', response, event: first };
    } catch (error) {
      // The call goes on: an answer that both ends know of cannot be taken back.
      logger.error({ err: error, callId }, 'answer not stored');
      const times = { answeredMs: clock.now(), endedMs: 0, aliveMs: 0 };
      outbox.publishUnstored({ ...event, bytes: timedEvent(bytes, times) });
      return { kind: 'answer-stored', response, event: undefined };
    }
  }

  async #storeEnd({ ending, final }: Extract<Inquiry, { kind: 'store-end' }>): Promise<CallInput> {
    const { clock, local, logger, outbox, store } = this.#edge;
    const { callId, lines, isTryingSent } = this.#about.call;
    const last = endingEvent(callId, ending);
    const event = this.#event();
    passed('before-end');
    try {
      // A caller that has had no response repeats its INVITE; any other, and the carriers, have to be told by somebody.
      const windUp = isTryingSent ? { isWindingUp: true, record: this.#record(final) } : {};
      const owner = ownerName(local);
      const result = await store.end({ callId, owner, ending: last, event, lines, ...windUp });
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
      return { kind: 'end-stored', final, event: undefined };
    }
  }

  #record(final?: FinalResponse): Buffer {
    const { local, sealer } = this.#edge;
    const { call, invite, source, traceParent } = this.#about;
    call.toTag = this.#about.switchTag();
    const last = call.attempts.at(-1);
    if (last?.branch === '') {
      const { slot, epoch } = local;
      const { sequence } = last;
      last.branch = formatBranch(sealer, { slot, epoch, callId: call.callId, sequence });
    }
    const inviteBytes = serialize(invite);
    const owner = ownerName(local);
    return callRecord(call, { inviteBytes, source, traceParent, sealer, owner, final });
  }

  #event(more: Pick<CallFacts, 'answer' | 'identity'> = {}): Buffer {
    const { call, invite, source, traceParent } = this.#about;
    const edge = this.#edge.local.name;
    return callEventBytes(call, { invite, source, traceParent, edge, ...more });
  }
}

/** What the claim of an INVITE is kept by; `key` is that of its transaction, also for the CANCEL of it. */
export function claimKey(key: string, request: SipRequest): string {
  const callIdHeader = request.headers.get('Call-ID') ?? '';
  return hash('sha256', `${key}|${callIdHeader}|${String(cseq(request).number)}`, 'base64url');
}

function askedOf(effect: Inquiry): 'routing' | 'store' {
  return effect.kind === 'route' || effect.kind === 'switch' ? 'routing' : 'store';
}
