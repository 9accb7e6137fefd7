import type { Kafka } from 'kafkajs';

/** Messages of a topic that no consumer of a group has committed yet: the brokers are asked, for a moment. */
export async function groupLag(kafka: Kafka, groupId: string, topic: string): Promise<number> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    const [ends, groups] = await Promise.all([
      admin.fetchTopicOffsets(topic),
      admin.fetchOffsets({ groupId, topics: [topic] }),
    ]);
    const committed = new Map(
      groups.flatMap(({ partitions }) => partitions.map((each) => [each.partition, Number(each.offset)] as const)),
    ); // prettier-ignore
    return ends.reduce((sum, { high, low, partition }) => {
      // -1: nothing of it was committed yet, and it is read from its begin.
      const from = Math.max(committed.get(partition) ?? -1, Number(low));
      return sum + Math.max(0, Number(high) - from);
    }, 0);
  } finally {
    await admin.disconnect();
  }
}
