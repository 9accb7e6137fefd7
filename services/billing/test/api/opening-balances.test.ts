import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { configurationSchema, snapshotOf } from '@tandem/config';
import type { Snapshot } from '@tandem/config';
import type { LiveBalance } from '@tandem/limits';
import { silentLogger } from '@tandem/service';
import { OpeningBalances } from '../../src/api/opening-balances.ts';
import { fakeBillingStore } from '../support/fake-billing-store.ts';

function snapshot(version: number, balances: Record<string, string>): Snapshot {
  const accounts = Object.entries(balances).map(([name, openingBalance]) => ({
    name,
    openingBalance,
  }));
  return snapshotOf(version, configurationSchema.parse({ accounts }));
}

function setUp(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const fake = fakeBillingStore();
  const told: LiveBalance[] = [];
  const openings = new OpeningBalances({
    store: fake.store,
    logger: silentLogger(),
    retryMs: 1,
    onOpened: (balances) => {
      told.push(...balances);
      return Promise.resolve();
    },
  });
  /** Lets promises settle, and the pause before the next attempt pass. */
  const settled = async () => {
    for (let turn = 0; turn < 3; turn += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      t.mock.timers.tick(1);
    }
  };
  return { ...fake, told, openings, settled };
}

test('BILL-01 each account of a configuration is opened once and made known, also at zero', async (t) => {
  const { openings, told, settled } = setUp(t);
  openings.apply(snapshot(1, { demo: '100', vendor: '0' }));
  await settled();
  openings.apply(snapshot(2, { demo: '100', vendor: '0', late: '5' }));
  await settled();
  assert.deepEqual(
    told.map(({ account, balance }) => [account, balance]),
    [
      ['demo', 100_000_000_000n],
      ['vendor', 0n],
      ['late', 5_000_000_000n],
    ],
  );
  await openings.stop();
});

test('BILL-01 with the store away the newest configuration is opened when it is back', async (t) => {
  const { openings, state, accounts, settled } = setUp(t);
  state.isAway = true;
  openings.apply(snapshot(1, { demo: '100' }));
  await settled();
  openings.apply(snapshot(2, { demo: '100', late: '5' }));
  await settled();
  state.isAway = false;
  await settled();
  assert.deepEqual([...accounts.keys()].sort(), ['demo', 'late']);
  await openings.stop();
});

test('BILL-01 nothing is tried again after stop', async (t) => {
  const { openings, state, accounts, settled } = setUp(t);
  state.isAway = true;
  openings.apply(snapshot(1, { demo: '100' }));
  await openings.stop();
  state.isAway = false;
  await settled();
  assert.equal(accounts.size, 0);
});
