import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseMoney } from '@tandem/domain';
import { Terms } from '@tandem/proto/billing';
import {
  configure,
  factsAbout,
  gateway,
  namesOf,
  openRouter,
  reasonOf,
  request,
  routedOf,
} from './routing-fixture.ts';
import type { RouterUnderTest } from './routing-fixture.ts';

const group = (name: string, pricePerMinute: string, prefix = '44') => ({
  name,
  currency: 'USD',
  rates: [{ prefix, pricePerMinute }],
});

/** demo under north under owner: 0.03, 0.02 and 0.01 a minute. */
async function openResold(
  changes: Readonly<Record<'demo' | 'north' | 'owner', object>> = {
    demo: {},
    north: {},
    owner: {},
  },
  more: Record<string, unknown> = {},
): Promise<RouterUnderTest> {
  const opened = await openRouter(
    configure({
      rateGroups: [group('standard', '0.03'), group('north', '0.02'), group('owner', '0.01')],
      accounts: [
        { name: 'demo', rateGroup: 'standard', parent: 'north', ...changes.demo },
        { name: 'north', rateGroup: 'north', parent: 'owner', ...changes.north },
        { name: 'owner', rateGroup: 'owner', ...changes.owner },
      ],
      ...more,
    }),
  );
  await opened.limits.balances.set(
    new Map(['demo', 'north', 'owner'].map((name) => [name, parseMoney('1')])),
  );
  return opened;
}

const plain = { demo: {}, north: {}, owner: {} };

test('BILL-01 a call has the terms of its account and of each reseller above it, and reserves the money of all', async () => {
  const { router, limits } = await openResold();
  const routed = routedOf(await router.route(request('c1')));
  const terms = Terms.decode(routed.customerTerms);
  assert.deepEqual(
    [terms, ...terms.resellers].map(({ account, pricePerMinute, rateGroup, reserving }) => [
      account,
      pricePerMinute,
      rateGroup,
      reserving,
    ]),
    [
      ['demo', '0.03', 'standard', true],
      ['north', '0.02', 'north', true],
      ['owner', '0.01', 'owner', true],
    ],
  );
  const reserved = await limits.balances.reserved(['demo', 'north', 'owner']);
  assert.deepEqual(
    reserved.map(({ total }) => total),
    ['0.03', '0.02', '0.01'].map(parseMoney),
  );
  // 33 minutes at 0.03: the account's own money ends first.
  assert.equal(routed.maxDurationSeconds, 33 * 60);
  await limits.lines.release('c1', routed.lines);
  const left = await limits.balances.reserved(['demo', 'north', 'owner']);
  assert.deepEqual(
    left.map(({ total }) => total),
    [0n, 0n, 0n],
  );
});

test('DENY-05 a reseller without money refuses the calls under it, and the decision says which', async () => {
  const { router, limits } = await openResold();
  await limits.balances.set(new Map([['owner', parseMoney('0.0099')]]));
  const refused = await router.route(request('c1'));
  assert.equal(reasonOf(refused), 'InsufficientBalance');
  const facts = factsAbout(refused.decisions, 'account owner', 'balance');
  assert.equal(facts['balance'], '0.0099');
  assert.equal(facts['costsAtLeast'], '0.01');
  assert.equal(facts['resellerOf'], 'north');
  const reserved = await limits.balances.reserved(['demo', 'north', 'owner']);
  assert.deepEqual(
    reserved.map(({ total }) => total),
    [0n, 0n, 0n],
  );
});

test('DENY-01 DENY-02 DENY-06 a reseller that is locked, past its date or without a rate refuses the calls under it', async () => {
  const of = async (changes: object) => {
    const { router } = await openResold({ ...plain, north: changes });
    return router.route(request('c1'));
  };
  const locked = await of({ status: 'locked' });
  assert.equal(reasonOf(locked), 'AccountLocked');
  assert.equal(factsAbout(locked.decisions, 'account north')['resellerOf'], 'demo');
  const expired = await of({ validUntil: '2026-01-01T00:00:00Z' });
  assert.equal(reasonOf(expired), 'AccountExpired');
  assert.equal(factsAbout(expired.decisions, 'account north')['resellerOf'], 'demo');
  const { router } = await openResold(plain, {
    rateGroups: [group('standard', '0.03'), group('north', '0.02', '49'), group('owner', '0.01')],
  });
  const unpriced = await router.route(request('c1'));
  assert.equal(reasonOf(unpriced), 'NoRate');
  assert.equal(factsAbout(unpriced.decisions, 'account north')['rateGroup'], 'north');
});

test('DENY-07 lines of a reseller count the calls of all accounts under it', async () => {
  const { router } = await openResold({ ...plain, owner: { lineLimit: 1 } });
  const { lines } = routedOf(await router.route(request('c1')));
  assert.ok(lines.includes('account:owner'));
  const refused = await router.route(request('c2'));
  assert.equal(reasonOf(refused), 'LineLimitExceeded');
  factsAbout(refused.decisions, 'account owner', 'lines');
});

test('ROUTE-11 profit is reckoned from what the topmost account pays: the margins of resellers are theirs', async () => {
  const vendors = [
    { name: 'dear', type: 'vendor', rateGroup: 'dear' },
    { name: 'fair', type: 'vendor', rateGroup: 'fair' },
  ];
  const { router } = await openRouter(
    configure({
      rateGroups: [
        group('standard', '0.03'),
        group('owner', '0.01'),
        group('dear', '0.02'),
        group('fair', '0.009'),
      ],
      accounts: [
        {
          name: 'demo',
          rateGroup: 'standard',
          parent: 'owner',
          billing: 'postpaid',
          overdraft: '1',
        },
        { name: 'owner', rateGroup: 'owner', billing: 'postpaid', overdraft: '1' },
        ...vendors,
      ],
      routingGateways: [
        gateway('carrier-a', ['44'], { account: 'dear' }),
        gateway('carrier-b', ['44'], { account: 'fair', priority: 2 }),
      ],
    }),
  ).then(async (opened) => {
    await opened.limits.balances.set(new Map([['owner', 0n]]));
    return opened;
  });
  assert.deepEqual(namesOf(await router.route(request('c1'))), ['carrier-b']);
});
