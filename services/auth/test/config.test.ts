import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readAuthConfig } from '../src/config.ts';

const env = {
  TANDEM_GRPC_LISTEN: '127.0.0.1:9101',
  TANDEM_REDIS_URL: 'redis://127.0.0.1:6379',
  TANDEM_POSTGRES_URL: 'postgres://tandem@127.0.0.1:5432/tandem',
  TANDEM_KAFKA_BROKERS: '127.0.0.1:9092',
  TANDEM_SECRET_KEY_FILE: '/etc/tandem/secret-key',
};

test('AUTH-04 MD5 alone is offered by default, and a challenge may be answered for 60 s', () => {
  assert.deepEqual(readAuthConfig(env), {
    grpcListen: '127.0.0.1:9101',
    tls: undefined,
    redisUrl: 'redis://127.0.0.1:6379',
    redisPrefix: 'tandem',
    postgresUrl: 'postgres://tandem@127.0.0.1:5432/tandem',
    kafkaBrokers: ['127.0.0.1:9092'],
    kafkaTopic: undefined,
    dnsServers: undefined,
    journalTopic: undefined,
    secretKeyFile: '/etc/tandem/secret-key',
    algorithms: ['MD5'],
    nonceLifetimeMs: 60_000,
    stirTrust: undefined,
    stirCertificates: undefined,
    stirFetch: 'public',
  });
});

test('AUTH-04 the algorithms offered can be chosen; the strongest goes first whatever the order', () => {
  const config = readAuthConfig({
    ...env,
    TANDEM_AUTH_ALGORITHMS: 'md5, SHA-256,sha-512-256',
    TANDEM_AUTH_NONCE_SECONDS: '300',
  });
  assert.deepEqual(config.algorithms, ['SHA-512-256', 'SHA-256', 'MD5']);
  assert.equal(config.nonceLifetimeMs, 300_000);
});

test('OPS-05 all mistakes in the environment are named at once', () => {
  const wrong = {
    TANDEM_GRPC_LISTEN: 'nowhere',
    TANDEM_REDIS_URL: 'http://127.0.0.1',
    TANDEM_REDIS_PREFIX: '{x}',
    TANDEM_AUTH_ALGORITHMS: 'ROT13',
    TANDEM_AUTH_NONCE_SECONDS: '5',
  };
  const names = [...Object.keys(wrong), 'TANDEM_POSTGRES_URL', 'TANDEM_SECRET_KEY_FILE'];
  assert.throws(
    () => readAuthConfig(wrong),
    (error) => error instanceof Error && names.every((name) => error.message.includes(name)),
  );
});
