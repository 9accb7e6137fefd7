import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { SwitchError } from '@tandem/domain';
import { memoryLimits } from '@tandem/limits';
import { FakeClock } from '@tandem/testing';
import { memoryCallStore } from '../../src/adapters/memory-call-store.ts';
import { EdgeStatus } from '../../src/api/edge-status.ts';
import type { EdgeMoment, EdgeStatusParts } from '../../src/api/edge-status.ts';
import { judge } from '../../src/core/network/network-verdict.ts';
import type { Pod, PodRegistry } from '../../src/ports.ts';
import {
  callsAdopted,
  callsRefused,
  drains,
  messagesHanded,
  messagesShed,
} from '../../src/telemetry.ts';
import { answerOf, newCallId, writeAheadOf } from '../support/call-store-contract.ts';

const moment: EdgeMoment = {
  place: { slot: 3, epoch: 77, hostPort: '203.0.113.1:5060' },
  isDraining: false,
  pendingCalls: 2,
  connections: 5,
  traffic: { received: 10, sent: 11, malformed: 1, garbage: 2 },
};

const finding = judge({
  transport: 'udp',
  target: '203.0.113.1:5060',
  resolved: [],
  results: [],
  atMs: 0,
});

const others: readonly Pod[] = [
  { name: 'edge-2', slot: 1, epoch: 9, role: 'worker', address: '10.0.0.2:7000', isDraining: true },
];

function open(context: TestContext, parts: Partial<EdgeStatusParts> = {}) {
  const clock = new FakeClock();
  const { lines } = memoryLimits({ now: () => clock.now() });
  const store = memoryCallStore(clock, lines);
  const pods: readonly Pod[] = [];
  const status = new EdgeStatus({
    name: 'edge-1',
    role: 'both',
    store,
    pods: { pods: () => pods } as Partial<PodRegistry> as PodRegistry,
    clock,
    moment: () => moment,
    network: () => undefined,
    ...parts,
  });
  context.after(() => {
    status.close();
  });
  return { status, store, clock };
}

test('OPS-02 the status tells calls, outbox and its oldest event, and what pods did for each other', async (context) => {
  const { status, store } = open(context);
  const callId = newCallId();
  await store.writeAhead(writeAheadOf(callId));
  await store.answer(answerOf(callId));
  const before = await status.status();
  callsAdopted.add(2, { cause: 'sweep' });
  messagesHanded.add(3, { kind: 'request' });
  drains.add(1);
  const told = await status.status();
  assert.deepEqual(
    [told.edge, told.role, told.slot, told.epoch, told.advertised, told.draining],
    ['edge-1', 'both', 3, 77, '203.0.113.1:5060', false],
  );
  assert.deepEqual([told.calls, told.outbox, told.pendingCalls, told.connections], [1, 1, 2, 5]);
  assert.ok(told.outboxSinceMs > 0);
  assert.deepEqual([told.received, told.sent, told.malformed, told.garbage], [10, 11, 1, 2]);
  assert.equal(told.adoptions - before.adoptions, 2);
  assert.equal(told.handedMessages - before.handedMessages, 3);
  assert.equal(told.drains - before.drains, 1);
});

test('OPS-02 each pod tells its figures with its lease, and any pod tells those of all', (context) => {
  const { status, clock } = open(context);
  const figures = status.figures();
  assert.equal(figures.startedMs, clock.now());
  assert.deepEqual(
    [figures.advertised, figures.pendingCalls, figures.connections, figures.source],
    ['203.0.113.1:5060', 2, 5, 'untested'],
  );
  const own: Pod = {
    name: 'edge-1',
    slot: 3,
    epoch: 77,
    role: 'both',
    address: '10.0.0.1:7000',
    isDraining: false,
    figures,
  };
  const registry = { pods: () => [...others, own] } as Partial<PodRegistry> as PodRegistry;
  const asked = open(context, { pods: registry });
  const { pods } = asked.status.pods();
  assert.deepEqual(
    pods.map(({ name, role, address, draining, pendingCalls, source }) => [
      name,
      role,
      address,
      draining,
      pendingCalls,
      source,
    ]),
    [
      ['edge-1', 'both', '10.0.0.1:7000', false, 2, 'untested'],
      ['edge-2', 'worker', '10.0.0.2:7000', true, 0, ''],
    ],
  );
});

test('CALL-11 OPS-02 the status says how the edge is loaded, what decides, and who sends most', async (context) => {
  const pressure = { value: 3.4, cause: 'queue-delay', measuredMs: 340.4, limitMs: 100 } as const;
  const sample = { loopDelayMs: 12.3, queueDelayMs: 340.4, setUpDelayMs: 20, undecided: 7 };
  const source = { name: 'mapping-gateway trunk', isKnown: true, demand: 900.04, refused: 12 };
  const rates = { perSecond: 209.7, strangersPerSecond: 50 };
  const state = { isShedding: true, sinceMs: 1000, ...rates, pressure, sample };
  const overload = { state, sources: [{ ...source, share: 70.06 }] };
  const { status } = open(context, { moment: () => ({ ...moment, overload }) });
  const told = (await status.status()).overload;
  assert.deepEqual(told, {
    shedding: true,
    sinceMs: 1000,
    rate: 210,
    strangersRate: 50,
    cause: 'queue-delay',
    measuredMs: 340,
    limitMs: 100,
    loopDelayMs: 12,
    queueDelayMs: 340,
    setUpDelayMs: 20,
    undecided: 7,
    refusedByLoad: callsRefused.byLoad,
    refusedByShare: callsRefused.byShare,
    shed: messagesShed.total,
    sources: [{ name: source.name, known: true, demand: 900, share: 70.1, refused: 12 }],
  });
  assert.equal(status.figures().isShedding, true);
  const calm = {
    state: { ...state, isShedding: false, perSecond: Infinity },
    sources: [{ ...source, share: Infinity }],
  };
  const quiet = open(context, { moment: () => ({ ...moment, overload: calm }) });
  const calmTold = (await quiet.status.status()).overload;
  assert.deepEqual(
    [calmTold?.shedding, calmTold?.rate, calmTold?.sources[0]?.share],
    [false, 0, 0],
  );
  assert.equal((await open(context).status.status()).overload, undefined);
});

test('OPS-02 while the store is away the status says so, but the pods are told', async (context) => {
  const { store } = open(context);
  const away = (): Promise<never> =>
    Promise.reject(new SwitchError('SWITCH_STORE_UNAVAILABLE', 'Redis is away'));
  const { status } = open(context, { store: Object.assign(store, { list: away }) });
  await assert.rejects(status.status(), /Redis is away/);
  assert.deepEqual(status.pods(), { pods: [] });
});

test('CALL-07 what the test of the network found is in the status, and is found anew on demand', async (context) => {
  let runs = 0;
  const network = {
    findings: [finding],
    source: 'undecided' as const,
    hiddenTransports: [],
    run: () => {
      runs += 1;
      return Promise.resolve([finding]);
    },
  };
  const { status } = open(context, { network: () => network });
  assert.deepEqual((await status.status()).network, [finding]);
  assert.equal(status.figures().source, 'undecided');
  assert.deepEqual(await status.testNetwork(), { edge: 'edge-1', findings: [finding] });
  assert.equal(runs, 1);
  const early = open(context);
  assert.deepEqual(await early.status.testNetwork(), { edge: 'edge-1', findings: [] });
});
