import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigurationError } from '@tandem/config';
import { readBillingConfig } from '../src/config.ts';

test('OPS-05 billing is configured by the environment', () => {
  const config = readBillingConfig({
    TANDEM_GRPC_LISTEN: '127.0.0.1:9003',
    TANDEM_POSTGRES_URL: 'postgres://tandem@127.0.0.1:5432/tandem',
    TANDEM_REDIS_URL: 'redis://127.0.0.1:6379',
    TANDEM_KAFKA_BROKERS: '127.0.0.1:9092, 127.0.0.1:9093',
  });
  assert.deepEqual(config, {
    grpcListen: '127.0.0.1:9003',
    postgresUrl: 'postgres://tandem@127.0.0.1:5432/tandem',
    tls: undefined,
    redisUrl: 'redis://127.0.0.1:6379',
    redisPrefix: 'tandem',
    kafkaBrokers: ['127.0.0.1:9092', '127.0.0.1:9093'],
    kafkaTopic: undefined,
    kafkaGroup: undefined,
    lostAfterMs: 3_600_000,
    cdrDays: undefined,
    archiveDir: undefined,
    feedDir: undefined,
    feedMs: 300_000,
    feedHook: undefined,
  });
});

test('OPS-05 all mistakes in the environment are named at once', () => {
  assert.throws(
    () =>
      readBillingConfig({
        TANDEM_GRPC_LISTEN: 'here',
        TANDEM_POSTGRES_URL: 'mysql://x',
        TANDEM_BILLING_LOST_MINUTES: '5',
      }),
    (error) => error instanceof ConfigurationError && error.mistakes.length === 5,
  );
});

const usual = {
  TANDEM_GRPC_LISTEN: '127.0.0.1:9003',
  TANDEM_POSTGRES_URL: 'postgres://tandem@127.0.0.1:5432/tandem',
  TANDEM_REDIS_URL: 'redis://127.0.0.1:6379',
  TANDEM_KAFKA_BROKERS: '127.0.0.1:9092',
};

test('BILL-07 days of CDRs are dropped only where it is said what becomes of them', () => {
  const TANDEM_BILLING_CDR_DAYS = '90';
  const kept = readBillingConfig({ ...usual, TANDEM_BILLING_CDR_DAYS, TANDEM_BILLING_ARCHIVE_DIR: '/archive' }); // prettier-ignore
  assert.deepEqual([kept.cdrDays, kept.archiveDir], [90, '/archive']);
  const none = readBillingConfig({ ...usual, TANDEM_BILLING_CDR_DAYS, TANDEM_BILLING_ARCHIVE_DIR: 'none' }); // prettier-ignore
  assert.deepEqual([none.cdrDays, none.archiveDir], [90, undefined]);
  for (const [wrong, path] of [
    [{ TANDEM_BILLING_CDR_DAYS }, 'TANDEM_BILLING_ARCHIVE_DIR'],
    [{ TANDEM_BILLING_CDR_DAYS: '7' }, 'TANDEM_BILLING_CDR_DAYS'],
    [{ TANDEM_BILLING_FEED_URL: 'https://example.test/cdrs' }, 'TANDEM_BILLING_FEED_SECRET_FILE'],
    [{ TANDEM_BILLING_FEED_SECRET_FILE: '/secret' }, 'TANDEM_BILLING_FEED_URL'],
    [{ TANDEM_BILLING_FEED_URL: 'ftp://example.test', TANDEM_BILLING_FEED_SECRET_FILE: '/s' }, 'TANDEM_BILLING_FEED_URL'], // prettier-ignore
  ] as const) {
    assert.throws(
      () => readBillingConfig({ ...usual, ...wrong }),
      (error) => error instanceof ConfigurationError && error.mistakes.some((each) => each.path.includes(path)), // prettier-ignore
      path,
    );
  }
});
