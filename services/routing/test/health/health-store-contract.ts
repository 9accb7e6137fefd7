import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CheckOutcome } from '@tandem/proto/health';
import type { GatewayHealth } from '../../src/core/health/health.ts';
import type { HealthStore, TakenCheck } from '../../src/health/health-store.ts';

const period = { periodMs: 30_000 };
const asked = { limit: 10, leaseMs: 4000, version: 1 };

function healthOf(isOffline: boolean, edge = 'e1'): GatewayHealth {
  const last = CheckOutcome.fromPartial({ code: isOffline ? 0 : 200, failure: 'away', times: 3 });
  const place = { transport: 'udp', address: '192.0.2.1:5060' };
  const seen = { failed: isOffline ? 3 : 0, count: 2, isOffline, sinceMs: 5, last, lastMs: 6 };
  return { edge, checkedMs: 7, addresses: [{ ...place, ...seen }] };
}

function first(taken: readonly TakenCheck[]): TakenCheck {
  const [one] = taken;
  assert.ok(one !== undefined);
  return one;
}

async function settled(
  store: HealthStore,
  { gateway, turn }: TakenCheck,
  { isOffline, nextMs = 0, isNews = true }: { isOffline: boolean; nextMs?: number; isNews?: boolean }, // prettier-ignore
): Promise<boolean> {
  const after = healthOf(isOffline);
  const [done] = await store.write([
    { gateway, turn, after, nextMs, isDegraded: isOffline, isNews },
  ]);
  return done === true;
}

/** What every store of gateways' health does. */
export function healthStoreContract(name: string, open: () => HealthStore): void {
  test(`ROUTE-07 ${name}: a gateway that is taken is nobody else's until its lease ends; its turn is written once`, async () => {
    const store = open();
    await store.follow(1, [{ gateway: 'a', ...period }]);
    const { count, taken, version } = await store.take(asked);
    assert.deepEqual([count, version], [1, 1]);
    const one = first(taken);
    assert.equal(one.gateway, 'a');
    const { nowMs } = await store.read([]);
    assert.ok(one.turn > nowMs + 3000 && one.turn <= nowMs + 4000);
    assert.ok(one.dueMs <= nowMs && one.dueMs > nowMs - 2000);
    assert.deepEqual((await store.take(asked)).taken, []);
    assert.equal(await settled(store, one, { isOffline: false, nextMs: nowMs + 9000 }), true);
    assert.equal(await settled(store, one, { isOffline: true }), false);
    assert.deepEqual((await store.read(['a', 'b'])).health, [healthOf(false), undefined]);
    assert.deepEqual((await store.take(asked)).taken, []);
  });

  test(`ROUTE-07 ${name}: one whose pod is gone is given again when the lease ends, and the old turn counts for nothing`, async () => {
    const store = open();
    await store.follow(1, [{ gateway: 'a', ...period }]);
    const lost = first((await store.take({ ...asked, leaseMs: 0 })).taken);
    const again = first((await store.take({ ...asked, leaseMs: 5000 })).taken);
    assert.notEqual(again.turn, lost.turn);
    assert.equal(await settled(store, lost, { isOffline: true }), false);
    assert.equal(await settled(store, again, { isOffline: false }), true);
  });

  test(`ROUTE-07 ${name}: what is off line is told with another mark, once it has changed`, async () => {
    const store = open();
    await store.follow(1, [{ gateway: 'a', ...period }]);
    const start = (await store.offline(''))?.mark ?? '';
    assert.equal(await store.offline(start), undefined);
    await settled(store, first((await store.take(asked)).taken), { isOffline: true });
    const off = await store.offline(start);
    assert.deepEqual([...(off?.gateways ?? [])], [['a', healthOf(true)]]);
    const mark = off?.mark ?? '';
    assert.notEqual(mark, start);
    assert.equal(await store.offline(mark), undefined);
    await settled(store, first((await store.take(asked)).taken), {
      isOffline: true,
      isNews: false,
    });
    assert.equal(await store.offline(mark), undefined);
    await settled(store, first((await store.take(asked)).taken), { isOffline: false });
    assert.deepEqual([...((await store.offline(mark))?.gateways ?? [])], []);
  });

  test(`ROUTE-07 ${name}: the store follows the configuration: what is gone is forgotten, off line or not`, async () => {
    const store = open();
    await store.follow(1, [{ gateway: 'a', ...period }]);
    await settled(store, first((await store.take(asked)).taken), { isOffline: true });
    const mark = (await store.offline(''))?.mark ?? '';
    await store.follow(2, [{ gateway: 'b', ...period }]);
    const { count, taken, version } = await store.take({ ...asked, version: 2 });
    assert.deepEqual([count, version, first(taken).gateway], [1, 2, 'b']);
    assert.deepEqual((await store.read(['a'])).health, [undefined]);
    assert.deepEqual([...((await store.offline(mark))?.gateways ?? [['none', undefined]])], []);
  });

  test(`ROUTE-07 ${name}: ten thousand new gateways are spread over the period, and a shorter period brings them nearer`, async () => {
    const store = open();
    const all = Array.from({ length: 10_000 }, (_, at) => ({
      gateway: `g${String(at)}`,
      ...period,
    }));
    await store.follow(1, all);
    const burst = await store.take({ ...asked, limit: 20_000 });
    assert.equal(burst.count, 10_000);
    // 3 ms from one to the next.
    assert.ok(burst.taken.length < 2500, String(burst.taken.length));
    await store.follow(2, [{ gateway: 'g9999', periodMs: 100 }]);
    const { nowMs } = await store.read([]);
    const until = nowMs + 600;
    for (;;) {
      const { taken } = await store.take({ ...asked, version: 2 });
      if (taken.length > 0) break;
      assert.ok((await store.read([])).nowMs < until);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  });
}
