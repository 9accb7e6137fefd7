import assert from 'node:assert/strict';
import test from 'node:test';
import {
  parseMessage,
  responseTo,
  serialize,
  SipParseError,
  type SipParseErrorCode,
} from '../../src/index.ts';

const head = [
  'OPTIONS sip:b@y SIP/2.0',
  'Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1',
  'From: <sip:a@x>;tag=1',
  'To: <sip:b@y>',
  'Call-ID: c1',
  'CSeq: 1 OPTIONS',
];

function datagram(...lines: string[]): Buffer {
  return Buffer.from([...head, ...lines, '', ''].join('\r\n'), 'latin1');
}

function refusal(bytes: Buffer): SipParseError {
  try {
    parseMessage(bytes);
  } catch (error) {
    assert(error instanceof SipParseError);
    return error;
  }
  return assert.fail('it was parsed');
}

test('CALL-02 bad input that is a request is answered 400', () => {
  const cases: [Buffer, SipParseErrorCode][] = [
    [datagram(`Subject: ${'s'.repeat(10_000)}`), 'SIP_HEADER_TOO_LONG'],
    [datagram('Content-Length: -1'), 'SIP_BAD_CONTENT_LENGTH'],
    [datagram(...new Array<string>(1_000).fill('Via: SIP/2.0/UDP h')), 'SIP_TOO_MANY_VIAS'],
    [datagram(...new Array<string>(1_000).fill('X: y')), 'SIP_TOO_MANY_HEADERS'],
    [Buffer.concat([datagram('l: 1'), Buffer.alloc(70_000)]), 'SIP_TOO_LARGE'],
  ];
  for (const [bytes, code] of cases) {
    const { request, ...error } = refusal(bytes);
    assert.equal(error.code, code);
    assert(request !== undefined);
    const answer = parseMessage(serialize(responseTo(request, 400, 'Bad Request')));
    assert.equal(answer.headers.get('call-id'), 'c1');
  }
});

test('CALL-02 bad input that is no request is not answered', () => {
  for (const bytes of [
    Buffer.alloc(0),
    Buffer.alloc(65_507),
    Buffer.alloc(65_507, 0xff),
    Buffer.alloc(65_507, '\r\n'),
    Buffer.from('80c90001aabbccdd0000000000000000', 'hex'),
    Buffer.from('GET / HTTP/1.1\r\nHost: h\r\n\r\n'),
  ]) {
    assert.equal(refusal(bytes).request, undefined);
  }
});
