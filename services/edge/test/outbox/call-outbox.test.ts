import assert from 'node:assert/strict';
import test from 'node:test';
import type { CallEventMessage } from '@tandem/events';
import { memoryLimits } from '@tandem/limits';
import { silentLogger } from '@tandem/service';
import { FakeClock } from '@tandem/testing';
import { memoryCallStore } from '../../src/adapters/memory-call-store.ts';
import { CallOutbox } from '../../src/outbox/call-outbox.ts';
import { brittleStore } from '../support/brittle-store.ts';
import { answerOf, newCallId } from '../support/call-store-contract.ts';

const lone = (eventId: string): CallEventMessage => ({
  eventId,
  callId: '',
  bytes: Buffer.alloc(0),
});

function open() {
  const clock = new FakeClock();
  const { lines } = memoryLimits({ now: () => clock.now() });
  const store = memoryCallStore(clock, lines);
  const brittle = brittleStore(store);
  const log = {
    isUp: true,
    attempts: 0,
    refused: '',
    published: [] as string[],
    bytes: [] as Buffer[],
  };
  const publisher = {
    publish: (events: readonly CallEventMessage[]) => {
      log.attempts += 1;
      const isRefused = events.some(({ eventId }) => eventId === log.refused);
      if (isRefused) return Promise.reject(new Error('too large'));
      if (!log.isUp) return Promise.reject(new Error('the log is away'));
      log.published.push(...events.map(({ eventId }) => eventId));
      log.bytes.push(...events.map(({ bytes }) => Buffer.from(bytes)));
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
  const logger = silentLogger();
  const outbox = new CallOutbox({ store: brittle.store, publisher, clock, logger });
  const answered = async (): Promise<CallEventMessage> => {
    const result = await store.answer(answerOf(newCallId()));
    if (result.kind !== 'first') throw new Error('not the first');
    return result.event;
  };
  return { clock, store, brittle, log, outbox, answered };
}

test('BILL-04 a published event leaves the outbox soon after, many of them in one step', async () => {
  const { clock, store, brittle, log, outbox, answered } = open();
  for (let each = 0; each < 10; each++) outbox.publish(await answered());
  await clock.advanceSettled(10);
  assert.equal(log.published.length, 10);
  assert.equal((await store.outbox()).length, 10);
  await clock.advanceSettled(100);
  assert.equal((await store.outbox()).length, 0);
  assert.equal(brittle.count('settle'), 1);
  await outbox.close();
});

test('BILL-04 two hundred events are settled at once, without waiting', async () => {
  const { clock, store, brittle, outbox, answered } = open();
  for (let each = 0; each < 200; each++) outbox.publish(await answered());
  await clock.advanceSettled(0);
  assert.equal((await store.outbox()).length, 0);
  assert.equal(brittle.count('settle'), 1);
  await outbox.close();
});

test('BILL-04 while the log is away events wait; a sweep publishes them when it is back', async () => {
  const { clock, store, log, outbox, answered } = open();
  outbox.start();
  log.isUp = false;
  const event = await answered();
  outbox.publish(event);
  await clock.advanceSettled(30_000);
  assert.equal((await store.outbox()).length, 1);
  log.isUp = true;
  await clock.advanceSettled(20_000);
  assert.deepEqual(log.published, [event.eventId]);
  assert.equal((await store.outbox()).length, 0);
  await outbox.close();
});

const fields = Buffer.from('fields');

test('BILL-04 CALL-08 an event goes with what is still to be known of it, or without it, and waits for no longer', async () => {
  const { clock, brittle, log, outbox, answered } = open();
  const counted = Promise.withResolvers<Buffer | undefined>();
  const event = await answered();
  outbox.publishWith(event, counted.promise);
  outbox.publishWith(await answered(), Promise.resolve(undefined));
  await clock.advanceSettled(0);
  assert.equal(log.published.length, 1);
  counted.resolve(fields);
  await clock.advanceSettled(100);
  assert.equal(log.published[1], event.eventId);
  assert.deepEqual(log.bytes.at(-1), Buffer.concat([event.bytes, fields]));
  assert.equal(brittle.count('amend'), 0);
  await outbox.close();
});

test('BILL-04 CALL-08 what the log does not take with it the store gets, for the sweep', async () => {
  const { clock, brittle, log, outbox, answered } = open();
  outbox.start();
  log.isUp = false;
  outbox.publishWith(await answered(), Promise.resolve(fields));
  await clock.advanceSettled(100);
  assert.equal(brittle.count('amend'), 1);
  // The log is known to be away: it is not tried.
  const { attempts } = log;
  const second = await answered();
  outbox.publishWith(second, Promise.resolve(fields));
  await clock.advanceSettled(0);
  assert.deepEqual([log.attempts, brittle.count('amend')], [attempts, 2]);
  brittle.break('amend');
  outbox.amend(second.eventId, Promise.resolve(fields));
  await clock.advanceSettled(100);
  await outbox.close();
});

test('BILL-04 an event that the store could not take is tried again each second until the log has it', async () => {
  const { clock, log, outbox } = open();
  log.isUp = false;
  outbox.publishUnstored(lone('lone'));
  await clock.advanceSettled(5000);
  log.isUp = true;
  await clock.advanceSettled(1000);
  assert.deepEqual(log.published, ['lone']);
  await clock.advanceSettled(60_000);
  assert.deepEqual(log.published, ['lone']);
  await outbox.close();
});

test('BILL-04 a store that is away keeps neither sweeping nor settling from going on later', async () => {
  const { clock, store, brittle, log, outbox, answered } = open();
  outbox.start();
  const event = await answered();
  brittle.break('claimDue', 'settle');
  outbox.publish(event);
  await clock.advanceSettled(10_000);
  brittle.break();
  await clock.advanceSettled(20_000);
  assert.equal((await store.outbox()).length, 0);
  // Published twice: readers drop the second by its event id.
  assert.deepEqual(log.published, [event.eventId, event.eventId]);
  await outbox.close();
});

test('BILL-04 closing waits for what is under way and settles it', async () => {
  const { clock, store, outbox, answered } = open();
  outbox.start();
  outbox.publish(await answered());
  await outbox.close();
  assert.equal((await store.outbox()).length, 0);
  assert.equal(clock.pending, 0);
});

test('BILL-04 while the log is away one event a second is tried, nothing is kept, and all leave soon after it is back', async () => {
  const { clock, store, log, outbox, answered } = open();
  outbox.start();
  log.isUp = false;
  for (let second = 0; second < 300; second++) {
    for (let each = 0; each < 50; each++) outbox.publish(await answered());
    await clock.advanceSettled(1000);
  }
  assert.equal(outbox.isAway, true);
  assert.ok(log.attempts <= 350, String(log.attempts));
  assert.equal((await store.outbox()).length, 15_000);
  log.isUp = true;
  await clock.advanceSettled(12_000);
  assert.equal(outbox.isAway, false);
  assert.equal(new Set(log.published).size, 15_000);
  assert.equal((await store.outbox()).length, 0);
  await outbox.close();
});

test('BILL-04 a log that is back is noticed with the next call, before anything is due for a sweep', async () => {
  const { clock, log, outbox, answered } = open();
  log.isUp = false;
  outbox.publish(await answered());
  await clock.advanceSettled(2000);
  log.isUp = true;
  const event = await answered();
  outbox.publish(event);
  await clock.advanceSettled(0);
  assert.deepEqual(log.published, [event.eventId]);
  await outbox.close();
});

test('BILL-04 an event that the log refuses for good does not hold up the others', async () => {
  const { clock, store, log, outbox, answered } = open();
  const events = [];
  for (let each = 0; each < 1200; each++) events.push(await answered());
  log.refused = events[600]?.eventId ?? '';
  outbox.start();
  await clock.advanceSettled(240_000);
  assert.equal(new Set(log.published).size, 1199);
  assert.equal((await store.outbox()).length, 1);
  await outbox.close();
});

test('BILL-04 events that stand in no store are kept until the log is back, in one request then', async () => {
  const { clock, log, outbox } = open();
  log.isUp = false;
  for (let each = 0; each < 400; each++) {
    outbox.publishUnstored(lone(`lone-${String(each)}`));
  }
  await clock.advanceSettled(60_000);
  const { attempts } = log;
  assert.ok(attempts <= 62, String(attempts));
  log.isUp = true;
  await clock.advanceSettled(2000);
  assert.equal(new Set(log.published).size, 400);
  assert.ok(log.attempts <= attempts + 2);
  await outbox.close();
});

test('BILL-04 memory for events without a store has an end: what comes on top is lost, and logged', async () => {
  const { clock, log, outbox } = open();
  log.isUp = false;
  for (let each = 0; each < 20_100; each++) {
    outbox.publishUnstored(lone(`lone-${String(each)}`));
  }
  log.isUp = true;
  await clock.advanceSettled(2000);
  assert.equal(log.published.length, 20_000);
  await outbox.close();
});

test('edge.md §5: a pod that is shut down tries the log once more with what stands in no store', async () => {
  const { clock, log, outbox } = open();
  log.isUp = false;
  outbox.publishUnstored(lone('lone'));
  await clock.advanceSettled(100);
  log.isUp = true;
  await clock.advanceSettled(950);
  await outbox.close();
  assert.deepEqual(log.published, ['lone']);
});
