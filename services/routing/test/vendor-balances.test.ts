import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseMoney } from '@tandem/domain';
import { memoryLimits } from '@tandem/limits';
import { NextCandidateRequest } from '@tandem/proto/routing';
import { silentLogger } from '@tandem/service';
import { Router } from '../src/router.ts';
import { watchVendorBalances } from '../src/vendor-balances.ts';
import { configure, factsAbout, gateway, namesOf, NOON, reasonOf, request, tablesOf } from './routing-fixture.ts'; // prettier-ignore

const ASKED = { SERVER_VERIFY_CLEARING_CUSTOMER_REMAIN_MONEY_LIMIT: true };

function open(parameters: object) {
  const tables = tablesOf(
    configure({
      parameters,
      accounts: [
        { name: 'demo', rateGroup: 'standard' },
        { name: 'v-a', type: 'vendor', overdraft: '5' },
        { name: 'v-b', type: 'vendor' },
        { name: 'v-new', type: 'vendor' },
      ],
      routingGateways: ['a', 'b'].map((name) => gateway(name, ['44'], { account: `v-${name}` })),
    }),
  );
  const limits = memoryLimits({ now: () => NOON });
  let isAway = false;
  const vendors = watchVendorBalances({
    balances: {
      get: (accounts) =>
        isAway ? Promise.reject(new Error('away')) : limits.balances.get(accounts),
    },
    tables: () => tables,
    logger: silentLogger(),
  });
  const set = async (balances: Record<string, string>) => {
    const entries = Object.entries(balances).map(
      ([name, text]) => [name, parseMoney(text)] as const,
    );
    await limits.balances.set(new Map(entries));
    await vendors.read();
  };
  const rests = { current: new Map(), begin: () => Promise.resolve(), end: () => Promise.resolve(false), list: () => Promise.resolve([]) }; // prettier-ignore
  const router = new Router({
    tables: () => tables,
    lines: limits.lines,
    rests,
    vendorFunds: () => vendors.current,
    now: () => NOON,
  });
  return {
    router,
    set,
    vendors,
    goAway: () => {
      isAway = true;
    },
  };
}

test('ROUTE-09 DENY-13 a vendor whose money and overdraft are used up takes its gateways out, until it is paid', async () => {
  const { router, set } = open(ASKED);
  await set({ demo: '100', 'v-a': '-4.999999999', 'v-b': '0.000000001' });
  assert.deepEqual(namesOf(await router.route(request('c1'))), ['a', 'b']);
  await set({ 'v-a': '-5' });
  const left = await router.route(request('c2'));
  assert.deepEqual(namesOf(left), ['b']);
  assert.deepEqual(factsAbout(left.decisions, 'routing-gateway a'), {
    prefix: '44',
    account: 'v-a',
    balance: '-5',
    overdraft: '5',
  });
  const next = NextCandidateRequest.fromPartial({ callId: 'c2', failedGateway: 'b', gateways: ['a'] }); // prettier-ignore
  assert.equal((await router.nextCandidate(next)).gateway, '');
  await set({ 'v-b': '0' });
  assert.equal(reasonOf(await router.route(request('c3'))), 'AccountBalanceNotEnough');
  await set({ 'v-b': '20' });
  assert.deepEqual(namesOf(await router.route(request('c4'))), ['b']);
});

test('ROUTE-09 nobody asks for the money of vendors where the parameter is Off, as it is by default', async () => {
  const { router, set, vendors } = open({});
  await set({ demo: '100', 'v-a': '-500', 'v-b': '-500' });
  assert.deepEqual(namesOf(await router.route(request('c1'))), ['a', 'b']);
  assert.equal(vendors.current, undefined);
});

test('ROUTE-09 while the store is away the last balances hold, and one that was never told takes nothing out', async () => {
  const { router, set, vendors, goAway } = open(ASKED);
  await set({ demo: '100', 'v-a': '-5' });
  goAway();
  await vendors.read();
  assert.deepEqual(namesOf(await router.route(request('c1'))), ['b']);
});
