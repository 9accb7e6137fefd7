export type {
  EventConsumer,
  EventHandler,
  EventLogReader,
  EventLogger,
  EventPublisher,
  ReceivedCallEvent,
  UndecodableMessage,
} from './ports.ts';
export { callEventsTopic, decodeCallEvent, encodeCallEvent } from './call-event-codec.ts';
export { readCallEventHead } from './call-event-head.ts';
export { callEventMessage, readCallEventMessage, typeOfEvent } from './call-event-message.ts';
export type { CallEventMessage } from './call-event-message.ts';
export type { CallEventHead } from './call-event-head.ts';
export { MemoryEventLog } from './memory/memory-event-log.ts';
export { createMemoryPublisher } from './memory/memory-publisher.ts';
export { createMemoryConsumer, createMemoryJournalConsumer } from './memory/memory-consumer.ts';
export { createKafkaJournalPublisher, createKafkaPublisher } from './kafka/kafka-publisher.ts';
export type { KafkaPublisherOptions } from './kafka/kafka-publisher.ts';
export { createKafkaConsumer, createKafkaJournalConsumer } from './kafka/kafka-consumer.ts';
export type { KafkaConsumerOptions } from './kafka/kafka-consumer.ts';
export { createKafkaLogReader } from './kafka/kafka-log-reader.ts';
export type { KafkaLogReaderOptions } from './kafka/kafka-log-reader.ts';
export type { KafkaSecurity } from './kafka/kafka-security.ts';
export { ensureTopic } from './kafka/topic.ts';
export { silentJournal } from './journal/journal.ts';
export type { Journal, JournalLevel } from './journal/journal.ts';
export { JournalWriter } from './journal/journal-writer.ts';
export { openJournal } from './journal/open-journal.ts';
export type { JournalSettings } from './journal/open-journal.ts';
export type { JournalWriterOptions } from './journal/journal-writer.ts';
export type { EncodedJournalMessage, JournalMessage } from './journal/journal-message.ts';
