import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SwitchError } from '@tandem/domain';
import type { LiveBalance } from '@tandem/limits';
import { CallEvent } from '@tandem/proto/events';
import { silentLogger } from '@tandem/service';
import { createEventHandler } from '../../src/api/event-handler.ts';
import { answeredEvent, endedEvent, notedEvent, received } from '../support/call-events.ts';
import { fakeBillingStore } from '../support/fake-billing-store.ts';

function setUp() {
  const fake = fakeBillingStore();
  const told: LiveBalance[] = [];
  const handler = createEventHandler({
    store: fake.store,
    logger: silentLogger(),
    onCharged: (balances) => {
      told.push(...balances);
      return Promise.resolve();
    },
  });
  return { ...fake, told, handler };
}

test('BILL-04 a batch is stored at once, and its balances are told after that', async () => {
  const { handler, cdrs, told, state } = setUp();
  await handler.handle([endedEvent('a'), endedEvent('b'), answeredEvent('c')].map(received));
  assert.deepEqual([...cdrs.keys()], ['a', 'b']);
  assert.equal(state.writes, 1);
  assert.deepEqual(told.map(({ balance }) => balance), [-12_300_000n, -24_600_000n]); // prettier-ignore
});

test('BILL-04 with the store away the batch is rejected, so that it comes again', async () => {
  const { handler, state, cdrs, told } = setUp();
  state.isAway = true;
  await assert.rejects(handler.handle([endedEvent('a')].map(received)), SwitchError);
  assert.deepEqual(told, []);
  state.isAway = false;
  await handler.handle([endedEvent('a')].map(received));
  assert.equal(cdrs.size, 1);
});

test('BILL-04 the one event that the store refuses is put aside, all others are stored', async () => {
  const { handler, state, cdrs, buried } = setUp();
  state.refuses.add('call-37');
  state.refuses.add('call-38');
  await handler.handle(Array.from({ length: 100 }, (_, index) => received(endedEvent(`call-${String(index)}`)))); // prettier-ignore
  assert.equal(cdrs.size, 98);
  assert.deepEqual([...buried.keys()].sort(), ['event call-37.ended.1', 'event call-38.ended.1']);
  assert.equal(buried.get('event call-37.ended.1')?.cause, 'refused call-37');
});

test('BILL-04 a batch of nothing usable is put aside without a write', async () => {
  const { handler, state, buried } = setUp();
  await handler.handle(
    [endedEvent('a', { startedMs: 0 }), endedEvent('b', { type: 'attempt' })].map(received),
  );
  assert.equal(state.writes, 0);
  assert.equal(buried.size, 1);
});

test('BILL-04 a message that is no event is put aside', async () => {
  const { handler, buried } = setUp();
  const message = { position: 'topic/0/1', value: Buffer.from('x'), cause: 'no event' };
  await handler.handleUndecodable?.(message);
  assert.deepEqual(buried.get('topic/0/1'), message);
});

test('OPS-09 a decision that was taken after the end stands in the CDR, once, whatever else the event says', async () => {
  const { handler, cdrs, state } = setUp();
  const [ended, noted] = [endedEvent('a'), notedEvent('a', 'refused')].map(received);
  assert.ok(ended && noted);
  await handler.handle([noted, ended]);
  await handler.handle([noted]);
  const event = CallEvent.decode(cdrs.get('a')?.event ?? Buffer.alloc(0));
  assert.deepEqual(
    event.decisions.map(({ check, facts }) => [check, facts.at(-1)?.value]).slice(-1),
    [['dialog-challenge', 'refused']],
  );
  assert.equal(event.decisions.length, endedEvent('a').decisions.length + 1);
  assert.equal(event.eventId, 'a.ended.1');
  assert.equal(state.writes, 1);
  await handler.handle([received(notedEvent('unknown', 'refused'))]);
  assert.equal(cdrs.size, 1);
});
