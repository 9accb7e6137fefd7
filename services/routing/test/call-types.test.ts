import assert from 'node:assert/strict';
import test from 'node:test';
import { checkConfiguration } from '@tandem/config';
import {
  configure,
  factsAbout,
  openRouter,
  phone,
  reasonOf,
  request,
  routedOf,
} from './routing-fixture.ts';

const callTypes = [
  { name: 'national', prefixes: ['44'] },
  { name: 'premium', prefixes: ['449', '+4487'] },
  { name: 'mobile', prefixes: ['447'] },
];
const phones = [
  { username: '1001', password: 'p', account: 'demo', callTypes: ['internal', 'national'] },
  { username: '1002', password: 'p', account: 'demo' },
];
const document = {
  callTypes,
  phones,
  rateGroups: [
    { name: 'standard', currency: 'USD', rates: [{ prefix: '', pricePerMinute: '0.01' }] },
  ],
  routingGateways: [{ name: 'carrier', addresses: ['127.0.0.1:5070'], prefixes: [''] }],
};

test('DENY-04 the longest prefix of all types decides what type a call is of', async () => {
  const { router } = await openRouter(configure(document));
  const call = (callId: string, callee: string) =>
    router.route(request(callId, { origin: phone, callee }));
  routedOf(await call('c1', '442079460000'));
  routedOf(await call('c2', '+442079460000'));
  for (const [callee, type, prefix] of [
    ['449012345', 'premium', '449'],
    ['+448712345', 'premium', '4487'],
    ['447700900123', 'mobile', '447'],
    ['33123456', 'none', 'none'],
  ] as const) {
    const response = await call(`to-${callee}`, callee);
    assert.equal(reasonOf(response), 'CallNotPermitted', callee);
    assert.deepEqual(factsAbout(response.decisions, 'phone 1001', 'call-type'), {
      callee,
      type,
      prefix,
      permitted: 'internal, national',
    });
  }
});

test('DENY-04 a call to a phone here is internal, whatever its number begins with', async () => {
  const { router } = await openRouter(
    configure({ ...document, phones: [...phones, { ...phones[1], username: '4490001' }] }),
  );
  const call = (callee: string) => router.route(request(callee, { origin: phone, callee }));
  routedOf(await call('1002'));
  routedOf(await call('4490001'));
});

test('DENY-04 a gateway and its account must both permit the type; where neither is kept to any, all are', async () => {
  const trunk = {
    name: 'demo-trunk',
    account: 'demo',
    authentication: { mode: 'ip', addresses: ['127.0.0.2/32'] },
  };
  const account = { name: 'demo', openingBalance: '100', rateGroup: 'standard' };
  const callee = '447700900123';
  const asked = async (ofTrunk?: readonly string[], ofAccount?: readonly string[]) => {
    const { router } = await openRouter(
      configure({
        ...document,
        mappingGateways: [{ ...trunk, ...(ofTrunk && { callTypes: ofTrunk }) }],
        accounts: [{ ...account, ...(ofAccount && { callTypes: ofAccount }) }],
      }),
    );
    return router.route(request('c', { callee }));
  };
  routedOf(await asked());
  routedOf(await asked(['mobile'], ['national', 'mobile']));
  const byAccount = await asked(['mobile'], ['national']);
  assert.equal(reasonOf(byAccount), 'CallNotPermitted');
  assert.equal(factsAbout(byAccount.decisions, 'account demo', 'call-type')['type'], 'mobile');
  const byTrunk = await asked([], ['mobile']);
  const facts = factsAbout(byTrunk.decisions, 'mapping-gateway demo-trunk', 'call-type');
  assert.equal(facts['permitted'], 'none');
});

test('DENY-04 a type that is not there, or a prefix of two types, is a mistake', () => {
  const mistakes = (changes: object): string[] => {
    const result = checkConfiguration({ ...configure(), ...changes });
    return result.kind === 'valid'
      ? []
      : result.mistakes.map(({ path, message }) => `${path} ${message}`);
  };
  const wrongName = { ...phones[1], callTypes: ['internal', 'nationl'] };
  assert.deepEqual(mistakes({ callTypes, phones: [wrongName] }), [
    'phones[0].callTypes[1] names type of call "nationl", which is not in callTypes; did you mean "national"?',
  ]);
  const twice = [...callTypes, { name: 'other', prefixes: ['+449'] }];
  assert.match(mistakes({ callTypes: twice }).join('\n'), /"\+449" is there already/);
});
