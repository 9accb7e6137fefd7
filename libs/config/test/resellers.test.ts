import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mistakesOf, rightDocument } from './configurations.ts';

const account = (name: string, more: object = {}) => ({ name, rateGroup: 'standard', ...more });

test('BILL-01 OPS-05 resellers are customers of the same currency, four above each other at most, in no ring', () => {
  const chain = ['demo', 'b', 'c', 'd', 'e'].map((name, at, all) =>
    account(name, at === 0 ? {} : { parent: all[at - 1] }),
  );
  assert.deepEqual(mistakesOf(rightDocument({ accounts: chain.slice(0, 4) })), []);
  assert.deepEqual(mistakesOf(rightDocument({ accounts: chain })), [
    'accounts[4].parent: makes 5 accounts above each other, e under d under c under b under demo: at most 4 are possible',
  ]);
  assert.deepEqual(
    mistakesOf(
      rightDocument({
        rateGroups: [
          { name: 'standard', currency: 'USD' },
          { name: 'euro', currency: 'EUR' },
        ],
        accounts: [
          account('demo', { parent: 'own-b' }),
          account('own-b', { parent: 'own-c' }),
          account('own-c', { parent: 'own-b' }),
          account('self', { parent: 'self' }),
          account('lost', { parent: 'dmo' }),
          account('sold', { parent: 'vendor-x' }),
          account('dear', { parent: 'demo', currency: 'EUR', rateGroup: 'euro' }),
          { name: 'vendor-x', type: 'vendor', parent: 'demo' },
        ],
      }),
    ),
    [
      'accounts[1].parent: makes a ring, own-b under own-c under own-b: no account may be under itself',
      'accounts[2].parent: makes a ring, own-c under own-b under own-c: no account may be under itself',
      'accounts[3].parent: makes a ring, self under self: no account may be under itself',
      'accounts[4].parent: names customer account "dmo", which does not exist; did you mean "demo"?',
      'accounts[5].parent: names account "vendor-x", which is no customer account',
      'accounts[6].parent: names account "demo", which has USD, and this one has EUR: both must have the same currency',
      'accounts[7].parent: has no effect at a vendor: resellers are customers',
    ],
  );
});
