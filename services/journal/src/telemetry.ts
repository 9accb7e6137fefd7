import { counter, each, gauge } from '@tandem/telemetry';

// Names of metrics of this service; docs/telemetry.md lists them too.
const meter = 'tandem.journal';

/** Entries that came, those again that have grown. */
export const keptEntries = counter({
  meter,
  name: 'tandem.journal.entries',
  description: 'Entries that were kept, by cause; one that has grown counts again',
  unit: '{entry}',
});

/** Messages of which nothing came. */
export const droppedNotes = counter({
  meter,
  name: 'tandem.journal.dropped',
  description: 'Messages that were not kept: of a time that is not kept, unusable, or undecodable',
  unit: '{message}',
  zeros: each('cause', 'time', 'unusable', 'undecodable'),
});

/** Reports what waits in the log. Returns what ends it. */
export function reportLag(lag: () => number): () => void {
  return gauge(
    {
      meter,
      name: 'tandem.journal.kafka.lag',
      description: 'Messages in the log that are not kept yet',
      unit: '{message}',
    },
    (observe) => {
      observe(lag());
    },
  );
}

const messagesMeter = 'tandem.messages';

/** SIP messages that were written into the store. */
export const keptMessages = counter({
  meter: messagesMeter,
  name: 'tandem.messages.kept',
  description: 'SIP messages that were written into the store',
  unit: '{message}',
  zeros: [{}],
});

/** SIP messages that came and were not kept. */
export const droppedMessages = counter({
  meter: messagesMeter,
  name: 'tandem.messages.dropped',
  description:
    'SIP messages that came and were not kept: of a time that is not kept, unusable, or undecodable',
  unit: '{message}',
  zeros: each('cause', 'time', 'unusable', 'undecodable'),
});

/** Reports what waits in the log, and what is kept. Returns what ends it. */
export function reportMessages(read: {
  readonly lag: () => number;
  readonly bytes: () => number;
}): () => void {
  const ends = [
    gauge(
      {
        meter: messagesMeter,
        name: 'tandem.messages.kafka.lag',
        description: 'Frames of SIP messages in the log that are not kept yet',
        unit: '{frame}',
      },
      (observe) => {
        observe(read.lag());
      },
    ),
    gauge(
      {
        meter: messagesMeter,
        name: 'tandem.messages.stored',
        description: 'What SIP messages take in PostgreSQL',
        unit: 'By',
      },
      (observe) => {
        observe(read.bytes());
      },
    ),
  ];
  return () => {
    for (const end of ends) end();
  };
}
