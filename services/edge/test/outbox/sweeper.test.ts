import assert from 'node:assert/strict';
import test from 'node:test';
import type { CallEventMessage } from '@tandem/events';
import { memoryLimits } from '@tandem/limits';
import { silentLogger } from '@tandem/service';
import { FakeClock } from '@tandem/testing';
import { memoryCallStore } from '../../src/adapters/memory-call-store.ts';
import { MemoryPods } from '../../src/adapters/memory-pod-registry.ts';
import { CallOutbox } from '../../src/outbox/call-outbox.ts';
import { Sweeper } from '../../src/outbox/sweeper.ts';
import type { DueCall, Orphan, SessionTerms } from '../../src/ports.ts';
import { callsAdopted, callsSwept, leasesFreed } from '../../src/telemetry.ts';
import { brittleStore } from '../support/brittle-store.ts';
import {
  ACCOUNT,
  answerOf,
  endOf,
  endless,
  newCallId,
  takeLines,
  writeAheadOf,
} from '../support/call-store-contract.ts';

interface SweepingPod {
  readonly owner: string;
  readonly sweeper: Sweeper;
  readonly adopted: Orphan[];
  readonly due: DueCall[];
}

/** Some pods in simulated time, with a sweeper each and one store. */
async function open(count: number) {
  const clock = new FakeClock();
  const { lines } = memoryLimits({ now: () => clock.now() });
  const pods = new MemoryPods(clock, 77);
  const store = memoryCallStore(clock, lines, pods);
  const brittle = brittleStore(store);
  const logger = silentLogger();
  const published: CallEventMessage[] = [];
  const publisher = {
    publish: (events: readonly CallEventMessage[]) => {
      published.push(...events);
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
  const outbox = new CallOutbox({ store, publisher, clock, logger });
  const sweepers: SweepingPod[] = [];
  for (let at = 0; at < count; at++) {
    const address = `10.0.0.${String(at)}:5060`;
    const place = await pods.registry().join({ name: `edge-${String(at)}`, role: 'both', address });
    const owner = `${String(place.slot)}.${String(place.epoch)}`;
    const adopted: Orphan[] = [];
    const due: DueCall[] = [];
    const sweeper = new Sweeper({
      store: brittle.store,
      outbox,
      clock,
      logger,
      owner: () => owner,
      adopt: (orphan) => {
        adopted.push(orphan);
        if (orphan.record.toString() === 'torn') throw new Error('not a record');
      },
      due: (call) => {
        if (call.why === 'watch') return Promise.resolve();
        due.push(call);
        return store.end(endOf(call.callId)).then(() => undefined);
      },
      random: () => 0.5,
    });
    sweeper.start();
    sweepers.push({ owner, sweeper, adopted, due });
  }
  const [first, ...others] = sweepers;
  if (first === undefined) throw new Error('no pod');
  const stop = async (): Promise<void> => {
    await Promise.all(sweepers.map(({ sweeper }) => sweeper.stop()));
    await outbox.close();
  };
  return { clock, store, brittle, lines, pods, published, first, others, sweepers, stop };
}

const session: SessionTerms = { kind: 'endpoints', intervalMs: 90_000, longestMs: 0 };

test('edge.md §5: ringing calls of a dead pod are taken over within 2 s, each by one pod', async () => {
  const { clock, store, pods, first, others, stop } = await open(3);
  const callIds = Array.from({ length: 120 }, () => newCallId());
  for (const callId of callIds) await store.writeAhead(writeAheadOf(callId, first.owner));
  await first.sweeper.stop();
  pods.lapse(first.owner);
  const adoptions = callsAdopted.total;
  await clock.advanceSettled(1500);
  assert.deepEqual(
    others.flatMap(({ adopted }) => adopted),
    [],
  );
  await clock.advanceSettled(500);
  const adopted = others.flatMap((pod) => pod.adopted);
  assert.equal(adopted.length, 120);
  assert.equal(new Set(adopted.map(({ callId }) => callId)).size, 120);
  assert.ok(adopted.every(({ record, isEnded }) => record.toString() === 'record' && !isEnded));
  assert.equal(callsAdopted.total, adoptions + 120);
  await stop();
});

test('edge.md §5: a record that cannot be read does not keep the others from being taken over', async () => {
  const { clock, store, pods, first, others, stop } = await open(2);
  const torn = { ...writeAheadOf(newCallId(), first.owner), record: Buffer.from('torn') };
  await store.writeAhead(torn);
  await store.writeAhead(writeAheadOf(newCallId(), first.owner));
  await first.sweeper.stop();
  pods.lapse(first.owner);
  await clock.advanceSettled(2500);
  assert.equal(others[0]?.adopted.length, 2);
  await stop();
});

test('edge.md §5: a pod that drains sweeps no more', async () => {
  const { clock, store, pods, first, others, stop } = await open(2);
  await store.writeAhead(writeAheadOf(newCallId(), first.owner));
  await store.answer(answerOf(newCallId(), session));
  for (const { sweeper } of [first, ...others]) await sweeper.stop();
  pods.lapse(first.owner);
  await clock.advanceSettled(120_000);
  assert.deepEqual(others[0]?.adopted, []);
  assert.deepEqual(others[0].due, []);
  assert.equal(clock.pending, 0);
  await stop();
});

test('CALL-05 expired calls are given to one pod each, and counted by what was due', async () => {
  const { clock, store, sweepers, stop } = await open(3);
  for (let each = 0; each < 500; each++) await store.answer(answerOf(newCallId(), session));
  const swept = callsSwept.total;
  await clock.advanceSettled(89_000);
  assert.equal(callsSwept.total, swept);
  await clock.advanceSettled(3000);
  const due = sweepers.flatMap((pod) => pod.due);
  assert.equal(due.length, 500);
  assert.equal(new Set(due.map(({ callId }) => callId)).size, 500);
  assert.ok(due.every(({ why }) => why === 'expired'));
  assert.equal(callsSwept.total, swept + 500);
  await stop();
});

test('BILL-09 calls that go on are told of every five minutes, once, and leave nothing in the outbox', async () => {
  const { clock, store, published, sweepers, stop } = await open(3);
  const callId = newCallId();
  await store.answer(answerOf(callId, endless));
  await store.settle([`${callId}.answered.1`]);
  await clock.advanceSettled(3_600_000 + 60_000);
  assert.deepEqual(
    published.map(({ eventId }) => eventId),
    Array.from({ length: 12 }, (_, at) => `${callId}.interim.${String(at + 1)}`),
  );
  assert.equal((await store.outbox()).length, 0);
  assert.ok(sweepers.every(({ due }) => due.length === 0));
  await stop();
});

test('ROUTE-05 a line whose call never began is free within 30 s', async () => {
  const { clock, lines, stop } = await open(2);
  await takeLines(lines, newCallId());
  const freed = leasesFreed.total;
  await clock.advanceSettled(9000);
  assert.deepEqual(await lines.count([ACCOUNT]), [1]);
  await clock.advanceSettled(20_000);
  assert.deepEqual(await lines.count([ACCOUNT]), [0]);
  assert.equal(leasesFreed.total, freed + 1);
  await stop();
});

test('edge.md §5: a store that is away keeps nothing from being swept afterwards', async () => {
  const { clock, store, brittle, pods, first, others, stop } = await open(2);
  await store.writeAhead(writeAheadOf(newCallId(), first.owner));
  await store.answer(answerOf(newCallId(), session));
  await first.sweeper.stop();
  pods.lapse(first.owner);
  brittle.break('adoptOrphans', 'takeDue', 'reconcile');
  await clock.advanceSettled(100_000);
  assert.deepEqual(others[0]?.adopted, []);
  brittle.break();
  await clock.advanceSettled(1000);
  assert.equal(others[0].adopted.length, 1);
  assert.equal(others[0].due.length, 1);
  await stop();
});
