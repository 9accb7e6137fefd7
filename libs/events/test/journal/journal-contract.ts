import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { JournalEntry, Tally } from '@tandem/proto/journal';
import type { EventPublisher } from '../../src/index.ts';
import { JournalWriter } from '../../src/index.ts';
import type { EncodedJournalMessage, JournalMessage } from '../../src/index.ts';
import type { EventConsumer } from '../../src/index.ts';
import { until } from '../event-log-contract.ts';
import { silentEventLogger } from '../silent-event-logger.ts';
import { lastWords, refusedNote } from './notes.ts';

/** Both ends of a log of the journal. */
export interface JournalLogUnderTest {
  publisher(): EventPublisher<EncodedJournalMessage>;
  consumer(group: string): EventConsumer<JournalMessage>;
  appendRaw(value: Buffer): Promise<void>;
  close(): Promise<void>;
}

/** What every log does with the journal, whatever it is made of. */
export function testJournalLog(name: string, open: () => Promise<JournalLogUnderTest>): void {
  suite(`the journal through ${name}`, () => {
    test('OPS-10 what was noted arrives, gathered and counted, also what a closing writer still has', async () => {
      const log = await open();
      const seen = collect();
      const consumer = log.consumer('group');
      void consumer.run({ handle: seen.take });
      const writer = new JournalWriter({ publisher: log.publisher(), logger: silentEventLogger });
      for (const asked of [10, 20, 30]) {
        writer.note(refusedNote({ facts: { asked, SS_ENDPOINT_EXPIRE_MIN: 60 } }));
      }
      writer.note(refusedNote({ terminal: '1002' }));
      writer.note({ ...refusedNote(), cause: 'refreshed', facts: {} });
      writer.level('active', 2);
      await writer.close();
      await until(() => lastWords(seen.entries).reduce((sum, { count }) => sum + count, 0) === 4);
      await until(() => seen.tallies.some(({ seconds }) => seconds === 3600));
      const entries = lastWords(seen.entries);
      assert.deepEqual(entries.map(({ count, terminal }) => [terminal, count]).sort(), [
        ['1001', 3],
        ['1002', 1],
      ]);
      const minute = seen.tallies.find(({ seconds }) => seconds === 60);
      assert.deepEqual(
        minute?.rows.map(({ count, name: cause }) => [cause, count]),
        [
          ['expiry-too-short', 4],
          ['refreshed', 1],
          ['active', 2],
        ],
      );
      await consumer.close();
      await log.close();
    });

    test('OPS-10 a message that is none of the journal is put aside and blocks nothing', async () => {
      const log = await open();
      const seen = collect();
      const dead: string[] = [];
      const consumer = log.consumer('group');
      void consumer.run({
        handle: seen.take,
        handleUndecodable: ({ cause }) => {
          dead.push(cause);
          return Promise.resolve();
        },
      });
      await log.appendRaw(Buffer.from('no protobuf'));
      await log.appendRaw(Buffer.alloc(0));
      const writer = new JournalWriter({ publisher: log.publisher(), logger: silentEventLogger });
      writer.note(refusedNote());
      await writer.close();
      await until(() => seen.entries.length === 1 && dead.length === 2);
      await consumer.close();
      await log.close();
    });
  });
}

function collect() {
  const entries: JournalEntry[] = [];
  const tallies: Tally[] = [];
  return {
    entries,
    tallies,
    take: (messages: readonly JournalMessage[]): Promise<void> => {
      for (const { content } of messages) {
        if (content?.$case === 'entry') entries.push(content.value);
        if (content?.$case === 'tally') tallies.push(content.value);
      }
      return Promise.resolve();
    },
  };
}
