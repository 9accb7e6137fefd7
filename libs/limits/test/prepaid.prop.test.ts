import assert from 'node:assert/strict';
import { test } from 'node:test';
import { charge, incrementsOf, wholeSeconds } from '@tandem/domain';
import type { Nanos, Tariff } from '@tandem/domain';
import fc from 'fast-check';
import { memoryLimits } from '../src/index.ts';
import type { AcquireRequest } from '../src/index.ts';

// BILL-05 as a whole, on a clock of the test's own: 200 calls at once of one account with money for some fifty minutes of one of
// them at a time; edges, billing and the store die at random. Beside it a plain reference: each call costs what `charge` says for
// the time that it really lasted, and the account has what was paid in.

const ACCOUNT = 'demo';
const OVERDRAFT = 700_000_000n;
const SLICE_S = 60;
const RINGING_LEASE_MS = 240_000;
const TICK_MS = 1000;

const tariff = fc.record({
  pricePerMinute: fc.constantFrom(10_000_000n, 12_345_678n, 1_000_000_000n),
  connectionFee: fc.constantFrom(0n, 5_000_000n),
  firstIncrementSeconds: fc.constantFrom(1, 6, 60),
  nextIncrementSeconds: fc.constantFrom(1, 6, 60),
  freeSeconds: fc.constantFrom(0, 0, 5),
});

interface Talk {
  readonly callId: string;
  readonly answeredMs: number;
  readonly endsMs: number;
  /** The store knew it once and does not any more: nobody can cut it. */
  isOrphan: boolean;
  /** Its pod is dead, and its end will be told by a sweep. */
  isSilent: boolean;
}

class Exchange {
  readonly #tariff: Tariff;
  readonly #random: () => number;
  nowMs = 1_000_000;
  limits = memoryLimits({ now: () => this.nowMs });
  readonly talks = new Map<string, Talk>();
  readonly #ringing = new Map<string, { readonly answersMs: number; readonly isLost: boolean }>();
  /** Calls that have ended, and are not in the ledger yet: the log is behind. */
  readonly #log: { readonly callId: string; readonly price: Nanos; readonly chargedMs: number }[] =
    [];
  /** The ledger. */
  balance: Nanos;
  funds: Nanos;
  #version = 1;
  charged: Nanos = 0n;
  orphanedSpent: Nanos = 0n;
  #count = 0;
  #lost: number[] = [];
  cuts = 0;
  refused = 0;

  constructor(rates: Tariff, funds: Nanos, random: () => number) {
    this.#tariff = rates;
    this.funds = funds;
    this.balance = funds;
    this.#random = random;
  }

  async start(): Promise<void> {
    await this.limits.balances.put([this.#told()]);
  }

  /** One second of everything. */
  async tick(): Promise<void> {
    this.nowMs += TICK_MS;
    const chance = this.#random();
    if (this.talks.size + this.#ringing.size < 200) await this.#call();
    await this.#answer();
    this.#sweep();
    this.#hangUp();
    await this.#bill();
    if (chance < 0.002) await this.#empty();
    else if (chance < 0.01) await this.#pay();
  }

  /** What all calls have really cost until now. */
  spent(): Nanos {
    let spent = this.charged + this.#log.reduce((sum, { price }) => sum + price, 0n);
    for (const talk of this.talks.values()) spent += this.#priceOf(talk, this.nowMs);
    return spent;
  }

  /** What orphans cost: the part that nobody can bound. */
  orphans(): Nanos {
    const going = [...this.talks.values()].filter(({ isOrphan }) => isOrphan);
    return going.reduce((sum, talk) => sum + this.#priceOf(talk, this.nowMs), this.orphanedSpent);
  }

  async end(): Promise<void> {
    for (const talk of this.talks.values()) this.#over(talk, this.nowMs);
    this.talks.clear();
    for (const callId of this.#ringing.keys()) await this.limits.lines.release(callId, ['line']);
    this.nowMs += RINGING_LEASE_MS;
    for (let at = 0; at < 60; at++) {
      this.nowMs += TICK_MS;
      await this.#bill();
    }
  }

  async #call(): Promise<void> {
    const callId = `c${String((this.#count += 1))}`;
    const { leastNanos, ...increments } = incrementsOf(this.#tariff);
    const request: AcquireRequest = {
      callId,
      fixed: [{ key: 'line', limit: 0 }],
      choices: [],
      leaseMs: RINGING_LEASE_MS,
      balance: {
        account: ACCOUNT,
        overdraftNanos: OVERDRAFT,
        leastNanos,
        slices: { ...increments, rounding: 'half', sliceSeconds: SLICE_S },
      },
    };
    const result = await this.limits.lines.acquire(request);
    if (result.kind !== 'taken') {
      this.refused += 1;
      return;
    }
    // Two pods may route it, one after the other.
    if (this.#random() < 0.1 && (await this.limits.lines.acquire(request)).kind !== 'taken') return;
    const answersMs = this.nowMs + Math.floor(this.#random() * 20_000);
    this.#ringing.set(callId, { answersMs, isLost: this.#random() < 0.05 });
  }

  async #answer(): Promise<void> {
    for (const [callId, { answersMs, isLost }] of this.#ringing) {
      if (answersMs > this.nowMs) continue;
      this.#ringing.delete(callId);
      // Its pod died with it, or nobody answers.
      if (isLost) {
        this.#lost.push(this.nowMs);
        continue;
      }
      if (this.#random() < 0.2) {
        await this.limits.lines.release(callId, ['line']);
        continue;
      }
      // The store was emptied while it rang: the edge goes by what routing said, here nothing.
      if (!this.limits.lines.money.begin(callId, this.nowMs)) continue;
      this.talks.set(callId, {
        callId,
        answeredMs: this.nowMs,
        endsMs: this.nowMs + 500 + Math.floor(this.#random() * 600_000),
        isOrphan: false,
        isSilent: false,
      });
    }
  }

  /** What every pod does for all calls. */
  #sweep(): void {
    const { money } = this.limits.lines;
    for (const callId of money.due(this.nowMs)) {
      const ended = money.topUp(callId, this.nowMs);
      const talk = this.talks.get(callId);
      if (ended === undefined) continue;
      assert.ok(talk, 'only what goes on is topped up');
      assert.ok(
        this.nowMs - ended.endedMs <= TICK_MS,
        'cut within a second of the end of the money',
      );
      this.#assertNoMoney(ended.step);
      this.cuts += 1;
      this.#over(talk, ended.endedMs);
      this.talks.delete(callId);
    }
  }

  /** No call is cut that had money: what is left is what others have reserved, a slice each, and less than a step. */
  #assertNoMoney(step: Nanos): void {
    const left = this.funds + OVERDRAFT - this.spent();
    const perSlice = charge(
      this.#tariff,
      SLICE_S + 2 * this.#tariff.nextIncrementSeconds + 30,
    ).price;
    // Those that rang when their pods died, or were emptied out, hold theirs as long as their lease.
    this.#lost = this.#lost.filter((sinceMs) => sinceMs + RINGING_LEASE_MS > this.nowMs);
    const holders = BigInt(this.talks.size + this.#ringing.size + this.#lost.length);
    assert.ok(left <= step + perSlice * holders, `${String(left)} was left`);
  }

  #hangUp(): void {
    for (const [callId, talk] of this.talks) {
      if (talk.endsMs > this.nowMs) continue;
      // Its end is told late: whoever was to do it is dead.
      if (!talk.isSilent && this.#random() < 0.05) {
        talk.isSilent = true;
        continue;
      }
      this.#over(talk, this.nowMs);
      this.talks.delete(callId);
    }
  }

  #over(talk: Talk, endedMs: number): void {
    const { callId, isOrphan } = talk;
    const { money } = this.limits.lines;
    const chargedMs = isOrphan ? endedMs : money.spend(callId, talk.answeredMs, endedMs);
    const price = this.#priceOf(talk, chargedMs);
    if (isOrphan) this.orphanedSpent += price;
    this.#log.push({ callId, price, chargedMs });
  }

  #priceOf({ answeredMs }: Talk, untilMs: number): Nanos {
    const ms = Math.max(0, untilMs - answeredMs);
    return charge(this.#tariff, Math.max(1, wholeSeconds(ms, 'half'))).price;
  }

  /** Billing: behind at times, dead at times between commit and telling; and once a second it looks at what was not told. */
  async #bill(): Promise<void> {
    const { balances } = this.limits;
    if (this.#random() < 0.3) {
      const batch = this.#log.splice(0, 1 + Math.floor(this.#random() * 20));
      for (const { price } of batch) {
        this.balance -= price;
        this.charged += price;
        this.#version += 1;
      }
      const charged = batch.map(({ callId }) => ({ account: ACCOUNT, callId }));
      for (const { callId } of charged) this.#inLedger.add(callId);
      if (this.#random() > 0.1) await balances.put([this.#told()], charged);
    }
    const waiting = await balances.uncharged(3000, 1000);
    const settled = waiting.filter(({ callId }) => this.#inLedger.has(callId));
    await balances.put([this.#told()], settled);
    await this.#stand();
  }

  readonly #inLedger = new Set<string>();

  /** What the ledger knows of calls that go on, or have ended without being charged, goes into a store that was emptied. */
  async #stand(): Promise<void> {
    const going = [...this.talks.values()].filter(({ isOrphan }) => isOrphan);
    const calls = going.map((talk) => ({
      account: ACCOUNT,
      callId: talk.callId,
      amount: this.#priceOf(talk, this.nowMs + 10_000),
    }));
    const ended = this.#log.map(({ callId, price }) => ({
      account: ACCOUNT,
      callId,
      amount: price,
    }));
    await this.limits.balances.stand([...calls, ...ended.filter(({ amount }) => amount > 0n)]);
  }

  async #pay(): Promise<void> {
    const amount = 50_000_000n;
    this.funds += amount;
    this.balance += amount;
    this.#version += 1;
    await this.limits.balances.put([this.#told()]);
  }

  async #empty(): Promise<void> {
    this.limits = memoryLimits({ now: () => this.nowMs });
    for (const talk of this.talks.values()) talk.isOrphan = true;
    this.#ringing.clear();
    await this.#stand();
    await this.limits.balances.put([this.#told()]);
  }

  #told() {
    return { account: ACCOUNT, balance: this.balance, version: this.#version };
  }
}

function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

test('BILL-05 CALL-09 two hundred calls at once never spend more than there is, and none is cut that had money', async () => {
  const seen = { cuts: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(tariff, fc.integer({ min: 1, max: 2 ** 31 }), async (rates, seed) => {
      const funds = charge(rates, 3000).price * 4n;
      const exchange = new Exchange(rates, funds, randomOf(seed));
      await exchange.start();
      for (let second = 0; second < 3000; second++) {
        await exchange.tick();
        const spent = exchange.spent();
        const money = exchange.funds + OVERDRAFT + exchange.orphans();
        assert.ok(spent <= money, `${String(spent)} of ${String(money)} at ${String(second)} s`);
      }
      await exchange.end();
      assert.equal(exchange.balance, exchange.funds - exchange.charged);
      assert.equal((await exchange.limits.balances.get([ACCOUNT])).get(ACCOUNT), exchange.balance);
      await exchange.limits.lines.acquire(sweeping);
      const [left] = await exchange.limits.balances.reserved([ACCOUNT]);
      assert.deepEqual(left, { total: 0n, holders: [] }, 'what was reserved is given back once');
      assert.deepEqual(await exchange.limits.balances.uncharged(0, 10), []);
      seen.cuts += exchange.cuts;
      seen.refused += exchange.refused;
    }),
    { numRuns: 8, interruptAfterTimeLimit: 3000, markInterruptAsFailure: false },
  );
  assert.ok(seen.cuts > 0 && seen.refused > 0, 'the money did end');
});

/** Any request of the account sweeps out what dead pods have left. */
const sweeping: AcquireRequest = {
  callId: 'last',
  fixed: [],
  choices: [],
  leaseMs: 1,
  balance: {
    account: ACCOUNT,
    overdraftNanos: 0n,
    leastNanos: 10n ** 30n,
    slices: {
      stepNanos: 1n,
      firstSeconds: 1,
      freeSeconds: 0,
      nextSeconds: 1,
      rounding: 'half',
      sliceSeconds: 10,
    },
  },
};
