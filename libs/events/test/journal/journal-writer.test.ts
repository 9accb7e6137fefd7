import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SwitchError } from '@tandem/domain';
import { JournalWriter } from '../../src/index.ts';
import type { EncodedJournalMessage, EventPublisher } from '../../src/index.ts';
import { decodeJournalMessage } from '../../src/journal/journal-message.ts';
import { silentEventLogger } from '../silent-event-logger.ts';
import { refusedNote } from './notes.ts';

/** A log that is away until it is said to be there. */
function switchableLog() {
  const taken: EncodedJournalMessage[] = [];
  let isAway = true;
  const publisher: EventPublisher<EncodedJournalMessage> = {
    publish: (messages) => {
      if (isAway) return Promise.reject(new SwitchError('SWITCH_STORE_UNAVAILABLE', 'away'));
      taken.push(...messages);
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
  const terminals = (): string[] =>
    taken.flatMap(({ bytes }) => {
      const { content } = decodeJournalMessage(bytes);
      return content?.$case === 'entry' ? [content.value.terminal] : [];
    });
  return {
    publisher,
    terminals,
    comeBack: () => {
      isAway = false;
    },
  };
}

test('OPS-10 while the log is away entries wait, up to a bound; what is lost is said once', async () => {
  const log = switchableLog();
  const errors: object[] = [];
  const logger = { ...silentEventLogger, error: (fields: object) => errors.push(fields) };
  const writer = new JournalWriter({
    publisher: log.publisher,
    logger,
    maxWaiting: 3,
    retryMs: 1,
  });
  for (const terminal of ['1', '2', '3', '4', '5']) writer.note(refusedNote({ terminal }));
  assert.deepEqual(errors, [{ waiting: 3, lost: 1 }]);
  log.comeBack();
  await writer.close();
  assert.deepEqual(log.terminals(), ['1', '2', '3']);
});

test('OPS-10 a writer that is closed while the log is away ends, and says what it loses', async () => {
  const log = switchableLog();
  const errors: object[] = [];
  const logger = { ...silentEventLogger, error: (fields: object) => errors.push(fields) };
  const writer = new JournalWriter({ publisher: log.publisher, logger });
  writer.note(refusedNote());
  await writer.close();
  // The entry, and the counts of its minute and hour.
  assert.deepEqual(errors, [{ waiting: 3, lost: 3 }]);
  writer.note(refusedNote());
  assert.deepEqual(log.terminals(), []);
});

test('REG-11 a refresh is counted and has no entry', async () => {
  const log = switchableLog();
  log.comeBack();
  const writer = new JournalWriter({ publisher: log.publisher, logger: silentEventLogger });
  writer.note({ ...refusedNote(), cause: 'refreshed', facts: {} });
  await writer.close();
  assert.deepEqual(log.terminals(), []);
});
