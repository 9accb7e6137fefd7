import { counter, each } from '@tandem/telemetry';

// Names of metrics of the journal's writers; docs/telemetry.md lists them too.
const meter = 'tandem.journal';

/** What services have told the journal, by `cause`. */
export const notedEntries = counter({
  meter,
  name: 'tandem.journal.noted',
  description: 'What was told to the journal, by cause, those that are gathered or counted too',
  unit: '{event}',
  zeros: each(
    'cause',
    'wrong-password',
    'unknown-user',
    'suspended',
    'black-listed',
    'bindings-full',
  ),
});

/** What will never be in the journal. */
export const lostEntries = counter({
  meter,
  name: 'tandem.journal.lost',
  description: 'Messages of the journal that were lost: the log was away for too long',
  unit: '{message}',
  zeros: [{}],
});
