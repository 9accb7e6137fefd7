import type { JournalCauseRow } from './causes.ts';

/** What operators leave in the journal (OPS-10, OPS-12). */
export const operationCauses = {
  'signed-in': {
    kind: 'operator',
    outcome: 'accepted',
    facts: { operator: 'text', method: 'text' },
  },
  // `operator` is the name that was written, which need be nobody's; empty: none was.
  'sign-in-refused': {
    kind: 'operator',
    outcome: 'refused',
    facts: { operator: 'text', method: 'text', fault: 'text' },
  },
} as const satisfies Readonly<Record<string, JournalCauseRow>>;
