import assert from 'node:assert/strict';
import type { Snapshot } from '@tandem/config';
import { charge, formatMoney, readTariff } from '@tandem/domain';
import { LostJob } from '@tandem/service';
import type { Pool } from '@tandem/service';
import {
  previewCalls,
  previewReversal,
  readPreviewOf,
} from '../../src/adapters/pg-rerating-preview.ts';
import { pgReratings } from '../../src/adapters/pg-reratings.ts';
import type { NewRerating, Rerating, ReratingStore } from '../../src/rerating-ports.ts';
import { ratesIn } from '../../src/rerating/preview-rates.ts';
import type { TestBillingStore } from './billing-store.ts';
import { dyingPool } from './dying-pool.ts';

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
export const march = Date.UTC(2026, 2, 1);

/** So few at a time that there are many places at which a process can die. */
const AT_ONCE = 7;

/** A call of the bench talked for so long. */
export const secondsOf = (index: number): number => 1 + ((index * 37) % 200);
export const idOf = (index: number): string => `call-${String(index).padStart(3, '0')}`;

/** What calls come to by a plain tariff. */
export function priceOf(count: number, price: string, fee = '0.001', increment = 1): bigint {
  const tariff = readTariff({ pricePerMinute: price, connectionFee: fee, firstIncrementSeconds: increment, nextIncrementSeconds: increment, freeSeconds: 0 }); // prettier-ignore
  return Array.from({ length: count }, (_, index) => charge(tariff, secondsOf(index)).price).reduce((sum, each) => sum + each, 0n); // prettier-ignore
}

type Rates = Pick<Snapshot, 'configuration' | 'lists'>;

interface BenchParts {
  readonly database: TestBillingStore;
  /** What is asked where a test changes nothing of it. */
  readonly request: NewRerating;
  readonly rates: () => Rates;
}

/** Re-ratings from preview to the last entry, step by step, without the thread. */
export function reratingBench({ database, rates, request }: BenchParts) {
  const store = pgReratings(database.pool, AT_ONCE);

  async function preview(id: number, by = rates(), pool: Pool = database.pool): Promise<void> {
    const claim = await pgReratings(pool).claim(0);
    assert.equal(claim?.id, id);
    const held = await readPreviewOf(pool, claim);
    if (held.rerating.reverses !== undefined) {
      await previewReversal(pool, claim, held.rerating.reverses);
      return;
    }
    await previewCalls(pool, claim, { held, rates: ratesIn(by, held.rerating.accounts), callsAtOnce: AT_ONCE }); // prettier-ignore
  }

  async function book(id: number, booking: ReratingStore = store): Promise<void> {
    const claim = await booking.claim(0);
    assert.equal(claim?.id, id);
    for (;;) {
      const booked = await booking.bookNext(claim);
      if (booked === undefined) throw new LostJob();
      if (booked.isDone) return;
    }
  }

  async function found(id: number): Promise<Rerating> {
    const rerating = await store.get(id);
    assert.ok(rerating);
    return rerating;
  }

  async function previewed(changes: Partial<NewRerating> = {}, by = rates()): Promise<Rerating> {
    const made = await store.create({ ...request, ...changes });
    assert.ok(made);
    await preview(made.id, by);
    return found(made.id);
  }

  async function applied(changes: Partial<NewRerating> = {}, by = rates()): Promise<Rerating> {
    const { id, state } = await previewed(changes, by);
    assert.equal(state, 'ready');
    assert.ok(await store.apply(id, 'boss'));
    await book(id);
    return found(id);
  }

  /** One process after the other, each of which dies a statement later than the one before. @returns how many have died */
  async function untilDone(
    isOver: () => Promise<boolean>,
    work: (pool: Pool) => Promise<void>,
  ): Promise<number> {
    let deaths = 0;
    for (let turn = 0; !(await isOver()); turn += 1) {
      const pool = dyingPool(database.url, { statement: 1 + Math.floor(turn / 2), isBehind: turn % 2 === 1 }); // prettier-ignore
      await work(pool).catch(() => { deaths += 1; }); // prettier-ignore
      await pool.end();
    }
    return deaths;
  }

  /** From preview to the last entry, by processes that die before and behind each statement. @returns its id, and how many have died */
  async function appliedByDying(changes: Partial<NewRerating> = {}): Promise<{ readonly id: number; readonly deaths: number }> {
    const made = await store.create({ ...request, ...changes });
    assert.ok(made);
    const { id } = made;
    const isIn = (state: Rerating['state']) => async () => (await found(id)).state === state;
    const previewing = await untilDone(isIn('ready'), (pool) => preview(id, rates(), pool));
    assert.ok(await store.apply(id, 'boss'));
    const applying = await untilDone(isIn('applied'), (pool) => book(id, pgReratings(pool, AT_ONCE))); // prettier-ignore
    return { id, deaths: previewing + applying };
  } // prettier-ignore

  async function balances(): Promise<Record<string, string>> {
    const all = await database.store.balances([]);
    return Object.fromEntries(all.map(({ account, balance }) => [account, formatMoney(balance)]));
  }

  /** CDRs, ledger, balances and sums of calls agree on each of the days. */
  async function agrees(): Promise<void> {
    for (let ms = march; ms < march + 4 * DAY_MS; ms += DAY_MS) {
      const day = new Date(ms).toISOString().slice(0, 10);
      assert.deepEqual(await database.store.reconciliation.differences(day), []);
    }
  }

  return { store, book, found, previewed, applied, appliedByDying, balances, agrees };
}
