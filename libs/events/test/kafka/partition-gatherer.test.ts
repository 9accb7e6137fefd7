import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EachBatchPayload } from 'kafkajs';
import { PartitionGatherer } from '../../src/kafka/partition-gatherer.ts';
import { silentEventLogger as logger } from '../silent-event-logger.ts';

/** What KafkaJS is told for one partition, in order. */
function partition(number: number, steps: string[], commit = () => Promise.resolve()) {
  return {
    batch: { topic: 'events', partition: number, lastOffset: () => '41' },
    resolveOffset: (offset: string) => {
      steps.push(`resolve ${String(number)} at ${offset}`);
    },
    commitOffsetsIfNecessary: (offsets: unknown) => {
      steps.push(`commit ${JSON.stringify(offsets)}`);
      return commit();
    },
    heartbeat: () => Promise.resolve(),
  } as unknown as EachBatchPayload;
}

function gatherer(handle: () => Promise<void>): PartitionGatherer {
  return new PartitionGatherer({
    handler: { handle },
    logger,
    signal: new AbortController().signal,
    onFailed: () => undefined,
  });
}

const decoded = {
  events: [{ head: {} as never, bytes: Buffer.alloc(0) }],
  undecodable: [],
};

test('BILL-04 partitions are handled, then committed together, and only then left behind', async () => {
  const steps: string[] = [];
  const gathering = gatherer(() => {
    steps.push('handle');
    return Promise.resolve();
  });
  await Promise.all([
    gathering.handled(partition(1, steps), decoded, 1000),
    gathering.handled(partition(2, steps), decoded, 1000),
  ]);
  const partitions = '[{"partition":1,"offset":"42"},{"partition":2,"offset":"42"}]';
  assert.deepEqual(steps, [
    'handle',
    `commit {"topics":[{"topic":"events","partitions":${partitions}}]}`,
    'resolve 1 at 41',
    'resolve 2 at 41',
  ]);
});

test('BILL-04 a batch whose commit fails is not left behind: it is read again', async () => {
  const steps: string[] = [];
  const timedOut = new Error('Request OffsetCommit timed out');
  const payload = partition(1, steps, () => Promise.reject(timedOut));
  await assert.rejects(gatherer(() => Promise.resolve()).handled(payload, decoded, 1000), timedOut);
  assert.deepEqual(
    steps.filter((step) => step.startsWith('resolve')),
    [],
  );
});
