import assert from 'node:assert/strict';
import test from 'node:test';
import { readEdgeConfig } from '../src/config.ts';
import { sipAddresses } from '../src/sip-places.ts';

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
    role: 'both',
    sipListen: [{ transport: 'udp', address: '192.0.2.1', port: 5060 }],
    isSipPortShared: false,
    sipAdvertised: undefined,
    sipProduct: undefined,
    sipSource: undefined,
    relaysMessages: false,
    sipFronts: [],
    rtpengines: [],
    podListen: undefined,
    podAdvertised: undefined,
    isOverloadOn: true,
    overloadRate: undefined,
    faults: undefined,
    stirKeys: undefined,
    grpcListen: undefined,
    tls: undefined,
    authAddress: '127.0.0.1:9101',
    routingAddress: '127.0.0.1:9102',
    registrarAddress: undefined,
    redisUrl: 'redis://127.0.0.1:6379',
    redisPrefix: 'tandem',
    kafkaBrokers: ['127.0.0.1:9092', '127.0.0.2:9092'],
    kafkaSecurity: undefined,
    kafkaTopic: undefined,
    journalTopic: undefined,
    recordsMessages: true,
    messagesTopic: undefined,
    secretKeyFile: '/etc/tandem/secret-key',
    deadlineMs: 4000,
  });
  const advertised = readEdgeConfig({ ...env, TANDEM_SIP_ADVERTISED: 'sip.example.org:5070' });
  assert.equal(readEdgeConfig({ ...env, TANDEM_SIP_SOURCE: 'hidden' }).sipSource, 'hidden');
  assert.equal(readEdgeConfig({ ...env, TANDEM_SIP_MESSAGE: 'relay' }).relaysMessages, true);
  assert.equal(
    readEdgeConfig({ ...env, TANDEM_SIP_PRODUCT: 'Example/2.0' }).sipProduct,
    'Example/2.0',
  );
  assert.throws(
    () => readEdgeConfig({ ...env, TANDEM_SIP_PRODUCT: 'a\r\nb' }),
    /TANDEM_SIP_PRODUCT.*one or more words such as/s,
  );
  assert.deepEqual(advertised.sipAdvertised, [{ address: 'sip.example.org', port: 5070 }]);
});

test('CALL-07 a SIP address is an IP address with a port, by both transports where it names none', () => {
  const place = { address: '127.0.0.1', port: 5060 };
  const both = [
    { transport: 'udp', ...place },
    { transport: 'tcp', ...place },
  ];
  assert.deepEqual(sipAddresses('udp:127.0.0.1:5060'), [both[0]]);
  assert.deepEqual(sipAddresses('tcp:127.0.0.1:5060'), [both[1]]);
  assert.deepEqual(sipAddresses('127.0.0.1'), both);
  assert.deepEqual(sipAddresses('udp:127.0.0.1:5060, tcp:127.0.0.1:5060'), both);
  assert.deepEqual(sipAddresses('udp:[2001:db8::1]:5070'), [
    { transport: 'udp', address: '2001:db8::1', port: 5070 },
  ]);
  for (const text of ['', 'udp:', 'sctp:127.0.0.1:5061', 'edge.example:5060', '127.0.0.1:99999']) {
    assert.equal(sipAddresses(text), undefined, text);
  }
});

const pod = { TANDEM_POD_LISTEN: '192.0.2.1:7100' };

test('edge.md §3: a front needs its sockets and a link, a worker an advertised address and a link', () => {
  const front = readEdgeConfig({
    ...pod,
    TANDEM_EDGE_ROLE: 'front',
    TANDEM_SIP_LISTEN: '192.0.2.1:5060',
    TANDEM_SIP_PORT_SHARED: 'true',
    TANDEM_REDIS_URL: env.TANDEM_REDIS_URL,
    TANDEM_SECRET_KEY_FILE: env.TANDEM_SECRET_KEY_FILE,
  });
  assert.equal(front.role, 'front');
  assert.equal(front.isSipPortShared, true);
  assert.deepEqual(front.podListen, { address: '192.0.2.1', port: 7100 });
  const worker = readEdgeConfig({
    ...env,
    ...pod,
    TANDEM_EDGE_ROLE: 'worker',
    TANDEM_SIP_LISTEN: '',
    TANDEM_SIP_ADVERTISED: '203.0.113.1:5060',
    TANDEM_SIP_FRONTS: '192.0.2.10:7100,[2001:db8::1]:7100',
    TANDEM_POD_ADVERTISED: '192.0.2.1:7200',
  });
  assert.deepEqual(worker.sipListen, []);
  assert.deepEqual(worker.sipFronts, ['192.0.2.10:7100', '[2001:db8::1]:7100']);
  assert.deepEqual(worker.podAdvertised, { address: '192.0.2.1', port: 7200 });
});

test('OPS-05 what a role needs and is not set is named, and only that', () => {
  const mistakes = (role: string): string => {
    try {
      readEdgeConfig({ TANDEM_EDGE_ROLE: role });
    } catch (error) {
      return error instanceof Error ? error.message : '';
    }
    return '';
  };
  const named = (text: string): string[] =>
    text.split('\n').map((line) => /^TANDEM_\w+/.exec(line)?.[0] ?? line);
  const store = ['TANDEM_REDIS_URL', 'TANDEM_SECRET_KEY_FILE'];
  const calls = ['TANDEM_AUTH_ADDRESS', 'TANDEM_KAFKA_BROKERS', 'TANDEM_ROUTING_ADDRESS'];
  const sip = ['TANDEM_SIP_LISTEN'];
  const link = ['TANDEM_POD_LISTEN'];
  assert.deepEqual(named(mistakes('front')).toSorted(), [...link, ...store, ...sip].toSorted());
  assert.deepEqual(
    named(mistakes('worker')).toSorted(),
    [...calls, ...link, ...store, 'TANDEM_SIP_ADVERTISED'].toSorted(),
  );
  assert.deepEqual(named(mistakes('both')).toSorted(), [...calls, ...store, ...sip].toSorted());
  assert.match(mistakes('none'), /TANDEM_EDGE_ROLE.*"none" is wrong: write front, worker or both/);
});

test('OPS-05 settings that contradict each other are named', () => {
  const contradictions = [
    [{ TANDEM_SIP_LISTEN: '0.0.0.0:5060' }, /TANDEM_SIP_ADVERTISED.*is not set.*0\.0\.0\.0/],
    [{ TANDEM_POD_LISTEN: '0.0.0.0:7100' }, /TANDEM_POD_ADVERTISED.*is not set.*0\.0\.0\.0/],
    [{ TANDEM_SIP_FRONTS: '192.0.2.10:7100' }, /TANDEM_POD_LISTEN.*is not set.*TANDEM_SIP_FRONTS/],
    [{ TANDEM_FAULTS: '/tmp/faults', NODE_ENV: 'production' }, /TANDEM_FAULTS.*production/],
    [{ TANDEM_SIP_FRONTS: '192.0.2.10' }, /TANDEM_SIP_FRONTS.*"192\.0\.2\.10" is wrong/],
    [{ TANDEM_POD_LISTEN: 'pod.example:1' }, /TANDEM_POD_LISTEN.*is wrong: write an IP address/],
    [{ TANDEM_SIP_SOURCE: 'seen' }, /TANDEM_SIP_SOURCE.*write test, preserved or hidden/],
    [{ TANDEM_SIP_PORT_SHARED: 'yes' }, /TANDEM_SIP_PORT_SHARED.*write true or false/],
  ] as const;
  for (const [change, message] of contradictions) {
    assert.throws(() => readEdgeConfig({ ...env, ...change }), message);
  }
  assert.equal(readEdgeConfig({ ...env, TANDEM_FAULTS: '/tmp/faults' }).faults, '/tmp/faults');
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

test('CALL-02 a listener with TLS needs a certificate, and is told of for itself', () => {
  const tls = {
    ...env,
    TANDEM_SIP_LISTEN: '192.0.2.1:5060,tls:192.0.2.1,wss:192.0.2.1:8443',
    TANDEM_SIP_TLS_CERTIFICATES: '/etc/one.crt, /etc/two.crt',
    TANDEM_SIP_TLS_CA: '/etc/ca.pem',
    TANDEM_SIP_WS_PATH: '/sip',
    TANDEM_SIP_WS_ORIGINS: 'https://Phone.example',
  };
  const config = readEdgeConfig(tls);
  assert.deepEqual(
    config.sipListen.map(({ transport, port }) => `${transport} ${String(port)}`),
    ['udp 5060', 'tcp 5060', 'tls 5061', 'wss 8443'],
  );
  assert.deepEqual(config.sipTlsFiles, {
    certificates: ['/etc/one.crt', '/etc/two.crt'],
    ca: '/etc/ca.pem',
  });
  assert.deepEqual(config.sipWebSocket, { path: '/sip', origins: ['https://phone.example'] });
  const mistakes = (change: Readonly<Record<string, string>>): string => {
    try {
      readEdgeConfig({ ...tls, ...change });
      return '';
    } catch (error) {
      assert.ok(error instanceof Error);
      return error.message;
    }
  };
  assert.match(
    mistakes({ TANDEM_SIP_TLS_CERTIFICATES: '' }),
    /TANDEM_SIP_TLS_CERTIFICATES.*tls:192\.0\.2\.1:5061 of TANDEM_SIP_LISTEN needs a certificate/,
  );
  assert.match(mistakes({ TANDEM_SIP_TLS_CERTIFICATES: '/etc/one.pem' }), /end in \.crt/);
  assert.match(mistakes({ TANDEM_SIP_WS_PATH: 'sip' }), /write a path, such as \/sip/);
  assert.match(mistakes({ TANDEM_SIP_WS_ORIGINS: 'phone.example' }), /https:\/\/phone\.example/);
  assert.match(
    mistakes({
      TANDEM_SIP_LISTEN: '0.0.0.0:5060,tls:0.0.0.0:5061',
      TANDEM_SIP_ADVERTISED: '203.0.113.1:5060',
    }),
    /peers cannot reach 0\.0\.0\.0, write one for it with tls: before it/,
  );
});
