import assert from 'node:assert/strict';
import test from 'node:test';
import {
  DatagramReader,
  type ParseLimits,
  type SipParseError,
  type TransportCounters,
} from '../../src/index.ts';

const arrival = {
  source: { address: '192.0.2.7', port: 4711 },
  local: { address: '192.0.2.1', port: 5060 },
};

const options = [
  'OPTIONS sip:b@b.example SIP/2.0',
  'Via: SIP/2.0/UDP pc.example;branch=z9hG4bK1;rport',
  'From: <sip:a@a.example>;tag=1',
  'To: <sip:b@b.example>',
  'Call-ID: 1@a.example',
  'CSeq: 1 OPTIONS',
  'Max-Forwards: 70',
  'Content-Length: 0',
  '',
  '',
].join('\r\n');

interface Read {
  readonly messages: string[];
  readonly errors: SipParseError[];
  readonly counters: Readonly<TransportCounters>;
}

function read(datagrams: readonly (string | Buffer)[], limits?: Partial<ParseLimits>): Read {
  const messages: string[] = [];
  const errors: SipParseError[] = [];
  const reader = new DatagramReader(
    {
      onMessage: (message) => messages.push(message.headers.get('Via') ?? ''),
      onMalformed: (error) => errors.push(error),
    },
    limits,
  );
  for (const datagram of datagrams) reader.read(Buffer.from(datagram), arrival);
  return { messages, errors, counters: reader.counters };
}

test('CALL-02 a request is handed up with received and rport in its top Via', () => {
  assert.deepEqual(read([options]).messages, [
    'SIP/2.0/UDP pc.example;branch=z9hG4bK1;rport=4711;received=192.0.2.7',
  ]);
});

test('CALL-02 a response keeps its Via: it is ours', () => {
  const response = options.replace(/^.*/, 'SIP/2.0 200 OK');
  assert.deepEqual(read([response]).messages, ['SIP/2.0/UDP pc.example;branch=z9hG4bK1;rport']);
});

test('REG-04 keepalives are counted and ask for nothing', () => {
  const stun = Buffer.alloc(20);
  stun.writeUInt16BE(1, 0);
  stun.writeUInt32BE(0x2112a442, 4);
  const { counters, errors } = read(['\r\n', '\r\n\r\n', '\0', '', stun]);
  assert.equal(counters.keepalives, 5);
  assert.equal(counters.received, 5);
  assert.equal(counters.garbage + counters.malformed + errors.length, 0);
});

test('CALL-10 what is no SIP at all is counted and dropped without a report', () => {
  const random = Buffer.from(Array.from({ length: 400 }, (_, at) => (at * 131 + 17) % 256));
  const short = Buffer.from('hey');
  const { counters, errors, messages } = read([random, short, 'GET / HTTP/1.1\r\n\r\n']);
  assert.equal(counters.garbage, 3);
  assert.deepEqual([...errors, ...messages], []);
});

test('CALL-10 a broken request is reported with what a 400 needs, its Via filled', () => {
  const { counters, errors } = read([options.replace('Content-Length: 0', 'Content-Length: -1')]);
  assert.equal(counters.malformed, 1);
  assert.equal(
    errors[0]?.request?.headers.get('Via'),
    'SIP/2.0/UDP pc.example;branch=z9hG4bK1;rport=4711;received=192.0.2.7',
  );
});

test('CALL-10 an oversize datagram is counted as such', () => {
  const { counters, errors } = read([options], { maxMessageBytes: 100 });
  assert.equal(counters.oversize, 1);
  assert.equal(errors[0]?.code, 'SIP_TOO_LARGE');
});

test('CALL-10 each message cut at every byte is counted somewhere and throws nothing', () => {
  for (let end = 1; end <= options.length; end++) {
    const { counters, messages } = read([options.slice(0, end)]);
    const { keepalives, garbage, malformed } = counters;
    assert.equal(keepalives + garbage + malformed + messages.length, 1, `cut at ${String(end)}`);
  }
});

test('CALL-10 without a listener for it a malformed message is counted and dropped', () => {
  const reader = new DatagramReader({ onMessage: () => undefined });
  reader.read(Buffer.from(options.replace('Content-Length: 0', 'Content-Length: x')), arrival);
  assert.equal(reader.counters.malformed, 1);
});
