import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AcquireRequest, LimitClaim, Limits } from '../src/index.ts';

/** What both adapters must do; each test gets limits of its own, and `wait` lets the store's clock pass. */
export interface LimitsUnderTest {
  readonly name: string;
  readonly open: () => Promise<Limits>;
  readonly wait: (milliseconds: number) => Promise<void>;
}

const MINUTE = 60_000;

/** 60/60 at 6 a minute, in 1e-9 of a unit for the ease of reading. */
const slices = {
  stepNanos: 6n,
  firstSeconds: 60,
  freeSeconds: 0,
  nextSeconds: 60,
  rounding: 'half',
  sliceSeconds: 60,
} as const;

export function limitsContract(under: LimitsUnderTest): void {
  const { name, open, wait } = under;
  moneyContract(under);
  test(`ROUTE-05 ${name}: all lines of a call are taken together`, async () => {
    const { lines } = await open();
    const result = await lines.acquire(
      call('c1', [claim('account:a', 2)], [[claim('routing-gateway:g', 1), claim('group:x', 3)]]),
    );
    assert.deepEqual(result, { kind: 'taken', choice: 0, skipped: [], balance: undefined });
    assert.deepEqual(
      await lines.count(['account:a', 'routing-gateway:g', 'group:x', 'account:other']),
      [1, 1, 1, 0],
    );
  });

  test(`ROUTE-05 ${name}: a full fixed limit takes nothing and names its holders`, async () => {
    const { lines } = await open();
    await lines.acquire(call('c1', [claim('account:a', 1)], [[claim('routing-gateway:g', 9)]]));
    const result = await lines.acquire(
      call('c2', [claim('phone:1', 5), claim('account:a', 1)], [[claim('routing-gateway:g', 9)]]),
    );
    assert.deepEqual(result, {
      kind: 'full',
      balance: undefined,
      line: { key: 'account:a', limit: 1, inUse: 1, holders: ['c1'] },
    });
    assert.deepEqual(await lines.count(['phone:1', 'routing-gateway:g']), [0, 1]);
  });

  test(`ROUTE-05 ${name}: the first choice with every line free is taken`, async () => {
    const { lines } = await open();
    const choices = [
      [claim('routing-gateway:g1', 1), claim('group:x', 2)],
      [claim('routing-gateway:g2', 1), claim('group:x', 2)],
      [claim('routing-gateway:g3', 0)],
    ];
    const taken = async (callId: string) => {
      const result = await lines.acquire(call(callId, [], choices));
      assert.equal(result.kind, 'taken');
      return [result.choice, result.skipped.map((skip) => skip.line.key)];
    };
    assert.deepEqual(await taken('c1'), [0, []]);
    assert.deepEqual(await taken('c2'), [1, ['routing-gateway:g1']]);
    assert.deepEqual(await taken('c3'), [2, ['routing-gateway:g1', 'routing-gateway:g2']]);
    await lines.release('c1', ['routing-gateway:g1', 'group:x']);
    assert.deepEqual(await taken('c4'), [0, []]);
  });

  test(`ROUTE-05 ${name}: a choice that leaves lines to others is passed over once fewer than those are free`, async () => {
    const { lines } = await open();
    const group = claim('group:x', 4);
    const choices = [[{ ...group, reserved: 3 }], [group]];
    const chosen = async (callId: string) => {
      const result = await lines.acquire(call(callId, [], choices));
      return result.kind === 'taken' ? result.choice : result.kind;
    };
    const taken = [];
    for (const callId of ['c1', 'c2', 'c3', 'c4', 'c5']) taken.push(await chosen(callId));
    // With 4 and 3 lines free, then with 2 and 1.
    assert.deepEqual(taken, [0, 0, 1, 1, 'all-full']);
    const last = await lines.acquire(call('c6', [], choices));
    assert.equal(last.kind, 'all-full');
    assert.deepEqual(
      last.skipped.map(({ line: { limit, inUse, reserved } }) => [limit, inUse, reserved]),
      [
        [4, 4, 3],
        [4, 4, undefined],
      ],
    );
  });

  test(`DENY-12 ${name}: no choice free takes nothing, not even the fixed lines`, async () => {
    const { lines } = await open();
    await lines.acquire(call('c1', [], [[claim('routing-gateway:g', 1)]]));
    const result = await lines.acquire(
      call('c2', [claim('account:a', 5)], [[claim('routing-gateway:g', 1)]]),
    );
    assert.deepEqual(result, {
      kind: 'all-full',
      balance: undefined,
      skipped: [
        { choice: 0, line: { key: 'routing-gateway:g', limit: 1, inUse: 1, holders: ['c1'] } },
      ],
    });
    assert.deepEqual(await lines.count(['account:a']), [0]);
  });

  test(`ROUTE-05 ${name}: at most five holders are named`, async () => {
    const { lines } = await open();
    for (const id of ['1', '2', '3', '4', '5', '6']) {
      await lines.acquire(call(id, [claim('account:a', 6)], []));
    }
    const result = await lines.acquire(call('7', [claim('account:a', 6)], []));
    assert.equal(result.kind, 'full');
    assert.equal(result.line.inUse, 6);
    assert.equal(result.line.holders.length, 5);
  });

  test(`ROUTE-05 ${name}: a repeated request holds its lines once`, async () => {
    const { lines } = await open();
    const request = call('c1', [claim('account:a', 1)], [[claim('routing-gateway:g', 1)]]);
    await lines.acquire(request);
    assert.equal((await lines.acquire(request)).kind, 'taken');
    assert.deepEqual(await lines.count(['account:a', 'routing-gateway:g']), [1, 1]);
  });

  test(`ROUTE-05 ${name}: a repeated request that chooses otherwise gives its first choice back`, async () => {
    const { lines } = await open();
    const choices = [[claim('routing-gateway:g1', 1)], [claim('routing-gateway:g2', 1)]];
    await lines.acquire(call('other', [], choices));
    await lines.acquire(call('c1', [], choices));
    await lines.release('other', ['routing-gateway:g1']);
    const again = await lines.acquire(call('c1', [], choices));
    assert.equal(again.kind === 'taken' && again.choice, 0);
    assert.deepEqual(await lines.count(['routing-gateway:g1', 'routing-gateway:g2']), [1, 0]);
  });

  test(`ROUTE-05 ${name}: a repeated request that is refused holds nothing`, async () => {
    const { lines, balances } = await open();
    await balances.set(new Map([['a', 1n]]));
    const request = {
      ...call('c1', [claim('account:a', 0)], []),
      balance: { account: 'a', overdraftNanos: 0n, leastNanos: 0n },
    };
    await lines.acquire(request);
    await balances.set(new Map([['a', 0n]]));
    assert.equal((await lines.acquire(request)).kind, 'no-balance');
    assert.deepEqual(await lines.count(['account:a']), [0]);
  });

  test(`ROUTE-05 ${name}: a lease that is not renewed frees the line`, async () => {
    const { lines } = await open();
    await lines.acquire({ ...call('dead', [claim('account:a', 1)], []), leaseMs: 80 });
    await lines.acquire({ ...call('alive', [claim('account:b', 1)], []), leaseMs: 80 });
    await lines.renew('alive', ['account:b'], MINUTE);
    await wait(120);
    assert.deepEqual(await lines.count(['account:a', 'account:b']), [0, 1]);
    assert.equal((await lines.acquire(call('next', [claim('account:a', 1)], []))).kind, 'taken');
    assert.equal((await lines.acquire(call('next', [claim('account:b', 1)], []))).kind, 'full');
  });

  test(`ROUTE-05 ${name}: release frees only what the call names and holds`, async () => {
    const { lines } = await open();
    await lines.acquire(call('c1', [claim('account:a', 0), claim('phone:1', 0)], []));
    await lines.acquire(call('c2', [claim('account:a', 0)], []));
    await lines.release('c1', ['account:a', 'group:never-held']);
    assert.deepEqual(await lines.count(['account:a', 'phone:1']), [1, 1]);
    await lines.release('c1', ['phone:1']);
    assert.deepEqual(await lines.count(['account:a', 'phone:1']), [1, 0]);
  });

  test(`ROUTE-06 ${name}: failover gives the failed gateway back and takes the next in one step`, async () => {
    const { lines } = await open();
    const first = [claim('routing-gateway:g1', 1), claim('group:x', 1)];
    const second = [claim('routing-gateway:g2', 1), claim('group:x', 1)];
    await lines.acquire(call('c1', [claim('account:a', 1)], [first, second]));
    const result = await lines.advance({
      callId: 'c1',
      keep: ['account:a'],
      release: ['routing-gateway:g1', 'group:x'],
      choices: [second],
      leaseMs: MINUTE,
    });
    assert.deepEqual(result, { kind: 'taken', choice: 0, skipped: [] });
    assert.deepEqual(
      await lines.count(['account:a', 'routing-gateway:g1', 'routing-gateway:g2', 'group:x']),
      [1, 0, 1, 1],
    );
  });

  test(`ROUTE-06 ${name}: failover with nothing free keeps only the caller's lines`, async () => {
    const { lines } = await open();
    const second = [claim('routing-gateway:g2', 1)];
    await lines.acquire(call('other', [], [second]));
    await lines.acquire(call('c1', [claim('account:a', 1)], [[claim('routing-gateway:g1', 1)]]));
    const result = await lines.advance({
      callId: 'c1',
      keep: ['account:a'],
      release: ['routing-gateway:g1'],
      choices: [second],
      leaseMs: MINUTE,
    });
    assert.deepEqual(result, {
      kind: 'all-full',
      skipped: [
        { choice: 0, line: { key: 'routing-gateway:g2', limit: 1, inUse: 1, holders: ['other'] } },
      ],
    });
    assert.deepEqual(await lines.count(['account:a', 'routing-gateway:g1']), [1, 0]);
  });

  test(`ROUTE-06 ${name}: a failover repeated by another pod takes one line`, async () => {
    const { lines } = await open();
    await lines.acquire(call('c1', [claim('account:a', 1)], [[claim('routing-gateway:g1', 1)]]));
    const request = {
      callId: 'c1',
      keep: ['account:a'],
      release: ['routing-gateway:g1'],
      choices: [[claim('routing-gateway:g2', 1)], [claim('routing-gateway:g3', 1)]],
      leaseMs: MINUTE,
    };
    await lines.advance(request);
    const again = await lines.advance(request);
    assert.equal(again.kind === 'taken' && again.choice, 0);
    assert.deepEqual(await lines.count(['routing-gateway:g2', 'routing-gateway:g3']), [1, 0]);
  });

  test(`ROUTE-12 ${name}: peek names every full choice and takes nothing`, async () => {
    const { lines } = await open();
    const choices = [
      [claim('routing-gateway:g1', 1)],
      [claim('routing-gateway:g2', 0)],
      [claim('routing-gateway:g3', 1)],
    ];
    await lines.acquire(call('c1', [], choices));
    await lines.acquire(call('c2', [], [[claim('routing-gateway:g3', 1)]]));
    const result = await lines.peek({ callId: '', fixed: [claim('account:a', 1)], choices });
    assert.equal(result.kind, 'taken');
    assert.equal(result.choice, 1);
    assert.deepEqual(
      result.skipped.map((skip) => [skip.choice, skip.line.key]),
      [
        [0, 'routing-gateway:g1'],
        [2, 'routing-gateway:g3'],
      ],
    );
    assert.deepEqual(await lines.count(['account:a', 'routing-gateway:g2']), [0, 0]);
  });

  test(`ROUTE-05 ${name}: the list says who holds each line, since when and until when`, async () => {
    const { lines } = await open();
    await lines.acquire(call('c1', [claim('account:a', 0)], [[claim('routing-gateway:g', 2)]]));
    await lines.acquire({ ...call('c2', [claim('account:a', 0)], []), leaseMs: 2 * MINUTE });
    const all = await lines.list();
    assert.deepEqual(
      all.map((use) => [use.key, use.inUse, use.holders.map((holder) => holder.callId)]),
      [
        ['account:a', 2, ['c1', 'c2']],
        ['routing-gateway:g', 1, ['c1']],
      ],
    );
    for (const use of all) {
      for (const holder of use.holders) {
        const leaseMs = holder.callId === 'c1' ? MINUTE : 2 * MINUTE;
        assert.equal(holder.expiresMs - holder.sinceMs, leaseMs);
      }
    }
    assert.deepEqual(
      (await lines.list('routing-gateway:g')).map((use) => use.key),
      ['routing-gateway:g'],
    );
    assert.deepEqual(await lines.list('account:unknown'), []);
  });

  test(`ROUTE-05 ${name}: since when a line is held outlives renewal and failover`, async () => {
    const { lines } = await open();
    await lines.acquire(call('c1', [claim('account:a', 1)], [[claim('routing-gateway:g1', 1)]]));
    const [before] = await lines.list('account:a');
    await wait(20);
    await lines.renew('c1', ['account:a', 'routing-gateway:g1'], MINUTE);
    await lines.advance({
      callId: 'c1',
      keep: ['account:a'],
      release: ['routing-gateway:g1'],
      choices: [[claim('routing-gateway:g2', 1)]],
      leaseMs: MINUTE,
    });
    const [after] = await lines.list('routing-gateway:g2');
    assert.ok(before?.holders[0] !== undefined && after?.holders[0] !== undefined);
    assert.equal(after.holders[0].sinceMs, before.holders[0].sinceMs);
  });

  test(`DENY-05 ${name}: balance + overdraft used up is refused before any line`, async () => {
    const { lines, balances } = await open();
    // Beyond 2^53: the sum must be exact.
    const debt = -9_007_199_254_740_993_000n;
    const nothing = { reserved: 0n, holders: [] };
    await balances.set(new Map([['a', debt]]));
    const request = call('c1', [claim('account:a', 0)], []);
    const ask = async (overdraftNanos: bigint) =>
      lines.acquire({ ...request, balance: { account: 'a', overdraftNanos, leastNanos: 0n } });
    assert.deepEqual(await ask(-debt), { kind: 'no-balance', balance: debt, ...nothing });
    assert.deepEqual(await ask(-debt - 1n), { kind: 'no-balance', balance: debt, ...nothing });
    assert.deepEqual(await lines.count(['account:a']), [0]);
    const taken = await ask(-debt + 1n);
    assert.deepEqual(taken, { kind: 'taken', choice: -1, skipped: [], balance: debt });
  });

  test(`DENY-05 ${name}: balance + overdraft must be positive and cover what the call costs at least, whatever their signs`, async () => {
    const { lines, balances } = await open();
    const amounts = [-20n, -10n, -9n, -1n, 0n, 1n, 9n, 10n, 20n];
    for (const balance of amounts) {
      await balances.set(new Map([['a', balance]]));
      for (const overdraftNanos of amounts) {
        for (const leastNanos of [0n, 1n, 10n, 25n]) {
          const money = { account: 'a', overdraftNanos, leastNanos };
          const request = { callId: 'c', fixed: [], choices: [], balance: money };
          const isEnough = (await lines.peek(request)).kind === 'taken';
          const sum = balance + overdraftNanos;
          const parts = [balance, overdraftNanos, leastNanos].map(String).join(', ');
          assert.equal(isEnough, sum > 0n && sum >= leastNanos, parts);
        }
      }
    }
  });

  test(`DENY-19 ${name}: a balance that was never written is unknown, not zero`, async () => {
    const { lines } = await open();
    const request = call('c1', [], []);
    assert.deepEqual(
      await lines.acquire({
        ...request,
        balance: { account: 'new', overdraftNanos: 0n, leastNanos: 0n },
      }),
      { kind: 'balance-unknown' },
    );
  });

  test(`BILL-05 ${name}: an older balance does not replace a newer one`, async () => {
    const { balances } = await open();
    await balances.put([{ account: 'a', balance: 5n, version: 2 }]);
    await balances.put([
      { account: 'a', balance: 9n, version: 1 },
      { account: 'b', balance: 7n, version: 1 },
    ]);
    assert.deepEqual(
      await balances.get(['a', 'b', 'c']),
      new Map([
        ['a', 5n],
        ['b', 7n],
      ]),
    );
    await balances.put([{ account: 'a', balance: 4n, version: 3 }]);
    assert.deepEqual(await balances.get(['a']), new Map([['a', 4n]]));
    await balances.put([]);
    await balances.set(new Map());
    assert.deepEqual(await balances.get([]), new Map());
  });

  test(`ROUTE-05 ${name}: 400 concurrent calls on 7 lines take exactly 7`, async () => {
    const { lines } = await open();
    const results = await Promise.all(
      Array.from({ length: 400 }, async (_, index) =>
        lines.acquire(
          call(`c${String(index)}`, [claim('account:a', 7)], [[claim('routing-gateway:g', 0)]]),
        ),
      ),
    );
    assert.equal(results.filter((result) => result.kind === 'taken').length, 7);
    assert.deepEqual(await lines.count(['account:a', 'routing-gateway:g']), [7, 7]);
  });

  test(`ROUTE-06 ${name}: a gateway rests until its time is over, and the longest rest counts`, async () => {
    const { rests } = await open();
    assert.deepEqual(await rests.list(), []);
    await rests.begin({ gateway: 'b', seconds: 60, callId: 'c1' });
    await rests.begin({ gateway: 'a', seconds: 1, callId: 'c2' });
    await rests.begin({ gateway: 'b', seconds: 5, callId: 'c3' });
    const both = await rests.list();
    assert.deepEqual(
      both.map(({ gateway, seconds, callId }) => [gateway, seconds, callId]),
      [
        ['a', 1, 'c2'],
        ['b', 60, 'c1'],
      ],
    );
    assert.ok(both.every(({ seconds, leftMs }) => leftMs > 0 && leftMs <= seconds * 1000));
    await wait(1100);
    assert.deepEqual(
      (await rests.list()).map(({ gateway }) => gateway),
      ['b'],
    );
    await rests.begin({ gateway: 'b', seconds: 90, callId: 'c4' });
    assert.equal((await rests.list())[0]?.callId, 'c4');
  });

  test(`ROUTE-10 ${name}: calls that come at once get each turn of a pool once`, async () => {
    const { turns } = await open();
    const taken = await Promise.all(Array.from({ length: 50 }, () => turns.take('pool')));
    assert.deepEqual(
      taken.sort((a, b) => a - b),
      Array.from({ length: 50 }, (_, turn) => turn),
    );
    assert.equal(await turns.peek('pool'), 50);
    assert.equal(await turns.peek('pool'), 50);
    assert.equal(await turns.peek('other'), 0);
  });

  test(`ROUTE-06 ${name}: a rest may be ended before its time`, async () => {
    const { rests } = await open();
    await rests.begin({ gateway: 'a', seconds: 60, callId: 'c1' });
    assert.equal(await rests.end('a'), true);
    assert.equal(await rests.end('a'), false);
    assert.deepEqual(await rests.list(), []);
  });
}

function moneyContract({ name, open, wait }: LimitsUnderTest): void {
  const paid = { account: 'a', overdraftNanos: 2n, leastNanos: 6n, slices } as const;
  const paying = (callId: string, balance = {}): AcquireRequest => ({
    ...call(callId, [claim('account:a', 0)], []),
    balance: { ...paid, ...balance },
  });

  test(`BILL-05 ${name}: calls at once cannot reserve the same money, and who has it is named`, async () => {
    const { lines, balances } = await open();
    await balances.set(new Map([['a', 10n]]));
    assert.equal((await lines.acquire(paying('c1'))).kind, 'taken');
    assert.equal((await lines.acquire(paying('c2'))).kind, 'taken');
    const refused = { kind: 'no-balance', balance: 10n, reserved: 12n, holders: ['c2', 'c1'] };
    assert.deepEqual(await lines.acquire(paying('c3')), refused);
    assert.deepEqual(await lines.peek(paying('c4')), refused);
    assert.deepEqual(await lines.count(['account:a']), [2]);
    await lines.release('c1', ['account:a']);
    assert.equal((await lines.acquire(paying('c3'))).kind, 'taken');
    assert.deepEqual(await balances.reserved(['a', 'b']), [
      { total: 12n, holders: ['c3', 'c2'] },
      { total: 0n, holders: [] },
    ]);
  });

  test(`BILL-05 ${name}: a repeated request reserves once, one that is refused nothing, and failover keeps what there is`, async () => {
    const { lines, balances } = await open();
    await balances.set(new Map([['a', 6n]]));
    const reserved = async () => (await balances.reserved(['a']))[0]?.total;
    await lines.acquire(paying('c1'));
    await lines.acquire(paying('c1'));
    assert.equal(await reserved(), 6n);
    const change = { callId: 'c1', keep: ['account:a'], release: [], choices: [] };
    await lines.advance({ ...change, leaseMs: MINUTE });
    assert.equal(await reserved(), 6n);
    assert.equal((await lines.acquire(paying('c1', { leastNanos: 9n }))).kind, 'no-balance');
    assert.equal(await reserved(), 0n);
    const full = { ...paying('c1'), choices: [[claim('routing-gateway:g', 1)]] };
    await lines.acquire(call('c9', [], [[claim('routing-gateway:g', 1)]]));
    assert.equal((await lines.acquire(full)).kind, 'all-full');
    assert.equal(await reserved(), 0n);
  });

  test(`BILL-05 ${name}: what a call has reserved whose pod died while it rang is free with its lease`, async () => {
    const { lines, balances } = await open();
    await balances.set(new Map([['a', 4n]]));
    await lines.acquire({ ...paying('c1'), leaseMs: 30 });
    assert.equal((await lines.acquire(paying('c2'))).kind, 'no-balance');
    await wait(60);
    assert.equal((await lines.acquire(paying('c2'))).kind, 'taken');
    assert.deepEqual(await balances.reserved(['a']), [{ total: 6n, holders: ['c2'] }]);
  });

  test(`BILL-05 ${name}: a slice is as long as was said where there is plenty, and shorter near the end`, async () => {
    const { lines, balances } = await open();
    const bySecond = { ...slices, stepNanos: 1n, firstSeconds: 1, nextSeconds: 1 };
    const reserve = async (callId: string, balance: bigint) => {
      await balances.set(new Map([['a', balance]]));
      const before = (await balances.reserved(['a']))[0]?.total ?? 0n;
      const money = { leastNanos: 1n, overdraftNanos: 0n, slices: bySecond };
      await lines.acquire(paying(callId, money));
      return ((await balances.reserved(['a']))[0]?.total ?? 0n) - before;
    };
    assert.equal(await reserve('plenty', 10_000n), 60n);
    // An eighth of what is left, four seconds at least, and never more than there is.
    assert.equal(await reserve('less', 60n + 161n), 21n);
    assert.equal(await reserve('little', 81n + 10n), 4n);
    assert.equal(await reserve('last', 85n + 2n), 2n);
  });

  test(`BILL-05 ${name}: amounts beyond what a double holds are reserved exactly`, async () => {
    const { lines, balances } = await open();
    const large = 7_007_199_254_740_993_000_000_001n;
    await balances.set(new Map([['a', large]]));
    const money = { overdraftNanos: -(large - 13n), slices: { ...slices, sliceSeconds: 10 } };
    assert.equal((await lines.acquire(paying('c1', money))).kind, 'taken');
    assert.equal((await lines.acquire(paying('c2', money))).kind, 'taken');
    const refused = await lines.acquire(paying('c3', { ...money, leastNanos: 2n }));
    assert.deepEqual(refused, {
      kind: 'no-balance',
      balance: large,
      reserved: 12n,
      holders: ['c2', 'c1'],
    });
    const one = await lines.acquire(paying('c3', { ...money, leastNanos: 1n }));
    assert.equal(one.kind, 'taken');
  });

  test(`BILL-05 ${name}: a call that goes on is reserved for once the store was emptied, until it is charged`, async () => {
    const { lines, balances } = await open();
    await balances.set(new Map([['a', 10n]]));
    await lines.acquire(paying('known'));
    await balances.stand([
      { account: 'a', callId: 'known', amount: 1n },
      { account: 'a', callId: 'c1', amount: 4n },
    ]);
    await balances.stand([{ account: 'a', callId: 'c1', amount: 5n }]);
    assert.equal((await balances.reserved(['a']))[0]?.total, 11n);
    await wait(1100);
    assert.deepEqual(await balances.uncharged(0, 10), [{ account: 'a', callId: 'c1' }]);
    await balances.put(
      [{ account: 'a', balance: 5n, version: 1 }],
      [{ account: 'a', callId: 'c1' }],
    );
    assert.equal((await balances.reserved(['a']))[0]?.total, 6n);
    assert.deepEqual(await balances.uncharged(0, 10), []);
  });
}

export function perSecond(key: string, limit: number): LimitClaim {
  return { key, limit, per: 'second' };
}

export function claim(key: string, limit: number): LimitClaim {
  return { key, limit };
}

export function call(
  callId: string,
  fixed: readonly LimitClaim[],
  choices: readonly (readonly LimitClaim[])[],
): AcquireRequest {
  return { callId, fixed, choices, leaseMs: MINUTE };
}
