import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callAsTrunk, sipCallId } from '../src/calling.ts';
import { configuration, demo } from '../src/configuration.ts';
import { onEachWay } from '../src/each-way.ts';
import { freePort } from '../src/free-ports.ts';
import { Carrier } from '../src/sipp.ts';
import { until } from '../src/until.ts';

const CALLEE = '442079460000';
/** Of an account of its own: that of the examples may be open already, with more. */
const SCARCE = 'scarce';
/** One a second. */
const DEAR = '447700900000';
/** How late a sweep may be on a busy machine. */
const LATE_MS = 1000;
let carrier: Carrier | undefined;

onEachWay(
  'prepaid',
  {
    layout: 'pod',
    usual: 'real',
    setUp: async (running) => {
      carrier = await Carrier.start({ scenario: 'carrier-answers', port: await freePort() });
      const document = configuration(carrier.port, await freePort());
      const dear = { prefix: '4477', pricePerMinute: '60', firstIncrement: 1, nextIncrement: 1 };
      document.rateGroups = document.rateGroups.map((group) => ({
        ...group,
        rates: [...(group['rates'] as object[]), dear],
      }));
      const [usual] = document.accounts;
      document.accounts.push({ ...usual, name: SCARCE, openingBalance: '0.1' });
      document.mappingGateways = document.mappingGateways.map((each) => ({
        ...each,
        account: SCARCE,
      }));
      await running.configure(document);
    },
    tearDown: async () => carrier?.stop(),
  },
  (theSwitch) => {
    test('BILL-05 DENY-05 twenty calls at once on 0.1: eight are answered, twelve refused, and nothing is owed', async () => {
      const { api } = theSwitch();
      const result = await callAsTrunk(theSwitch(), CALLEE, {
        calls: 20,
        rate: 1000,
        pauseMs: 1500,
      });
      assert.equal(result.created, 20, result.output);
      const cdrs = await api.cdrCount(20);
      const refused = cdrs.filter(({ reason }) => reason === 'InsufficientBalance');
      assert.equal(refused.length, 12);
      assert.equal(cdrs.filter(({ price }) => price === demo.price).length, 8);
      assert.equal(await api.balance(SCARCE), '0.0016');
      const { text } = await api.explain(refused[0]?.callId ?? '');
      assert.match(text, /0\.0984 of it reserved \(among them of /);
      assert.match(text, /costs at least 0\.0123/);
    });

    test('CALL-09 BILL-05 a call is cut within a second of the end of its money, which a payment in the call moves', async () => {
      const { api } = theSwitch();
      await api.pay(SCARCE, '2.9984', 'before');
      const calling = callAsTrunk(theSwitch(), DEAR, { scenario: 'caller-waits-for-bye' });
      const inProgress = (count: number) => async () => (await api.callsInProgress()) === count;
      await until('the call is up', inProgress(1));
      const upMs = performance.now();
      await api.pay(SCARCE, '2', 'meanwhile');
      await until('the call is over', inProgress(0));
      const lastedMs = performance.now() - upMs;
      const result = await calling;
      assert.equal(result.successful, 1, result.output);
      const cdr = await api.cdrOf(sipCallId(result));
      const { reason, endedBy, durationMs, price } = cdr;
      assert.deepEqual(
        { reason, endedBy, durationMs, price },
        { reason: 'BalanceUsedUp', endedBy: 'switch', durationMs: 5000, price: '5' },
      );
      assert.ok(lastedMs <= 5000 + LATE_MS, `cut after ${String(lastedMs)} ms`);
      assert.equal(await api.balance(SCARCE), '0');
      const { text } = await api.explain(cdr.callId);
      assert.match(
        text,
        /The money ended at [-\dT:.]+Z: account scarce had 5 and an overdraft of 0/,
      );
      assert.equal(await api.linesHeld(), 0);
    });
  },
);
