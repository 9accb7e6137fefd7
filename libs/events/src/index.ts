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
export { readCallAttempts } from './call-attempts.ts';
export { callEventMessage, readCallEventMessage, typeOfEvent } from './call-event-message.ts';
export type { CallEventMessage } from './call-event-message.ts';
export type { CallEventHead } from './call-event-head.ts';
export { MemoryEventLog } from './memory/memory-event-log.ts';
export { createMemoryPublisher } from './memory/memory-publisher.ts';
export {
  createMemoryConsumer,
  createMemoryJournalConsumer,
  createMemoryMessagesConsumer,
} from './memory/memory-consumer.ts';
export {
  createKafkaJournalPublisher,
  createKafkaMessagesPublisher,
  createKafkaPublisher,
} from './kafka/kafka-publisher.ts';
export type { KafkaPublisherOptions } from './kafka/kafka-publisher.ts';
export {
  createKafkaConsumer,
  createKafkaJournalConsumer,
  createKafkaMessagesConsumer,
} from './kafka/kafka-consumer.ts';
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
export { MessageRecorder } from './messages/message-recorder.ts';
export type { MessageLog, MessageRecorderOptions } from './messages/message-recorder.ts';
export { openMessageRecorder } from './messages/open-recorder.ts';
export type { MessageRecorderSettings } from './messages/open-recorder.ts';
export { encodeMessageFrame, readFrame } from './messages/message-frame.ts';
export type { EncodedMessageFrame, MessageFrame } from './messages/message-frame.ts';
export { maskSecrets } from './messages/mask-secrets.ts';
export { MOST_OVERHEAD, readRecords, writeRecord } from './messages/records.ts';
export type { End, PassedMessage, Passage } from './messages/records.ts';
