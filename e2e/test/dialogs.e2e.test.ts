import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callAsPhone, callAsTrunk, sipCallId } from '../src/calling.ts';
import { configuration, demo } from '../src/configuration.ts';
import { onEachWay } from '../src/each-way.ts';
import { freePort } from '../src/free-ports.ts';
import type { RunningSwitch } from '../src/running-switch.ts';
import { header } from '../src/sip-trace.ts';
import { Carrier, type SippResult } from '../src/sipp.ts';
import { until } from '../src/until.ts';

const CALLEE = '442079460000';
let ports: { first: number; second: number };

onEachWay(
  'a call',
  {
    setUp: async (running) => {
      ports = { first: await freePort(), second: await freePort() };
      await running.configure(configuration(ports.first, ports.second));
    },
  },
  (theSwitch) => {
    test('AUTH-04 a phone with digest is answered and charged for one minute', async () => {
      const { cdr, result } = await against('carrier-answers', () =>
        callAsPhone(theSwitch(), CALLEE, { pauseMs: 1000 }),
      );
      assert.equal(result.successful, 1, result.output);
      assert.deepEqual(
        { price: cdr.price, billedSeconds: cdr.billedSeconds, currency: cdr.currency },
        { price: demo.price, billedSeconds: 60, currency: 'USD' },
      );
      assert.equal(cdr.origin?.name, demo.phone);
      assert.deepEqual([cdr.code, cdr.endedBy], [200, 'caller']);
    });

    test('BILL-02 a call that is hung up at once is charged as one second', async () => {
      const { cdr } = await against('carrier-answers', () => callAsTrunk(theSwitch(), CALLEE));
      assert.equal(cdr.price, demo.price);
      assert.equal(cdr.origin?.name, demo.trunk);
    });

    test('CALL-01 nothing of one side is seen on the other', async () => {
      const { result, received } = await against('carrier-answers', () =>
        callAsTrunk(theSwitch(), CALLEE),
      );
      const aside = sipCallId(result);
      const callerPort = /;branch=\S*/.exec(result.messages[0]?.text ?? '')?.[0] ?? 'none';
      for (const { text } of received) {
        assert.ok(!text.includes(aside), text);
        assert.ok(!text.includes(callerPort), text);
      }
      for (const { text } of result.messages) assert.ok(!text.includes('sip:carrier@'), text);
    });

    test('CALL-02 the callee hangs up', async () => {
      const { cdr, result } = await against(
        'carrier-hangs-up',
        () => callAsTrunk(theSwitch(), CALLEE, { scenario: 'caller-waits-for-bye' }),
        1000,
      );
      assert.equal(result.successful, 1, result.output);
      assert.deepEqual(
        { reason: cdr.reason, by: cdr.endedBy, price: cdr.price },
        { reason: 'NormalClearing', by: 'callee', price: demo.price },
      );
    });

    test('CALL-04 the caller holds the call and takes it back', async () => {
      const { result, errors } = await against('carrier-takes-hold', () =>
        callAsTrunk(theSwitch(), CALLEE, { scenario: 'caller-holds', pauseMs: 200 }),
      );
      assert.equal(result.successful, 1, result.output + errors);
    });

    test('CALL-04 the callee holds the call', async () => {
      const { result, errors } = await against(
        'carrier-holds',
        () => callAsTrunk(theSwitch(), CALLEE, { scenario: 'caller-takes-hold', pauseMs: 500 }),
        200,
      );
      assert.equal(result.successful, 1, result.output + errors);
    });

    test('CALL-04 OPTIONS in the dialog is answered by the other side', async () => {
      const { result, received } = await against('carrier-answers-options', () =>
        callAsTrunk(theSwitch(), CALLEE, { scenario: 'caller-asks-options' }),
      );
      assert.equal(result.successful, 1, result.output);
      assert.ok(received.some(({ method }) => method === 'OPTIONS'));
      const answer = result.messages.find(
        (m) => m.status === 200 && header(m, 'CSeq')?.endsWith('OPTIONS'),
      );
      assert.match(answer?.text ?? '', /Accept: application\/sdp/i);
    });

    test('CALL-02 OPTIONS out of a dialog is answered by the switch', async () => {
      const result = await callAsTrunk(theSwitch(), CALLEE, { scenario: 'caller-pings' });
      assert.equal(result.successful, 1, result.output);
    });

    /** Runs a call while a carrier of this kind is up, and waits until nothing is left of it. */
    async function against(scenario: string, call: () => Promise<SippResult>, pauseMs = 0) {
      const running = theSwitch();
      const carrier = await Carrier.start({ scenario, port: ports.first, pauseMs, trace: true });
      try {
        const result = await call();
        const cdr = await running.api.cdrOf(sipCallId(result));
        await nothingLeft(running);
        const messages = await carrier.messages();
        const received = messages.filter(({ direction }) => direction === 'received');
        return { result, cdr, received, errors: await carrier.errors() };
      } finally {
        await carrier.stop();
      }
    }
  },
);

async function nothingLeft(running: RunningSwitch): Promise<void> {
  await until('no call is in progress', async () => (await running.api.callsInProgress()) === 0);
  await until('no line is held', async () => (await running.api.linesHeld()) === 0);
}
