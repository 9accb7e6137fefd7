import { createKafkaJournalPublisher } from '../kafka/kafka-publisher.ts';
import type { KafkaSecurity } from '../kafka/kafka-security.ts';
import type { EventLogger } from '../ports.ts';
import { JournalWriter } from './journal-writer.ts';

export interface JournalSettings {
  /** `host:port` of some brokers of Kafka. */
  readonly brokers: readonly string[];
  /** @default plain text, without a name */
  readonly security?: KafkaSecurity | undefined;
  /** @default tandem.journal.v1 */
  readonly topic?: string | undefined;
  readonly logger: EventLogger;
}

/** A journal in Kafka. It connects by itself, and nobody waits for it: a service starts, and answers, without Kafka. */
export function openJournal({ brokers, security, logger, topic }: JournalSettings): JournalWriter {
  const kafka = { brokers, security, clientId: 'tandem-journal', logger };
  const publisher = createKafkaJournalPublisher(topic === undefined ? kafka : { ...kafka, topic });
  return new JournalWriter({ publisher, logger });
}
