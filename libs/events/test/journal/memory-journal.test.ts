import {
  MemoryEventLog,
  createMemoryJournalConsumer,
  createMemoryPublisher,
} from '../../src/index.ts';
import { silentEventLogger as logger } from '../silent-event-logger.ts';
import { testJournalLog } from './journal-contract.ts';

testJournalLog('memory', () => {
  const log = new MemoryEventLog();
  return Promise.resolve({
    publisher: () => createMemoryPublisher(log),
    consumer: (group) => createMemoryJournalConsumer({ log, group, logger }),
    appendRaw: (value) => {
      log.append([value]);
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  });
});
