import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { SwitchError } from '@tandem/domain';
import { connectRedis, silentLogger } from '@tandem/service';
import { freeTcpPort, redisForTest } from '@tandem/testing';
import { RedisBindingStore } from '../../src/adapters/redis-binding-store.ts';
import { bindingOf, bindingStoreContract } from '../binding-store-contract.ts';

const { redis, prefix, close } = await redisForTest();
after(close);
let opened = 0;

function openStore(): RedisBindingStore {
  opened += 1;
  return new RedisBindingStore(redis, `${prefix}-${String(opened)}`);
}

bindingStoreContract('redis', () => Promise.resolve(openStore()));

test('REG-02 what bindings take in Redis is known: at most 500 bytes each, indexes and all', async () => {
  const store = openStore();
  const { nowMs } = await store.read('x');
  const names = Array.from({ length: 6000 }, (_, at) => String(4_420_000_000 + at));
  const memory = async (): Promise<number> => {
    const info = await redis.info('memory');
    return Number(/used_memory:(\d+)/.exec(info)?.[1]);
  };
  const before = await memory();
  await Promise.all(
    names.map(async (phone, at) => {
      const source = `192.0.${String(at >> 8)}.${String(at & 255)}:40312`;
      await store.write(phone, await store.read(phone), [
        bindingOf({
          contact: `sip:${phone}@10.0.0.7:5060;ob`,
          expiresMs: nowMs + 3_600_000,
          registeredMs: nowMs,
          refreshedMs: nowMs,
          sipCallId: `a84b4c76e66710${String(at)}@10.0.0.7`,
          cseq: 4711,
          request: 0xffff_0000 + at,
          source,
          flow: '10.0.0.3:7000;0',
          userAgent: 'Yealink SIP-T46S 66.86.0.15',
          edge: 'edge-7f6d5b-abcde',
          isBehindNat: true,
        }),
      ]);
    }),
  );
  const each = ((await memory()) - before) / names.length;
  assert.ok(each < 500, `${String(Math.round(each))} bytes`);
});

test('DENY-19 a Redis that is away is an error that says so', async (t) => {
  const url = `redis://127.0.0.1:${String(await freeTcpPort())}`;
  const away = connectRedis({ url, logger: silentLogger() });
  t.after(() => {
    away.disconnect();
  });
  const store = new RedisBindingStore(away, 'x');
  assert.equal(store.isReachable(), false);
  await assert.rejects(
    store.read('1001'),
    (error) => error instanceof SwitchError && error.code === 'SWITCH_STORE_UNAVAILABLE',
  );
});
