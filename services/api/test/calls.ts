import { decided } from '@tandem/domain';
import type { Decided, DecisionKind, DecisionRecord, FactsOf, ReasonOf } from '@tandem/domain';
import { Cdr } from '@tandem/proto/billing';
import { Attempt, CallEvent } from '@tandem/proto/events';

const START = Date.UTC(2026, 10, 21, 10, 0, 0);

/** A decision as its producer makes it, at the begin of the call. */
export function made<Name extends DecisionKind>(
  kind: Name,
  subject: string,
  facts: FactsOf<Name>,
  reason?: ReasonOf<Name>,
): DecisionRecord {
  const parts = { subject, facts, atMs: START, ...(reason === undefined ? {} : { reason }) };
  return decided(kind, parts as unknown as Decided<Name>);
}

/** A decision as another version of the switch may have recorded it. */
export function foreign(
  parts: Partial<Omit<DecisionRecord, 'facts'>>,
  facts: Readonly<Record<string, string>> = {},
): DecisionRecord {
  return {
    service: 'routing',
    check: '',
    result: 'refused',
    subject: '',
    reason: '',
    atMs: START,
    ...parts,
    facts: Object.entries(facts).map(([name, value]) => ({ name, value })),
  };
}

/** An attempt at carrier-a that failed after two seconds. */
export function attempt(parts: Partial<Attempt> = {}): Attempt {
  return Attempt.create({
    gateway: 'carrier-a',
    address: '127.0.0.1:5070',
    startedMs: START + 1000,
    endedMs: START + 3000,
    code: 503,
    reason: 'Rejected',
    text: 'Service Unavailable',
    ...parts,
  });
}

/** The CDR of a call that the switch refused. */
export function refusedCdr(
  reason: string,
  code: number,
  decisions: readonly DecisionRecord[],
): Cdr {
  const event = CallEvent.create({
    callId: 'call-1',
    startedMs: START,
    endedMs: START + 10,
    origin: { kind: 'phone', name: '1001', account: 'demo' },
    a: { callee: '442079460000', caller: '1001' },
    termination: { reason, code, by: 'switch', text: '' },
    decisions: [...decisions],
  });
  return Cdr.create({ callId: 'call-1', event });
}

/** The CDR of a call whose attempts all failed. */
export function failedCdr(
  termination: { reason: string; code: number; text?: string },
  attempts: readonly Attempt[],
  decisions: readonly DecisionRecord[] = [],
): Cdr {
  const cdr = refusedCdr(termination.reason, termination.code, decisions);
  const event = CallEvent.create({
    ...cdr.event,
    attempts: [...attempts],
    termination: { by: 'callee', text: '', ...termination },
  });
  return Cdr.create({ ...cdr, event });
}

/** The CDR of a call that was answered and lasted a minute. */
export function answeredCdr(changes: Partial<CallEvent> = {}): Cdr {
  const event = CallEvent.create({
    callId: 'call-1',
    startedMs: START,
    ringingMs: START + 1000,
    answeredMs: START + 3000,
    endedMs: START + 64_500,
    origin: { kind: 'phone', name: '1001', account: 'demo' },
    a: { callee: '442079460000', caller: '1001', sipCallId: 'a@caller' },
    b: { callee: '442079460000', caller: '1001', sipCallId: 'call-1' },
    attempts: [attempt({ code: 200, reason: '', text: '' })],
    termination: { reason: 'NormalClearing', code: 200, by: 'caller', text: '' },
    traceParent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    ...changes,
  });
  return Cdr.create({
    callId: 'call-1',
    event,
    durationMs: 61_500,
    billedSeconds: 120,
    price: '0.0246',
    currency: 'USD',
    priceExplanation: '0.0123 a minute, 60/60, prefix 44, rate group standard',
  });
}
