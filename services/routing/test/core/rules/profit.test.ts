import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configure, factsAbout, gateway, namesOf, openRouter, reasonOf, request } from '../../routing-fixture.ts'; // prettier-ignore

const rates = (currency: string, pricePerMinute: string) => ({
  currency,
  rates: [{ prefix: '44', pricePerMinute }],
});
const rateGroups = [
  { name: 'standard', ...rates('USD', '0.02') },
  { name: 'cheap', ...rates('USD', '0.015') },
  { name: 'dear', ...rates('USD', '0.0211') },
  { name: 'euros', ...rates('EUR', '0.001') },
];
const vendor = (name: string, currency = 'USD') => ({
  name: `v-${name}`,
  type: 'vendor',
  rateGroup: name,
  currency,
});
const carriers = ['cheap', 'dear', 'euros'].map((name) => gateway(name, ['44'], { account: `v-${name}` })); // prettier-ignore

function documentOf(demo: object = {}, more: object = {}) {
  return configure({
    rateGroups,
    accounts: [
      { name: 'demo', rateGroup: 'standard', ...demo },
      vendor('cheap'),
      vendor('dear'),
      vendor('euros', 'EUR'),
    ],
    routingGateways: carriers,
    ...more,
  });
}

test('ROUTE-11 a gateway that costs more than the customer pays is left out, unless the policy allows a loss', async () => {
  const { router, use } = await openRouter(documentOf());
  const found = await router.route(request('c1'));
  assert.deepEqual(namesOf(found), ['euros', 'cheap']);
  assert.deepEqual(factsAbout(found.decisions, 'routing-gateway dear'), {
    prefix: '44',
    price: '0.02 USD',
    cost: '0.0211 USD',
    profit: '-5.5 %',
    lowestProfit: '0 %',
  });
  use(documentOf({}, { routePolicies: [{ name: 'p', loss: 'allow' }], routePolicy: 'p' }));
  assert.deepEqual(namesOf(await router.route(request('c2'))), ['euros', 'cheap', 'dear']);
});

test('BILL-08 the lowest profit of customer and gateway: the higher holds, may be negative, and is not given in another currency', async () => {
  const { router, use } = await openRouter(documentOf({ lowestProfit: '-5.5' }));
  const left = await router.route(request('c1'));
  assert.deepEqual(namesOf(left), ['cheap', 'dear']);
  assert.equal(factsAbout(left.decisions, 'routing-gateway euros')['profit'], 'not known');
  use(documentOf({ lowestProfit: '-5.499999' }));
  assert.deepEqual(namesOf(await router.route(request('c2'))), ['cheap']);
  use(documentOf({ lowestProfit: '25' }));
  assert.deepEqual(namesOf(await router.route(request('c3'))), ['cheap']);
  use(documentOf({ lowestProfit: '25.000001' }));
  const none = await router.route(request('c4'));
  assert.equal(reasonOf(none), 'NoAvailableRouter');
  const strict = carriers.map((each) => ({ ...each, lowestProfit: '30' }));
  use(documentOf({ lowestProfit: '-90' }, { routingGateways: strict }));
  assert.equal(reasonOf(await router.route(request('c5'))), 'NoAvailableRouter');
});

test('BILL-08 a customer is not charged more a minute than it may be, and a gateway does not cost more than it may', async () => {
  const { router, use } = await openRouter(documentOf({ highestPricePerMinute: '0.019999999' }));
  const refused = await router.route(request('c1'));
  assert.equal(reasonOf(refused), 'CallNotPermitted');
  assert.deepEqual(factsAbout(refused.decisions, 'account demo', 'profit'), {
    price: '0.02 USD',
    highest: '0.019999999',
  });
  const routingGateways = [
    { ...carriers[0], highestPricePerMinute: '0.0149' },
    { ...carriers[2], highestPricePerMinute: '0.0149' },
  ];
  use(documentOf({ highestPricePerMinute: '0.02' }, { routingGateways }));
  const found = await router.route(request('c2'));
  assert.deepEqual(namesOf(found), ['euros']);
  assert.deepEqual(factsAbout(found.decisions, 'routing-gateway cheap'), {
    prefix: '44',
    cost: '0.015 USD',
    highest: '0.0149',
  });
});
