import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemNameServers } from '@tandem/sip-names';
import { readRoutingConfig } from '../src/config.ts';

const env = {
  TANDEM_GRPC_LISTEN: '127.0.0.1:9002',
  TANDEM_REDIS_URL: 'redis://127.0.0.1:6379',
  TANDEM_POSTGRES_URL: 'postgres://tandem@127.0.0.1:5432/tandem',
  TANDEM_SECRET_KEY_FILE: '/run/secrets/tandem-key',
  TANDEM_KAFKA_BROKERS: '127.0.0.1:9092',
};

test('OPS-05 routing reads its settings from the environment', () => {
  assert.deepEqual(readRoutingConfig(env), {
    grpcListen: '127.0.0.1:9002',
    tls: undefined,
    redisUrl: 'redis://127.0.0.1:6379',
    redisPrefix: 'tandem',
    postgresUrl: 'postgres://tandem@127.0.0.1:5432/tandem',
    secretKeyFile: '/run/secrets/tandem-key',
    kafkaBrokers: ['127.0.0.1:9092'],
    journalTopic: undefined,
    dnsServers: undefined,
    registrarAddress: undefined,
  });
});

test('CALL-02 name servers are IP addresses, with a port or without', () => {
  const read = (text: string) => {
    return readRoutingConfig({ ...env, TANDEM_DNS_SERVERS: text }).dnsServers;
  };
  assert.deepEqual(read('192.0.2.53, [2001:db8::53]:5353,2001:db8::54'), [
    { address: '192.0.2.53', port: 53 },
    { address: '2001:db8::53', port: 5353 },
    { address: '2001:db8::54', port: 53 },
  ]);
  for (const text of ['dns.example', '192.0.2.53:0', '192.0.2.53,', '300.0.0.1']) {
    assert.throws(() => read(text), /TANDEM_DNS_SERVERS.*IP addresses of name servers/, text);
  }
  assert.ok(systemNameServers().every(({ port }) => port > 0));
});

test('OPS-05 every mistake in the environment is named at once', () => {
  assert.throws(
    () => readRoutingConfig({ TANDEM_GRPC_LISTEN: 'nowhere', TANDEM_REDIS_PREFIX: 'a b' }),
    (error: Error) =>
      ['GRPC_LISTEN', 'REDIS_URL', 'REDIS_PREFIX', 'POSTGRES_URL', 'SECRET_KEY_FILE'].every(
        (name) => error.message.includes(`TANDEM_${name}`),
      ),
  );
});
