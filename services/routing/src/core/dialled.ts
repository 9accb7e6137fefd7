import { readNumber } from '@tandem/domain';
import type { NumberReading, RefusalReason } from '@tandem/domain';
import type { Decision } from '@tandem/proto/decision';
import { decision, fact } from './decisions.ts';
import type { Facts } from './decisions.ts';
import type { Question } from './plan.ts';

/** A question whose numbers have been read, and what an operator would ask about the reading. */
export interface Dialled {
  readonly question: Question;
  readonly decisions: readonly Decision[];
  /** Set where nothing can be called, or no request may say so. */
  readonly refusal: RefusalReason | undefined;
}

/**
 * The numbers as all that follows uses them. A caller's number that is none is left out, and the call goes on without
 * one; a called one is refused.
 */
export function readDialled(received: Question): Dialled {
  const callee = readNumber(received.callee);
  const caller = readNumber(received.caller);
  const refusal = refusalOf(callee, caller);
  const question = { ...received, callee: numberOf(callee), caller: numberOf(caller) };
  const note = (side: Side, reading: NumberReading): Decision[] =>
    noted({ side, received: received[side], reading, nowMs: received.nowMs });
  return { question, decisions: [...note('callee', callee), ...note('caller', caller)], refusal };
}

type Side = 'callee' | 'caller';

function refusalOf(callee: NumberReading, caller: NumberReading): RefusalReason | undefined {
  if (callee.kind === 'malformed' || caller.kind === 'malformed') return 'BadRequest';
  return callee.kind === 'none' ? 'UserNotFound' : undefined; // DENY-09
}

function numberOf(reading: NumberReading): string {
  return reading.kind === 'number' ? reading.number : '';
}

function noted(parts: {
  readonly side: Side;
  readonly received: string;
  readonly reading: NumberReading;
  readonly nowMs: number;
}): Decision[] {
  const { side, received, reading, nowMs } = parts;
  const told = (result: 'passed' | 'skipped', number: string, facts: Facts) => [
    decision({ check: 'number', result, subject: `${side} ${number}`.trim(), facts, nowMs }),
  ];
  if (reading.kind === 'number') {
    const isAsReceived = reading.number === received;
    return isAsReceived ? [] : told('passed', reading.number, [fact('received', received)]);
  }
  const facts = [fact('cause', reading.cause)];
  if (side === 'caller' && reading.kind === 'none') {
    return received === '' ? [] : told('skipped', received, facts);
  }
  const reason = reading.kind === 'malformed' ? 'BadRequest' : 'UserNotFound';
  const subject = `${side} ${received}`.trim();
  return [decision({ check: 'number', result: 'refused', subject, reason, facts, nowMs })];
}
