import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { StreamFramer } from '../../src/index.ts';

/** What a framer makes of a stream that comes in these segments. */
function framed(segments: readonly Buffer[]): string[] {
  const found: string[] = [];
  const framer = new StreamFramer(
    {
      onMessage: (bytes) => found.push(`message ${bytes.toString('latin1')}`),
      onPing: () => found.push('ping'),
      onBroken: (error) => found.push(`broken ${error.code} ${String(error.request?.method)}`),
    },
    { maxMessageBytes: 700, maxHeaderBytes: 200 },
  );
  for (const segment of segments) framer.push(segment);
  return found;
}

function split(stream: Buffer, places: readonly number[]): Buffer[] {
  const cuts = places.map((place) => place % (stream.length + 1)).toSorted((a, b) => a - b);
  const segments: Buffer[] = [];
  let start = 0;
  for (const end of [...cuts, stream.length]) {
    segments.push(Buffer.from(stream.subarray(start, end)));
    start = end;
  }
  return segments;
}

const body = fc.oneof(
  fc.constant(''),
  fc.constantFrom(
    'v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\n',
    '\r\n\r\n',
    'OPTIONS sip:x SIP/2.0\r\n\r\n',
  ),
  fc.string({ maxLength: 60, unit: 'binary-ascii' }),
  fc.string({ minLength: 600, maxLength: 700, unit: 'binary-ascii' }),
);
const lengthLine = fc.constantFrom(
  (length: number) => `Content-Length: ${String(length)}\r\n`,
  (length: number) => `l:${String(length)}\r\n`,
  (length: number) => `CONTENT-LENGTH \t:\r\n ${String(length)}\r\n`,
  (length: number) => `Content-Length: ${String(length)}\nSubject: a\r\n`,
);
const wrongLengthLine = fc.constantFrom(
  '',
  'Content-Length: x\r\n',
  'Content-Length:\r\n',
  'Content-Length: 1\r\nl: 2\r\n',
  'Content-Length: 99999999999999999999\r\n',
);
const head =
  'MESSAGE sip:b@b.example SIP/2.0\r\nVia: SIP/2.0/TCP a.example;branch=z9hG4bK1\r\nFrom: <sip:a@a.example>;tag=1\r\n' +
  'To: <sip:b@b.example>\r\nCall-ID: 1\r\nCSeq: 1 MESSAGE\r\n';
const message = fc
  .tuple(body, lengthLine)
  .map(([text, line]) => `${head}${line(text.length)}\r\n${text}`);
const broken = wrongLengthLine.map((line) => `${head}${line}\r\n`);
const piece = fc.oneof(
  { weight: 8, arbitrary: message },
  { weight: 4, arbitrary: fc.constantFrom('\r\n\r\n', '\r\n', '\0', '\n') },
  { weight: 1, arbitrary: broken },
  { weight: 1, arbitrary: fc.string({ unit: 'binary-ascii', maxLength: 300 }) },
);
const stream = fc
  .array(piece, { maxLength: 6 })
  .map((pieces) => Buffer.from(pieces.join(''), 'latin1'));

test('CALL-02 a stream gives the same messages, pings and errors however it is split into segments', () => {
  fc.assert(
    fc.property(stream, fc.array(fc.nat(), { maxLength: 30 }), (bytes, places) => {
      const whole = framed([bytes]);
      assert.deepEqual(framed(split(bytes, places)), whole);
    }),
    { numRuns: 2000 },
  );
});

test('CALL-02 a stream that comes byte by byte gives the same messages', () => {
  fc.assert(
    fc.property(stream, (bytes) => {
      const single = Array.from(bytes, (byte) => Buffer.of(byte));
      assert.deepEqual(framed(single), framed([bytes]));
    }),
  );
});

test('CALL-02 what was put into a stream as messages is what comes out of it', () => {
  const valid = message.filter((text) => text.length <= 700);
  fc.assert(
    fc.property(fc.array(valid), fc.array(fc.nat()), (messages, places) => {
      const bytes = Buffer.from(messages.join('\r\n'), 'latin1');
      assert.deepEqual(
        framed(split(bytes, places)),
        messages.map((text) => `message ${text}`),
      );
    }),
  );
});
