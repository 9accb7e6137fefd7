import { decided, readNumber } from '@tandem/domain';
import type { DecisionRecord, NumberReading, RefusalReason } from '@tandem/domain';
import { readableText } from '@tandem/sip';
import type { Question } from './plan.ts';

/** A question whose numbers have been read, and what an operator would ask about the reading. */
export interface Dialled {
  readonly question: Question;
  readonly decisions: readonly DecisionRecord[];
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
  const note = (side: Side, reading: NumberReading): DecisionRecord[] =>
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
}): DecisionRecord[] {
  const { side, reading, nowMs: atMs } = parts;
  const received = readableText(parts.received);
  if (reading.kind === 'number') {
    const subject = `${side} ${reading.number}`;
    const isAsReceived = reading.number === received;
    return isAsReceived ? [] : [decided('number-read', { subject, facts: { received }, atMs })];
  }
  const facts = { cause: reading.cause };
  const made = { subject: `${side} ${received}`.trim(), facts, atMs };
  if (reading.kind === 'malformed') return [decided('number-malformed', made)];
  if (side === 'callee') return [notCallable(made)];
  return received === '' ? [] : [decided('caller-left-out', made)];
}

/** What is called can be nobody's number (DENY-09). */
export function notCallable(made: {
  readonly subject: string;
  readonly facts: { readonly cause: string };
  readonly atMs: number;
}): DecisionRecord {
  return decided('number-not-callable', made);
}
