import assert from 'node:assert/strict';
import { test } from 'node:test';
import { snapshotOf } from '@tandem/config';
import type { Configuration } from '@tandem/config';
import { memoryLimits } from '@tandem/limits';
import { parseMoney } from '@tandem/domain';
import { AnalyseRequest, NextCandidateRequest } from '@tandem/proto/routing';
import { silentLogger } from '@tandem/service';
import { DnsClient, NameBook, PassingNames, lookUp, systemClock } from '@tandem/sip-names';
import { SnapshotTables } from '../src/adapters/snapshot-tables.ts';
import { RestingGateways } from '../src/resting-gateways.ts';
import { Router } from '../src/router.ts';
import {
  configure,
  factsAbout,
  gateway,
  namesOf,
  reasonOf,
  request,
  routedOf,
  trunk,
} from './routing-fixture.ts';
import {
  TestNameServer,
  aRecord as a,
  aaaaRecord as aaaa,
  naptrRecord as naptr,
  srvRecord as srv,
} from '@tandem/testing';

const zone = [
  naptr('carrier.example', 'SIP+D2U', '_sip._udp.carrier.example'),
  srv('_sip._udp.carrier.example', 'near.carrier.example', { priority: 1, port: 5070 }),
  srv('_sip._udp.carrier.example', 'far.carrier.example', { priority: 2 }),
  a('near.carrier.example', '192.0.2.1'),
  aaaa('near.carrier.example', '2001:db8::1'),
  a('far.carrier.example', '192.0.2.2'),
];

interface Scene {
  readonly server: TestNameServer;
  readonly router: Router;
  readonly tables: SnapshotTables;
  readonly use: (configuration: Configuration, version?: number) => Promise<void>;
}

async function sceneOf(t: { after(work: () => Promise<void>): void }): Promise<Scene> {
  const server = await TestNameServer.start(zone);
  const dns = new DnsClient({ servers: [server.place], timeoutMs: 500 });
  const logger = silentLogger();
  const openBook = (): NameBook =>
    new NameBook({ lookUp: (target) => lookUp(dns.ask, target), clock: systemClock, logger });
  const names = openBook();
  const passing = new PassingNames(openBook());
  const tables = new SnapshotTables((sealed) => sealed, logger, names);
  const limits = memoryLimits({ now: Date.now });
  await limits.balances.set(new Map([['demo', parseMoney('100')]]));
  const router = new Router({
    tables: () => tables.current(),
    lines: limits.lines,
    rests: new RestingGateways({ rests: limits.rests, now: Date.now, logger }),
    names: passing,
    now: Date.now,
    random: () => 0,
  });
  t.after(async () => {
    names.close();
    passing.close();
    dns.close();
    await server.close();
  });
  return {
    server,
    router,
    tables,
    use: async (configuration, version = 1) => {
      void tables.use(snapshotOf(version, configuration));
      while (tables.current()?.version !== version) {
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
  };
}

const byName = configure({
  routingGateways: [
    gateway('carrier-a', ['44'], { addresses: ['carrier.example'] }),
    gateway('carrier-b', ['44'], { addresses: ['192.0.2.9'], priority: 2 }),
  ],
});

test('CALL-02 a gateway by name is called at the addresses of its records, and the decision names both', async (t) => {
  const { router, server, use } = await sceneOf(t);
  await use(byName);
  const asked = server.asked.length;
  const response = await router.route(request('c1'));
  const [candidate, other] = routedOf(response).candidates;
  assert.deepEqual(candidate?.targets, [
    {
      uri: 'sip:442079460000@carrier.example',
      transport: 'udp',
      addresses: ['[2001:db8::1]:5070', '192.0.2.1:5070', '192.0.2.2:5060'],
      flow: '',
      path: [],
    },
  ]);
  assert.deepEqual(candidate.addresses, candidate.targets[0]?.addresses);
  assert.equal(other?.targets[0]?.uri, 'sip:442079460000@192.0.2.9:5060');
  const facts = factsAbout(response.decisions, 'routing-gateway carrier-a', 'name');
  assert.equal(facts['name'], 'carrier.example');
  assert.match(
    facts['addresses'] ?? '',
    /^\[2001:db8::1\]:5070 192\.0\.2\.1:5070 by udp, 192\.0\.2\.2/,
  );
  assert.match(
    facts['records'] ?? '',
    /NAPTR SIP\+D2U to SRV _sip\._udp\.carrier\.example 1 0 to near/,
  );
  assert.equal(facts['stale'], 'no');
  // A call asks nobody.
  assert.equal(server.asked.length, asked);
});

test('CALL-02 while the name server is away calls go on to the addresses that are known', async (t) => {
  const { router, server, use } = await sceneOf(t);
  await use(byName);
  server.mood = 'silent';
  await use(configure({ ...byName, realm: 'other' }), 2);
  assert.deepEqual(namesOf(await router.route(request('c1'))), ['carrier-a', 'carrier-b']);
});

test('CALL-02 a gateway whose name is not known is left out, and the next one is called', async (t) => {
  const { router, server, use } = await sceneOf(t);
  server.records = [];
  await use(byName);
  const response = await router.route(request('c1'));
  assert.deepEqual(namesOf(response), ['carrier-b']);
  const facts = factsAbout(response.decisions, 'routing-gateway carrier-a', 'name');
  assert.deepEqual([facts['name'], facts['cause']], ['carrier.example', 'the name has no address']);
});

test('CALL-02 where no gateway has an address there is no route', async (t) => {
  const { router, server, use } = await sceneOf(t);
  server.mood = 'failing';
  const routingGateways = [gateway('carrier-a', ['44'], { addresses: ['carrier.example'] })];
  await use(configure({ routingGateways }));
  const response = await router.route(request('c1'));
  assert.equal(reasonOf(response), 'NoAvailableRouter');
  const facts = factsAbout(response.decisions, 'routing-gateway carrier-a', 'name');
  assert.match(facts['cause'] ?? '', /it says SERVFAIL/);
});

test('ROUTE-12 CALL-02 an analysis shows what a name stands for', async (t) => {
  const { router, use } = await sceneOf(t);
  await use(byName);
  const { route } = await router.analyse(
    AnalyseRequest.create({ origin: trunk, caller: '1001', callee: '442079460000' }),
  );
  assert.ok(route);
  assert.match(
    factsAbout(route.decisions, 'routing-gateway carrier-a', 'name')['addresses'] ?? '',
    /192\.0\.2\.1:5070/,
  );
});

test('ROUTE-13 CALL-02 a configuration does not wait for its names: it is in effect, whatever the name server does', async (t) => {
  const { server, tables, use } = await sceneOf(t);
  server.mood = 'silent';
  const startMs = performance.now();
  await use(byName);
  assert.ok(performance.now() - startMs < 8000);
  assert.equal(tables.current()?.version, 1);
});

test('CALL-02 where a carrier’s redirection to a name leads is looked up once, as for a gateway, and said of what leads nowhere', async (t) => {
  const { router, server, use } = await sceneOf(t);
  await use(byName);
  const { lines } = routedOf(await router.route(request('c1')));
  const next = NextCandidateRequest.create({
    callId: 'c1',
    failedGateway: 'carrier-a',
    gateways: ['carrier-a', 'carrier-b'],
    lines,
    redirected: [
      'sip:1@Carrier.example',
      'sip:1@near.carrier.example:5090;transport=tcp',
      'sip:1@sip.example;maddr=far.carrier.example',
      'sip:1@gone.example',
    ],
  });
  const { gateway: chosen, redirected } = await router.nextCandidate(next);
  assert.equal(chosen, 'carrier-a');
  assert.deepEqual(
    redirected.map(({ targets, cause }) => [
      targets.map(({ transport, addresses }) => `${transport} ${addresses.join(' ')}`),
      cause,
    ]),
    [
      [['udp [2001:db8::1]:5070 192.0.2.1:5070 192.0.2.2:5060'], ''],
      [['tcp [2001:db8::1]:5090 192.0.2.1:5090'], ''],
      [['udp 192.0.2.2:5060'], ''],
      [[], 'gone.example: the name has no address'],
    ],
  );
  assert.equal(redirected[0]?.targets[0]?.uri, 'sip:1@Carrier.example');
  const asked = server.asked.length;
  await router.nextCandidate(next);
  assert.equal(server.asked.length, asked);
});
