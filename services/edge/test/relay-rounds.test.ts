import assert from 'node:assert/strict';
import test from 'node:test';
import type { Relay } from '@tandem/rtpengine';
import { silentLogger } from '@tandem/service';
import { FakeClock } from '@tandem/testing';
import { LeftMedia } from '../src/left-media.ts';
import type { Pod } from '../src/ports.ts';
import { RelayRounds } from '../src/relay-rounds.ts';
import { SilenceWatch } from '../src/silence-watch.ts';

const relay = { id: 1, name: '192.0.2.9:2223', host: '192.0.2.9', port: 2223, weight: 1, isDown: false, hasFailed: false }; // prettier-ignore
/** Looked at by nobody here: what it has of a call is asked for alone. */
const other = { ...relay, id: 2, name: '192.0.2.8:2223', host: '192.0.2.8' };
const WATCHED = 'AAAAAAAAAAAAAAAA-1-30';
const PLAIN = 'BBBBBBBBBBBBBBBB-2';
const pod = (slot: number): Pod => ({ name: `edge-${String(slot)}`, slot, epoch: 1, role: 'both', address: '', isDraining: false }); // prettier-ignore

/** Rounds of the pod in this slot over one relay. */
function watching(pods: readonly Pod[] = [pod(1)], slot = 1) {
  const clock = new FakeClock();
  const logger = silentLogger();
  const calls = new Map<string, { packets: number; isHeld: boolean }>();
  const callsOfOther = new Map<string, { packets: number; isHeld: boolean }>();
  const silent: string[] = [];
  const hasEnded = new Set<string>();
  const asked = { activity: 0, ended: [] as string[] };
  const media = {
    relays: [relay, other],
    names: ({ id }: Relay) => Promise.resolve(id === relay.id ? [...calls.keys()] : []),
    activity: ({ id }: Relay, name: string) => {
      asked.activity += 1;
      return Promise.resolve((id === relay.id ? calls : callsOfOther).get(name));
    },
    drop: (_: unknown, name: string) => {
      calls.delete(name);
      return Promise.resolve();
    },
  };
  const silence = new SilenceWatch({
    ...{ media, clock, logger },
    end: (callId, seconds) => {
      silent.push(`${callId} ${String(seconds)}`);
      calls.clear();
      return Promise.resolve();
    },
  });
  const store = {
    ended: (callIds: readonly string[]) => {
      asked.ended.push(...callIds);
      return Promise.resolve(callIds.filter((callId) => hasEnded.has(callId)));
    },
  };
  const left = new LeftMedia({ media, store, clock, logger });
  const rounds = new RelayRounds({
    ...{ media, clock, logger },
    looks: [silence, left],
    pods: () => pods,
    own: () => slot,
  });
  rounds.start();
  return { clock, calls, callsOfOther, silent, hasEnded, asked, rounds };
}

test('CALL-05 a call whose packets stop is ended after its silence, and not before', async () => {
  const { clock, calls, silent, rounds } = watching();
  calls.set(WATCHED, { packets: 10, isHeld: false });
  await clock.advanceSettled(20_000);
  calls.set(WATCHED, { packets: 20, isHeld: false });
  await clock.advanceSettled(30_000);
  assert.deepEqual(silent, []);
  await clock.advanceSettled(4000);
  assert.deepEqual(silent, ['AAAAAAAAAAAAAAAA 30']);
  await rounds.stop();
  assert.equal(clock.pending, 0);
});

test('CALL-05 CALL-08 what a relay has left of a call that went to another is no silence while packets move there', async () => {
  const { clock, calls, callsOfOther, silent, rounds } = watching();
  calls.set(WATCHED, { packets: 10, isHeld: false });
  for (let packets = 1; packets <= 100; packets++) {
    callsOfOther.set(WATCHED, { packets, isHeld: false });
    await clock.advanceSettled(1000);
  }
  assert.deepEqual(silent, []);
  callsOfOther.set(WATCHED, { packets: 100, isHeld: true });
  await clock.advanceSettled(100_000);
  assert.deepEqual(silent, []);
  callsOfOther.set(WATCHED, { packets: 100, isHeld: false });
  await clock.advanceSettled(70_000);
  assert.deepEqual(silent, ['AAAAAAAAAAAAAAAA 30']);
  await rounds.stop();
});

test('CALL-05 a call on hold may be silent, and calls that are not watched are not asked for', async () => {
  const { clock, calls, silent, asked, rounds } = watching();
  calls.set(PLAIN, { packets: 1, isHeld: false });
  await clock.advanceSettled(60_000);
  assert.equal(asked.activity, 0);
  calls.set(WATCHED, { packets: 10, isHeld: true });
  await clock.advanceSettled(120_000);
  assert.deepEqual(silent, []);
  calls.set(WATCHED, { packets: 10, isHeld: false });
  await clock.advanceSettled(40_000);
  assert.equal(silent.length, 1);
  await rounds.stop();
});

test('CALL-05 one pod of several asks a relay, and another one once that drains', async () => {
  const pods = [1, 2, 3].map(pod);
  const asking = async (all: readonly Pod[]): Promise<number[]> => {
    const slots: number[] = [];
    for (const { slot } of all) {
      const { clock, calls, asked, rounds } = watching(all, slot);
      calls.set(WATCHED, { packets: 10, isHeld: false });
      await clock.advanceSettled(5000);
      if (asked.activity > 0) slots.push(slot);
      await rounds.stop();
    }
    return slots;
  };
  const [first, ...others] = await asking(pods);
  assert.deepEqual(others, []);
  const draining = pods.map((each) => ({ ...each, isDraining: each.slot === first }));
  const [second, ...rest] = await asking(draining);
  assert.ok(second !== undefined && second !== first);
  assert.deepEqual(rest, []);
});

test('CALL-08 what a relay still has of a call that has ended is deleted within half a minute', async () => {
  const { clock, calls, hasEnded, rounds } = watching();
  calls.set(PLAIN, { packets: 1, isHeld: false });
  await clock.advanceSettled(90_000);
  assert.ok(calls.has(PLAIN));
  hasEnded.add('BBBBBBBBBBBBBBBB');
  await clock.advanceSettled(26_000);
  assert.ok(!calls.has(PLAIN));
  await rounds.stop();
});

test('CALL-08 a call that ends in time by itself is not asked about, and one that is not of ours is left alone', async () => {
  const { clock, calls, asked, rounds } = watching();
  calls.set(PLAIN, { packets: 1, isHeld: false });
  calls.set('somebody-else@192.0.2.1', { packets: 1, isHeld: false });
  await clock.advanceSettled(5000);
  calls.delete(PLAIN);
  await clock.advanceSettled(60_000);
  assert.deepEqual(asked.ended, []);
  assert.equal(calls.size, 1);
  // The store has never heard of it, or has lost it.
  calls.set(PLAIN, { packets: 1, isHeld: false });
  await clock.advanceSettled(90_000);
  assert.ok(asked.ended.length > 2);
  assert.equal(calls.size, 2);
  await rounds.stop();
});
