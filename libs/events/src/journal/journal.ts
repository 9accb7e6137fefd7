import type { JournalNote } from '@tandem/domain';

/**
 * Where a service writes what an operator will ask after (OPS-10). One call says it all; it never waits and never throws, so
 * that no answer to a phone is late for it, and a flood of strangers is gathered (`Gathering`):
 *
 *     journal.note({ cause: 'bindings-full', facts: { … }, terminal: '1001', account, sender: 'proved', source, userAgent });
 *
 * Which causes there are, with their facts, stands in `libs/domain/src/journal/causes.ts`; a cause more is a row there, a
 * sentence in `services/api/src/core/wordings/journal.ts`, and this call where it is decided.
 */
export interface Journal {
  note(note: JournalNote): void;
  /** How many there are of something at this moment, such as registered phones; history keeps the highest of each minute. */
  level(name: JournalLevel, value: number): void;
  /** How many entries of strangers stand by themselves from now on. @param entries SS_JOURNAL_STRANGER_ENTRIES @default 200 */
  limit?(entries: number): void;
}

/** What levels there are. */
export type JournalLevel = 'active';

/** For whoever has no journal. */
export const silentJournal: Journal = { note: () => undefined, level: () => undefined };
