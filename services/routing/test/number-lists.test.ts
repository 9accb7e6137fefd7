import assert from 'node:assert/strict';
import test from 'node:test';
import { listContent, NumberList } from '@tandem/domain';
import {
  configure,
  factsAbout,
  gateway,
  namesOf,
  openRouter,
  phone,
  reasonOf,
  request,
  routedOf,
} from './routing-fixture.ts';

const numberLists = [{ name: 'premium', match: 'prefix' }, { name: 'vip' }];
const lists = new Map([
  ['premium', new NumberList(listContent(['4490', '4487']), 'prefix')],
  ['vip', new NumberList(listContent(['441632960123', '442079460000']), 'exact')],
]);
const trunk = {
  name: 'demo-trunk',
  account: 'demo',
  authentication: { mode: 'ip', addresses: ['127.0.0.2/32'] },
};

async function opened(changes: Parameters<typeof configure>[0]) {
  const open = await openRouter(configure({ numberLists, ...changes }));
  open.list(lists);
  return open.router;
}

test('DENY-20 a number in a denied list, or in none of the allowed ones, is refused with 403 NumberBarred', async () => {
  const account = { name: 'demo', openingBalance: '100', rateGroup: 'standard' };
  for (const [changes, subject] of [
    [{ lists: { denyCallees: ['premium'] } }, 'switch'],
    [{ accounts: [{ ...account, lists: { denyCallees: ['premium'] } }] }, 'account demo'],
    [{ mappingGateways: [{ ...trunk, lists: { denyCallees: ['premium'] } }] }, 'mapping-gateway demo-trunk'], // prettier-ignore
  ] as const) {
    const router = await opened(changes);
    const response = await router.route(request('c1', { callee: '+449012345' }));
    assert.equal(reasonOf(response), 'NumberBarred');
    assert.deepEqual(factsAbout(response.decisions, subject), {
      side: 'callee',
      number: '+449012345',
      verdict: 'denied',
      list: 'premium',
      entry: '4490',
    });
    routedOf(await router.route(request('c2')));
  }
  const router = await opened({
    phones: [
      { username: '1001', password: 'p', account: 'demo', lists: { allowCallers: ['vip'] } },
    ],
  });
  const call = (caller: string) => router.route(request(caller, { origin: phone, caller }));
  assert.equal(reasonOf(await call('441632960124')), 'NumberBarred');
  const nameless = await call('');
  assert.equal(factsAbout(nameless.decisions, 'phone 1001')['verdict'], 'not-allowed');
  const allowed = await call('441632960123');
  routedOf(allowed);
  assert.equal(factsAbout(allowed.decisions, 'phone 1001')['list'], 'vip');
});

test('ROUTE-10 a denied list comes before an allowed one, and an allowed one of which nothing was imported allows nobody', async () => {
  const both = await opened({ lists: { denyCallees: ['vip'], allowCallees: ['vip', 'premium'] } });
  const response = await both.route(request('c1'));
  assert.equal(factsAbout(response.decisions, 'switch')['verdict'], 'denied');
  const open = await openRouter(configure({ numberLists, lists: { allowCallees: ['vip'] } }));
  assert.equal(reasonOf(await open.router.route(request('c2'))), 'NumberBarred');
  open.list(lists);
  routedOf(await open.router.route(request('c3')));
});

test('ROUTE-10 a gateway whose list bars a number is left out; where none is left it is refused by that', async () => {
  const carriers = [
    gateway('careful', ['44'], { lists: { denyCallees: ['premium'], denyCallers: ['vip'] } }),
    gateway('other', ['44'], { priority: 2 }),
  ];
  const router = await opened({ routingGateways: carriers });
  const premium = await router.route(request('c1', { callee: '449012345' }));
  assert.deepEqual(namesOf(premium), ['other']);
  assert.equal(factsAbout(premium.decisions, 'routing-gateway careful')['entry'], '4490');
  const caller = await router.route(request('c2', { caller: '441632960123' }));
  assert.deepEqual(namesOf(caller), ['other']);
  assert.deepEqual(namesOf(await router.route(request('c3'))), ['careful', 'other']);
  const alone = await opened({ routingGateways: carriers.slice(0, 1) });
  assert.equal(reasonOf(await alone.route(request('c4', { callee: '449012345' }))), 'NumberBarred');
});

test('ROUTE-10 lists are held against the numbers that rules have left', async () => {
  const router = await opened({
    numberRules: [
      { name: 'national', rules: [{ number: 'callee', stripPrefix: '0', prepend: '44' }] },
      { name: 'listed', rules: [{ number: 'callee', when: { callee: { list: 'vip' } }, prepend: '77' }] }, // prettier-ignore
    ],
    mappingGateways: [{ ...trunk, numberRules: ['national'], lists: { denyCallees: ['premium'] } }],
    routingGateways: [gateway('carrier', ['44'], { numberRules: ['listed'] })],
  });
  assert.equal(reasonOf(await router.route(request('c1', { callee: '09012345' }))), 'NumberBarred');
  const listed = await router.route(request('c2', { callee: '02079460000' }));
  assert.equal(routedOf(listed).candidates[0]?.callee, '77442079460000');
});

test('ROUTE-12 an analysis of a call that is refused tells which gateways its number is barred from, too', async () => {
  const router = await opened({
    lists: { denyCallees: ['premium'] },
    routingGateways: [gateway('careful', ['44'], { lists: { denyCallees: ['premium'] } })],
  });
  const { route } = await router.analyse({
    origin: phone,
    caller: '',
    callee: '449012345',
    atMs: 0,
    isSips: false,
    seconds: 0,
  });
  const decisions = route?.decisions ?? [];
  assert.equal(factsAbout(decisions, 'switch')['entry'], '4490');
  assert.equal(factsAbout(decisions, 'routing-gateway careful')['verdict'], 'denied');
});
