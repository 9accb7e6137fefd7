import { randomUUID } from 'node:crypto';
import type { Admin, EachBatchPayload } from 'kafkajs';
import { SwitchError } from '@tandem/domain';
import { callEventsTopic } from '../call-event-codec.ts';
import { decodeInto, receivedCallEvent } from '../decoded-batch.ts';
import type { DecodedBatch } from '../decoded-batch.ts';
import type { EventLogReader, ReceivedCallEvent } from '../ports.ts';
import { createKafkaClient } from './kafka-client.ts';
import type { KafkaClientOptions } from './kafka-client.ts';
import { ensureTopic } from './topic.ts';

export interface KafkaLogReaderOptions extends KafkaClientOptions {
  /** @default tandem.call-events.v1 */
  readonly topic?: string;
  /** Reading ends as failed after this time without a message, in ms. @default 60000 */
  readonly patienceMs?: number;
}

/** Reads a part of the log again, beside the consumers and without moving their places. */
export function createKafkaLogReader(options: KafkaLogReaderOptions): EventLogReader {
  return { read: (range, take) => readRange(options, range, take) };
}

type Take = (events: readonly ReceivedCallEvent[]) => Promise<void>;

async function readRange(
  options: KafkaLogReaderOptions,
  { fromMs, untilMs }: { readonly fromMs: number; readonly untilMs: number },
  take: Take,
): Promise<void> {
  const kafka = createKafkaClient(options);
  const topic = options.topic ?? callEventsTopic;
  const groupId = `tandem-reader-${randomUUID()}`;
  const admin = kafka.admin();
  const consumer = kafka.consumer({ groupId, allowAutoTopicCreation: false });
  try {
    await admin.connect();
    await ensureTopic(admin, topic);
    const first = await offsets(admin, topic, fromMs);
    const missing = await offsets(admin, topic, untilMs);
    for (const [partition, offset] of first) {
      if ((missing.get(partition) ?? 0n) <= offset) missing.delete(partition);
    }
    if (missing.size === 0) return;
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    const reading = new Reading(missing, take, options.patienceMs ?? 60_000);
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      reading.fail(payload.error);
    });
    await consumer.run({ autoCommit: false, eachBatch: (payload) => reading.batch(payload) });
    for (const [partition, offset] of first) {
      consumer.seek({ topic, partition, offset: offset.toString() });
    }
    await reading.done;
  } finally {
    await consumer.disconnect();
    // It was for this reading alone; where that fails Kafka forgets it by itself.
    await admin.deleteGroups([groupId]).catch(() => undefined);
    await admin.disconnect();
  }
}

/** The first offset of each partition that is not older than a moment. */
async function offsets(admin: Admin, topic: string, atMs: number): Promise<Map<number, bigint>> {
  const found = await admin.fetchTopicOffsetsByTimestamp(topic, atMs);
  return new Map(found.map(({ partition, offset }) => [partition, BigInt(offset)]));
}

class Reading {
  readonly done: Promise<void>;
  readonly #missing: Map<number, bigint>;
  readonly #take: Take;
  readonly #patience: NodeJS.Timeout;
  #resolve: () => void = () => undefined;
  #reject: (error: Error) => void = () => undefined;

  constructor(missing: Map<number, bigint>, take: Take, patienceMs: number) {
    this.#missing = missing;
    this.#take = take;
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // Whoever waits for it learns of a failure, also of one from before it waited.
    this.done.catch(() => undefined);
    this.#patience = setTimeout(() => {
      this.fail(new SwitchError('SWITCH_STORE_UNAVAILABLE', 'the log cannot be read to its end'));
    }, patienceMs);
  }

  async batch(payload: EachBatchPayload): Promise<void> {
    const { batch } = payload;
    const end = this.#missing.get(batch.partition);
    if (end === undefined) return;
    this.#patience.refresh();
    const decoded: DecodedBatch<ReceivedCallEvent> = { events: [], undecodable: [] };
    for (const message of batch.messages) {
      if (BigInt(message.offset) >= end) break;
      decodeInto(decoded, message.value ?? Buffer.alloc(0), {
        decode: receivedCallEvent,
        position: () => message.offset,
      });
    }
    try {
      if (decoded.events.length > 0) await this.#take(decoded.events);
    } catch (error) {
      this.fail(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    payload.resolveOffset(batch.lastOffset());
    if (BigInt(batch.lastOffset()) + 1n >= end) this.#missing.delete(batch.partition);
    if (this.#missing.size > 0) return;
    clearTimeout(this.#patience);
    this.#resolve();
  }

  fail(error: Error): void {
    clearTimeout(this.#patience);
    this.#reject(error);
  }
}
