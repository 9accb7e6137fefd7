import type { ExplainSubject } from '../../core/explain.ts';
import type { ServicePorts } from '../../ports.ts';
import { findCall } from '../explain/routes.ts';

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
  const callIds = new Set([id, ...(found?.entries ?? []).flatMap((entry) => entry.callIds)]);
  // By the Call-ID of a peer several calls are meant, where it has used that again.
  const isOwn = found?.subject !== undefined && ownIdOf(found.subject) === id;
  for (const other of isOwn ? [] : (found?.others ?? [])) callIds.add(other);
  const { subject } = found ?? {};
  if (subject === undefined) return { callIds: [...callIds], fromMs: 0, untilMs: 0 };
  if (subject.kind === 'call') {
    const { callId, sipCallId, startedMs } = subject.call;
    const all = [...callIds, callId, sipCallId].filter((each) => each !== '');
    return { callIds: [...new Set(all)], fromMs: fromOf(startedMs), untilMs: 0 };
  }
  const { callId, event } = subject.cdr;
  const legs = [event?.a?.sipCallId, event?.b?.sipCallId].flatMap((each) => each ?? []);
  const all = [...callIds, callId, ...legs].filter((each) => each !== '');
  const endedMs = event?.endedMs ?? 0;
  return {
    callIds: [...new Set(all)],
    fromMs: fromOf(event?.startedMs ?? 0),
    untilMs: endedMs === 0 ? 0 : endedMs + AFTER_MS,
  };
}

function ownIdOf(subject: ExplainSubject): string {
  return subject.kind === 'cdr' ? subject.cdr.callId : subject.call.callId;
}

function fromOf(startedMs: number): number {
  return Math.max(0, startedMs - BEFORE_MS);
}
