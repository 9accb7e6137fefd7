import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { FakeClock, IncomingCall, OutgoingCall } from '@tandem/testing';
import { faultSteps } from '../../src/faults.ts';
import type { FaultStep } from '../../src/faults.ts';
import { MediaRelay } from '../support/media-relay.ts';
import { devicesOf } from '../support/phone-devices.ts';
import { PodsBench } from '../support/pods-bench.ts';
import type { PodsBenchOptions } from '../support/pods-bench.ts';

/** What goes wrong while a call is made: at a step, the pod that passes it dies, or sleeps for a while. */
interface Blow {
  readonly step: FaultStep;
  readonly skip: number;
  readonly sleepsMs: number;
}

const anyBlow: fc.Arbitrary<Blow> = fc.record({
  step: fc.constantFrom(...faultSteps),
  skip: fc.nat(2),
  sleepsMs: fc.constantFrom(0, 0, 0, 700, 4000),
});
const anyCourse = fc.record({
  seed: fc.nat(1_000_000),
  loss: fc.double({ min: 0, max: 0.05, noNaN: true }),
  blows: fc.array(anyBlow, { minLength: 1, maxLength: 3 }),
  /** How long the body step takes, ms; undefined: bodies pass as they come. */
  bodyMs: fc.constantFrom(undefined, undefined, 1, 300),
});
const runs = { numRuns: 25 };

/** A bench whose pods suffer the blows; a dead one is started again after a second. */
async function suffering(
  course: {
    readonly seed: number;
    readonly loss: number;
    readonly blows: readonly Blow[];
    readonly bodyMs: number | undefined;
  },
  options: PodsBenchOptions = { carriers: [{}, {}] },
): Promise<PodsBench> {
  const { bodyMs } = course;
  const bodyStep =
    bodyMs === undefined ? undefined : (clock: FakeClock) => new MediaRelay(clock, bodyMs);
  const bench = await PodsBench.start({ ...course, bodyStep, ...options });
  for (const { step, skip, sleepsMs } of course.blows) {
    bench.at(
      step,
      (pod) => {
        if (sleepsMs === 0) {
          bench.kill(pod);
          bench.clock.start(1000, () => void bench.boot());
        } else {
          bench.pause(pod);
          bench.clock.start(sleepsMs, () => {
            bench.resume(pod);
          });
        }
      },
      skip,
    );
  }
  return bench;
}

/** The outcome of a wait that may be in vain. */
async function orNothing<T>(bench: PodsBench, wait: Promise<T>): Promise<T | undefined> {
  return bench.until(wait.catch(() => undefined));
}

async function ringing(
  bench: PodsBench,
): Promise<{ readonly a: OutgoingCall; readonly b: IncomingCall } | undefined> {
  const a = bench.call();
  const b = await orNothing(bench, bench.carrierAt(0).receiveCall(32_000));
  if (b === undefined) return undefined;
  b.ring();
  await orNothing(bench, a.provisional(180, 8000));
  return { a, b };
}

async function assertNothingLeft(bench: PodsBench): Promise<void> {
  await bench.settle(150_000);
  const log = bench.carrierAt(0).transcript.toString();
  assert.equal(await bench.heldLines(), 0, log);
  assert.equal((await bench.store.outbox()).length, 0);
  assert.equal(bench.pendingCalls, 0, log);
  assert.equal(bench.told.filter((each) => each.startsWith('ended')).length <= 1, true);
  await bench.close();
}

test('BILL-03 edge.md §9: whatever pods die or sleep, a call that both ends took for answered has one answered and one ended event', async () => {
  await fc.assert(
    fc.asyncProperty(anyCourse, fc.boolean(), async (course, isCallerFirst) => {
      const bench = await suffering(course);
      const call = await ringing(bench);
      if (call !== undefined) {
        const { a, b } = call;
        b.answer();
        const final = await orNothing(bench, a.final(40_000));
        const acknowledged = await orNothing(bench, b.ack(40_000));
        if (final?.status === 200 && acknowledged !== undefined) {
          const [first, second] = isCallerFirst ? [a, b] : [b, a];
          const bye = first.bye();
          const received = await orNothing(bench, second.receive('BYE', 40_000));
          assert.ok(received !== undefined, bench.carrierAt(0).transcript.toString());
          received.respond(200);
          await orNothing(bench, bye);
          await bench.settle(60_000);
          const by = isCallerFirst ? 'caller' : 'callee';
          assert.deepEqual(bench.told.sort(), ['answered', `ended NormalClearing 200 ${by}`]);
        }
      }
      await assertNothingLeft(bench);
    }),
    runs,
  );
});

test('DENY-17 edge.md §9: whatever pods die or sleep, a cancelled call ends once and its carrier does not ring on', async () => {
  await fc.assert(
    fc.asyncProperty(anyCourse, fc.nat(2000), async (course, afterMs) => {
      const bench = await suffering(course);
      const call = await ringing(bench);
      if (call !== undefined && call.a.provisionals > 0) {
        await bench.settle(afterMs);
        const cancelled = orNothing(bench, call.a.cancel());
        const final = await orNothing(bench, call.a.final(60_000));
        assert.equal(final?.status, 487, bench.alice.transcript.toString());
        await cancelled;
        await orNothing(bench, call.b.cancelled(60_000));
        await bench.settle(60_000);
        assert.deepEqual(bench.told, ['ended CallerCancelled 487 caller']);
        assert.ok(bench.carrierAt(0).transcript.count('received', 'CANCEL') > 0);
      }
      await assertNothingLeft(bench);
    }),
    runs,
  );
});

test('ROUTE-06 edge.md §9: whatever pods die or sleep, a refused attempt leads to the next carrier, each rung once', async () => {
  await fc.assert(
    fc.asyncProperty(anyCourse, async (course) => {
      const bench = await suffering(course);
      const a = bench.call();
      const first = await orNothing(bench, bench.carrierAt(0).receiveCall(32_000));
      first?.refuse(503);
      const second = await orNothing(bench, bench.carrierAt(1).receiveCall(40_000));
      second?.refuse(486);
      const final = await orNothing(bench, a.final(60_000));
      await bench.settle(60_000);
      if (final !== undefined && second !== undefined) {
        assert.equal(final.status, 486, bench.alice.transcript.toString());
        assert.deepEqual(bench.told, ['ended Rejected 486 callee']);
      }
      assert.ok(bench.invitesAt(0) <= 1 && bench.invitesAt(1) <= 1);
      await assertNothingLeft(bench);
    }),
    runs,
  );
});

test('REG-03 edge.md §9: whatever pods die or sleep, of three devices that ring one has the call, and none is left ringing or talking to nobody', async () => {
  const anyAnswering = fc.uniqueArray(fc.nat(2), { minLength: 1, maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(anyCourse, anyAnswering, async (course, answering) => {
      const bench = await suffering(course, devicesOf());
      const a = bench.call();
      const calls = await Promise.all(
        [0, 1, 2].map((at) => orNothing(bench, bench.carrierAt(at).receiveCall(32_000))),
      );
      for (const device of calls) {
        device?.ring();
        device?.receive('BYE', 190_000).then(
          (bye) => bye.respond(200),
          () => undefined,
        );
      }
      for (const at of answering) calls[at]?.answer();
      const final = await orNothing(bench, a.final(60_000));
      await bench.settle(70_000);
      if (final?.status === 200) {
        assert.deepEqual(bench.told, ['answered']);
        const told = (at: number, method: string): boolean =>
          bench.carrierAt(at).transcript.count('received', method) > 0;
        const talking = answering.filter((at) => calls[at] !== undefined && !told(at, 'BYE'));
        // A CANCEL may have been quicker than the answer that it crossed.
        const kept = talking.filter((at) => told(at, 'ACK') && !told(at, 'CANCEL'));
        assert.equal(kept.length, 1, bench.alice.transcript.toString());
        for (const [at, device] of calls.entries()) {
          const isDone = device === undefined || kept.includes(at);
          assert.ok(isDone || told(at, 'CANCEL') || told(at, 'BYE'), `device ${String(at)} rings`);
        }
        await orNothing(bench, a.bye());
        await bench.settle(60_000);
        assert.deepEqual(bench.told.sort(), ['answered', 'ended NormalClearing 200 caller']);
      }
      await assertNothingLeft(bench);
    }),
    runs,
  );
});
