import { createKafkaJournalPublisher } from '../kafka/kafka-publisher.ts';
import type { EventLogger } from '../ports.ts';
import { JournalWriter } from './journal-writer.ts';

export interface JournalSettings {
  /** `host:port` of some brokers of Kafka. */
  readonly brokers: readonly string[];
  /** @default tandem.journal.v1 */
  readonly topic?: string | undefined;
  readonly logger: EventLogger;
}

/** A journal in Kafka. It connects with the first entry, so that a service starts, and answers, without Kafka. */
export function openJournal({ brokers, logger, topic }: JournalSettings): JournalWriter {
  const kafka = { brokers, clientId: 'tandem-journal', logger };
  const publisher = createKafkaJournalPublisher(topic === undefined ? kafka : { ...kafka, topic });
  return new JournalWriter({ publisher, logger });
}
