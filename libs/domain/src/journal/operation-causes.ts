import type { JournalCauseRow } from './causes.ts';

/** What operators and alarms leave in the journal (OPS-10, OPS-11, OPS-12). */
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
  'alarm-raised': {
    kind: 'alarm',
    outcome: 'raised',
    facts: { rule: 'text', subject: 'text', severity: 'text', value: 'text', threshold: 'text' },
  },
  'alarm-cleared': {
    kind: 'alarm',
    outcome: 'accepted',
    facts: { rule: 'text', subject: 'text', value: 'text', threshold: 'text', seconds: 'number' },
  },
  'alarm-acknowledged': {
    kind: 'alarm',
    outcome: 'accepted',
    facts: { rule: 'text', subject: 'text', operator: 'text', note: 'text' },
  },
} as const satisfies Readonly<Record<string, JournalCauseRow>>;
