import type { JournalEntry, ListEntriesRequest } from '@tandem/proto/journal';
import type { JournalPort } from '../src/ports.ts';

export const NOON = Date.parse('2026-06-15T12:00:00Z');

/** An entry of phone 1001, which has asked for too short a time. */
export function entryOf(changes: Partial<JournalEntry> = {}): JournalEntry {
  return {
    id: 'life.1',
    firstMs: NOON,
    lastMs: NOON + 5000,
    count: 3,
    cause: 'expiry-too-short',
    terminal: '1001',
    account: 'demo',
    source: '192.0.2.7:5060',
    userAgent: '=baresip, v1',
    facts: [
      { name: 'asked', value: '10' },
      { name: 'SS_ENDPOINT_EXPIRE_MIN', value: '60' },
    ],
    writer: 'pod-1',
    callIds: [],
    caller: '',
    callee: '',
    ...changes,
  };
}

/** A journal that has these entries, and notes what it is asked. */
export function journalPort(
  entries: readonly JournalEntry[],
  changes: Partial<JournalPort> = {},
): JournalPort & { readonly asked: ListEntriesRequest[] } {
  const asked: ListEntriesRequest[] = [];
  return {
    asked,
    listEntries: (request) => {
      asked.push(request);
      return Promise.resolve({ entries: [...entries], nextCursor: 'next' });
    },
    registrationHistory: () => Promise.resolve({ points: [] }),
    registrationAnalysis: ({ fromMs, untilMs }) => Promise.resolve({ rows: [], fromMs, untilMs }),
    listMessages: () => Promise.resolve({ messages: [], hasMore: false, keptSinceMs: 0 }),
    createTrace: () => Promise.resolve({ trace: undefined }),
    listTraces: () => Promise.resolve({ traces: [] }),
    endTrace: () => Promise.resolve({ trace: undefined }),
    readTrace: () => Promise.resolve({ trace: undefined, messages: [], last: 0 }),
    ...changes,
  };
}
