import assert from 'node:assert/strict';
import test from 'node:test';
import { readEdgeConfig, sipAddress } from '../src/config.ts';

const env = {
  TANDEM_POD_NAME: 'edge-1',
  TANDEM_SIP_LISTEN: 'udp:192.0.2.1:5060',
  TANDEM_AUTH_ADDRESS: '127.0.0.1:9101',
  TANDEM_ROUTING_ADDRESS: '127.0.0.1:9102',
  TANDEM_REDIS_URL: 'redis://127.0.0.1:6379',
  TANDEM_KAFKA_BROKERS: '127.0.0.1:9092,127.0.0.2:9092',
  TANDEM_SECRET_KEY_FILE: '/etc/tandem/secret-key',
};

test('CALL-07 the environment says where the edge listens and what its peers reach it by', () => {
  assert.deepEqual(readEdgeConfig(env), {
    name: 'edge-1',
    sipListen: { address: '192.0.2.1', port: 5060 },
    sipAdvertised: undefined,
    grpcListen: undefined,
    tls: undefined,
    authAddress: '127.0.0.1:9101',
    routingAddress: '127.0.0.1:9102',
    redisUrl: 'redis://127.0.0.1:6379',
    redisPrefix: 'tandem',
    kafkaBrokers: ['127.0.0.1:9092', '127.0.0.2:9092'],
    kafkaTopic: undefined,
    secretKeyFile: '/etc/tandem/secret-key',
    deadlineMs: 4000,
  });
  const advertised = readEdgeConfig({ ...env, TANDEM_SIP_ADVERTISED: 'sip.example.org:5070' });
  assert.deepEqual(advertised.sipAdvertised, { host: 'sip.example.org', port: 5070 });
});

test('CALL-07 a SIP address is an IP address with a port, its transport may be left out', () => {
  assert.deepEqual(sipAddress('udp:127.0.0.1:5080'), { address: '127.0.0.1', port: 5080 });
  assert.deepEqual(sipAddress('127.0.0.1'), { address: '127.0.0.1', port: 5060 });
  assert.deepEqual(sipAddress('udp:[2001:db8::1]:5060'), { address: '2001:db8::1', port: 5060 });
  for (const text of ['', 'udp:', 'tcp:127.0.0.1:5060', 'edge.example:5060', '127.0.0.1:99999']) {
    assert.equal(sipAddress(text), undefined, text);
  }
});

test('OPS-05 all mistakes in the environment are named at once', () => {
  const wrong = {
    TANDEM_POD_NAME: 'a b',
    TANDEM_SIP_LISTEN: 'edge.example:5060',
    TANDEM_SIP_ADVERTISED: '198.51.100.1:0',
    TANDEM_GRPC_LISTEN: 'nowhere',
    TANDEM_AUTH_ADDRESS: 'auth',
    TANDEM_REDIS_URL: 'http://127.0.0.1',
    TANDEM_REDIS_PREFIX: '{x}',
  };
  const names = [
    ...Object.keys(wrong),
    'TANDEM_ROUTING_ADDRESS',
    'TANDEM_KAFKA_BROKERS',
    'TANDEM_SECRET_KEY_FILE',
  ];
  assert.throws(
    () => readEdgeConfig(wrong),
    (error) => {
      assert.ok(error instanceof Error);
      for (const name of names) assert.ok(error.message.includes(name), name);
      return true;
    },
  );
});
