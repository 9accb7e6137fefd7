import { bareNumber, readNumber } from '@tandem/domain';
import { Decision } from '@tandem/proto/decision';
import { Call, CallRecord } from '@tandem/proto/edge';
import type { ListCallsRequest } from '@tandem/proto/edge';
import type { CallEvent } from '@tandem/proto/events';
import { SipRequest, from, parseMessage, userOf } from '@tandem/sip';
import type { StoredCall } from '../ports.ts';

/** A call in progress as it is told. */
export function callOf(stored: StoredCall): Call {
  if (stored.event !== undefined) return answeredCall(stored, stored.event);
  const record = CallRecord.decode(stored.record ?? new Uint8Array());
  const attempt = record.attempts.at(-1);
  const candidate = record.candidates.find(({ gateway }) => gateway === attempt?.gateway);
  const invite = inviteOf(record.invite);
  return Call.fromPartial({
    callId: stored.callId,
    state: stateOf(record),
    startedMs: record.startedMs,
    origin: record.origin,
    caller: candidate?.caller ?? invite.caller,
    callee: candidate?.callee ?? invite.callee,
    gateway: attempt?.gateway ?? '',
    edge: stored.owner,
    decisions: record.decisions.map((decision) => Decision.decode(decision)),
    attempts: record.attempts,
    sipCallId: invite.sipCallId,
    source: placeOf(record.source),
  });
}

/** Whether a call is one of those that are asked for; what is empty or 0 does not restrict. */
export function isAskedFor(call: Call, request: ListCallsRequest): boolean {
  const { fromMs, untilMs } = request;
  if (call.startedMs < fromMs || (untilMs !== 0 && call.startedMs >= untilMs)) return false;
  return filters.every((name) => request[name] === '' || matches[name](call, request[name]));
}

/** Whether a request restricts at all which calls are listed. */
export function isRestricted(request: ListCallsRequest): boolean {
  const { fromMs, untilMs } = request;
  return fromMs !== 0 || untilMs !== 0 || filters.some((name) => request[name] !== '');
}

const matches = {
  account: ({ origin }, account) => origin?.account === account,
  // On either side, and those that were tried before.
  gateway: ({ attempts, gateway, origin }, name) =>
    gateway === name || origin?.name === name || attempts.some((each) => each.gateway === name),
  caller: ({ caller }, number) => isSameNumber(caller, number),
  callee: ({ callee }, number) => isSameNumber(callee, number),
  address: ({ source }, address) => hostOf(source) === address,
  callId: ({ callId, sipCallId }, id) => callId === id || sipCallId === id,
} as const satisfies Readonly<Record<string, (call: Call, value: string) => boolean>>;

const filters = Object.keys(matches) as (keyof typeof matches)[];

function stateOf({ candidates, ringingMs }: CallRecord): string {
  if (candidates.length === 0) return 'routing';
  return ringingMs === 0 ? 'calling' : 'ringing';
}

function answeredCall(stored: StoredCall, event: CallEvent): Call {
  return Call.fromPartial({
    callId: stored.callId,
    state: 'answered',
    startedMs: event.startedMs,
    answeredMs: event.answeredMs,
    origin: event.origin,
    caller: event.a?.caller ?? '',
    callee: event.a?.callee ?? '',
    gateway: event.attempts.at(-1)?.gateway ?? '',
    edge: event.edge,
    decisions: event.decisions,
    attempts: event.attempts,
    sipCallId: event.a?.sipCallId ?? '',
    source: event.a?.peerAddress ?? '',
  });
}

interface InviteView {
  readonly caller: string;
  readonly callee: string;
  readonly sipCallId: string;
}

const UNREAD: InviteView = { caller: '', callee: '', sipCallId: '' };

function inviteOf(bytes: Uint8Array): InviteView {
  try {
    const message = parseMessage(Buffer.from(bytes));
    if (!(message instanceof SipRequest)) return UNREAD;
    const sipCallId = message.headers.get('Call-ID') ?? '';
    return { caller: userOf(from(message).uri), callee: userOf(message.uri), sipCallId };
  } catch {
    return UNREAD;
  }
}

/** What follows a peer's address says by which socket it is reached. */
function placeOf(flow: string): string {
  return flow.split(';')[0] ?? '';
}

function hostOf(place: string): string {
  return place.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
}

function isSameNumber(one: string, other: string): boolean {
  return one === other || compared(one) === compared(other);
}

function compared(text: string): string {
  const reading = readNumber(text);
  return reading.kind === 'number' ? bareNumber(reading.number) : text;
}
