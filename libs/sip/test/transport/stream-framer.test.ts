import assert from 'node:assert/strict';
import test from 'node:test';
import { StreamFramer } from '../../src/index.ts';
import type { ParseLimits, SipParseError } from '../../src/index.ts';

interface Framed {
  readonly framer: StreamFramer;
  readonly messages: string[];
  readonly errors: SipParseError[];
  pings: number;
}

function open(limits: Partial<ParseLimits> = {}): Framed {
  const found: Framed = {
    framer: new StreamFramer(
      {
        onMessage: (bytes) => found.messages.push(bytes.toString('latin1')),
        onPing: () => (found.pings += 1),
        onBroken: (error) => found.errors.push(error),
      },
      limits,
    ),
    messages: [],
    errors: [],
    pings: 0,
  };
  return found;
}

const head = [
  'OPTIONS sip:b@b.example SIP/2.0',
  'Via: SIP/2.0/TCP a.example;branch=z9hG4bK1',
  'From: <sip:a@a.example>;tag=1',
  'To: <sip:b@b.example>',
  'Call-ID: 1',
  'CSeq: 1 OPTIONS',
].join('\r\n');
const options = `${head}\r\nContent-Length: 0\r\n\r\n`;

test('CALL-02 two messages in one segment are two messages, the rest waits for the next segment', () => {
  const found = open();
  found.framer.push(Buffer.from(options + options + options.slice(0, 40)));
  assert.deepEqual(found.messages, [options, options]);
  assert.equal(found.framer.isPending, true);
  found.framer.push(Buffer.from(options.slice(40)));
  assert.equal(found.messages.length, 3);
  assert.equal(found.framer.isPending, false);
});

test('CALL-02 two line breaks between messages are one ping, one alone is none (RFC 5626 §4.4.1)', () => {
  const found = open();
  found.framer.push(Buffer.from('\r\n'));
  assert.equal(found.pings, 0);
  found.framer.push(Buffer.from('\r'));
  found.framer.push(Buffer.from('\n'));
  assert.equal(found.pings, 1);
  found.framer.push(Buffer.from(`\r\n${options}\r\n`));
  assert.equal(found.pings, 1);
  assert.deepEqual(found.messages, [options]);
});

const brokenStreams = [
  ['no Content-Length', `${head}\r\n\r\n`, 'SIP_MISSING_HEADER', true],
  [
    'a Content-Length that is no number',
    `${head}\r\nl: -1\r\n\r\n`,
    'SIP_BAD_CONTENT_LENGTH',
    true,
  ],
  ['two that differ', `${head}\r\nl: 1\r\nl: 2\r\n\r\n`, 'SIP_BAD_CONTENT_LENGTH', true],
  ['a body that is too long', `${head}\r\nl: 99999\r\n\r\n`, 'SIP_TOO_LARGE', true],
  ['headers without end', `${head}\r\nSubject: ${'x'.repeat(70_000)}`, 'SIP_TOO_LARGE', true],
  ['a start line without end', 'x'.repeat(9000), 'SIP_HEADER_TOO_LONG', false],
  ['another protocol', 'GET / HTTP/1.1\r\n', 'SIP_BAD_START_LINE', false],
] as const;

for (const [name, stream, code, canAnswer] of brokenStreams) {
  test(`CALL-10 a stream with ${name} is broken, once, and a 400 ${canAnswer ? 'can' : 'cannot'} be sent`, () => {
    const found = open();
    found.framer.push(Buffer.from(stream));
    found.framer.push(Buffer.from(options));
    assert.deepEqual(
      found.errors.map((error) => [error.code, error.request !== undefined]),
      [[code, canAnswer]],
    );
    assert.deepEqual(found.messages, []);
  });
}

test('CALL-10 a framer that was stopped while it gave a message gives no more', () => {
  const messages: string[] = [];
  const framer: StreamFramer = new StreamFramer({
    onMessage: (bytes) => {
      messages.push(bytes.toString());
      framer.stop();
    },
    onPing: () => undefined,
    onBroken: () => undefined,
  });
  framer.push(Buffer.from(options + options));
  framer.push(Buffer.from(options));
  assert.equal(messages.length, 1);
});
