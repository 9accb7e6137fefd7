import assert from 'node:assert/strict';
import test from 'node:test';
import { silentLogger } from '@tandem/service';
import { FakeClock } from '@tandem/testing';
import { SilenceWatch } from '../src/silence-watch.ts';
import type { Pod } from '../src/ports.ts';

const relay = { id: 1, name: '192.0.2.9:2223', host: '192.0.2.9', port: 2223, weight: 1, isDown: false, hasFailed: false }; // prettier-ignore
const WATCHED = 'AAAAAAAAAAAAAAAA-1-30';
const pod = (slot: number): Pod => ({ name: `edge-${String(slot)}`, slot, epoch: 1, role: 'both', address: '', isDraining: false }); // prettier-ignore

/** A watch of the pod in this slot over one relay. */
function watching(pods: readonly Pod[] = [pod(1)], slot = 1) {
  const clock = new FakeClock();
  const calls = new Map<string, { packets: number; isHeld: boolean }>();
  const ended: string[] = [];
  let asked = 0;
  const watch = new SilenceWatch({
    media: {
      relays: [relay],
      watched: () => Promise.resolve([...calls.keys()]),
      activity: (_, id) => {
        asked += 1;
        return Promise.resolve(calls.get(id));
      },
    },
    clock,
    logger: silentLogger(),
    pods: () => pods,
    own: () => slot,
    end: (callId, seconds) => {
      ended.push(`${callId} ${String(seconds)}`);
      calls.clear();
      return Promise.resolve();
    },
  });
  watch.start();
  return { clock, calls, ended, watch, asked: () => asked };
}

test('CALL-05 a call whose packets stop is ended after its silence, and not before', async () => {
  const { clock, calls, ended, watch } = watching();
  calls.set(WATCHED, { packets: 10, isHeld: false });
  await clock.advanceSettled(20_000);
  calls.set(WATCHED, { packets: 20, isHeld: false });
  await clock.advanceSettled(30_000);
  assert.deepEqual(ended, []);
  await clock.advanceSettled(4000);
  assert.deepEqual(ended, ['AAAAAAAAAAAAAAAA 30']);
  await watch.stop();
  assert.equal(clock.pending, 0);
});

test('CALL-05 a call on hold may be silent, and calls that are not watched are not asked for', async () => {
  const { clock, calls, ended, asked, watch } = watching();
  calls.set('AAAAAAAAAAAAAAAA-1', { packets: 1, isHeld: false });
  await clock.advanceSettled(60_000);
  assert.equal(asked(), 0);
  calls.set(WATCHED, { packets: 10, isHeld: true });
  await clock.advanceSettled(120_000);
  assert.deepEqual(ended, []);
  calls.set(WATCHED, { packets: 10, isHeld: false });
  await clock.advanceSettled(40_000);
  assert.equal(ended.length, 1);
  await watch.stop();
});

test('CALL-05 one pod of several asks a relay, and another one once that drains', async () => {
  const pods = [1, 2, 3].map(pod);
  const asking = async (all: readonly Pod[]): Promise<number[]> => {
    const slots: number[] = [];
    for (const { slot } of all) {
      const { clock, calls, asked, watch } = watching(all, slot);
      calls.set(WATCHED, { packets: 10, isHeld: false });
      await clock.advanceSettled(5000);
      if (asked() > 0) slots.push(slot);
      await watch.stop();
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
