import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { BalanceClaim, LiveBalances } from '@tandem/limits';
import type { DueCall } from '../../src/ports.ts';
import {
  answerOf,
  decoded,
  endOf,
  endless,
  newCallId,
  writeAheadOf,
} from './call-store-contract.ts';
import type { AgingStore } from './session-contract.ts';

export interface PayingStore extends AgingStore {
  readonly balances: LiveBalances;
}

const [OWNER, OTHER] = ['3.77', '4.78'] as const;
const FOR_MS = 45_000;
/** 60/60 at 6 for each begun minute. */
const byMinute = { stepNanos: 6n, firstSeconds: 60, freeSeconds: 0, nextSeconds: 60 };
const bySecond = { stepNanos: 1n, firstSeconds: 1, freeSeconds: 0, nextSeconds: 1 };

/** What every store of calls does with the money that they have reserved (BILL-05). */
export function moneyContract(name: string, open: () => Promise<PayingStore>): void {
  const claimOf = (leastNanos: bigint, increments: typeof byMinute) => ({
    account: 'demo',
    overdraftNanos: 0n,
    leastNanos,
    slices: { ...increments, rounding: 'half', sliceSeconds: 60 } as const,
  });
  const ringing = async (
    opened: PayingStore,
    claim = claimOf(6n, byMinute),
    resellers: readonly BalanceClaim[] = [],
  ): Promise<string> => {
    const callId = newCallId();
    const request = {
      callId,
      fixed: [],
      choices: [[{ key: 'routing-gateway:carrier-a', limit: 0 }]],
    };
    const money = { balance: claim, resellers };
    const taken = await opened.lines.acquire({ ...request, leaseMs: 240_000, ...money });
    assert.equal(taken.kind, 'taken');
    await opened.store.writeAhead(writeAheadOf(callId));
    return callId;
  };
  const begin = async (balance: bigint, claim = claimOf(6n, byMinute)) => {
    const opened = await open();
    await opened.balances.put([{ account: 'demo', balance, version: 1 }]);
    const callId = await ringing(opened, claim);
    // Money ends it, whatever routing said of the longest duration (which a payment would not move).
    await opened.store.answer(answerOf(callId, { ...endless, longestMs: 1000 }));
    return { ...opened, callId };
  };
  const dueOf = async ({ store }: AgingStore, owner: string = OWNER): Promise<readonly DueCall[]> =>
    store.takeDue(owner, 100, FOR_MS);
  const reserved = async ({ balances }: PayingStore): Promise<bigint | undefined> =>
    (await balances.reserved(['demo']))[0]?.total;

  suite(`money: ${name}`, () => {
    test('BILL-05 any pod tops a slice up before it runs out, and the call goes on', async () => {
      const call = await begin(100n);
      await call.pass(49_000);
      assert.deepEqual(await dueOf(call), []);
      assert.equal(await reserved(call), 6n);
      await call.pass(1001);
      assert.deepEqual(await dueOf(call, OTHER), []);
      assert.equal(await reserved(call), 12n);
      await call.pass(60_000);
      assert.deepEqual(await dueOf(call), []);
      assert.equal(await reserved(call), 18n);
    });

    test('CALL-09 a call ends with the money of its account, and is charged to that moment', async () => {
      const call = await begin(13n);
      await call.pass(50_001);
      assert.deepEqual(await dueOf(call), []);
      await call.pass(60_000);
      assert.deepEqual(await dueOf(call), []);
      assert.equal(await reserved(call), 12n);
      await call.pass(10_500);
      const [due, ...others] = (await Promise.all([dueOf(call), dueOf(call, OTHER)])).flat();
      assert.deepEqual(others, []);
      assert.ok(due?.why === 'money');
      const { endedMs, ...money } = due.money ?? { endedMs: 0 };
      const amounts = { balance: 13n, overdraft: 0n, reserved: 12n, step: 6n, stepSeconds: 60 };
      assert.deepEqual(money, { account: 'demo', ...amounts });
      const ended = await call.store.end({ ...endOf(call.callId), endsAt: 'limit' });
      assert.ok(ended.kind === 'first');
      const event = decoded(ended.event);
      assert.equal(event.endedMs - event.answeredMs, 120_000);
      assert.equal(event.endedMs, endedMs);
      assert.equal(await reserved(call), 12n);
    });

    test('BILL-01 BILL-05 the money of a reseller ends the calls of accounts under it, whichever pod sweeps, and each is charged to that moment', async () => {
      const opened = await open();
      await opened.balances.put([
        { account: 'demo', balance: 100n, version: 1 },
        { account: 'north', balance: 9n, version: 1 },
      ]);
      const north = { ...claimOf(4n, { ...byMinute, stepNanos: 4n }), account: 'north' };
      const callId = await ringing(opened, claimOf(6n, byMinute), [north]);
      await opened.store.answer(answerOf(callId, endless));
      const both = async () =>
        (await opened.balances.reserved(['demo', 'north'])).map(({ total }) => total);
      assert.deepEqual(await both(), [6n, 4n]);
      await opened.pass(50_001);
      assert.deepEqual(await dueOf(opened), []);
      assert.deepEqual(await both(), [12n, 8n]);
      await opened.pass(60_000);
      assert.deepEqual(await dueOf(opened, OTHER), []);
      assert.deepEqual(await both(), [18n, 8n]);
      await opened.pass(10_500);
      const [due] = await dueOf(opened, OTHER);
      assert.ok(due?.why === 'money');
      assert.equal(due.money?.account, 'north');
      const ended = await opened.store.end({ ...endOf(callId), endsAt: 'limit' });
      assert.ok(ended.kind === 'first');
      const event = decoded(ended.event);
      assert.equal(event.endedMs - event.answeredMs, 120_000);
      assert.deepEqual(await both(), [12n, 8n]);
    });

    test('BILL-01 BILL-05 a call that is not answered gives the money of all levels back', async () => {
      const opened = await open();
      await opened.balances.put([
        { account: 'demo', balance: 100n, version: 1 },
        { account: 'north', balance: 9n, version: 1 },
      ]);
      const north = { ...claimOf(4n, { ...byMinute, stepNanos: 4n }), account: 'north' };
      const callId = await ringing(opened, claimOf(6n, byMinute), [north]);
      await opened.lines.release(callId, ['routing-gateway:carrier-a']);
      const left = await opened.balances.reserved(['demo', 'north']);
      assert.deepEqual(
        left.map(({ total }) => total),
        [0n, 0n],
      );
    });

    test('BILL-05 who hangs up between the end of the money and the sweep is charged to that end', async () => {
      const call = await begin(6n);
      await call.pass(60_900);
      const ended = await call.store.end(endOf(call.callId));
      assert.ok(ended.kind === 'first');
      const event = decoded(ended.event);
      assert.equal(event.endedMs - event.answeredMs, 60_000);
      assert.equal(await reserved(call), 6n);
    });

    test('BILL-05 a payment in the call lets it go on', async () => {
      const call = await begin(6n);
      await call.pass(55_000);
      assert.deepEqual(await dueOf(call), []);
      await call.balances.put([{ account: 'demo', balance: 20n, version: 2 }]);
      await call.pass(4000);
      assert.deepEqual(await dueOf(call), []);
      assert.equal(await reserved(call), 12n);
      await call.pass(2000);
      assert.deepEqual(await dueOf(call), []);
    });

    test('BILL-05 the store was away for longer than a slice: what was talked is reserved first', async () => {
      const call = await begin(100n);
      await call.pass(200_000);
      assert.deepEqual(await dueOf(call), []);
      assert.equal(await reserved(call), 30n);
      const poor = await begin(13n);
      await poor.pass(200_000);
      const [due] = await dueOf(poor);
      assert.ok(due?.why === 'money');
      // Nobody could end it: it is charged for as long as it was, whatever there was.
      const ended = await poor.store.end(endOf(poor.callId));
      assert.ok(ended.kind === 'first');
      const { answeredMs, endedMs } = decoded(ended.event);
      assert.ok(endedMs - answeredMs >= 200_000);
      assert.equal(await reserved(poor), 24n);
    });

    test('BILL-05 what a call has spent stays reserved until it is charged, once; the rest is free at once', async () => {
      const call = await begin(100n, claimOf(1n, bySecond));
      assert.equal(await reserved(call), 13n);
      await call.pass(6600);
      await call.store.end(endOf(call.callId));
      await call.store.end(endOf(call.callId));
      assert.equal(await reserved(call), 7n);
      await call.pass(3000);
      const paid = [{ account: 'demo', callId: call.callId }];
      assert.deepEqual(await call.balances.uncharged(1000, 10), paid);
      // A sweep frees lines, and no money that was spent.
      await call.store.reconcile();
      assert.equal(await reserved(call), 7n);
      await call.balances.put([{ account: 'demo', balance: 93n, version: 2 }], paid);
      await call.balances.put([{ account: 'demo', balance: 93n, version: 2 }], paid);
      assert.equal(await reserved(call), 0n);
      assert.deepEqual(await call.balances.uncharged(0, 10), []);
      assert.equal((await call.balances.get(['demo'])).get('demo'), 93n);
    });

    test('BILL-05 a call that is not answered gives all back, and so does one within its free seconds', async () => {
      const opened = await open();
      await opened.balances.put([{ account: 'demo', balance: 6n, version: 1 }]);
      const callId = await ringing(opened);
      assert.equal(await reserved(opened), 6n);
      const event = decoded(answerOf(callId).event);
      await opened.store.end(endOf(callId, { ...event, type: 'ended' }));
      assert.equal(await reserved(opened), 0n);
      const free = { ...byMinute, freeSeconds: 10, firstSeconds: 70 };
      const short = await begin(6n, claimOf(6n, free));
      await short.pass(9000);
      await short.store.end(endOf(short.callId));
      assert.equal(await reserved(short), 0n);
      assert.deepEqual(await short.balances.uncharged(0, 10), []);
    });

    test('BILL-05 a rate of fees alone reserves the fee, and nothing ends the call', async () => {
      const fee = { ...byMinute, stepNanos: 0n };
      const call = await begin(6n, claimOf(6n, fee));
      await call.pass(250_000);
      assert.deepEqual(await dueOf(call), []);
      await call.store.end(endOf(call.callId));
      assert.equal(await reserved(call), 6n);
    });

    test('CALL-09 what has reserved nothing ends at its longest duration, as before', async () => {
      const opened = await open();
      const callId = newCallId();
      await opened.store.writeAhead(writeAheadOf(callId));
      await opened.store.answer(answerOf(callId, { ...endless, longestMs: 60_000 }));
      await opened.pass(60_001);
      const [due] = await dueOf(opened);
      assert.equal(due?.why, 'duration');
    });
  });
}
