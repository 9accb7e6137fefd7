import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { EventStream } from '../../src/live/event-stream.ts';

test('OPS-02 who reads slowly is not told more than he reads, and then all', async () => {
  let caughtUp = 0;
  const stream = new EventStream(() => {
    caughtUp++;
    stream.event('calls', { rows: 'all' });
  });
  const large = { rows: 'x'.repeat(200_000) };
  assert.equal(stream.event('calls', large), true);
  assert.equal(stream.event('calls', large), true);
  for (let at = 0; at < 100; at++) assert.equal(stream.event('calls', large), false);
  stream.comment();
  assert.ok(stream.readableLength < 500_000);
  let text = '';
  stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  while (!text.includes('"all"')) await once(stream, 'data');
  assert.equal(caughtUp, 1);
  assert.equal(text.split('event: calls').length - 1, 3);
  stream.comment();
  stream.end({ reason: 'session-ended' });
  await once(stream, 'end');
  assert.match(text, /^retry: 2000\n\nevent: calls\n.*:\n\nevent: end\ndata: \{"reason":"session-ended"\}\n\n$/s); // prettier-ignore
  stream.end({});
  assert.equal(stream.event('calls', {}), false);
});
