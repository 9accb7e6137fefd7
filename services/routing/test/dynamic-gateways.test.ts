import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SwitchError } from '@tandem/domain';
import { LocatedBinding } from '@tandem/proto/registrar';
import { configure, factsAbout, NOON, openRouter, phone, reasonOf, request, routedOf } from './routing-fixture.ts'; // prettier-ignore

const binding = (contact: string, more: object = {}) =>
  LocatedBinding.fromPartial({
    target: {
      uri: contact,
      transport: 'tcp',
      addresses: ['192.0.2.7:40312'],
      flow: '10.0.0.3:7000;17',
      path: ['<sip:192.0.2.99;lr>'],
      ...more,
    },
    q: 1000,
    contact,
    source: '192.0.2.7:40312',
  });

const there = [binding('sip:site@10.0.0.7:5062;transport=tcp')];

/** A router of two dynamic gateways, one of them that calls in, too, and a static one behind both. */
async function open(places: Readonly<Record<string, readonly LocatedBinding[] | Error>>) {
  const asked: string[] = [];
  const configuration = configure({
    rateGroups: [
      {
        name: 'standard',
        currency: 'USD',
        rates: [
          { prefix: '44', pricePerMinute: '0.0123' },
          { prefix: '', pricePerMinute: '0' },
        ],
      },
    ],
    mappingGateways: [
      { name: 'demo-trunk', account: 'demo', authentication: { mode: 'ip', addresses: ['192.0.2.0/24'] } }, // prettier-ignore
      { name: 'site', account: 'demo', lineLimit: 3, authentication: { mode: 'password', password: 'p' }, registration: {} }, // prettier-ignore
      { name: '4900', account: 'demo', lineLimit: 1, authentication: { mode: 'password', password: 'p' }, registration: {} }, // prettier-ignore
    ],
    routingGateways: [
      { name: 'site', type: 'dynamic', prefixes: ['442'], priority: 1, lineLimit: 2 },
      { name: 'gsm', type: 'dynamic', prefixes: ['442'], priority: 2, password: 'p' },
      { name: 'carrier', addresses: ['192.0.2.1'], prefixes: ['44'] },
    ],
  });
  const opened = await openRouter(configuration, {
    locate: ({ phone: name }) => {
      asked.push(name);
      const found = places[name] ?? [];
      if (found instanceof Error) return Promise.reject(found);
      return Promise.resolve({ bindings: [...found], goneMs: name === 'gsm' ? NOON : 0 });
    },
  });
  return { ...opened, asked };
}

test('ROUTE-02 a dynamic gateway is called where it is registered, by its flow and Path, with the called number in place of the user of its contact', async () => {
  const { router } = await open({ site: there });
  const response = await router.route(request('c1'));
  const { candidates, chosen, lines } = routedOf(response);
  assert.deepEqual([candidates.map(({ gateway }) => gateway), chosen], [['site', 'carrier'], 0]);
  assert.deepEqual(
    candidates[0]?.targets.map(({ uri, addresses, flow, path, transport }) => [uri, addresses, flow, path, transport]), // prettier-ignore
    [
      [
        'sip:442079460000@10.0.0.7:5062;transport=tcp',
        ['192.0.2.7:40312'],
        '10.0.0.3:7000;17',
        ['<sip:192.0.2.99;lr>'],
        'tcp',
      ],
    ],
  );
  assert.deepEqual(lines.slice(-1), ['routing-gateway:site']);
  assert.equal(candidates[0].password, '');
  const located = factsAbout(response.decisions, 'routing-gateway site', 'registration');
  assert.equal(located['source'], '192.0.2.7:40312');
});

test('ROUTE-02 DENY-12 one that is not registered is no candidate, and the decision says since when it is not', async () => {
  const { router } = await open({ site: there });
  const response = await router.route(request('c1'));
  assert.deepEqual(factsAbout(response.decisions, 'routing-gateway gsm'), {
    prefix: '442',
    since: new Date(NOON).toISOString(),
  });
  const lone = await open({});
  const analysis = await lone.router.analyse({
    origin: phone,
    caller: '',
    isSips: false,
    seconds: 0,
    callee: '4420',
    atMs: 0,
  });
  const { decisions = [] } = analysis.route ?? {};
  assert.deepEqual(factsAbout(decisions, 'routing-gateway site'), { prefix: '442' });
  lone.use(configure({ routingGateways: [{ name: 'gsm', type: 'dynamic', prefixes: ['44'], password: 'p' }] })); // prettier-ignore
  assert.equal(reasonOf(await lone.router.route(request('c2'))), 'AllGatewayBusy');
});

test('ROUTE-02 while nobody can say where dynamic gateways are, the others are used', async () => {
  const { router } = await open({ site: new SwitchError('SWITCH_SERVICE_UNAVAILABLE', 'away') });
  const response = await router.route(request('c1'));
  assert.deepEqual(
    routedOf(response).candidates.map(({ gateway }) => gateway),
    ['carrier'],
  );
  assert.equal(factsAbout(response.decisions, 'routing-gateway site')['fault'], 'away');
});

test('ROUTE-06 a failover passes over a dynamic gateway that has gone since the call began', async () => {
  const places: Record<string, readonly LocatedBinding[]> = { site: there, gsm: there };
  const { router } = await open(places);
  const { lines } = routedOf(await router.route(request('c1')));
  delete places['gsm'];
  const next = await router.nextCandidate({
    traceParent: '',
    callId: 'c1',
    failedGateway: 'site',
    gateways: ['gsm', 'carrier'],
    lines,
    redirected: [],
  });
  assert.equal(next.gateway, 'carrier');
  assert.equal(factsAbout(next.decisions, 'routing-gateway gsm')['since'], new Date(NOON).toISOString()); // prettier-ignore
});

test('ROUTE-01 a dynamic gateway is called by its own name, too: at its contact as it is, on the lines that it has', async () => {
  const { router } = await open({ site: there, '4900': [binding('sip:4900@10.0.0.8')] });
  const named = routedOf(await router.route(request('c1', { callee: 'site' })));
  assert.deepEqual(
    [named.candidates.map(({ gateway }) => gateway), named.candidates[0]?.targets[0]?.uri],
    [['site'], 'sip:site@10.0.0.7:5062;transport=tcp'],
  );
  assert.deepEqual(named.lines.slice(-1), ['routing-gateway:site']);
  // It takes calls by its name alone: no routing gateway has it.
  const numbered = routedOf(await router.route(request('c2', { callee: '+4900' })));
  assert.deepEqual(
    [numbered.candidates.map(({ gateway }) => gateway), numbered.lines.slice(-1)],
    [['mapping-gateway 4900'], ['mapping-gateway:4900']],
  );
  const full = await router.route(request('c3', { callee: '4900' }));
  assert.equal(reasonOf(full), 'LineLimitExceeded');
});

test('DENY-10 a dynamic gateway that is called by its name and not registered is 480', async () => {
  const { router } = await open({});
  assert.equal(reasonOf(await router.route(request('c1', { callee: 'site' }))), 'NotRegistered');
});

test('ROUTE-02 the contacts of a gateway are tried one after the other: it is one peer', async () => {
  const two = [binding('sip:site@10.0.0.7'), binding('sip:site@10.0.0.8', { device: 1, rank: 1 })];
  const { router } = await open({ site: two });
  const [candidate] = routedOf(await router.route(request('c1'))).candidates;
  assert.deepEqual(
    candidate?.targets.map(({ device, rank, uri }) => [uri, device, rank]),
    [
      ['sip:442079460000@10.0.0.7', undefined, undefined],
      ['sip:442079460000@10.0.0.8', undefined, undefined],
    ],
  );
});

test('ROUTE-14 where no dynamic gateway matches nobody is asked', async () => {
  const { asked, router } = await open({});
  await router.route(request('c1', { callee: '44999' }));
  assert.deepEqual(asked, []);
});
