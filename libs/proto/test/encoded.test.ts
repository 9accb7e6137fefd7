import assert from 'node:assert/strict';
import test from 'node:test';
import { encoded } from '@tandem/proto/encoded';
import { CallEvent } from '@tandem/proto/events';

const eventOf = (callId: string): CallEvent =>
  CallEvent.fromPartial({ callId, a: { codecs: ['PCMA/8000'] } });

test('edge.md §8: what a writer that is used again has written is not changed by the next message', () => {
  const first = encoded(CallEvent, eventOf('first'));
  const second = encoded(CallEvent, eventOf('the second'));
  assert.deepEqual(CallEvent.decode(first), eventOf('first'));
  assert.deepEqual(second, Buffer.from(CallEvent.encode(eventOf('the second')).finish()));
});

test('edge.md §8: a message that cannot be written leaves nothing behind for the next one', () => {
  const broken = { ...eventOf('broken'), startedMs: Number.NaN };
  assert.throws(() => encoded(CallEvent, broken));
  assert.deepEqual(CallEvent.decode(encoded(CallEvent, eventOf('whole'))), eventOf('whole'));
});
