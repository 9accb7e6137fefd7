import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger } from '@tandem/service';
import { LineGauge } from '../src/line-gauge.ts';
import { configure, openRouter, request, routedOf, tablesOf } from './routing-fixture.ts';

test('OPS-06 lines in use are counted by subject, and go back to 0', async () => {
  const { router, limits } = await openRouter();
  const tables = tablesOf(configure());
  const gauge = new LineGauge({
    tables: () => tables,
    lines: limits.lines,
    logger: silentLogger(),
  });
  const routed = routedOf(await router.route(request('c1')));
  assert.deepEqual(
    await gauge.count(),
    new Map([
      ['account demo', 1],
      ['mapping-gateway demo-trunk', 1],
      ['routing-gateway carrier-a', 1],
    ]),
  );
  await limits.lines.release('c1', routed.lines);
  assert.deepEqual(
    await gauge.count(),
    new Map([
      ['account demo', 0],
      ['mapping-gateway demo-trunk', 0],
      ['routing-gateway carrier-a', 0],
    ]),
  );
});

test('OPS-06 without telemetry or tables nothing is counted', async () => {
  const { limits } = await openRouter();
  const gauge = new LineGauge({
    tables: () => undefined,
    lines: limits.lines,
    logger: silentLogger(),
  });
  gauge.start();
  assert.deepEqual(await gauge.count(), new Map());
  await gauge.stop();
});

test('OPS-06 a store that is away leaves the last counts', async () => {
  const { router, limits } = await openRouter();
  const tables = tablesOf(configure());
  let isAway = false;
  const lines = new Proxy(limits.lines, {
    get: (ledger, name) => {
      if (name === 'count' && isAway) return () => Promise.reject(new Error('away'));
      return (keys: readonly string[]) => ledger.count(keys);
    },
  });
  const gauge = new LineGauge({ tables: () => tables, lines, logger: silentLogger() });
  await router.route(request('c1'));
  await gauge.count();
  isAway = true;
  assert.equal((await gauge.count()).get('account demo'), 1);
});

test('OPS-06 the limits of what was counted are known by subject, where there are some', async () => {
  const { router, limits } = await openRouter();
  const configuration = configure();
  const [gateway] = configuration.routingGateways;
  assert.ok(gateway !== undefined);
  const limited = { ...configuration, routingGateways: [{ ...gateway, lineLimit: 7 }] };
  const tables = tablesOf(limited);
  const gauge = new LineGauge({
    tables: () => tables,
    lines: limits.lines,
    logger: silentLogger(),
  });
  await router.route(request('c1'));
  await gauge.count();
  assert.deepEqual(gauge.limits(), new Map([[`routing-gateway ${gateway.name}`, 7]]));
});
