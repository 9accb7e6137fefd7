import { persistent, topicForTest } from '@tandem/testing';
import kafkajs from 'kafkajs';
import { createKafkaJournalConsumer, createKafkaJournalPublisher } from '../../src/index.ts';
import { silentEventLogger as logger } from '../silent-event-logger.ts';
import { testJournalLog } from './journal-contract.ts';

const clientId = 'tandem-journal-test';

testJournalLog('Kafka', async () => {
  const topicUnderTest = await topicForTest();
  const { brokers, groupId, topic } = topicUnderTest;
  return {
    publisher: () => persistent(createKafkaJournalPublisher({ brokers, clientId, topic, logger })),
    consumer: (group) =>
      createKafkaJournalConsumer({
        brokers,
        clientId,
        topic,
        group: `${groupId}-${group}`,
        logger,
      }),
    appendRaw: async (value) => {
      const { Kafka, Partitioners, logLevel } = kafkajs;
      const kafka = new Kafka({ clientId, brokers: [...brokers], logLevel: logLevel.NOTHING });
      const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
      await producer.connect();
      await producer.send({ topic, messages: [{ value }] });
      await producer.disconnect();
    },
    close: () => topicUnderTest.close(),
  };
});
