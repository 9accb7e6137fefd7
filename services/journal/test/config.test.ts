import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigurationError } from '@tandem/config';
import { readJournalConfig } from '../src/config.ts';

const env = {
  TANDEM_GRPC_LISTEN: '127.0.0.1:9006',
  TANDEM_POSTGRES_URL: 'postgres://tandem@127.0.0.1:5432/tandem',
  TANDEM_KAFKA_BROKERS: '127.0.0.1:9092',
};

test('OPS-10 entries are kept for 30 days, and counts of hours for 400, where nothing else is said', () => {
  const { days, historyDays, kafkaBrokers } = readJournalConfig(env);
  assert.deepEqual({ days, historyDays, kafkaBrokers }, { days: 30, historyDays: 400, kafkaBrokers: ['127.0.0.1:9092'] }); // prettier-ignore
  assert.equal(readJournalConfig({ ...env, TANDEM_JOURNAL_DAYS: '7' }).days, 7);
});

test('OPS-10 a number of days that is none is refused with what would be right', () => {
  for (const text of ['0', '4000', '1.5', 'week']) {
    assert.throws(
      () => readJournalConfig({ ...env, TANDEM_JOURNAL_DAYS: text }),
      (error) => error instanceof ConfigurationError && error.message.includes('days'),
    );
  }
});

test('OPS-05 where the api is in its process it need not listen', () => {
  const rest = { ...env, TANDEM_GRPC_LISTEN: undefined };
  assert.equal(readJournalConfig(rest, ['api']).grpcListen, undefined);
  assert.throws(() => readJournalConfig(rest), ConfigurationError);
});

test('OPS-09 SIP messages are kept for 72 hours and in 20 GB, where nothing else is said', () => {
  const { messagesHours, messagesMegabytes } = readJournalConfig(env);
  assert.deepEqual({ messagesHours, messagesMegabytes }, { messagesHours: 72, messagesMegabytes: 20_000 }); // prettier-ignore
  for (const [name, text, right] of [
    ['TANDEM_MESSAGES_HOURS', '721', '1 to 720 hours'],
    ['TANDEM_MESSAGES_MEGABYTES', '10', '64 to 10000000 megabytes'],
  ] as const) {
    assert.throws(
      () => readJournalConfig({ ...env, [name]: text }),
      (error) => error instanceof ConfigurationError && error.message.includes(right),
    );
  }
});
