import { readDecision } from '@tandem/domain';
import type { Decision, DecisionRecord } from '@tandem/domain';
import { type JournalEntry, ListEntriesRequest } from '@tandem/proto/journal';
import { journalWording, nameIn, sentence } from '../../core/wordings/index.ts';
import type { ServicePorts } from '../../ports.ts';
import { presentTime } from '../times.ts';

/** As many tell what happens again and again. */
const ENTRIES = 20;
/** A phone that was silent is asked again some time later, and what ran out is noted some time after that: it bears on the call, too. */
const SPAN_MS = 60_000;
/** Phones that one call may be about. */
const MOST = 3;

/** REG-11: of who was called and is not registered, or kept silent, what the journal has last. */
export async function calledRegistrations(
  { journal }: ServicePorts,
  decisions: readonly DecisionRecord[],
  atMs: number,
): Promise<readonly string[]> {
  if (journal === undefined) return [];
  const called = decisions.flatMap((record) => calledIn(readDecision(record)));
  const told = await Promise.all(
    called.slice(0, MOST).map(async ({ isSilent, kind, name }) => {
      const { entries } = await journal.listEntries(
        ListEntriesRequest.create({
          terminal: name,
          untilMs: atMs + SPAN_MS,
          limit: ENTRIES,
        }),
      );
      const newest = entries.toSorted((one, other) => other.lastMs - one.lastMs);
      // What was lost before it registered anew says nothing.
      const last = isSilent
        ? newest.find(({ cause }) => cause === 'keepalive-lost' || cause === 'registered')
        : newest.find(
            (entry) => bearsOn(entry, atMs) && journalWording(entry, kind).change !== null,
          );
      if (isSilent && last?.cause !== 'keepalive-lost') return [];
      if (last === undefined) return entries.length > 0 ? [] : [neverCame(kind, name)];
      return [lineOf(last, kind)];
    }),
  );
  return told.flat();
}

/** What happened after the call says nothing of it, but that a registration had run out. */
function bearsOn({ cause, lastMs }: JournalEntry, atMs: number): boolean {
  return lastMs <= atMs || cause === 'expired';
}

interface Called {
  readonly name: string;
  readonly kind: 'phone' | 'gateway';
  /** It was registered, and nothing came from it. */
  readonly isSilent: boolean;
}

function calledIn(decision: Decision | undefined): readonly Called[] {
  switch (decision?.kind) {
    case 'no-gateway':
      return decision.reason === 'NotRegistered'
        ? [{ name: nameIn(decision.subject), kind: 'phone', isSilent: false }]
        : [];
    case 'gateway-not-registered':
      return [{ name: nameIn(decision.subject), kind: 'gateway', isSilent: false }];
    case 'nothing-received':
    case 'unreachable':
      return decision.subject.startsWith('routing-gateway phone ')
        ? [{ name: nameIn(decision.subject), kind: 'phone', isSilent: true }]
        : [];
    default:
      return [];
  }
}

function lineOf(entry: JournalEntry, kind: Called['kind']): string {
  return sentence(`at ${presentTime(entry.lastMs) ?? ''} ${journalWording(entry, kind).why}`);
}

function neverCame(kind: Called['kind'], name: string): string {
  return sentence(`no REGISTER of ${kind} ${name} has come, as far back as the journal goes`);
}
