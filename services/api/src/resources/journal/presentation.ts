import { isJournalCause, journalCauseOf } from '@tandem/domain';
import type { JournalEntry } from '@tandem/proto/journal';
import { journalWording, sentence } from '../../core/wordings/index.ts';
import { csvText } from '../csv.ts';
import { presentTime } from '../times.ts';
import type { JournalEntryView } from './schemas.ts';

export function presentEntry(entry: JournalEntry): JournalEntryView {
  const { account, cause, count, facts, firstMs, id, lastMs } = entry;
  const { callIds, callee, caller, source, terminal, userAgent, writer } = entry;
  const row = isJournalCause(cause) ? journalCauseOf(cause) : undefined;
  const { change, why } = journalWording(entry);
  return {
    id,
    first: presentTime(firstMs),
    last: presentTime(lastMs),
    count,
    kind: row?.kind ?? '',
    cause,
    outcome: row?.outcome ?? '',
    terminal,
    account,
    source,
    userAgent,
    text: sentence(why),
    change,
    facts: Object.fromEntries(facts.map(({ name, value }) => [name, value])),
    callIds,
    caller,
    callee,
    writer,
  };
}

const columns = [
  'first',
  'last',
  'count',
  'kind',
  'cause',
  'outcome',
  'terminal',
  'account',
  'source',
  'userAgent',
  'text',
  'writer',
] as const satisfies readonly (keyof JournalEntryView)[];

export function journalCsv(entries: readonly JournalEntryView[]): string {
  return csvText(entries, columns);
}
