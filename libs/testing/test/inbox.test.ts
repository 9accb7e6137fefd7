import assert from 'node:assert/strict';
import test from 'node:test';
import { FakeClock } from '../src/fake-clock.ts';
import { Inbox } from '../src/inbox.ts';

const timeoutMs = 100;

test('CALL-02 an item goes to the first who waits for such a one, else it is kept', async () => {
  const clock = new FakeClock();
  const inbox = new Inbox<number>(clock);
  const even = inbox.take({ what: 'even', matches: (item) => item % 2 === 0, timeoutMs });
  const any = inbox.take({ what: 'any', timeoutMs });
  inbox.push(1);
  inbox.push(2);
  inbox.push(3);
  assert.deepEqual(await Promise.all([even, any]), [2, 1]);
  assert.deepEqual(inbox.waiting, [3]);
  assert.equal(await inbox.take({ what: 'any', timeoutMs }), 3);
  assert.equal(clock.pending, 0);
});

test('CALL-02 a wait in vain names what it waited for and what has happened', async () => {
  const clock = new FakeClock();
  const inbox = new Inbox<number>(clock, () => 'nothing');
  await assert.rejects(
    clock.until(inbox.take({ what: '180', timeoutMs })),
    /waited 100 ms in vain for 180\nnothing/,
  );
});

test('CALL-02 a failure ends every wait, now and later, but gives out what is there', async () => {
  const clock = new FakeClock();
  const inbox = new Inbox<number>(clock);
  inbox.push(1);
  const two = inbox.take({ what: 'two', matches: (item) => item === 2, timeoutMs });
  inbox.fail(new Error('over'));
  await assert.rejects(two, /over/);
  assert.equal(await inbox.take({ what: 'any', timeoutMs }), 1);
  await assert.rejects(inbox.take({ what: 'any', timeoutMs }), /over/);
});
