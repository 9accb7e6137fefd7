import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JournalNote } from '@tandem/domain';
import { memoryLimits } from '@tandem/limits';
import { AnalyseRequest, EndRestRequest } from '@tandem/proto/routing';
import { silentLogger } from '@tandem/service';
import { Router } from '../../src/router.ts';
import { Throttling } from '../../src/throttle/throttling.ts';
import { configure, factsAbout, gateway, namesOf, NOON, reasonOf, request, tablesOf, trunk } from '../routing-fixture.ts'; // prettier-ignore

type Document = Record<string, unknown>;

/** Pods of routing over one store; `draw` is what each call draws. */
function open({
  a = {},
  parameters = {},
  pods = 1,
}: { a?: Document; parameters?: Document; pods?: number } = {}) {
  // prettier-ignore
  const clock = { nowMs: NOON };
  const limits = memoryLimits({ now: () => clock.nowMs });
  let tables = tablesOf(
    configure({
      parameters,
      routingGateways: [gateway('a', ['44'], a), gateway('b', ['44'], { priority: 2 })],
    }),
  );
  const noted: JournalNote[] = [];
  const journal = { note: (each: JournalNote) => noted.push(each), close: () => Promise.resolve() };
  const all = Array.from({ length: pods }, () => {
    const parts = { throttles: limits.throttles, tables: () => tables, logger: silentLogger() };
    return new Throttling({ ...parts, journal: journal as never });
  });
  const [throttling] = all;
  assert.ok(throttling !== undefined);
  let draw = 0.5;
  const rests = { current: new Map(), begin: () => Promise.resolve(), end: () => Promise.resolve(false), list: () => Promise.resolve([]) }; // prettier-ignore
  const router = new Router({
    tables: () => tables,
    lines: limits.lines,
    rests,
    throttling,
    now: () => clock.nowMs,
    random: () => draw,
  });
  return {
    all,
    clock,
    limits,
    noted,
    router,
    throttling,
    draw: (next: number) => {
      draw = next;
    },
    use: (next: ReturnType<typeof tablesOf>) => {
      tables = next;
    },
    /** So many calls, so many of which fail, and a step later. */
    tell: async (attempts: number, failed: number) => {
      await throttling.note([
        { gateway: 'a', code: 503, count: failed },
        { gateway: 'a', code: 486, count: attempts - failed },
      ]);
      clock.nowMs += 10_000;
      await throttling.note([{ gateway: 'a', code: 486, count: 0 }]);
    },
  };
}

async function withMoney(bench: ReturnType<typeof open>): Promise<typeof bench> {
  await bench.limits.balances.set(new Map([['demo', 100_000_000_000n]]));
  return bench;
}

test('ROUTE-16 a gateway that keeps failing gets fewer calls, step by step, and is let back in step by step', async () => {
  const bench = await withMoney(open());
  const { draw, noted, router, tell, throttling } = bench;
  await tell(50, 10);
  assert.equal(throttling.current.size, 0);
  for (const failed of [50, 25, 13]) await tell(failed, failed);
  assert.deepEqual(throttling.current.get('a'), {
    level: 3,
    sinceMs: NOON + 40_000,
    attempts: 13,
    failed: 13,
  });
  // Of a hundred calls 12 or 13 go to it first, the others when b has failed or is full.
  draw(0.124);
  assert.deepEqual(namesOf(await router.route(request('c1'))), ['a', 'b']);
  draw(0.126);
  const other = await router.route(request('c2'));
  assert.deepEqual(namesOf(other), ['b', 'a']);
  assert.deepEqual(factsAbout(other.decisions, 'routing-gateway a', 'throttle'), {
    prefix: '44',
    share: '12.5 %',
    attempts: '13',
    failed: '13',
    since: '2026-06-01T12:00:40.000Z',
    then: 'last',
  });
  for (const calls of [7, 13, 25]) await tell(calls, 0);
  assert.equal(throttling.current.size, 0);
  assert.deepEqual(namesOf(await router.route(request('c3'))), ['a', 'b']);
  assert.deepEqual(
    noted.map(({ cause, facts, terminal }) => [
      cause,
      terminal,
      (facts as { share: string }).share,
    ]),
    [
      ['gateway-throttled', 'a', '50 %'],
      ['gateway-throttled', 'a', '25 %'],
      ['gateway-throttled', 'a', '12.5 %'],
      ['gateway-let-back', 'a', '25 %'],
      ['gateway-let-back', 'a', '50 %'],
      ['gateway-let-back', 'a', '100 %'],
    ],
  );
});

test('ROUTE-16 ROUTE-12 the analysis says so, whether the draw gives the call to the gateway or not', async () => {
  const { draw, router, tell } = await withMoney(open());
  await tell(50, 30);
  const asked = AnalyseRequest.fromPartial({ origin: trunk, caller: '1001', callee: '442079460000' }); // prettier-ignore
  draw(0.1);
  const own = (await router.analyse(asked)).route?.decisions ?? [];
  assert.equal(factsAbout(own, 'routing-gateway a')['throttled'], '50 %');
  draw(0.9);
  const others = (await router.analyse(asked)).route?.decisions ?? [];
  assert.equal(factsAbout(others, 'routing-gateway a', 'throttle')['then'], 'last');
  assert.equal(factsAbout(others, 'routing-gateway a', 'candidate')['throttled'], '50 %');
});

test('ROUTE-16 DENY-12 without lastResort a call that it does not get is refused where there is no other', async () => {
  const { draw, router, tell } = await withMoney(
    open({ parameters: { SS_GATEWAY_THROTTLE_LAST_RESORT: 'Off' } }),
  );
  await tell(50, 30);
  draw(0.9);
  assert.deepEqual(namesOf(await router.route(request('c1'))), ['b']);
  const alone = await withMoney(open({ a: { throttle: { lastResort: false } } }));
  alone.use(
    tablesOf(configure({ routingGateways: [gateway('a', ['44'], { throttle: { lastResort: false } })] })), // prettier-ignore
  );
  await alone.tell(50, 30);
  alone.draw(0.9);
  assert.equal(reasonOf(await alone.router.route(request('c1'))), 'AllGatewayBusy');
  alone.draw(0.4);
  assert.deepEqual(namesOf(await alone.router.route(request('c2'))), ['a']);
});

test('ROUTE-16 of all pods one takes a step, and each knows of it; what counts as a failure the gateway says', async () => {
  const bench = open({ pods: 3, a: { throttle: { failureCodes: [500] } } });
  await bench.tell(500, 500);
  assert.equal(bench.throttling.current.size, 0);
  await bench.throttling.note([
    { gateway: 'a', code: 500, count: 500 },
    { gateway: 'unknown', code: 500, count: 500 },
  ]);
  bench.clock.nowMs += 10_000;
  const told = bench.all.map((pod) => pod.note([{ gateway: 'a', code: 200, count: 1 }]));
  await Promise.all([...told, ...bench.all.map((pod) => pod.read())]);
  await Promise.all(bench.all.map((pod) => pod.read()));
  assert.deepEqual(bench.all.map(({ current }) => current.get('a')?.level), [1, 1, 1]); // prettier-ignore
  assert.equal(bench.noted.length, 1);
  // After a window with hardly a call each pod would let it in; one does.
  bench.clock.nowMs += 300_000;
  await Promise.all(bench.all.map((pod) => pod.read()));
  await Promise.all(bench.all.map((pod) => pod.read()));
  assert.deepEqual(bench.all.map(({ current }) => current.size), [0, 0, 0]); // prettier-ignore
  assert.equal(bench.noted.length, 2);
});

test('ROUTE-16 an operator gives a gateway its calls again; a configuration that throttles nobody does, too', async () => {
  const bench = open();
  await bench.tell(50, 50);
  bench.clock.nowMs += 1000;
  const end = EndRestRequest.fromPartial({ gateway: 'a' });
  assert.deepEqual(await bench.router.endRest(end), { ended: true });
  assert.deepEqual(await bench.router.endRest(end), { ended: false });
  await bench.tell(50, 50);
  assert.equal(bench.throttling.current.get('a')?.level, 1);
  bench.use(tablesOf(configure({ parameters: { SS_GATEWAY_THROTTLE_FAILURE_SHARE: 0 } })));
  await bench.throttling.read();
  assert.equal(bench.throttling.current.size, 0);
});

test('ROUTE-16 a store that is away leaves what is known', async () => {
  const bench = open();
  await bench.tell(50, 50);
  const { throttles } = bench.limits;
  throttles.list = () => Promise.reject(new Error('away'));
  await bench.throttling.read();
  assert.equal(bench.throttling.current.get('a')?.level, 1);
});
