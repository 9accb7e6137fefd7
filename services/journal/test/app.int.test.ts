import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memorySnapshots } from '@tandem/config';
import { openJournal } from '@tandem/events';
import { JournalServiceService, ListEntriesRequest } from '@tandem/proto/journal';
import { silentLogger, unaryClient } from '@tandem/service';
import { databaseForTest, eventually, topicForTest } from '@tandem/testing';
import { createJournalApp, journalDefaults } from '../src/app.ts';

test('OPS-10 what a service notes is asked after over gRPC, also what was noted while the journal was down', async (t) => {
  const [database, topic] = await Promise.all([databaseForTest(), topicForTest()]);
  const logger = silentLogger();
  const { brokers, groupId: kafkaGroup, topic: journalTopic } = topic;
  const config = {
    ...journalDefaults,
    grpcListen: '127.0.0.1:0',
    postgresUrl: database.url,
    kafkaBrokers: brokers,
    journalTopic,
    kafkaGroup,
  };
  const writer = openJournal({ brokers, topic: journalTopic, logger });
  t.after(async () => {
    await writer.close();
    await Promise.all([database.close(), topic.close()]);
  });
  const note = (terminal: string): void => {
    const about = { account: 'demo', sender: 'proved', source: '192.0.2.7:5060', userAgent: 'x' } as const; // prettier-ignore
    writer.note({ ...about, terminal, cause: 'malformed', facts: { fault: 'none' } });
  };
  for (const terminal of ['1001', '1002']) {
    const app = await createJournalApp(config, { logger, snapshots: memorySnapshots() });
    await app.start();
    const address = `127.0.0.1:${String(app.grpcPort)}`;
    const client = unaryClient(JournalServiceService, address, { deadlineMs: 30_000 });
    note(terminal);
    await eventually(`the entry of ${terminal}`, async () => {
      const { entries } = await client.listEntries(ListEntriesRequest.create({ terminal }));
      return entries.length === 1;
    });
    assert.ok(app.isReady());
    client.close();
    await app.drain();
    await app.stop();
    note('1002');
  }
});
