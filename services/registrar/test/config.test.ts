import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigurationError } from '@tandem/config';
import { readRegistrarConfig } from '../src/config.ts';

const env = {
  TANDEM_GRPC_LISTEN: '127.0.0.1:9005',
  TANDEM_REDIS_URL: 'redis://127.0.0.1:6379',
  TANDEM_POSTGRES_URL: 'postgres://tandem@127.0.0.1:5432/tandem',
  TANDEM_KAFKA_BROKERS: '127.0.0.1:9092',
};

test('OPS-05 the registrar reads where it listens and its stores are', () => {
  assert.deepEqual(readRegistrarConfig(env), {
    dnsServers: undefined,
    grpcListen: '127.0.0.1:9005',
    tls: undefined,
    redisUrl: 'redis://127.0.0.1:6379',
    redisPrefix: 'tandem',
    postgresUrl: 'postgres://tandem@127.0.0.1:5432/tandem',
    kafkaBrokers: ['127.0.0.1:9092'],
    journalTopic: undefined,
  });
});

test('OPS-05 where all who ask it are in its process it need not listen', () => {
  const rest = { ...env, TANDEM_GRPC_LISTEN: undefined };
  assert.equal(readRegistrarConfig(rest, ['api', 'edge', 'routing']).grpcListen, undefined);
  assert.throws(() => readRegistrarConfig(rest, ['edge', 'routing']), ConfigurationError);
});
