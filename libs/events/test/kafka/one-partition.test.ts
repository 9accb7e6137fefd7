import assert from 'node:assert/strict';
import test from 'node:test';
import type { PartitionMetadata } from 'kafkajs';
import { onePartition } from '../../src/kafka/one-partition.ts';

function metadata(leaders: readonly number[]): PartitionMetadata[] {
  return leaders.map((leader, partitionId) => ({
    partitionErrorCode: 0,
    partitionId,
    leader,
    replicas: [],
    isr: [],
  }));
}

const message = { value: null };
const topic = 'calls';

test('BILL-04 a producer writes into one partition, wherever the order of the metadata', () => {
  const partition = onePartition(() => 0.5)();
  const all = metadata([1, 1, 1, 1]);
  assert.equal(partition({ topic, partitionMetadata: all, message }), 2);
  assert.equal(partition({ topic, partitionMetadata: all.toReversed(), message }), 2);
});

test('BILL-04 producers spread over all partitions', () => {
  const partitionMetadata = metadata(Array.from({ length: 12 }, () => 1));
  const taken = Array.from({ length: 12 }, (_, index) =>
    onePartition(() => index / 12)()({ topic, partitionMetadata, message }),
  );
  assert.deepEqual(
    taken,
    Array.from({ length: 12 }, (_, index) => index),
  );
});

test('BILL-04 a partition without a leader is left out, and no leader at all is no crash', () => {
  const partition = onePartition(() => 0.99)();
  assert.equal(partition({ topic, partitionMetadata: metadata([1, 1, -1]), message }), 1);
  assert.equal(partition({ topic, partitionMetadata: metadata([-1, -1]), message }), 1);
  assert.equal(partition({ topic, partitionMetadata: [], message }), 0);
});
