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

const messagesMeter = 'tandem.messages';

/** SIP messages that were recorded at the sockets. */
export const recordedMessages = counter({
  meter: messagesMeter,
  name: 'tandem.messages.recorded',
  description: 'SIP messages that were recorded at the sockets, sent and received',
  unit: '{message}',
  zeros: [{}],
});

/** What they came to. */
export const recordedBytes = counter({
  meter: messagesMeter,
  name: 'tandem.messages.bytes',
  description: 'Frames of SIP messages for the log, compressed',
  unit: 'By',
  zeros: [{}],
});

/** SIP messages that nobody will read. */
export const lostMessages = counter({
  meter: messagesMeter,
  name: 'tandem.messages.lost',
  description:
    'SIP messages that were not recorded: more passed than is recorded in a second, or the log was away for too long',
  unit: '{message}',
  zeros: each('cause', 'rate', 'log'),
});
