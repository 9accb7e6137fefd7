import { journalCauseOf, isJournalCause } from '@tandem/domain';
import type { Cdr } from '@tandem/proto/billing';
import type { Call } from '@tandem/proto/edge';
import { CallEvent, Leg } from '@tandem/proto/events';
import type { JournalEntry } from '@tandem/proto/journal';
import { explain } from './explain.ts';
import { journalWording, sentence } from './wordings/index.ts';

/** Something that may be what an operator asks after. */
export interface Candidate {
  /** What `explain` takes. */
  readonly id: string;
  readonly kind: 'call' | 'ended-call' | 'request' | 'registration';
  readonly atMs: number;
  readonly caller: string;
  readonly callee: string;
  /** Phone or gateway that it came from; '': not known. */
  readonly terminal: string;
  /** Where it was sent to last. */
  readonly gateway: string;
  readonly source: string;
  readonly outcome: string;
  readonly text: string;
}

/** Causes of those who want nothing of this switch but to abuse it: whoever asks for the last failure does not mean them. */
const strangers: ReadonlySet<string> = new Set([
  'scanner',
  'unreadable',
  'tls-failed',
  'source-black-listed',
  'turned-away',
]);

export function isOfStranger({ cause }: JournalEntry): boolean {
  return strangers.has(cause);
}

export function candidateOfCall(call: Call): Candidate {
  return {
    id: call.callId,
    kind: 'call',
    atMs: call.startedMs,
    caller: call.caller,
    callee: call.callee,
    terminal: call.origin?.name ?? '',
    gateway: call.gateway,
    source: call.source,
    outcome: 'in-progress',
    text: explain({ kind: 'call', call }).summary,
  };
}

export function candidateOfCdr(cdr: Cdr): Candidate {
  const event = cdr.event ?? CallEvent.create();
  const { callee, caller, peerAddress } = event.a ?? Leg.create();
  const { outcome, summary } = explain({ kind: 'cdr', cdr });
  return {
    id: cdr.callId,
    kind: 'ended-call',
    atMs: event.startedMs,
    caller,
    callee,
    terminal: event.origin?.name ?? '',
    gateway: event.attempts.at(-1)?.gateway ?? '',
    source: peerAddress,
    outcome,
    text: summary,
  };
}

export function candidateOfEntry(entry: JournalEntry): Candidate {
  const { callee, caller, cause, id, lastMs, source, terminal } = entry;
  const row = isJournalCause(cause) ? journalCauseOf(cause) : undefined;
  return {
    // The last one may be of a Call-ID that others have too; the entry's own is of it alone.
    id,
    kind: row?.kind === 'request' ? 'request' : 'registration',
    atMs: lastMs,
    caller,
    callee,
    terminal,
    gateway: '',
    source,
    outcome: row?.outcome ?? '',
    text: sentence(journalWording(entry).why),
  };
}

/** The newest first; where a moment is asked for those that are nearest to it. */
export function inOrder(candidates: readonly Candidate[], atMs: number): Candidate[] {
  const away = ({ atMs: its }: Candidate): number => (atMs === 0 ? -its : Math.abs(its - atMs));
  return candidates.toSorted((one, other) => away(one) - away(other));
}
