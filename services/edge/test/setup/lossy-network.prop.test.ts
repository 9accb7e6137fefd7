import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { IncomingCall, OutgoingCall } from '@tandem/testing';
import { EdgeBench } from '../support/edge-bench.ts';

/** A network between bad and hardly usable. */
const anyNetwork = fc.record({
  seed: fc.nat(1_000_000),
  loss: fc.double({ min: 0.1, max: 0.3, noNaN: true }),
  duplication: fc.double({ min: 0, max: 0.3, noNaN: true }),
  reordering: fc.double({ min: 0, max: 0.3, noNaN: true }),
});
const runs = { numRuns: 40 };

/** The outcome of a wait that may be in vain on such a network. */
async function orNothing<T>(bench: EdgeBench, wait: Promise<T>): Promise<T | undefined> {
  return bench.until(wait.catch(() => undefined));
}

async function answered(
  bench: EdgeBench,
): Promise<{ readonly a: OutgoingCall; readonly b: IncomingCall } | undefined> {
  const a = bench.call();
  const b = await orNothing(bench, bench.carrier.receiveCall(9000));
  if (b === undefined) return undefined;
  b.ring();
  b.answer();
  const final = await orNothing(bench, a.final(40_000));
  return final?.status === 200 ? { a, b } : undefined;
}

test('BILL-03 on a network that loses up to 30 %, every answered call has exactly one answered and one ended event', async () => {
  await fc.assert(
    fc.asyncProperty(anyNetwork, fc.boolean(), async (network, isCallerFirst) => {
      const bench = new EdgeBench({ carriers: [{}], ...network });
      const call = await answered(bench);
      if (call !== undefined) {
        await orNothing(bench, call.b.ack(40_000));
        const [first, second] = isCallerFirst ? [call.a, call.b] : [call.b, call.a];
        const bye = orNothing(bench, first.bye());
        (await orNothing(bench, second.receive('BYE', 40_000)))?.respond(200);
        await bye;
      }
      await bench.settle(120_000);
      const counts = (type: string): number =>
        bench.events.filter((event) => event.type === type).length;
      assert.ok(counts('answered') <= 1 && counts('ended') <= 1);
      if (call !== undefined) {
        assert.equal(
          bench.told.join(),
          `answered,ended NormalClearing 200 ${isCallerFirst ? 'caller' : 'callee'}`,
        );
      }
      assert.equal((await bench.store.outbox()).length, 0);
      assert.equal(bench.server.pendingCalls, 0);
      assert.equal(bench.asked.auth.length <= 1, true);
      await bench.close();
    }),
    runs,
  );
});

test('DENY-17 on a network that loses up to 30 %, a cancelled call has one event and no callee is left talking', async () => {
  await fc.assert(
    fc.asyncProperty(anyNetwork, fc.nat(3000), async (network, answerAfterMs) => {
      const bench = new EdgeBench({ carriers: [{}], ...network });
      const a = bench.call();
      const b = await orNothing(bench, bench.carrier.receiveCall(9000));
      b?.ring();
      const ringing = await orNothing(bench, a.provisional(180, 4000));
      const cancelled = a.cancel().catch(() => undefined);
      await bench.settle(answerAfterMs);
      b?.answer();
      await orNothing(bench, cancelled);
      const final = await orNothing(bench, a.final(60_000));
      await bench.settle(120_000);
      if (final?.status === 487) {
        assert.deepEqual(bench.told, ['ended CallerCancelled 487 caller']);
        if (b !== undefined && wasAnswered(bench)) {
          assert.ok(bench.carrier.transcript.count('received', 'BYE') > 0);
        }
      }
      assert.ok(bench.events.length <= 2 || ringing === undefined);
      assert.equal(bench.server.pendingCalls, 0);
      await bench.close();
    }),
    runs,
  );
});

/** Whether a 200 to the INVITE, not to a CANCEL, left the carrier and reached the edge. */
function wasAnswered(bench: EdgeBench): boolean {
  return bench.network.sent.some(
    ({ from, bytes, copies }) =>
      copies > 0 && from.address === bench.carrier.local.address && isInviteAnswer(bytes),
  );
}

function isInviteAnswer(bytes: Buffer): boolean {
  const text = bytes.toString('latin1');
  return text.startsWith('SIP/2.0 200') && /\r\nCSeq: \d+ INVITE\r\n/.test(text);
}

test('ROUTE-06 on a network that loses up to 30 %, a refusal of the first carrier leads to the second, each attempt once', async () => {
  await fc.assert(
    fc.asyncProperty(anyNetwork, async (network) => {
      const bench = new EdgeBench(network);
      const a = bench.call();
      (await orNothing(bench, bench.carrierAt(0).receiveCall(9000)))?.refuse(503);
      const second = await orNothing(bench, bench.carrierAt(1).receiveCall(30_000));
      second?.refuse(486);
      const final = await orNothing(bench, a.final(60_000));
      await bench.settle(120_000);
      const [event] = bench.events;
      assert.ok(bench.events.length <= 1);
      if (final !== undefined && event !== undefined) {
        assert.equal(event.termination?.code, final.status);
        const gateways = event.attempts.map(({ gateway }) => gateway);
        assert.equal(new Set(gateways).size, gateways.length);
      }
      assert.equal(bench.server.pendingCalls, 0);
      await bench.close();
    }),
    runs,
  );
});
