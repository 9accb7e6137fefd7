import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import { callEventsTopic } from '../call-event-codec.ts';
import { decodeInto, pause, receivedCallEvent, retryPauseMs } from '../decoded-batch.ts';
import type { Decode, DecodedBatch } from '../decoded-batch.ts';
import { decodeJournalMessage, journalTopic } from '../journal/journal-message.ts';
import type { JournalMessage } from '../journal/journal-message.ts';
import {
  decodeMessageFrame,
  messagesTopic,
  messagesTopicSettings,
} from '../messages/message-frame.ts';
import type { MessageFrame } from '../messages/message-frame.ts';
import type { EventConsumer, EventHandler, EventLogger } from '../ports.ts';
import { createKafkaClient } from './kafka-client.ts';
import type { KafkaClientOptions } from './kafka-client.ts';
import { securityFault } from './kafka-fault.ts';
import { ConsumerProgress } from './consumer-progress.ts';
import { groupLag } from './group-lag.ts';
import { PartitionGatherer } from './partition-gatherer.ts';
import { ensureTopic } from './topic.ts';
import type { TopicSettings } from './topic.ts';

export interface KafkaConsumerOptions extends KafkaClientOptions {
  /** Consumers of one group share the partitions. */
  readonly group: string;
  /** @default tandem.call-events.v1 */
  readonly topic?: string;
  /** Of the topic, where it has to be made. @default the broker's */
  readonly topicSettings?: TopicSettings;
  /** How long a broker gathers events before it answers, in ms: larger batches, later CDRs. @default 200 */
  readonly maxWaitMs?: number;
  /** Bytes at which a broker answers without waiting. @default 262144 */
  readonly minBytes?: number;
  /** After this silence a dead consumer's partitions go to another, in ms. @default 6000 */
  readonly sessionTimeoutMs?: number;
}

/** A consumer of Kafka that outlives every absence of the brokers. */
export function createKafkaConsumer(options: KafkaConsumerOptions): EventConsumer {
  return new KafkaConsumer({ topic: callEventsTopic, ...options }, receivedCallEvent);
}

/** @param options their `topic` is tandem.journal.v1 where none is given */
export function createKafkaJournalConsumer(
  options: KafkaConsumerOptions,
): EventConsumer<JournalMessage> {
  return new KafkaConsumer({ topic: journalTopic, ...options }, decodeJournalMessage);
}

/** @param options their `topic` is tandem.messages.v1 where none is given */
export function createKafkaMessagesConsumer(
  options: KafkaConsumerOptions,
): EventConsumer<MessageFrame> {
  const settings = { topic: messagesTopic, topicSettings: messagesTopicSettings, ...options };
  return new KafkaConsumer(settings, decodeMessageFrame);
}

const PARTITIONS_AT_ONCE = 64;
const MOST_PAUSE_MS = 500;

class KafkaConsumer<Event> implements EventConsumer<Event> {
  readonly #options: KafkaConsumerOptions;
  readonly #decode: Decode<Event>;
  readonly #kafka: Kafka;
  readonly #topic: string;
  readonly #sessionTimeoutMs: number;
  readonly #logger: EventLogger;
  readonly #closing = new AbortController();
  readonly #progress: ConsumerProgress;
  #running: Promise<void> = Promise.resolve();

  constructor(options: KafkaConsumerOptions & { readonly topic: string }, decode: Decode<Event>) {
    this.#options = options;
    this.#decode = decode;
    this.#kafka = createKafkaClient(options);
    this.#topic = options.topic;
    this.#sessionTimeoutMs = options.sessionTimeoutMs ?? 6000;
    this.#logger = options.logger;
    this.#progress = new ConsumerProgress(this.#sessionTimeoutMs);
  }

  run(handler: EventHandler<Event>): Promise<void> {
    this.#running = this.#supervise(handler);
    return this.#running;
  }

  lag(): number {
    return this.#progress.lag();
  }

  groupLag(): Promise<number> {
    return groupLag(this.#kafka, this.#options.group, this.#topic);
  }

  currentSinceMs(): number | undefined {
    return this.#progress.currentSinceMs(Date.now());
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
  }

  // KafkaJS gives up on some failures for good; a consumer that ended is made anew until close.
  async #supervise(handler: EventHandler<Event>): Promise<void> {
    const { signal } = this.#closing;
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      try {
        await this.#consumeOnce(handler, () => {
          attempt = 0;
        });
      } catch (error) {
        const why = securityFault(error, this.#options);
        this.#logger.warn(
          { err: error, topic: this.#topic, why },
          'consumer stopped, starting again',
        );
        // The brokers may be back at any time: with each attempt's own time, that is every second or two.
        await pause(Math.min(MOST_PAUSE_MS, retryPauseMs(attempt)), signal);
      }
    }
  }

  async #consumeOnce(handler: EventHandler<Event>, onJoined: () => void): Promise<void> {
    await this.#prepare();
    const consumer = this.#kafka.consumer({
      groupId: this.#options.group,
      sessionTimeout: this.#sessionTimeoutMs,
      heartbeatInterval: Math.floor(this.#sessionTimeoutMs / 3),
      allowAutoTopicCreation: false,
      minBytes: this.#options.minBytes ?? 256 * 1024,
      maxWaitTimeInMs: this.#options.maxWaitMs ?? 200,
      retry: {
        initialRetryTime: 100,
        maxRetryTime: 1000,
        retries: 5,
        restartOnFailure: () => Promise.resolve(false),
      },
    });
    try {
      const ended = this.#crashed(consumer, onJoined);
      await consumer.connect();
      await consumer.subscribe({ topics: [this.#topic], fromBeginning: true });
      const gatherer = new PartitionGatherer({
        handler,
        logger: this.#logger,
        signal: this.#closing.signal,
        onFailed: () => {
          this.#progress.failed();
        },
      });
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: PARTITIONS_AT_ONCE,
        eachBatch: (payload) => this.#eachBatch(payload, gatherer),
      });
      await ended;
    } finally {
      this.#progress.reset();
      await consumer.disconnect();
    }
  }

  // The coordinator's own topic is made lazily: asking for offsets once spares the first join an error.
  async #prepare(): Promise<void> {
    const admin = this.#kafka.admin();
    try {
      await admin.connect();
      await ensureTopic(admin, this.#topic, this.#options.topicSettings);
      await admin.fetchOffsets({ groupId: this.#options.group, topics: [this.#topic] });
    } finally {
      await admin.disconnect();
    }
  }

  /** Resolves at close, rejects when KafkaJS gives up. */
  #crashed(consumer: Consumer, onJoined: () => void): Promise<void> {
    const { signal } = this.#closing;
    return new Promise((resolve, reject) => {
      consumer.on(consumer.events.CRASH, ({ payload }) => {
        reject(payload.error);
      });
      consumer.on(consumer.events.GROUP_JOIN, () => {
        this.#progress.reset();
        onJoined();
      });
      consumer.on(consumer.events.HEARTBEAT, () => {
        this.#progress.heard(Date.now());
      });
      if (signal.aborted) resolve();
      signal.addEventListener(
        'abort',
        () => {
          resolve();
        },
        { once: true },
      );
    });
  }

  async #eachBatch(payload: EachBatchPayload, gatherer: PartitionGatherer<Event>): Promise<void> {
    const { batch } = payload;
    const decoded: DecodedBatch<Event> = { events: [], undecodable: [] };
    for (const message of batch.messages) {
      decodeInto(decoded, message.value ?? Buffer.alloc(0), {
        decode: this.#decode,
        position: () => `${batch.topic}/${String(batch.partition)}/${message.offset}`,
      });
    }
    const behind = Number(
      BigInt(batch.highWatermark) - BigInt(batch.firstOffset() ?? batch.lastOffset()),
    );
    this.#progress.received(batch.partition, behind);
    await gatherer.handled(payload, decoded, Math.floor(this.#sessionTimeoutMs / 3));
    this.#progress.handled(batch.partition, Math.max(0, behind - batch.messages.length));
  }
}
