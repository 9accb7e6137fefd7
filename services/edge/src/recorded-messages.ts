import { MessageRecorder, openMessageRecorder } from '@tandem/events';
import type { EncodedMessageFrame, EventPublisher } from '@tandem/events';
import type { Logger } from '@tandem/service';
import type { EdgeConfig } from './config.ts';
import type { PodRegistry } from './ports.ts';

/** What the record of messages is opened from. */
export interface RecordedMessagesParts {
  readonly config: EdgeConfig;
  /** @default into Kafka */
  readonly publisher?: EventPublisher<EncodedMessageFrame> | undefined;
  readonly pods: PodRegistry;
  readonly logger: Logger;
}

/** Where this process keeps the SIP messages that pass it (OPS-09); undefined where it keeps none, or has no Kafka. */
export function openRecordedMessages({
  config,
  logger,
  pods,
  publisher,
}: RecordedMessagesParts): MessageRecorder | undefined {
  const { kafkaBrokers: brokers, kafkaSecurity: security, messagesTopic: topic, name } = config;
  if (config.recordsMessages === false) return undefined;
  const now = (): number => pods.now?.() ?? Date.now();
  if (publisher !== undefined) return new MessageRecorder({ publisher, logger, pod: name, now });
  if (brokers === undefined) {
    logger.warn('SIP messages are not kept: TANDEM_KAFKA_BROKERS is not set');
    return undefined;
  }
  return openMessageRecorder({ brokers, security, topic, pod: name, now, logger });
}
