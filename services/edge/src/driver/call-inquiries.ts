import { hash } from 'node:crypto';
import type { CallEvent } from '@tandem/proto/events';
import type { NextCandidateRequest, RouteRequest } from '@tandem/proto/routing';
import { from, serialize, serverTransactionKey } from '@tandem/sip';
import type { SipRequest, SipResponse } from '@tandem/sip';
import { authenticateRequest } from '../core/authenticate-request.ts';
import { callEvent, userOf } from '../core/call-event.ts';
import { callRecord } from '../core/call-record.ts';
import type { CallEffect, CallInput, CallState } from '../core/call-state.ts';
import { answeredEventId, endingEvent } from '../core/events.ts';
import type { PeerAddress } from '../core/peer-address.ts';
import type { EdgeResources } from './edge-resources.ts';

/** Lines of an answered call are held as long as a call may last at most. */
const LONGEST_CALL_MS = 24 * 3_600_000;

/** The effects of a call whose outcome comes back as an input. */
export type Inquiry = Extract<
  CallEffect,
  {
    kind: 'authenticate' | 'claim' | 'route' | 'switch' | 'record' | 'store-answer' | 'store-end';
  }
>;

/** What is asked is about this call. */
export interface InquiryCall {
  readonly call: CallState;
  readonly invite: SipRequest;
  readonly source: PeerAddress;
  /** Of the call's span; '' while telemetry is off. */
  readonly traceParent: string;
  /** Both tokens, encoded, once the callee has answered. */
  readonly encodedTokens: (answer: SipResponse) => {
    readonly tokenA: Buffer;
    readonly tokenB: Buffer;
  };
}

/** Asks auth, routing and the store on behalf of one call; every answer, and every failure, is an input for it. */
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

  /** Writes the record of the call as it stands. */
  writeAhead(): Promise<void> {
    const { sealer, store } = this.#edge;
    const { call, invite, source, traceParent } = this.#about;
    return store.writeAhead({
      callId: call.callId,
      owner: this.#ownerName(),
      lines: call.lines,
      record: callRecord(call, { inviteBytes: serialize(invite), source, traceParent, sealer }),
    });
  }

  async #input(effect: Inquiry): Promise<CallInput> {
    switch (effect.kind) {
      case 'authenticate': {
        const request = authenticateRequest(this.#about.invite, this.#about);
        return { kind: 'authenticated', response: await this.#edge.auth.authenticate(request) };
      }
      case 'claim':
        return this.#claim();
      case 'route':
        return { kind: 'routed', response: await this.#edge.routing.route(this.#routeRequest()) };
      case 'switch': {
        const response = await this.#edge.routing.nextCandidate(this.#switchRequest(effect));
        return { kind: 'switched', response };
      }
      case 'record':
        await this.writeAhead();
        return { kind: 'recorded' };
      case 'store-answer':
        return this.#storeAnswer(effect.response);
      case 'store-end':
        return this.#storeEnd(effect);
    }
  }

  async #claim(): Promise<CallInput> {
    const { call, invite } = this.#about;
    const callIdHeader = invite.headers.get('Call-ID') ?? '';
    const cseqHeader = invite.headers.get('CSeq') ?? '';
    const transaction = `${serverTransactionKey(invite)}|${callIdHeader}|${cseqHeader}`;
    const key = hash('sha256', transaction, 'base64url');
    const claim = await this.#edge.store.claim(key, call.callId, this.#ownerName());
    return { kind: 'claimed', claim };
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
    const { clock, logger, outbox, store } = this.#edge;
    const { call, encodedTokens } = this.#about;
    const { callId, lines } = call;
    const event = { ...this.#event(response), eventId: answeredEventId(callId), type: 'answered' };
    try {
      const result = await store.answer({
        callId,
        event,
        lines,
        leaseMs: LONGEST_CALL_MS,
        ...encodedTokens(response),
      });
      const first = result.kind === 'first' ? result.event : undefined;
      return { kind: 'answer-stored', response, event: first };
    } catch (error) {
      // The call goes on: an answer that both ends know of cannot be taken back.
      logger.error({ err: error, callId }, 'answer not stored');
      outbox.publishUnstored({ ...event, answeredMs: clock.now() });
      return { kind: 'answer-stored', response, event: undefined };
    }
  }

  async #storeEnd({ ending, final }: Extract<Inquiry, { kind: 'store-end' }>): Promise<CallInput> {
    const { clock, logger, outbox, store } = this.#edge;
    const { callId, lines } = this.#about.call;
    const last = endingEvent(callId, ending);
    const event = this.#event();
    try {
      const result = await store.end({ callId, ending: last, event, lines });
      const first = result.kind === 'first' ? result.event : undefined;
      return { kind: 'end-stored', final, event: first };
    } catch (error) {
      // Redis away: the end goes straight to the log (edge.md §5).
      logger.error({ err: error, callId }, 'end not stored');
      const { eventId, type, termination } = last;
      outbox.publishUnstored({ ...event, eventId, type, termination, endedMs: clock.now() });
      return { kind: 'end-stored', final, event: undefined };
    }
  }

  #event(answer?: SipResponse): CallEvent {
    const { call, ...facts } = this.#about;
    return callEvent(call, { ...facts, edge: this.#edge.local.name, answer });
  }

  #ownerName(): string {
    const { slot, epoch } = this.#edge.local;
    return `${String(slot)}.${String(epoch)}`;
  }
}

function askedOf(effect: Inquiry): 'auth' | 'routing' | 'store' {
  if (effect.kind === 'authenticate') return 'auth';
  return effect.kind === 'route' || effect.kind === 'switch' ? 'routing' : 'store';
}
