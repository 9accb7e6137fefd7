import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  configure,
  factsAbout,
  gateway,
  namesOf,
  openRouter,
  reasonOf,
  request,
  routedOf,
} from '../routing-fixture.ts';

/** A cheap price for every number and a dear one for 882, on a gateway each. */
const dearIslands = configure({
  rateGroups: [
    {
      name: 'standard',
      currency: 'USD',
      rates: [
        { prefix: '', pricePerMinute: '0.001' },
        { prefix: '+882', pricePerMinute: '9' },
        { prefix: '#', pricePerMinute: '1' },
      ],
    },
  ],
  phones: [
    { username: '+10-02', password: 'p', account: 'demo' },
    { username: '1001', password: 'p', account: 'demo' },
  ],
  routingGateways: [
    gateway('any', [''], { prefixMode: 'expiration' }),
    gateway('islands', ['882']),
    gateway('codes', ['#']),
  ],
});

test('CALL-12 every spelling of a number gets the rate and the route of the number', async () => {
  const { router } = await openRouter(dearIslands);
  for (const callee of [
    ...['882123', '+882123', '%38%38%32123', '%2B882123', '8-8-2-123', '8%2D82123'],
    ...['882123;npdi;rn=+1', '2123;phone-context=+88', '%2B8.8(2)123%3Bx=y'],
  ]) {
    const response = await router.route(request('c1', { callee }));
    assert.deepEqual(namesOf(response), ['islands'], callee);
    assert.match(factsAbout(response.decisions, 'account demo', 'rate')['price'] ?? '', /^9 USD/);
    const [candidate] = routedOf(response).candidates;
    assert.match(candidate?.callee ?? '', /^\+?882123$/, callee);
  }
});

test('CALL-12 #, which a URI escapes, is a prefix like others', async () => {
  const { router } = await openRouter(dearIslands);
  const routed = routedOf(await router.route(request('c1', { callee: '%23100' })));
  assert.equal(routed.candidates[0]?.gateway, 'codes');
  assert.equal(routed.candidates[0].callee, '#100');
  assert.match(routed.candidates[0].targets[0]?.uri ?? '', /^sip:%23100@/);
});

test('OPS-09 a number that was dialled otherwise is told, a plain one is not', async () => {
  const { router } = await openRouter(dearIslands);
  const escaped = await router.route(
    request('c1', { callee: '%38%38%32123', caller: '%31001;x=y' }),
  );
  assert.deepEqual(factsAbout(escaped.decisions, 'callee 882123'), { received: '%38%38%32123' });
  assert.deepEqual(factsAbout(escaped.decisions, 'caller 1001'), { received: '%31001;x=y' });
  assert.equal(routedOf(escaped).candidates[0]?.caller, '1001');
  const plain = await router.route(request('c2', { callee: '+882123' }));
  assert.ok(plain.decisions.every(({ check }) => check !== 'number'));
});

test('DENY-09 no number, and a local number of another network, are refused with 404', async () => {
  const { router, limits } = await openRouter(dearIslands);
  for (const callee of ['', ';rn=+1', '77;phone-context=a.example', '+', '8/82123']) {
    const response = await router.route(request('c1', { callee }));
    assert.equal(reasonOf(response), 'UserNotFound', callee);
    assert.deepEqual(
      response.decisions.map(({ check, result, reason }) => [check, result, reason]),
      [['number', 'refused', 'UserNotFound']],
    );
  }
  assert.deepEqual(await limits.lines.count(['account:demo']), [0]);
});

test('DENY-09 what begins as a number and is none goes to no carrier, which might find a dearer number in it', async () => {
  const { router, limits } = await openRouter(dearIslands);
  for (const callee of ['8~82123', "8'82123", '8!82123', '8w82123', '8p82123', '+8a82', '8%7E82']) {
    const response = await router.route(request('c1', { callee }));
    assert.equal(reasonOf(response), 'UserNotFound', callee);
    const { check, facts } = response.decisions.at(-1) ?? {};
    assert.equal(check, 'number');
    assert.match(facts?.[0]?.value ?? '', /no phone has that name/);
  }
  assert.deepEqual(await limits.lines.count(['account:demo']), [0]);
});

test('CALL-10 broken escapes and control characters in either number are refused with 400', async () => {
  const { router } = await openRouter(dearIslands);
  for (const text of ['44%00', '44%zz', '%0a', '44%f']) {
    const callee = await router.route(request('c1', { callee: text }));
    assert.equal(reasonOf(callee), 'BadRequest', text);
    const caller = await router.route(request('c1', { caller: text }));
    assert.equal(reasonOf(caller), 'BadRequest', text);
  }
});

test('CALL-12 a caller whose number is none is left out, and the call goes on', async () => {
  const { router } = await openRouter(dearIslands);
  const response = await router.route(
    request('c1', { callee: '44', caller: '12;phone-context=pbx.example' }),
  );
  assert.equal(routedOf(response).candidates[0]?.caller, '');
  const cause = factsAbout(response.decisions, 'caller 12;phone-context=pbx.example')['cause'];
  assert.equal(cause, 'it is a number within phone-context pbx.example, which is no country');
});

test('ROUTE-01 a phone is found by its number, however that and its username are written', async () => {
  const { router } = await openRouter({ ...dearIslands, routingGateways: [] });
  for (const callee of ['1001', '+1001', '%31001', '1002', '10-02', '+1002']) {
    assert.equal(reasonOf(await router.route(request('c1', { callee }))), 'NotRegistered', callee);
  }
});

test('OPS-09 the prefix of every number is told as any', async () => {
  const { router } = await openRouter(dearIslands);
  const { decisions } = await router.route(request('c1', { callee: '882123' }));
  assert.equal(factsAbout(decisions, 'routing-gateway any')['prefix'], 'any');
});
