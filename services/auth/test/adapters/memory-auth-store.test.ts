import { FakeClock } from '@tandem/testing';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryAuthStore } from '../../src/adapters/memory-auth-store.ts';
import { authStoreContract } from '../auth-store-contract.ts';

authStoreContract('memory', () => {
  const clock = new FakeClock();
  return Promise.resolve({
    store: new MemoryAuthStore({ nowMs: () => clock.now() }),
    elapse: (ms) => {
      clock.advance(ms);
      return Promise.resolve();
    },
    now: () => clock.now(),
  });
});

test('OPS-06 the store in memory can always be reached', () => {
  const store = new MemoryAuthStore({ nowMs: () => 0 });
  assert.equal(store.isReachable(), true);
});
