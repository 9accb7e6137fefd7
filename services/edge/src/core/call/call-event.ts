import { readNumber } from '@tandem/domain';
import { encoded } from '@tandem/proto/encoded';
import { CallEvent } from '@tandem/proto/events';
import type { Encoder } from '@tandem/proto/encoded';
import type { Attempt, Leg } from '@tandem/proto/events';
import { from, readableText, transportOf, userOf } from '@tandem/sip';
import type { SipResponse } from '@tandem/sip';
import { destinationOf } from './call-state.ts';
import type { Call, CallAttempt } from './call-state.ts';
import type { EncodedDecision } from './decisions.ts';
import { formatPeerAddress } from '../network/peer-address.ts';
import { codecsOf } from './sdp-codecs.ts';

/** What the CDR of a call is made from, besides its state. */
export interface CallFacts {
  readonly edge: string;
  readonly traceParent: string;
  /** The response that answered the call. */
  readonly answer?: SipResponse | undefined;
  /** Identity and type of the event; without them it is the end of a call, whose `endingEvent` has them. */
  readonly identity?: Pick<CallEvent, 'eventId' | 'type'> | undefined;
}

/** Everything that is known of a call, as an encoded event without the times of answer and end (BILL-03). */
export function callEventBytes(call: Call, facts: CallFacts): Buffer {
  return encoded(decidedEvent, { event: callEvent(call, facts), decisions: call.decisions });
}

/** The same before it is encoded, without decisions. */
export function callEvent(call: Call, facts: CallFacts): CallEvent {
  const last = attemptOf(call);
  // Written out in full: `fromPartial` copies every field of every part, several times in a call.
  return {
    eventId: facts.identity?.eventId ?? '',
    type: facts.identity?.type ?? '',
    callId: call.callId,
    startedMs: call.startedMs,
    ringingMs: call.ringingMs,
    answeredMs: 0,
    endedMs: 0,
    origin: call.origin,
    a: legA(call),
    b: last === undefined ? undefined : legB(call, last, facts),
    attempts: attemptsOf(call),
    customerTerms: call.customerTerms,
    termination: undefined,
    vendorTerms: last?.candidate.vendorTerms ?? new Uint8Array(),
    decisions: [],
    traceParent: facts.traceParent,
    edge: facts.edge,
    aliveMs: 0,
    partial: false,
    media: undefined,
    chargedToAlive: false,
    verification: call.verification,
  };
}

const decidedEvent: Encoder<{
  readonly event: CallEvent;
  readonly decisions: readonly EncodedDecision[];
}> = {
  encode({ event, decisions }, writer) {
    CallEvent.encode(event, writer);
    // Field 15 of tandem.events.v1.CallEvent: a message within another is its length and its bytes.
    for (const decision of decisions) writer.uint32((15 << 3) | 2).bytes(decision);
    return writer;
  },
};

/** The number that a URI names, as rates and routes know it; what is none stands as received. */
function numberOf(uri: string): string {
  const received = userOf(uri);
  const reading = readNumber(received);
  return reading.kind === 'number' ? reading.number : readableText(received);
}

/** Whoever reads them takes the last one for that of the call: of several at once it is the one that was answered. */
function attemptsOf({ attempts, winner }: Call): Attempt[] {
  const told: Attempt[] = [];
  for (const { attempt } of attempts) {
    if (attempt !== winner?.attempt.attempt) told.push(attempt);
  }
  if (winner !== undefined) told.push(winner.attempt.attempt);
  return told;
}

/** The attempt that was answered, or came last. */
function attemptOf({ attempts, winner }: Call): CallAttempt | undefined {
  return winner?.attempt ?? attempts.at(-1);
}

function legA({ asserted, invite, source }: Call): Leg {
  const named = numberOf(from(invite).uri);
  return {
    sipCallId: readableText(invite.headers.get('Call-ID') ?? ''),
    peerAddress: formatPeerAddress(source),
    transport: transportOf(source).name,
    // CALL-12: a trusted side says who the caller is.
    caller: asserted === '' ? named : asserted,
    callee: numberOf(invite.uri),
    userAgent: readableText(invite.headers.get('User-Agent') ?? ''),
    codecs: codecsOf(invite),
    from: asserted === '' || asserted === named ? '' : named,
    asserted,
  };
}

function productOf(answer: SipResponse | undefined): string {
  return answer?.headers.get('Server') ?? answer?.headers.get('User-Agent') ?? '';
}

function legB(call: Call, last: CallAttempt, { answer }: CallFacts): Leg {
  const { attempt, candidate } = last;
  return {
    sipCallId: call.callId,
    peerAddress: attempt.address,
    transport: destinationOf(last).target.transport.name,
    caller: candidate.caller,
    callee: candidate.callee,
    userAgent: readableText(productOf(answer)),
    codecs: answer === undefined ? [] : codecsOf(answer),
    from: '',
    asserted: candidate.identity?.asserted ?? '',
  };
}
