import { encodeCallEvent, readCallEventHead } from '@tandem/events';
import type { ReceivedCallEvent } from '@tandem/events';
import { Terms } from '@tandem/proto/billing';
import { CallEvent } from '@tandem/proto/events';

/** Noon of a day, as the start of every call that does not say otherwise. */
export const noonMs = Date.UTC(2026, 10, 21, 12);

/** The rate of the first example: 0.0123 a minute, 60/60. */
export function terms(changes: Partial<Terms> = {}): Terms {
  return Terms.fromPartial({
    account: 'demo',
    rateGroup: 'standard',
    prefix: '44',
    currency: 'USD',
    pricePerMinute: '0.0123',
    firstIncrementSeconds: 60,
    nextIncrementSeconds: 60,
    connectionFee: '0',
    freeSeconds: 0,
    configurationVersion: 1,
    ...changes,
  });
}

/** A decision that was taken after the end of a call. */
export function notedEvent(callId: string, cause: string): CallEvent {
  const decision = {
    service: 'edge',
    check: 'dialog-challenge',
    result: 'failed',
    subject: 'routing-gateway carrier-a',
    reason: 'BadGateway',
    facts: [
      { name: 'method', value: 'BYE' },
      { name: 'code', value: '407' },
      { name: 'cause', value: cause },
    ],
    atMs: noonMs + 14_000,
  };
  return CallEvent.fromPartial({
    eventId: `${callId}.noted.BYE-3`,
    callId,
    type: 'noted',
    decisions: [decision],
  });
}

/** An answered call of `seconds` that has ended. */
export function endedEvent(callId: string, changes: Partial<CallEvent> = {}): CallEvent {
  const answeredMs = noonMs + 3000;
  const endedMs = answeredMs + 10_000;
  return CallEvent.create({
    eventId: `${callId}.ended.1`,
    callId,
    type: 'ended',
    startedMs: noonMs,
    ringingMs: noonMs + 500,
    answeredMs,
    endedMs,
    origin: { kind: 'mapping-gateway', name: 'demo-trunk', account: 'demo' },
    a: {
      sipCallId: `a-${callId}@127.0.0.2`,
      peerAddress: '127.0.0.2:5060',
      transport: 'udp',
      caller: '1001',
      callee: '442079460000',
      userAgent: 'SIPp',
      codecs: ['PCMA/8000'],
    },
    b: {
      sipCallId: callId,
      peerAddress: '127.0.0.1:5070',
      transport: 'udp',
      caller: '1001',
      callee: '442079460000',
      userAgent: 'carrier',
      codecs: ['PCMA/8000'],
    },
    attempts: [
      {
        gateway: 'carrier-a',
        account: 'vendor-x',
        address: '127.0.0.1:5070',
        startedMs: noonMs,
        endedMs: answeredMs,
        code: 200,
        reason: '',
        text: 'OK',
      },
    ],
    termination: { reason: 'NormalClearing', code: 200, by: 'caller', text: '' },
    customerTerms: Terms.encode(terms()).finish(),
    decisions: [
      {
        service: 'routing',
        check: 'rate',
        result: 'passed',
        subject: 'account demo',
        reason: '',
        facts: [{ name: 'pricePerMinute', value: '0.0123' }],
        atMs: noonMs,
      },
    ],
    edge: 'edge-0',
    ...changes,
  });
}

/** The answer of the call that `endedEvent` ends. */
export function answeredEvent(callId: string, changes: Partial<CallEvent> = {}): CallEvent {
  return endedEvent(callId, {
    eventId: `${callId}.answered.1`,
    type: 'answered',
    endedMs: 0,
    termination: undefined,
    ...changes,
  });
}

/** The event as a consumer hands it over. */
export function received(event: CallEvent): ReceivedCallEvent {
  const bytes = encodeCallEvent(event);
  return { head: readCallEventHead(bytes), bytes };
}

/** An end that a pod tells while the store of calls is away: without the facts of the call. */
export function partialEvent(callId: string, endedMs: number): CallEvent {
  return CallEvent.fromPartial({
    eventId: `${callId}.ended.1`,
    callId,
    type: 'ended',
    endedMs,
    aliveMs: endedMs,
    termination: { reason: 'NormalClearing', code: 200, by: 'callee', text: '' },
    edge: 'edge-1',
    partial: true,
  });
}

/** The nth sign of life of the call that `answeredEvent` begins. */
export function interimEvent(callId: string, number: number, aliveMs: number): CallEvent {
  const eventId = `${callId}.interim.${String(number)}`;
  return answeredEvent(callId, { eventId, type: 'interim', aliveMs });
}
