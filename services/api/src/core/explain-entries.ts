import { isJournalCause, journalCauseOf } from '@tandem/domain';
import type { JournalEntry } from '@tandem/proto/journal';
import type { Explanation } from './explain.ts';
import { journalWording, sentence } from './wordings/index.ts';

/** Why a request that is no call was refused, or dropped: of what the journal has of it, the latest first. */
export function explainEntries(
  callId: string,
  entries: readonly [JournalEntry, ...JournalEntry[]],
): Explanation {
  const [last] = entries;
  const { change, why } = journalWording(last);
  const code = last.facts.find(({ name }) => name === 'code')?.value;
  const outcome = isJournalCause(last.cause) ? journalCauseOf(last.cause).outcome : 'refused';
  return {
    callId,
    summary: sentence(why),
    outcome: outcome === 'refused' ? 'refused' : 'registration',
    reason: last.cause,
    code: Number(code ?? 0),
    change,
    price: null,
    steps: [],
    attempts: [],
  };
}
