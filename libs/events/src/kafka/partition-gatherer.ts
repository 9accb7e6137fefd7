import type { EachBatchPayload } from 'kafkajs';
import { SwitchError } from '@tandem/domain';
import { handOver, pause, retryPauseMs } from '../decoded-batch.ts';
import type { DecodedBatch } from '../decoded-batch.ts';
import type { EventHandler, EventLogger, ReceivedCallEvent } from '../ports.ts';

interface Entry<Event> {
  readonly payload: EachBatchPayload;
  readonly decoded: DecodedBatch<Event>;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
  /** The partition may have gone to another consumer: this batch is neither handled nor committed. */
  isAbandoned: boolean;
}

export interface PartitionGathererOptions<Event> {
  readonly handler: EventHandler<Event>;
  readonly logger: EventLogger;
  readonly signal: AbortSignal;
  /** Told of each attempt that failed. */
  readonly onFailed: () => void;
}

/**
 * KafkaJS calls back once per partition. One fetch's partitions are gathered here into one batch for the
 * handler and one commit, which spares PostgreSQL and Kafka eleven of twelve transactions and requests.
 */
export class PartitionGatherer<Event = ReceivedCallEvent> {
  readonly #options: PartitionGathererOptions<Event>;
  #entries: Entry<Event>[] = [];
  #isBusy = false;

  constructor(options: PartitionGathererOptions<Event>) {
    this.#options = options;
  }

  /**
   * Resolves when the partition's batch is handled and committed; until then keeps the membership alive.
   * Rejects where the group is rebalanced in the meantime, or at the end of the consumer.
   */
  async handled(
    payload: EachBatchPayload,
    decoded: DecodedBatch<Event>,
    heartbeatMs: number,
  ): Promise<void> {
    const done = new Promise<void>((resolve, reject) => {
      this.#entries.push({ payload, decoded, resolve, reject, isAbandoned: false });
    });
    const entry = this.#entries.at(-1);
    if (!this.#isBusy) {
      this.#isBusy = true;
      setImmediate(() => void this.#drain());
    }
    const beat = setInterval(() => {
      payload.heartbeat().catch((error: unknown) => {
        if (entry === undefined) return;
        entry.isAbandoned = true;
        entry.reject(error);
      });
    }, heartbeatMs);
    try {
      await done;
    } finally {
      clearInterval(beat);
    }
  }

  // Never rejects: each entry carries its own outcome.
  async #drain(): Promise<void> {
    while (this.#entries.length > 0) {
      const entries = this.#entries;
      this.#entries = [];
      try {
        await this.#handle(entries);
        await commit(entries.filter((entry) => !entry.isAbandoned));
        for (const entry of entries) entry.resolve();
      } catch (error) {
        for (const entry of entries) entry.reject(error);
      }
    }
    this.#isBusy = false;
  }

  async #handle(entries: readonly Entry<Event>[]): Promise<void> {
    const { handler, logger, signal, onFailed } = this.#options;
    for (let attempt = 0; ; attempt += 1) {
      const decoded = merge(entries.filter((entry) => !entry.isAbandoned));
      try {
        await handOver(decoded, handler, logger);
        return;
      } catch (error) {
        onFailed();
        logger.warn(
          { err: error, attempt, events: decoded.events.length },
          'events not handled, trying again',
        );
        await pause(retryPauseMs(attempt), signal);
        if (signal.aborted)
          throw new SwitchError('SWITCH_STOPPED', 'the consumer is closed', { cause: error });
      }
    }
  }
}

function merge<Event>(entries: readonly Entry<Event>[]): DecodedBatch<Event> {
  return {
    events: entries.flatMap((entry) => entry.decoded.events),
    undecodable: entries.flatMap((entry) => entry.decoded.undecodable),
  };
}

async function commit(entries: readonly Entry<unknown>[]): Promise<void> {
  const [first] = entries;
  if (first === undefined) return;
  const partitions = entries.map(({ payload }) => ({
    partition: payload.batch.partition,
    offset: (BigInt(payload.batch.lastOffset()) + 1n).toString(),
  }));
  await first.payload.commitOffsetsIfNecessary({
    topics: [{ topic: first.payload.batch.topic, partitions }],
  });
  // Only then does KafkaJS go on: a batch whose commit failed is read, handled and committed again.
  for (const { payload } of entries) payload.resolveOffset(payload.batch.lastOffset());
}
