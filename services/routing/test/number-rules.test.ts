import assert from 'node:assert/strict';
import test from 'node:test';
import { Origin } from '@tandem/proto/auth';
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

const trunk = {
  name: 'demo-trunk',
  account: 'demo',
  authentication: { mode: 'ip', addresses: ['127.0.0.2/32'] },
};
const national = {
  name: 'national',
  rules: [
    { number: 'callee', when: { callee: { plus: false, prefixes: ['0'] } }, strip: 1, prepend: '44' }, // prettier-ignore
    { number: 'caller', when: { caller: { plus: false, prefixes: ['0'] } }, strip: 1, prepend: '44' }, // prettier-ignore
  ],
};
const carrierFormat = {
  name: 'carrier-format',
  rules: [
    { number: 'callee', prepend: '1234' },
    { number: 'caller', prepend: '+' },
  ],
};

test('ROUTE-10 the number after the rules of the calling side is rated and routed, and is as the gateway wants it once it is sent', async () => {
  const { router } = await openRouter(
    configure({
      numberRules: [national, carrierFormat],
      mappingGateways: [{ ...trunk, numberRules: ['national'] }],
      routingGateways: [
        gateway('plain', ['4420'], { priority: 2 }),
        gateway('prefixed', ['4420'], { numberRules: ['carrier-format'] }),
      ],
    }),
  );
  const response = await router.route(
    request('c1', { caller: '01632960123', callee: '0%32079460000' }),
  );
  assert.deepEqual(
    routedOf(response).candidates.map(({ gateway: name, caller, callee, targets }) => [
      name,
      caller,
      callee,
      targets[0]?.uri,
    ]),
    [
      ['prefixed', '+441632960123', '1234442079460000', 'sip:1234442079460000@192.0.2.1:5060'],
      ['plain', '441632960123', '442079460000', 'sip:442079460000@192.0.2.1:5060'],
    ],
  );
  assert.deepEqual(factsAbout(response.decisions, 'callee 442079460000'), {
    set: 'national',
    rule: '1',
    action: 'strip 1, prepend 44',
    before: '02079460000',
  });
  assert.deepEqual(factsAbout(response.decisions, 'callee 1234442079460000'), {
    set: 'carrier-format',
    rule: '1',
    action: 'prepend 1234',
    before: '442079460000',
    gateway: 'prefixed',
  });
  const analysis = await router.analyse({
    origin: Origin.create({ kind: 'mapping-gateway', name: 'demo-trunk', account: 'demo' }),
    caller: '',
    callee: '02079460000',
    atMs: 0,
    isSips: false,
    seconds: 0,
  });
  assert.match(analysis.price, /prefix 44/);
});

test('ROUTE-10 sets come in a documented order: phone or gateway, account; group, gateway', async () => {
  const adds = (digit: string, number = 'callee') => ({
    name: `add-${digit}`,
    rules: [{ number, replace: { pattern: '$', by: digit } }],
  });
  const { router } = await openRouter(
    configure({
      numberRules: ['1', '2', '3', '4', '5'].map((digit) => adds(digit)),
      accounts: [{ name: 'demo', openingBalance: '100', rateGroup: 'standard', numberRules: ['add-3'] }], // prettier-ignore
      phones: [
        { username: '1001', password: 'p', account: 'demo', numberRules: ['add-1', 'add-2'] },
      ],
      gatewayGroups: [{ name: 'group', numberRules: ['add-4'] }],
      routingGateways: [gateway('carrier', ['44'], { group: 'group', numberRules: ['add-5'] })],
    }),
  );
  const response = await router.route(request('c1', { origin: phone, callee: '44' }));
  assert.equal(routedOf(response).candidates[0]?.callee, '4412345');
});

test('ROUTE-10 a rule that leaves nothing to be called refuses the call, or leaves out the gateway', async () => {
  const empties = { name: 'empties', rules: [{ number: 'callee', when: { callee: { maxLength: 6 } }, strip: 6 }] }; // prettier-ignore
  const routingGateways = [
    gateway('empties', ['44'], { numberRules: ['empties'] }),
    gateway('plain', ['44'], { priority: 2 }),
  ];
  const onTrunk = await openRouter(
    configure({
      numberRules: [empties],
      mappingGateways: [{ ...trunk, numberRules: ['empties'] }],
    }),
  );
  const refused = await onTrunk.router.route(request('c1', { callee: '442079' }));
  assert.equal(reasonOf(refused), 'UserNotFound');
  assert.equal(factsAbout(refused.decisions, 'callee 442079')['after'], '');
  routedOf(await onTrunk.router.route(request('c2')));

  const onGateway = await openRouter(configure({ numberRules: [empties], routingGateways }));
  const other = await onGateway.router.route(request('c3', { callee: '442079' }));
  assert.deepEqual(namesOf(other), ['plain']);
  assert.equal(factsAbout(other.decisions, 'routing-gateway empties')['set'], 'empties');
  assert.deepEqual(namesOf(await onGateway.router.route(request('c4'))), ['empties', 'plain']);
});

test('ROUTE-10 a caller of whom a rule leaves no number is left out, and the call goes on', async () => {
  const hides = {
    name: 'hides',
    rules: [{ number: 'caller', replace: { pattern: '.*', by: '' } }],
  };
  const { router } = await openRouter(
    configure({
      numberRules: [hides],
      routingGateways: [gateway('hides', ['44'], { numberRules: ['hides'] }), gateway('plain', ['44'], { priority: 2 })], // prettier-ignore
    }),
  );
  const response = await router.route(request('c1', { caller: '441632960123' }));
  assert.deepEqual(
    routedOf(response).candidates.map(({ caller }) => caller),
    ['', '441632960123'],
  );
  assert.equal(factsAbout(response.decisions, 'caller 441632960123')['gateway'], 'hides');
});

test('ROUTE-01 a number that rules make is the phone of that number; rules of gateways leave a name that is called', async () => {
  const short = { name: 'short', rules: [{ number: 'callee', stripPrefix: '9', prepend: '10' }] };
  const phones = {
    locate: () => Promise.resolve({ bindings: [], goneMs: 0 }),
  };
  const { router } = await openRouter(
    configure({ numberRules: [short], mappingGateways: [{ ...trunk, numberRules: ['short'] }] }),
    phones,
  );
  const response = await router.route(request('c1', { callee: '902' }));
  assert.equal(reasonOf(response), 'NotRegistered');
});

test('CALL-12 rules hold for the number that a trusted side asserts; what is signed and asserted is what is sent', async () => {
  const identity = { trusted: true, headers: ['pai'] };
  const { router } = await openRouter(
    configure({
      numberRules: [
        national,
        { name: 'plus', rules: [{ number: 'caller', prepend: '+' }] },
        { name: 'by-caller', rules: [{ number: 'callee', when: { caller: { prefixes: ['441632'] } }, prepend: '77' }] }, // prettier-ignore
      ],
      stir: { certificates: [{ name: 'main', x5u: 'https://c.example/main.pem' }], certificate: 'main' }, // prettier-ignore
      accounts: [{ name: 'demo', openingBalance: '100', rateGroup: 'standard', numbers: ['441632'] }], // prettier-ignore
      rateGroups: [{ name: 'standard', currency: 'USD', rates: [{ prefix: '', pricePerMinute: '0.01' }] }], // prettier-ignore
      mappingGateways: [{ ...trunk, identity, numberRules: ['national', 'by-caller'] }],
      routingGateways: [
        gateway('carrier', [''], { numberRules: ['plus'], stir: 'sign', identity }),
      ],
    }),
  );
  const response = await router.route(
    request('c1', {
      caller: '0555',
      callee: '02079460000',
      identity: {
        asserted: ['<sip:01632960123@trunk.example>'],
        preferred: [],
        remoteParty: [],
        privacy: '',
      },
    }),
  );
  const [candidate] = routedOf(response).candidates;
  assert.equal(candidate?.caller, '+44555');
  assert.equal(candidate.callee, '77442079460000');
  assert.equal(candidate.identity?.asserted, '+441632960123');
  assert.equal(candidate.identity.signature?.number, '+441632960123');
  assert.equal(candidate.identity.signature.attestation, 'A');
  // As received: it stands for the caller in the CDR (BILL-03).
  assert.equal(response.asserted, '01632960123');
});
