import type { Kafka as KafkaClient, LogEntry } from 'kafkajs';
import type { EventLogger } from '../ports.ts';
import { securityOptions } from './kafka-security.ts';
import type { KafkaSecurity } from './kafka-security.ts';
import { kafkajs } from './kafkajs.ts';

export interface KafkaClientOptions {
  /** `host:port` of some brokers of the cluster. */
  readonly brokers: readonly string[];
  /** @default plain text, without a name */
  readonly security?: KafkaSecurity | undefined;
  readonly clientId: string;
  readonly logger: EventLogger;
}

/**
 * "Tight": a request fails within 1–2 s of trouble, so that whoever called can take over (an outbox, a
 * supervisor). KafkaJS's defaults still hang after 45 s before a frozen broker.
 */
const tightTimes = {
  connectionTimeout: 500,
  requestTimeout: 2000,
  retry: { initialRetryTime: 50, maxRetryTime: 300, retries: 5 },
} as const;

export function createKafkaClient(options: KafkaClientOptions): KafkaClient {
  return new kafkajs.Kafka({
    clientId: options.clientId,
    brokers: [...options.brokers],
    ...tightTimes,
    ...securityOptions(options.security ?? {}),
    logLevel: kafkajs.logLevel.WARN,
    logCreator: () => (entry) => {
      forward(entry, options.logger);
    },
  });
}

// KafkaJS logs each failed attempt as an error; what it means is said once by the adapter that gives up.
function forward(entry: LogEntry, logger: EventLogger): void {
  logger.debug({ kafka: entry.namespace, detail: entry.log.message }, 'kafka client');
}
