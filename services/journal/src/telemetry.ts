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
export const droppedMessages = counter({
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
