import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StreamFramer } from '../../src/load/stream-framer.ts';

const one = Buffer.from('SIP/2.0 200 OK\r\nContent-Length: 4\r\n\r\nbody');
const other = Buffer.from('BYE sip:a@b SIP/2.0\r\nl: 0\r\n\r\n');

test('RFC 3261 §18.3: messages come whole out of a stream that is cut at any byte', () => {
  const stream = Buffer.concat([one, Buffer.from('\r\n\r\n'), other, one]);
  for (let cut = 0; cut <= stream.length; cut++) {
    const framer = new StreamFramer();
    const messages = [
      ...framer.push(stream.subarray(0, cut)),
      ...framer.push(stream.subarray(cut)),
    ];
    assert.deepEqual(messages.map(String), [one, other, one].map(String), `cut at ${String(cut)}`);
  }
});

test('RFC 3261 §18.3: a stream without Content-Length cannot be followed', () => {
  const framer = new StreamFramer();
  assert.throws(() => framer.push(Buffer.from('SIP/2.0 200 OK\r\nVia: x\r\n\r\n')));
});
