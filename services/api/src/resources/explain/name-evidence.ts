import { readDecision, readJournalCause } from '@tandem/domain';
import type { Decision, DecisionRecord } from '@tandem/domain';
import { type JournalEntry, ListEntriesRequest } from '@tandem/proto/journal';
import { journalWording, sentence } from '../../core/wordings/index.ts';
import type { ServicePorts } from '../../ports.ts';
import { presentTime } from '../times.ts';

/** A name is looked up again once its last answer has run out, a day later at most. */
const AROUND_MS = 24 * 3_600_000;
const MOST = 3;
const ENTRIES = 20;

/**
 * What became of the name of a gateway that failed, or was left out for it, around the call: another answer before it or after it, and
 * the old address that was called meanwhile (CALL-02).
 */
export async function nameEvidence(
  { journal }: Pick<ServicePorts, 'journal'>,
  decisions: readonly DecisionRecord[],
  atMs: number,
): Promise<readonly string[]> {
  const read = decisions.map(readDecision).filter((each) => each !== undefined);
  const named = namesOf(read);
  if (journal === undefined || named.length === 0) return [];
  const told = named.slice(0, MOST).map(async (each) => {
    const { entries } = await journal.listEntries(
      ListEntriesRequest.create({
        kind: 'gateway',
        terminal: each.name,
        fromMs: atMs - AROUND_MS,
        untilMs: atMs + AROUND_MS,
        limit: ENTRIES,
      }),
    );
    return [...staleness(each), ...changesOf(entries, atMs)];
  });
  return (await Promise.all(told)).flat();
}

interface Named {
  readonly name: string;
  readonly resolved?: Decision<'name-resolved'>;
}

/** Gateways by name whose attempt found nobody, and names without an address. */
function namesOf(decisions: readonly Decision[]): readonly Named[] {
  const failed = new Set(decisions.flatMap(({ kind, subject }) => (unreached.has(kind) ? [subject] : []))); // prettier-ignore
  return decisions.flatMap((each): Named[] => {
    if (each.kind === 'name-unresolved') return [{ name: each.facts.name }];
    if (each.kind !== 'name-resolved' || !failed.has(each.subject)) return [];
    return [{ name: each.facts.name, resolved: each }];
  });
}

const unreached: ReadonlySet<Decision['kind']> = new Set(['nothing-received', 'unreachable']);

function staleness({ name, resolved }: Named): string[] {
  if (resolved?.facts.stale !== 'yes') return [];
  const { addresses, failure = 'no answer', until } = resolved.facts;
  const held = until === undefined ? '' : `, which held until ${until},`;
  return [sentence(`the last answer for ${name}${held} had run out, and no newer one came (${failure}): the call went to the old address, ${addresses}`)]; // prettier-ignore
}

function changesOf(entries: readonly JournalEntry[], atMs: number): string[] {
  return entries
    .filter((entry) => {
      const cause = readJournalCause(entry.cause, entry.facts)?.cause;
      return cause === 'name-changed' || cause === 'name-lost';
    })
    .slice(0, MOST)
    .map((entry) => {
      const when = `at ${presentTime(entry.lastMs) ?? ''}`;
      const { why } = journalWording(entry, 'gateway');
      return entry.lastMs > atMs
        ? sentence(`${when}, after the call, a new answer came: ${why}. The call went by the old one, which had not run out`)
        : sentence(`${when}, before the call: ${why}`); // prettier-ignore
    });
}
