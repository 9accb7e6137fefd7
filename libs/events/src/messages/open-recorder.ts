import { createKafkaMessagesPublisher } from '../kafka/kafka-publisher.ts';
import type { KafkaSecurity } from '../kafka/kafka-security.ts';
import type { EventLogger } from '../ports.ts';
import { MessageRecorder } from './message-recorder.ts';

export interface MessageRecorderSettings {
  /** `host:port` of some brokers of Kafka. */
  readonly brokers: readonly string[];
  /** @default plain text, without a name */
  readonly security?: KafkaSecurity | undefined;
  /** @default tandem.messages.v1 */
  readonly topic?: string | undefined;
  readonly pod: string;
  readonly now: () => number;
  readonly logger: EventLogger;
}

/** Records into Kafka. It connects with the first message, so that an edge starts, and serves calls, without Kafka. */
export function openMessageRecorder(settings: MessageRecorderSettings): MessageRecorder {
  const { brokers, logger, now, pod, security, topic } = settings;
  const kafka = { brokers, security, clientId: `tandem-messages-${pod}`, logger };
  const publisher = createKafkaMessagesPublisher(topic === undefined ? kafka : { ...kafka, topic });
  return new MessageRecorder({ publisher, logger, pod, now });
}
