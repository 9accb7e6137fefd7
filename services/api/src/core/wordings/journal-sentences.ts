import { journalCauseOf, readJournalCause } from '@tandem/domain';
import type { JournalWhy } from '@tandem/domain';
import type { JournalEntry } from '@tandem/proto/journal';
import { journalWordings } from './journal.ts';
import type { JournalWording, Told } from './journal.ts';

/** An entry of the journal in words: what happened, and what would change it. @param kind what its terminal is */
export function journalWording(
  entry: JournalEntry,
  kind: 'phone' | 'gateway' = 'phone',
): JournalWording {
  const known = readJournalCause(entry.cause, entry.facts);
  if (known === undefined) {
    const facts = entry.facts.map(({ name, value }) => `${name} ${value}`).join(', ');
    // Another version's: with its own words.
    const why = entry.cause.replaceAll('-', ' ');
    return { why: facts === '' ? why : `${why}: ${facts}`, change: null };
  }
  // The entry of its own cause takes it.
  const wording = journalWordings[known.cause] as (why: JournalWhy, told: Told) => JournalWording;
  const isGateway = journalCauseOf(known.cause).kind === 'gateway';
  return wording(known, toldOf(entry, isGateway ? 'gateway' : kind));
}

export function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function toldOf({ count, source, terminal, ...entry }: JournalEntry, kind: string): Told {
  const { callee, caller, userAgent: agent, writer } = entry;
  // Port 0: of what was dropped unread nobody looked at it.
  const place = source.replace(/:0$/, '');
  return {
    host: source.replace(/:\d+$/, '').replace(/^\[|\]$/g, ''),
    caller,
    callee,
    agent,
    writer,
    isGathered: terminal === '' && caller === '' && callee === '' && count > 1,
    phone: terminal === '' ? 'several names' : `${kind} ${terminal}`,
    from: place === '' ? '' : ` from ${place}`,
    times: count === 1 ? '' : `, ${String(count)} times within a minute`,
  };
}
