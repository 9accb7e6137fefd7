import type { Cdr } from '@tandem/proto/billing';
import type { Call } from '@tandem/proto/edge';
import type { ExplainSubject } from '../../core/explain.ts';
import type { ServicePorts } from '../../ports.ts';
import { findCall } from '../explain/find-call.ts';

/** Messages that belong to a call come before it is begun, and after it is over. */
const BEFORE_MS = 60_000;
const AFTER_MS = 90_000;

/** What the messages of a call are found by. */
export interface Legs {
  readonly callIds: readonly string[];
  /** 0: of any time. */
  readonly fromMs: number;
  readonly untilMs: number;
}

/**
 * The SIP Call-IDs of all legs of a call, registration or refused request, and when it was. The id itself is one where nothing else
 * is known of it: what was sent last may have no record yet.
 */
export async function legsOf(ports: ServicePorts, id: string): Promise<Legs> {
  const found = await findCall(ports, id);
  if (found === undefined) return { callIds: [id], fromMs: 0, untilMs: 0 };
  const { entries, others, subject } = found;
  const noted = entries.flatMap((entry) => entry.callIds);
  if (subject === undefined) return { callIds: unique(id, ...noted), fromMs: 0, untilMs: 0 };
  // By the Call-ID of a peer several calls are meant, where it has used that again.
  const again = ownIdOf(subject) === id ? [] : others;
  const own = subject.kind === 'call' ? legsOfCall(subject.call) : legsOfCdr(subject.cdr);
  return { ...own, callIds: unique(id, ...noted, ...again, ...own.callIds) };
}

function legsOfCall({ callId, sipCallId, startedMs }: Call): Legs {
  return { callIds: [callId, sipCallId], fromMs: fromOf(startedMs), untilMs: 0 };
}

function legsOfCdr({ callId, event }: Cdr): Legs {
  const { a, b, endedMs = 0, startedMs = 0 } = event ?? {};
  return {
    callIds: [callId, a?.sipCallId ?? '', b?.sipCallId ?? ''],
    fromMs: fromOf(startedMs),
    untilMs: endedMs === 0 ? 0 : endedMs + AFTER_MS,
  };
}

function unique(...callIds: readonly string[]): readonly string[] {
  return [...new Set(callIds)].filter((callId) => callId !== '');
}

function ownIdOf(subject: ExplainSubject): string {
  return subject.kind === 'cdr' ? subject.cdr.callId : subject.call.callId;
}

function fromOf(startedMs: number): number {
  return Math.max(0, startedMs - BEFORE_MS);
}
