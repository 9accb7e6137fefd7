import type { JournalCauseRow } from './causes.ts';

/** Parts of the switch that a pod of the edge needs, and does without for a time (DENY-19). */
export const watchedParts = ['auth', 'routing', 'registrar', 'redis', 'kafka'] as const;

export type WatchedPart = (typeof watchedParts)[number];

/** When a part was away: written by each pod that missed it. */
export const partCauses = {
  'part-away': { kind: 'part', outcome: 'ended', facts: { part: watchedParts } },
  // `since` is when it was missed first.
  'part-back': {
    kind: 'part',
    outcome: 'accepted',
    facts: { part: watchedParts, since: 'text', seconds: 'number' },
  },
} as const satisfies Readonly<Record<string, JournalCauseRow>>;
