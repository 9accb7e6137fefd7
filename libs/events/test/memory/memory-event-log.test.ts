import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryEventLog, createMemoryConsumer, createMemoryPublisher } from '../../src/index.ts';
import { event, testEventLog } from '../event-log-contract.ts';
import { silentEventLogger } from '../silent-event-logger.ts';

testEventLog('memory', () => {
  const log = new MemoryEventLog();
  return Promise.resolve({
    publisher: () => createMemoryPublisher(log),
    consumer: (group, logger = silentEventLogger) => createMemoryConsumer({ log, group, logger }),
    appendRaw: (value) => {
      log.append([value]);
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  });
});

test('BILL-04 the memory log keeps what some group has not committed, and no more', () => {
  const log = new MemoryEventLog();
  log.join('one');
  log.join('other');
  log.append([event('a', 1), event('b', 1), event('c', 1)].map(({ bytes }) => bytes));
  log.commit('one', 3);
  assert.equal(log.size, 3);
  log.commit('other', 2);
  assert.equal(log.size, 1);
  assert.equal(log.read(log.committed('other'), 10).length, 1);
  log.commit('other', 3);
  assert.equal(log.size, 0);
  assert.equal(log.end, 3);
});
