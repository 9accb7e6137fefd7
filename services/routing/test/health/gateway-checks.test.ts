import assert from 'node:assert/strict';
import { test } from 'node:test';
import { snapshotOf } from '@tandem/config';
import { parseMoney } from '@tandem/domain';
import type { JournalNote } from '@tandem/domain';
import { memoryLimits } from '@tandem/limits';
import { AnalyseRequest, NextCandidateRequest } from '@tandem/proto/routing';
import { CheckOutcome, ListGatewaysRequest } from '@tandem/proto/health';
import type { GatewayCheck } from '@tandem/proto/health';
import { silentLogger } from '@tandem/service';
import { MemoryHealthStore } from '../../src/adapters/memory-health-store.ts';
import { openHealth } from '../../src/health/open-health.ts';
import { GatewayChecks } from '../../src/health/gateway-checks.ts';
import { watchOffline } from '../../src/health/offline-watch.ts';
import type { KnownHealth } from '../../src/core/health/offline-places.ts';
import { LiveQuality } from '../../src/core/live-quality.ts';
import { buildTables } from '../../src/core/routing-tables.ts';
import { Router } from '../../src/router.ts';
import type { Watch } from '../../src/watch.ts';
import {
  configure,
  factsAbout,
  gateway,
  namesOf,
  NOON,
  reasonOf,
  request,
  routedOf,
  tablesOf,
  trunk,
} from '../routing-fixture.ts';

const check = { optionsCheck: { period: 10 } };
const A = '192.0.2.1:5060';
const B = '192.0.2.2:5060';

/** Two carriers that are checked, the second with two addresses, and one that is not. */
const checked = configure({
  routingGateways: [
    gateway('a', ['44'], { ...check, addresses: [A] }),
    gateway('b', ['44'], { ...check, addresses: [A, B], priority: 2 }),
    gateway('c', ['44'], { priority: 3 }),
  ],
});

const noRests = {
  current: new Map(),
  list: () => Promise.resolve([]),
  begin: () => Promise.resolve(),
  end: () => Promise.resolve(false),
};

/** One store, with as many pods of routing as a test wants; edges are what the test says in their place. */
class Bench {
  clock = { nowMs: NOON };
  readonly store = new MemoryHealthStore(() => this.clock.nowMs);
  readonly notes: JournalNote[] = [];
  tables = tablesOf(checked);
  readonly checks = this.pod();

  pod(): GatewayChecks {
    return new GatewayChecks({
      store: this.store,
      tables: () => this.tables,
      journal: {
        note: (note) => {
          this.notes.push(note);
        },
        level: () => undefined,
      },
      logger: silentLogger(),
      now: () => this.clock.nowMs,
    });
  }

  watch(): Watch<KnownHealth> {
    const { store } = this;
    const parts = { store, tables: () => this.tables, logger: silentLogger() };
    return watchOffline({ ...parts, now: () => this.clock.nowMs });
  }

  /** All gateways are due. */
  async begin(): Promise<void> {
    const { checks, version } = this.tables;
    const gateways = [...checks].map(([name, { periodMs }]) => ({ gateway: name, periodMs }));
    await this.store.follow(version, gateways);
    this.clock.nowMs += 100;
  }

  /** One round of checks: every address answers what `codes` has for it; 0: nothing, as is the default. */
  async round(codes: Readonly<Record<string, number>> = {}, pod = this.checks): Promise<void> {
    const { due } = await pod.take({ edge: 'e1', isLeaving: false, reports: [] });
    await this.report(due, codes, pod);
    this.clock.nowMs += 10_000;
  }

  async report(
    due: readonly GatewayCheck[],
    codes: Readonly<Record<string, number>> = {},
    pod = this.checks,
  ): Promise<void> {
    const reports = due.map(({ addresses, dueMs, gateway: name, turn }) => ({
      gateway: name,
      turn,
      dueMs,
      outcomes: addresses.map(({ address, transport }) => {
        const code = codes[address] ?? 0;
        const said = code === 0 ? { failure: 'no answer within 3 s' } : { reason: 'OK', rttMs: 12 };
        return CheckOutcome.fromPartial({ transport, address, code, ...said });
      }),
    }));
    await pod.take({ edge: 'e1', isLeaving: true, reports });
  }

  async router(): Promise<Router> {
    const limits = memoryLimits({ now: () => this.clock.nowMs });
    await limits.balances.set(new Map([['demo', parseMoney('100')]]));
    const watch = this.watch();
    await watch.read();
    return new Router({
      tables: () => this.tables,
      lines: limits.lines,
      rests: noRests,
      health: () => watch.current,
      now: () => this.clock.nowMs,
    });
  }
}

test('ROUTE-07 an edge is told what is due, with the addresses as they are to be asked, each once', async () => {
  const bench = new Bench();
  await bench.checks.take({ edge: 'e1', isLeaving: false, reports: [] });
  bench.clock.nowMs += 20;
  const { due } = await bench.checks.take({ edge: 'e2', isLeaving: false, reports: [] });
  const [b] = due;
  assert.equal(due.length, 1);
  assert.equal(b?.gateway, 'b');
  assert.equal(b.timeoutMs, 3000);
  assert.equal(b.turn, NOON + 20 + 4000);
  assert.deepEqual(b.addresses, [
    { uri: `sip:${A}`, transport: 'udp', address: A },
    { uri: `sip:${B}`, transport: 'udp', address: B },
  ]);
});

test('ROUTE-07 DENY-12 OPS-09 a gateway that answers no OPTIONS gets no calls, and the decision says since when and what it said', async () => {
  const bench = new Bench();
  await bench.begin();
  await bench.round({ [B]: 200 });
  await bench.round({ [B]: 200 });
  const router = await bench.router();
  const routed = await router.route(request('c1'));
  assert.deepEqual(namesOf(routed), ['b', 'c']);
  assert.deepEqual(factsAbout(routed.decisions, 'routing-gateway a'), {
    prefix: '44',
    since: new Date(NOON + 10_100).toISOString(),
    last: 'no answer within 3 s',
    addresses: `udp ${A}`,
  });
  // Of the other one the next address is used.
  const [b] = routedOf(routed).candidates;
  assert.deepEqual(b?.addresses, [B]);
  assert.equal(factsAbout(routed.decisions, 'routing-gateway b', 'options-check')['addresses'], `udp ${A}`); // prettier-ignore
  const next = await router.nextCandidate(
    NextCandidateRequest.fromPartial({ callId: 'c1', failedGateway: 'b', gateways: ['a'] }),
  );
  assert.equal(next.gateway, '');
  assert.equal(next.decisions.at(-1)?.reason, 'AllGatewayBusy');
  const ask = AnalyseRequest.fromPartial({ origin: trunk, caller: '1001', callee: '442079460000' });
  const { route } = await router.analyse(ask);
  assert.equal(factsAbout(route?.decisions ?? [], 'routing-gateway a')['last'], 'no answer within 3 s'); // prettier-ignore
});

test('ROUTE-07 DENY-12 with all gateways off line a call is refused as with all of them busy', async () => {
  const bench = new Bench();
  bench.tables = tablesOf(
    configure({ routingGateways: [gateway('a', ['44'], { ...check, addresses: [A] })] }),
  );
  await bench.round({ [A]: 503 });
  await bench.round({ [A]: 408 });
  const router = await bench.router();
  assert.equal(reasonOf(await router.route(request('c1'))), 'AllGatewayBusy');
});

test('ROUTE-07 OPS-10 what goes off line and comes back is in the journal, once, whichever pod hears of it', async () => {
  const bench = new Bench();
  const other = bench.pod();
  await bench.begin();
  for (const codes of [{}, {}, { [A]: 200 }, { [A]: 200 }, { [A]: 404 }]) {
    const isOdd = bench.notes.length % 2 === 1;
    await bench.round(codes, isOdd ? other : bench.checks);
  }
  assert.deepEqual(
    bench.notes.map(({ cause, facts, terminal }) => [terminal, cause, facts]),
    [
      ['a', 'gateway-off-line', { last: 'no answer within 3 s', failed: 2, checks: 2 }],
      ['b', 'address-off-line', { contact: `udp ${A}`, last: 'no answer within 3 s', failed: 2, checks: 2 }],
      ['b', 'address-off-line', { contact: `udp ${B}`, last: 'no answer within 3 s', failed: 2, checks: 2 }],
      ['b', 'gateway-off-line', { last: 'no answer within 3 s', failed: 2, checks: 2 }],
      ['a', 'gateway-on-line', { last: '404 OK', seconds: 30 }],
      ['b', 'address-on-line', { contact: `udp ${A}`, last: '404 OK', seconds: 30 }],
      ['b', 'gateway-on-line', { last: '404 OK', seconds: 30 }],
    ],
  ); // prettier-ignore
});

test('ROUTE-07 a pod that dies with a check is replaced when its lease ends, and what it says later counts for nothing', async () => {
  const bench = new Bench();
  bench.clock.nowMs += 100;
  const dead = await bench.checks.take({ edge: 'dead', isLeaving: false, reports: [] });
  assert.deepEqual(dead.due.map((each) => each.gateway), ['a']); // prettier-ignore
  bench.clock.nowMs += 3999;
  const early = await bench.checks.take({ edge: 'e2', isLeaving: false, reports: [] });
  assert.deepEqual(early.due.map((each) => each.gateway), ['b']); // prettier-ignore
  bench.clock.nowMs += 1;
  const { due } = await bench.checks.take({ edge: 'e2', isLeaving: false, reports: [] });
  assert.deepEqual(due.map((each) => each.gateway), ['a']); // prettier-ignore
  await bench.report(due, { [A]: 200 });
  await bench.report(dead.due);
  const { health } = await bench.store.read(['a']);
  assert.equal(health[0]?.addresses[0]?.last.code, 200);
});

test('ROUTE-07 nobody stays off line whom nobody asks any more: the check is removed, or all edges that check are gone', async () => {
  const bench = new Bench();
  await bench.begin();
  await bench.round();
  await bench.round();
  const router = await bench.router();
  assert.deepEqual(namesOf(await router.route(request('c1'))), ['c']);
  bench.clock.nowMs += 80_000;
  assert.deepEqual(namesOf(await router.route(request('c2'))), ['a', 'b', 'c']);
  bench.clock.nowMs -= 80_000;
  const unchecked = [gateway('a', ['44'], { addresses: [A] }), gateway('b', ['44'], { ...check, addresses: ['192.0.2.9'] })]; // prettier-ignore
  bench.tables = tablesOf(configure({ routingGateways: unchecked }), 2);
  await bench.round();
  assert.deepEqual(namesOf(await router.route(request('c3'))), ['a', 'b']);
  assert.deepEqual((await bench.store.read(['a'])).health, [undefined]);
});

test('ROUTE-07 a store that was emptied has all gateways again within ten seconds', async () => {
  const bench = new Bench();
  await bench.round({ [A]: 200, [B]: 200 });
  await bench.store.follow(0, []);
  await bench.round({ [A]: 200, [B]: 200 });
  await bench.round({ [A]: 200, [B]: 200 });
  const { count } = await bench.store.take({ limit: 0, leaseMs: 0, version: 1 } as never);
  assert.equal(count, 2);
});

test('ROUTE-07 OPS-02 operators see how each gateway is, by name, by state, and page by page', async () => {
  const bench = new Bench();
  await bench.begin();
  await bench.round({ [B]: 200 });
  await bench.round({ [B]: 200 });
  const { handlers } = openHealth({
    store: bench.store,
    tables: () => bench.tables,
    quality: () => new LiveQuality(0, []),
    throttling: {
      current: new Map([['b', { level: 2, sinceMs: 5, attempts: 8, failed: 4 }]]),
      note: () => Promise.resolve(),
    },
    journal: undefined,
    logger: silentLogger(),
  });
  const list = async (more: Partial<ListGatewaysRequest>) =>
    handlers.listGateways(ListGatewaysRequest.fromPartial(more));
  const { gateways, nextAfter } = await list({});
  assert.deepEqual(
    gateways.map(({ name, state, uncheckedBecause }) => [name, state, uncheckedBecause]),
    [
      ['a', 'offline', ''],
      ['b', 'degraded', ''],
      ['c', 'unchecked', 'it has no optionsCheck'],
    ],
  );
  assert.equal(nextAfter, '');
  const [, b] = gateways;
  assert.deepEqual([b?.edge, b?.checkPeriodSeconds, b?.failuresAllowed, b?.window], ['e1', 10, 2, 3]); // prettier-ignore
  assert.deepEqual(b?.throttled, { share: 25, sinceMs: 5, attempts: 8, failed: 4 });
  assert.deepEqual(b.addresses[1]?.failed, [false, false]);
  assert.equal(b.addresses[1].last?.rttMs, 12);
  assert.equal(gateways[0]?.throttled, undefined);
  assert.deepEqual((await list({ state: 'degraded' })).gateways.map(({ name }) => name), ['b']); // prettier-ignore
  assert.deepEqual((await list({ gateway: 'c' })).gateways.map(({ name }) => name), ['c']); // prettier-ignore
  const page = await list({ limit: 2 });
  assert.deepEqual([page.gateways.length, page.nextAfter], [2, 'b']);
  assert.deepEqual((await list({ limit: 2, after: 'b' })).gateways.map(({ name }) => name), ['c']); // prettier-ignore
});

test('ROUTE-07 while the store is away what is known stays, and where nobody is checked nobody asks it', async () => {
  const bench = new Bench();
  await bench.begin();
  await bench.round();
  await bench.round();
  let asked = 0;
  let isAway = false;
  const watch = watchOffline({
    store: {
      offline: (mark) => {
        asked += 1;
        return isAway ? Promise.reject(new Error('away')) : bench.store.offline(mark);
      },
    },
    tables: () => bench.tables,
    now: () => bench.clock.nowMs,
    logger: silentLogger(),
  });
  await watch.read();
  isAway = true;
  await watch.read();
  assert.deepEqual([...watch.current.keys()], ['a', 'b']);
  bench.tables = tablesOf(configure(), 3);
  await watch.read();
  assert.deepEqual([asked, watch.current.size], [2, 0]);
});

test('ROUTE-07 CALL-02 of a name each server is checked, with the certificate of the name, and the next one is called', async () => {
  const bench = new Bench();
  const server = { priority: 1, weight: 0, transport: 'tls', record: 'SRV' } as const;
  const name = {
    text: 'sip.example',
    servers: [
      { ...server, addresses: ['192.0.2.1:5061'] },
      { ...server, priority: 2, addresses: ['192.0.2.2:5061'] },
    ],
    isAsked: true,
    isStale: false,
    failure: '',
  };
  const carrier = gateway('n', ['44'], { ...check, addresses: ['sip.example'], transport: 'tls' });
  const configuration = configure({ routingGateways: [carrier] });
  bench.tables = buildTables(snapshotOf(1, configuration), String, { name: () => name });
  await bench.begin();
  const { due } = await bench.checks.take({ edge: 'e1', isLeaving: false, reports: [] });
  assert.deepEqual(due[0]?.addresses, [
    { uri: 'sip:sip.example', transport: 'tls', address: '192.0.2.1:5061', certificate: 'sip.example' },
    { uri: 'sip:sip.example', transport: 'tls', address: '192.0.2.2:5061', certificate: 'sip.example' },
  ]); // prettier-ignore
  await bench.report(due, { '192.0.2.2:5061': 200 });
  bench.clock.nowMs += 10_000;
  await bench.round({ '192.0.2.2:5061': 200 });
  const router = await bench.router();
  const [candidate] = routedOf(await router.route(request('c1'))).candidates;
  assert.deepEqual(candidate?.addresses, ['192.0.2.2:5061']);
});

test('ROUTE-07 CALL-02 a name without an address is looked at again with its next check, and is unchecked until then', async () => {
  const bench = new Bench();
  const nothing = {
    text: 'sip.example',
    servers: [],
    isAsked: true,
    isStale: false,
    failure: 'gone',
  };
  const carrier = gateway('n', ['44'], { ...check, addresses: ['sip.example'] });
  const configuration = configure({ routingGateways: [carrier] });
  bench.tables = buildTables(snapshotOf(1, configuration), String, { name: () => nothing });
  await bench.begin();
  const { due } = await bench.checks.take({ edge: 'e1', isLeaving: false, reports: [] });
  assert.deepEqual(due, []);
  const { health } = await bench.store.read(['n']);
  assert.deepEqual(health[0]?.addresses, []);
  assert.deepEqual((await bench.store.take({ limit: 9, leaseMs: 1 })).taken, []);
});
