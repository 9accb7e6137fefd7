import assert from 'node:assert/strict';
import { test } from 'node:test';
import { charge, incrementsOf, wholeSeconds } from '@tandem/domain';
import type { Nanos, Tariff } from '@tandem/domain';
import fc from 'fast-check';
import { memoryLimits } from '../src/index.ts';
import type { BalanceClaim } from '../src/index.ts';

// BILL-05 over a random tree of accounts, on a clock of the test's own: calls that ring, are given up, are answered, end by themselves or
// with somebody's money, and are charged later. Beside it a plain reference: what each call has cost each account by `charge`.

const tariff = fc.record({
  pricePerMinute: fc.constantFrom(0n, 10_000_000n, 12_345_678n, 1_000_000_000n),
  connectionFee: fc.constantFrom(0n, 5_000_000n),
  firstIncrementSeconds: fc.constantFrom(1, 6, 60),
  nextIncrementSeconds: fc.constantFrom(1, 6, 60),
  freeSeconds: fc.constantFrom(0, 0, 5),
});

/** `parent` is one of those before it, or nobody. */
const tree = fc.array(
  fc.record({
    parent: fc.nat({ max: 5 }),
    tariff,
    funds: fc.bigInt({ min: 0n, max: 3_000_000_000n }),
    overdraft: fc.constantFrom(0n, 700_000_000n),
  }),
  { minLength: 2, maxLength: 6 },
);

const step = fc.record({
  account: fc.nat({ max: 5 }),
  kind: fc.constantFrom('call', 'call', 'answer', 'answer', 'hangUp', 'giveUp', 'bill', 'pay'),
  passedMs: fc.nat({ max: 3500 }),
});

interface Account {
  readonly name: string;
  readonly tariff: Tariff;
  readonly overdraft: Nanos;
  readonly above: readonly Account[];
  funds: Nanos;
  balance: Nanos;
  version: number;
}

interface Call {
  readonly callId: string;
  readonly levels: readonly Account[];
  answeredMs: number;
}

function grow(
  nodes: readonly { parent: number; tariff: Tariff; funds: Nanos; overdraft: Nanos }[],
): readonly Account[] {
  const accounts: Account[] = [];
  for (const [at, { parent, funds, ...rest }] of nodes.entries()) {
    const over = parent < at ? accounts[parent] : undefined;
    const above = over === undefined ? [] : [over, ...over.above].slice(0, 3);
    accounts.push({ ...rest, name: `a${String(at)}`, above, funds, balance: funds, version: 1 });
  }
  return accounts;
}

const claimOf = ({ name, overdraft, tariff: of }: Account): BalanceClaim => {
  const { leastNanos, ...increments } = incrementsOf(of);
  const slices = { ...increments, rounding: 'half', sliceSeconds: 60 } as const;
  const isPaid = leastNanos + increments.stepNanos > 0n;
  return { account: name, overdraftNanos: overdraft, leastNanos, ...(isPaid && { slices }) };
};

const costOf = (of: Tariff, ms: number): Nanos =>
  charge(of, Math.max(1, wholeSeconds(ms, 'half'))).price;

test('BILL-01 BILL-05 no account of a tree spends more than it has, whoever under it calls, and each call is charged at each level', async () => {
  await fc.assert(
    fc.asyncProperty(tree, fc.array(step, { maxLength: 60 }), async (nodes, steps) => {
      const accounts = grow(nodes);
      const state = { nowMs: 1_000_000 };
      const { lines, balances } = memoryLimits({ now: () => state.nowMs });
      await balances.put(accounts.map(({ name: account, balance, version }) => ({ account, balance, version }))); // prettier-ignore
      const ringing: Call[] = [];
      const talking: Call[] = [];
      const ended: { readonly call: Call; readonly ms: number }[] = [];
      let count = 0;

      const end = (call: Call, atMs: number): void => {
        talking.splice(talking.indexOf(call), 1);
        const chargedMs = lines.money.spend(call.callId, call.answeredMs, atMs);
        ended.push({ call, ms: chargedMs - call.answeredMs });
      };
      /** What is spent and not in the balance yet. */
      const spentOf = (account: Account): Nanos => {
        let spent = 0n;
        for (const { call, ms } of ended) {
          if (call.levels.includes(account)) spent += costOf(account.tariff, ms);
        }
        for (const call of talking) {
          if (call.levels.includes(account)) {
            spent += costOf(account.tariff, state.nowMs - call.answeredMs);
          }
        }
        return spent;
      };
      const sweep = (): void => {
        for (const callId of lines.money.due(state.nowMs)) {
          const cut = lines.money.topUp(callId, state.nowMs);
          const call = talking.find((each) => each.callId === callId);
          if (cut === undefined || call === undefined) continue;
          const whose = call.levels.find(({ name }) => name === cut.account);
          assert.ok(whose, 'money of an account that does not pay for the call');
          // Nobody is cut who could have paid for a further increment.
          assert.ok(cut.balance + cut.overdraft - cut.reserved < cut.step);
          end(call, cut.endedMs);
        }
      };
      const pass = (ms: number): void => {
        const untilMs = state.nowMs + ms;
        while (state.nowMs < untilMs) {
          state.nowMs = Math.min(untilMs, state.nowMs + 1000);
          sweep();
          for (const account of accounts) {
            assert.ok(
              account.balance + account.overdraft - spentOf(account) >= 0n,
              `${account.name} has spent more than it has`,
            );
          }
        }
      };
      const bill = async (): Promise<void> => {
        for (const { call, ms } of ended.splice(0)) {
          for (const account of call.levels) {
            account.balance -= costOf(account.tariff, ms);
            account.version += 1;
          }
          await balances.put(
            call.levels.map(({ name: account, balance, version }) => ({ account, balance, version })), // prettier-ignore
            call.levels.map(({ name: account }) => ({ account, callId: call.callId })),
          );
        }
      };

      for (const { account: index, kind, passedMs } of steps) {
        const account = accounts[index % accounts.length];
        assert.ok(account);
        if (kind === 'call') {
          const levels = [account, ...account.above];
          const callId = `c${String((count += 1))}`;
          const reserved = await balances.reserved(levels.map(({ name }) => name));
          const lacking = levels.findIndex((level, at) => {
            const { leastNanos } = incrementsOf(level.tariff);
            const needed = leastNanos > 0n ? leastNanos : 1n;
            return level.balance + level.overdraft - (reserved[at]?.total ?? 0n) < needed;
          });
          const [balance, ...resellers] = levels.map(claimOf);
          const asked = { callId, fixed: [{ key: 'line', limit: 0 }], choices: [], balance, resellers }; // prettier-ignore
          const result = await lines.acquire({ ...asked, leaseMs: 240_000 });
          if (lacking < 0) {
            assert.equal(result.kind, 'taken');
            ringing.push({ callId, levels, answeredMs: 0 });
          } else {
            assert.ok(result.kind === 'no-balance');
            assert.equal(result.reseller, lacking === 0 ? undefined : lacking - 1);
            // All or none: what was reserved is what was before.
            assert.deepEqual(await balances.reserved(levels.map(({ name }) => name)), reserved);
          }
        } else if (kind === 'answer') {
          const call = ringing.shift();
          if (call !== undefined) {
            call.answeredMs = state.nowMs;
            lines.money.begin(call.callId, state.nowMs);
            talking.push(call);
          }
        } else if (kind === 'giveUp') {
          const call = ringing.shift();
          if (call !== undefined) await lines.release(call.callId, ['line']);
        } else if (kind === 'hangUp') {
          const [call] = talking;
          if (call !== undefined) end(call, state.nowMs);
        } else if (kind === 'bill') await bill();
        else {
          account.funds += 500_000_000n;
          account.balance += 500_000_000n;
          account.version += 1;
          await balances.put([{ account: account.name, balance: account.balance, version: account.version }]); // prettier-ignore
        }
        pass(passedMs);
      }
      for (const call of [...talking]) end(call, state.nowMs);
      for (const { callId } of ringing) await lines.release(callId, ['line']);
      await bill();
      const left = await balances.reserved(accounts.map(({ name }) => name));
      assert.ok(left.every(({ total }) => total === 0n));
    }),
    { numRuns: 150 },
  );
});
