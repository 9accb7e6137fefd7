import { SwitchError } from '@tandem/domain';
import type { Kafka, Message, Producer } from 'kafkajs';
import { callEventsTopic } from '../call-event-codec.ts';
import { readTraceParent } from '../call-event-head.ts';
import type { CallEventMessage } from '../call-event-message.ts';
import type { EventPublisher } from '../ports.ts';
import { journalTopic } from '../journal/journal-message.ts';
import type { EncodedJournalMessage } from '../journal/journal-message.ts';
import { messagesTopic, messagesTopicSettings } from '../messages/message-frame.ts';
import type { EncodedMessageFrame } from '../messages/message-frame.ts';
import { createKafkaClient } from './kafka-client.ts';
import type { KafkaClientOptions } from './kafka-client.ts';
import { securityFault } from './kafka-fault.ts';
import { onePartition } from './one-partition.ts';
import { ensureTopic } from './topic.ts';
import type { TopicSettings } from './topic.ts';

export interface KafkaPublisherOptions extends KafkaClientOptions {
  /** @default tandem.call-events.v1 */
  readonly topic?: string;
  /** Of the topic, where it has to be made. @default the broker's */
  readonly topicSettings?: TopicSettings;
  /** How long events are gathered before they are sent together, in ms. @default 5 */
  readonly lingerMs?: number;
  /** Events after which a batch is sent without waiting. @default 500 */
  readonly maxBatch?: number;
  /** Requests under way at once. @default 4 */
  readonly maxInFlight?: number;
  /** After this a batch counts as failed, whatever the client is still doing, in ms. @default 5000 */
  readonly deadlineMs?: number;
  /** Events that may wait for a request; more are refused. @default 20000 */
  readonly maxWaiting?: number;
  /** While Kafka is away one batch is tried after this pause, in ms; all others are refused at once. @default 500 */
  readonly probeMs?: number;
  /** Whether it connects before the first event, which then is in the log sooner. @default false */
  readonly connectsAtOnce?: boolean;
}

/** A publisher into Kafka. It connects with the first event, so that the switch starts without Kafka. */
export function createKafkaPublisher(options: KafkaPublisherOptions): EventPublisher {
  return new KafkaPublisher({ topic: callEventsTopic, ...options }, callEventToMessage);
}

/** It connects at once: who is killed has told the log all but the last milliseconds. @param options their `topic` is tandem.journal.v1 where none is given */
export function createKafkaJournalPublisher(
  options: KafkaPublisherOptions,
): EventPublisher<EncodedJournalMessage> {
  return new KafkaPublisher(
    { topic: journalTopic, connectsAtOnce: true, ...options },
    ({ key, bytes: value }) => ({
      key,
      value,
    }),
  );
}

/** @param options their `topic` is tandem.messages.v1 where none is given */
export function createKafkaMessagesPublisher(
  options: KafkaPublisherOptions,
): EventPublisher<EncodedMessageFrame> {
  const settings = { topic: messagesTopic, topicSettings: messagesTopicSettings, ...options };
  return new KafkaPublisher(settings, ({ key, bytes: value }) => ({ key, value }));
}

interface Waiting {
  readonly messages: Message[];
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

class KafkaPublisher<Event> implements EventPublisher<Event> {
  readonly #kafka: Kafka;
  readonly #options: KafkaClientOptions;
  readonly #topic: string;
  readonly #topicSettings: TopicSettings | undefined;
  readonly #toMessage: (event: Event) => Message;
  readonly #lingerMs: number;
  readonly #maxBatch: number;
  readonly #maxInFlight: number;
  readonly #deadlineMs: number;
  readonly #maxWaiting: number;
  readonly #probeMs: number;
  readonly #logger: KafkaPublisherOptions['logger'];
  readonly #inFlight = new Set<Promise<void>>();
  #waiting: Waiting[] = [];
  #waitingMessages = 0;
  #timer: NodeJS.Timeout | undefined;
  #producer: Promise<Producer> | undefined;
  #isClosed = false;
  /** When Kafka may be tried again, as `performance.now()`; undefined while it takes events. */
  #awayUntil: number | undefined;

  constructor(
    options: KafkaPublisherOptions & { readonly topic: string },
    toMessage: (event: Event) => Message,
  ) {
    this.#kafka = createKafkaClient(options);
    this.#options = options;
    this.#topic = options.topic;
    this.#topicSettings = options.topicSettings;
    this.#toMessage = toMessage;
    this.#lingerMs = options.lingerMs ?? 5;
    this.#maxBatch = options.maxBatch ?? 500;
    this.#maxInFlight = options.maxInFlight ?? 4;
    this.#deadlineMs = options.deadlineMs ?? 5000;
    this.#maxWaiting = options.maxWaiting ?? 20_000;
    this.#probeMs = options.probeMs ?? 500;
    this.#logger = options.logger;
    if (options.connectsAtOnce === true) this.#connectAhead();
  }

  publish(events: readonly Event[]): Promise<void> {
    if (this.#isClosed) {
      return Promise.reject(new SwitchError('SWITCH_STOPPED', 'the publisher is closed'));
    }
    if (events.length === 0) return Promise.resolve();
    const refusal = this.#refusal(events.length);
    if (refusal !== '') return Promise.reject(away(refusal));
    return new Promise((resolve, reject) => {
      const messages = events.map(this.#toMessage);
      this.#waiting.push({ messages, resolve, reject });
      this.#waitingMessages += messages.length;
      if (this.#waitingMessages >= this.#maxBatch) this.#flush();
      else
        this.#timer ??= setTimeout(() => {
          this.#flush();
        }, this.#lingerMs);
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    while (this.#waiting.length > 0 || this.#inFlight.size > 0) {
      this.#flush();
      await Promise.all(this.#inFlight);
    }
    const producer = await this.#producer?.catch(() => undefined);
    await producer?.disconnect();
  }

  /** Why events are not even tried: while Kafka is away nothing is kept here, an outbox has them. */
  #refusal(count: number): string {
    if (this.#awayUntil === undefined) {
      const isFull = this.#waitingMessages > 0 && this.#waitingMessages + count > this.#maxWaiting;
      return isFull ? 'Kafka is slower than events come' : '';
    }
    const isProbing = this.#inFlight.size > 0 || this.#waiting.length > 0;
    return isProbing || performance.now() < this.#awayUntil ? 'Kafka is away' : '';
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    // With all requests under way the batch keeps growing; the next one that ends flushes again.
    if (this.#waiting.length === 0 || this.#inFlight.size >= this.#maxInFlight) return;
    const batch = this.#waiting;
    this.#waiting = [];
    this.#waitingMessages = 0;
    const sending = this.#send(batch).finally(() => {
      this.#inFlight.delete(sending);
      if (this.#waiting.length > 0) this.#flush();
    });
    this.#inFlight.add(sending);
  }

  async #send(batch: readonly Waiting[]): Promise<void> {
    try {
      await this.#withinDeadline(this.#produce(batch.flatMap((waiting) => waiting.messages)));
      if (this.#awayUntil !== undefined)
        this.#logger.info({ topic: this.#topic }, 'events are published again');
      this.#awayUntil = undefined;
      for (const waiting of batch) waiting.resolve();
    } catch (cause) {
      const why = securityFault(cause, this.#options);
      if (this.#awayUntil === undefined)
        this.#logger.warn({ err: cause, topic: this.#topic, why }, 'events cannot be published');
      this.#awayUntil = performance.now() + this.#probeMs;
      this.#renewProducer();
      const error = away(why ?? 'Kafka does not take events', cause);
      for (const waiting of batch) waiting.reject(error);
      // What came meanwhile would wait as long for the same.
      for (const waiting of this.#waiting.splice(0)) waiting.reject(error);
      this.#waitingMessages = 0;
    }
  }

  /** The next attempt connects anew, by the configured brokers: those that are known may never come back. */
  #renewProducer(): void {
    const producer = this.#producer;
    this.#producer = undefined;
    if (producer === undefined) return;
    const letGo = async (): Promise<void> => {
      // Other requests may still be under way on it.
      await Promise.allSettled([...this.#inFlight]);
      await (await producer).disconnect();
    };
    letGo().catch((error: unknown) => {
      this.#logger.debug({ err: error }, 'kafka producer not disconnected');
    });
  }

  async #produce(messages: Message[]): Promise<void> {
    const producer = await this.#connected();
    // Not idempotent: with a lost answer and a concurrent send, KafkaJS's idempotent producer
    // acknowledges what was never stored. Duplicates are dropped by event id instead.
    await producer.send({ topic: this.#topic, acks: -1, timeout: 2000, messages });
  }

  #connected(): Promise<Producer> {
    this.#producer ??= this.#connect();
    return this.#producer;
  }

  /** Where that fails nothing is lost by it: the first event tries again. */
  #connectAhead(): void {
    const ahead = this.#connected();
    ahead.catch((error: unknown) => {
      this.#logger.debug({ err: error, topic: this.#topic }, 'not connected ahead of events');
      if (this.#producer === ahead) this.#producer = undefined;
    });
  }

  async #connect(): Promise<Producer> {
    const admin = this.#kafka.admin();
    try {
      await admin.connect();
      await ensureTopic(admin, this.#topic, this.#topicSettings);
    } finally {
      await admin.disconnect();
    }
    const producer = this.#kafka.producer({
      createPartitioner: onePartition(),
      allowAutoTopicCreation: false,
    });
    await producer.connect();
    return producer;
  }

  #withinDeadline(work: Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error(`no acknowledgement within ${String(this.#deadlineMs)} ms`));
      }, this.#deadlineMs);
      work.then(resolve, reject).finally(() => {
        clearTimeout(timer);
      });
    });
  }
}

function away(message: string, cause?: unknown): SwitchError {
  return new SwitchError('SWITCH_STORE_UNAVAILABLE', message, { cause });
}

function callEventToMessage({ callId: key, bytes: value }: CallEventMessage): Message {
  const traceparent = readTraceParent(value);
  return traceparent === '' ? { key, value } : { key, value, headers: { traceparent } };
}
