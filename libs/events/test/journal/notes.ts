import type { JournalNote } from '@tandem/domain';
import type { JournalEntry } from '@tandem/proto/journal';

/** A phone whose time is too short. */
export function refusedNote(changes: Partial<JournalNote<'expiry-too-short'>> = {}): JournalNote {
  return {
    cause: 'expiry-too-short',
    facts: { asked: 10, SS_ENDPOINT_EXPIRE_MIN: 60 },
    terminal: '1001',
    account: 'demo',
    sender: 'proved',
    source: '192.0.2.7:5060',
    userAgent: 'baresip v1.0.0 (x86_64/linux)',
    ...changes,
  };
}

/** A name that nobody has, tried from somewhere. */
export function strangerNote(source: string, terminal = '4711'): JournalNote {
  return {
    cause: 'unknown-user',
    facts: {},
    terminal,
    account: '',
    sender: 'unknown',
    source,
    userAgent: 'friendly-scanner',
  };
}

/** What a reader keeps of entries that came several times: the highest count of each. */
export function lastWords(entries: readonly JournalEntry[]): readonly JournalEntry[] {
  const kept = new Map<string, JournalEntry>();
  for (const entry of entries) {
    if ((kept.get(entry.id)?.count ?? 0) < entry.count) kept.set(entry.id, entry);
  }
  return [...kept.values()];
}
