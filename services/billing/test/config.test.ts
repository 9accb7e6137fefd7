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
