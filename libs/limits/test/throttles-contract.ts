import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GatewayThrottles } from '../src/index.ts';

/** What every store of throttled gateways does. */
export function throttlesContract(name: string, open: () => GatewayThrottles): void {
  test(`ROUTE-16 ${name}: counts of all pods add up in one window`, async () => {
    const throttles = open();
    const many = Array.from({ length: 50 }, () =>
      throttles.add([
        { gateway: 'a', attempts: 2, failed: 1 },
        { gateway: 'b', attempts: 1, failed: 0 },
      ]),
    );
    await Promise.all(many);
    const [a, b] = await throttles.add([
      { gateway: 'a', attempts: 0, failed: 0 },
      { gateway: 'b', attempts: 0, failed: 0 },
    ]);
    assert.deepEqual([a?.attempts, a?.failed, a?.level], [100, 50, 0]);
    assert.deepEqual([b?.gateway, b?.attempts, b?.failed], ['b', 50, 0]);
    assert.deepEqual(await throttles.list(), []);
  });

  test(`ROUTE-16 ${name}: of all who end a window one does, and what came meanwhile is not lost`, async () => {
    const throttles = open();
    const [seen] = await throttles.add([{ gateway: 'a', attempts: 20, failed: 12 }]);
    assert.ok(seen !== undefined);
    await throttles.add([{ gateway: 'a', attempts: 3, failed: 1 }]);
    const ended = await Promise.all(
      Array.from({ length: 20 }, () => throttles.step([{ seen, level: 1 }])),
    );
    assert.equal(ended.filter(([isMine]) => isMine).length, 1);
    const [listed, ...others] = await throttles.list();
    assert.equal(others.length, 0);
    assert.deepEqual(
      [listed?.level, listed?.attempts, listed?.failed, listed?.lastAttempts, listed?.lastFailed],
      [1, 3, 1, 20, 12],
    );
    assert.ok((listed?.window ?? 0) > seen.window);
    assert.ok((listed?.sinceMs ?? 0) > 0);
  });

  test(`ROUTE-16 ${name}: a window that ends without a step keeps what made the level; level 0 is not listed`, async () => {
    const throttles = open();
    const counted = async (attempts: number, failed: number) => {
      const [seen] = await throttles.add([{ gateway: 'a', attempts, failed }]);
      assert.ok(seen !== undefined);
      return seen;
    };
    await throttles.step([{ seen: await counted(10, 9), level: 2 }]);
    const [before] = await throttles.list();
    await throttles.step([{ seen: await counted(4, 1), level: 2 }]);
    const [after] = await throttles.list();
    assert.deepEqual([after?.lastAttempts, after?.lastFailed], [10, 9]);
    assert.deepEqual([after?.sinceMs, after?.attempts], [before?.sinceMs, 0]);
    await throttles.step([{ seen: await counted(4, 0), level: 0 }]);
    assert.deepEqual(await throttles.list(), []);
    const unknown = { gateway: 'nobody', window: 1, attempts: 0, failed: 0 };
    assert.deepEqual(await throttles.step([{ seen: unknown, level: 1 }]), [false]);
    assert.deepEqual(await throttles.add([]), []);
  });
}
