import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryLimits } from '@tandem/limits';
import { AnalyseRequest, NextCandidateRequest } from '@tandem/proto/routing';
import { silentLogger } from '@tandem/service';
import { RestingGateways } from '../src/resting-gateways.ts';
import {
  configure,
  factsAbout,
  NOON,
  namesOf,
  openRouter,
  reasonOf,
  request,
  trunk,
} from './routing-fixture.ts';

const rest = (gateway: string, seconds: number) => ({ gateway, seconds, callId: 'c0' });

test('ROUTE-06 T2-20 a gateway that asked to be left alone is left out for that time, and the decision says why', async () => {
  const { router, clock } = await openRouter();
  await router.rest(rest('carrier-a', 120));
  clock.nowMs += 30_000;
  const during = await router.route(request('c1'));
  assert.deepEqual(namesOf(during), ['carrier-b']);
  assert.deepEqual(factsAbout(during.decisions, 'routing-gateway carrier-a'), {
    prefix: '44',
    retryAfter: '120',
    secondsLeft: '90',
    callId: 'c0',
  });
  clock.nowMs += 90_000;
  assert.deepEqual(namesOf(await router.route(request('c2'))), ['carrier-a', 'carrier-b']);
});

test('ROUTE-06 T2-20 the call that fails over passes a resting gateway too', async () => {
  const { router } = await openRouter();
  await router.route(request('c1'));
  await router.rest(rest('carrier-b', 60));
  const next = await router.nextCandidate(
    NextCandidateRequest.fromPartial({
      callId: 'c1',
      failedGateway: 'carrier-a',
      gateways: ['carrier-b'],
    }),
  );
  assert.equal(next.gateway, '');
  assert.equal(factsAbout(next.decisions, 'routing-gateway carrier-b')['retryAfter'], '60');
});

test('ROUTE-06 DENY-12 T2-20 with all gateways resting a call is refused as with all of them busy', async () => {
  const { router } = await openRouter();
  await router.rest(rest('carrier-a', 60));
  await router.rest(rest('carrier-b', 60));
  assert.equal(reasonOf(await router.route(request('c1'))), 'AllGatewayBusy');
});

test('ROUTE-06 ROUTE-12 T2-20 the analysis shows who rests', async () => {
  const { router } = await openRouter();
  await router.rest(rest('carrier-a', 60));
  const ask = AnalyseRequest.fromPartial({ origin: trunk, caller: '1001', callee: '442079460000' });
  const { route } = await router.analyse(ask);
  assert.ok(route !== undefined);
  assert.equal(factsAbout(route.decisions, 'routing-gateway carrier-a')['secondsLeft'], '60');
});

test('ROUTE-06 T2-20 no carrier is left out for longer than SS_GATEWAY_RETRY_AFTER_LIMIT, 0 heeds none', async () => {
  const day = 86_400;
  for (const [limit, seconds] of [
    [undefined, 300],
    [40, 40],
    [0, 0],
  ] as const) {
    const parameters = limit === undefined ? {} : { SS_GATEWAY_RETRY_AFTER_LIMIT: limit };
    const { router, limits } = await openRouter(configure({ parameters }));
    await router.rest(rest('carrier-a', day));
    assert.equal((await limits.rests.list())[0]?.seconds ?? 0, seconds);
  }
});

test('ROUTE-06 a gateway that is not configured any more does not rest', async () => {
  const { router, limits } = await openRouter();
  await router.rest(rest('gone', 60));
  assert.deepEqual(await limits.rests.list(), []);
});

test('ROUTE-06 T2-20 what one pod is told the others know as soon as they read', async () => {
  let nowMs = 1000;
  const { rests } = memoryLimits({ now: () => nowMs });
  const parts = { rests, now: () => nowMs, logger: silentLogger() };
  const [one, other] = [new RestingGateways(parts), new RestingGateways(parts)];
  await one.begin({ gateway: 'a', seconds: 60, callId: 'c1' });
  assert.equal(one.current.get('a')?.untilMs, 61_000);
  await other.read();
  assert.deepEqual(other.current.get('a'), one.current.get('a'));
  assert.equal(await one.end('a'), true);
  assert.equal(one.current.size, 0);
  await other.read();
  assert.equal(other.current.size, 0);
  nowMs += 1;
});

test('ROUTE-06 CALL-06 while the store is away those that are known rest to their end', async () => {
  const { rests } = memoryLimits({ now: () => 1000 });
  let isAway = false;
  const brittle = {
    ...rests,
    begin: (each: Parameters<typeof rests.begin>[0]) => rests.begin(each),
    end: (gateway: string) => rests.end(gateway),
    list: () => (isAway ? Promise.reject(new Error('away')) : rests.list()),
  };
  const known = new RestingGateways({ rests: brittle, now: () => 1000, logger: silentLogger() });
  await known.begin({ gateway: 'a', seconds: 60, callId: 'c1' });
  isAway = true;
  await known.read();
  assert.equal(known.current.has('a'), true);
});

test('ROUTE-06 OPS-02 an operator sees who rests, and may end it', async () => {
  const { router } = await openRouter();
  await router.rest(rest('carrier-a', 60));
  assert.deepEqual(await router.listRests(), {
    rests: [{ gateway: 'carrier-a', seconds: 60, callId: 'c0', untilMs: NOON + 60_000 }],
  });
  assert.deepEqual(await router.endRest({ gateway: 'carrier-a' }), { ended: true });
  assert.deepEqual(await router.endRest({ gateway: 'carrier-a' }), { ended: false });
  assert.deepEqual(namesOf(await router.route(request('c1'))), ['carrier-a', 'carrier-b']);
});
