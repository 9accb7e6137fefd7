import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseMoney } from '@tandem/domain';
import {
  configure,
  factsAbout,
  openRouter,
  reasonOf,
  request,
  routedOf,
} from './routing-fixture.ts';

const money = (text: string) => new Map([['demo', parseMoney(text)]]);

test('BILL-05 DENY-05 twenty calls at once on 0.1: as many are let through as the money covers, and the others are told who has it', async () => {
  const { router, limits } = await openRouter();
  await limits.balances.set(money('0.1'));
  const asked = await Promise.all(
    Array.from({ length: 20 }, (_, at) => router.route(request(`c${String(at)}`))),
  );
  // 0.0123 for each begun minute.
  assert.equal(asked.filter(({ outcome }) => outcome?.$case === 'routed').length, 8);
  const last = asked.at(-1);
  assert.ok(last);
  assert.equal(reasonOf(last), 'InsufficientBalance');
  const facts = factsAbout(last.decisions, 'account demo', 'balance');
  assert.equal(facts['balance'], '0.1');
  assert.equal(facts['reserved'], '0.0984');
  assert.equal(facts['costsAtLeast'], '0.0123');
  assert.equal(facts['holders']?.split(' ').length, 5);
  const analysed = await router.analyse({ ...request('x'), atMs: 0, seconds: 0 });
  assert.ok(analysed.route);
  assert.equal(reasonOf(analysed.route), 'InsufficientBalance');
});

test('BILL-05 a call that is released gives its money back to the next', async () => {
  const { router, limits } = await openRouter();
  await limits.balances.set(money('0.0123'));
  const { lines } = routedOf(await router.route(request('c1')));
  assert.equal(reasonOf(await router.route(request('c2'))), 'InsufficientBalance');
  await limits.lines.release('c1', lines);
  routedOf(await router.route(request('c2')));
});

test('BILL-05 a postpaid account reserves nothing, and no money ends its calls', async () => {
  const accounts = [{ name: 'demo', rateGroup: 'standard', billing: 'postpaid', overdraft: '1' }];
  const { router, limits } = await openRouter(configure({ accounts }));
  await limits.balances.set(money('-0.9877'));
  for (const callId of ['c1', 'c2', 'c3']) {
    assert.equal(routedOf(await router.route(request(callId))).maxDurationSeconds, 0);
  }
  assert.deepEqual(await limits.balances.reserved(['demo']), [{ total: 0n, holders: [] }]);
  await limits.balances.set(money('-0.9878'));
  assert.equal(reasonOf(await router.route(request('c4'))), 'InsufficientBalance');
});

test('BILL-05 SERVER_BALANCE_SLICE says how much is reserved at once', async () => {
  const rates = [{ prefix: '44', pricePerMinute: '0.6', firstIncrement: 1, nextIncrement: 1 }];
  const reserve = async (seconds: number) => {
    const { router, limits } = await openRouter(
      configure({
        rateGroups: [{ name: 'standard', currency: 'USD', rates }],
        parameters: { SERVER_BALANCE_SLICE: seconds },
      }),
    );
    routedOf(await router.route(request('c1')));
    return (await limits.balances.reserved(['demo']))[0]?.total;
  };
  assert.equal(await reserve(10), parseMoney('0.1'));
  assert.equal(await reserve(300), parseMoney('3'));
});

test('BILL-01 accounts of several currencies are each looked at by themselves', async () => {
  const rateGroups = [
    { name: 'usd', currency: 'USD', rates: [{ prefix: '44', pricePerMinute: '1' }] },
    { name: 'jpy', currency: 'JPY', rates: [{ prefix: '44', pricePerMinute: '150' }] },
  ];
  const accounts = [
    { name: 'demo', rateGroup: 'usd' },
    { name: 'tokyo', rateGroup: 'jpy', currency: 'JPY' },
  ];
  const mappingGateways = ['demo', 'tokyo'].map((account, at) => ({
    name: `${account}-trunk`,
    account,
    authentication: { mode: 'ip', addresses: [`127.0.0.${String(at + 2)}/32`] },
  }));
  const { router, limits } = await openRouter(
    configure({ rateGroups, accounts, mappingGateways, phones: [] }),
  );
  await limits.balances.set(
    new Map([
      ['demo', parseMoney('1')],
      ['tokyo', parseMoney('149')],
    ]),
  );
  routedOf(await router.route(request('c1')));
  const origin = { kind: 'mapping-gateway', name: 'tokyo-trunk', account: 'tokyo' };
  const refused = await router.route(request('c2', { origin }));
  assert.equal(factsAbout(refused.decisions, 'account tokyo', 'balance')['costsAtLeast'], '150');
  await limits.balances.set(new Map([['tokyo', parseMoney('150')]]));
  routedOf(await router.route(request('c3', { origin })));
});
