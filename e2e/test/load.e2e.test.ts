import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callAsPhone } from '../src/calling.ts';
import { configuration, demo } from '../src/configuration.ts';
import { onEachWay } from '../src/each-way.ts';
import { freePorts } from '../src/free-ports.ts';
import { Carrier } from '../src/sipp.ts';
import { until } from '../src/until.ts';
import { formatMoney, multiplyRatio, parseMoney } from '@tandem/domain';

const RATE = 100;
const calls = RATE * 15;
let carrier: Carrier | undefined;

onEachWay(
  'many calls',
  {
    layout: 'pod',
    usual: 'real',
    setUp: async (running) => {
      const [first = 0, second = 0] = await freePorts(2);
      carrier = await Carrier.start({ scenario: 'carrier-answers', port: first });
      await running.configure(configuration(first, second));
    },
    tearDown: async () => carrier?.stop(),
  },
  (theSwitch) => {
    test(`BILL-03 ${String(calls)} calls at ${String(RATE)} a second are answered, charged once each, and leave nothing behind`, async () => {
      const running = theSwitch();
      const result = await callAsPhone(running, '442079460000', {
        calls,
        rate: RATE,
        pauseMs: 1000,
        trace: false,
        timeoutMs: 90_000,
      });
      assert.deepEqual(
        { successful: result.successful, failed: result.failed },
        { successful: calls, failed: 0 },
        result.output,
      );
      const cdrs = await running.api.cdrCount(calls, 60_000);
      assert.equal(cdrs.length, calls);
      assert.equal(new Set(cdrs.map(({ callId }) => callId)).size, calls);
      for (const cdr of cdrs) {
        assert.equal(cdr.price, demo.price);
        assert.equal(cdr.billedSeconds, 60);
        assert.equal(cdr.reason, 'NormalClearing');
      }
      const spent = multiplyRatio(parseMoney(demo.price), BigInt(calls), 1n);
      assert.equal(
        await running.api.balance(demo.account),
        formatMoney(parseMoney(demo.openingBalance) - spent),
      );
      await until('no line is held', async () => (await running.api.linesHeld()) === 0);
      await until('the outbox is empty', async () => (await running.api.status()).outbox === 0);
      assert.equal(await running.api.callsInProgress(), 0);
    });
  },
);
