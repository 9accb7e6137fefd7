import assert from 'node:assert/strict';
import test from 'node:test';
import { memoryLimits } from '@tandem/limits';
import { FakeClock } from '@tandem/testing';
import { memoryCallStore } from '../../src/adapters/memory-call-store.ts';
import type { Liveness } from '../../src/adapters/memory-pod-registry.ts';
import { adoptionContract } from '../support/adoption-contract.ts';
import {
  answerOf,
  callStoreContract,
  endOf,
  newCallId,
  takeLines,
  writeAheadOf,
} from '../support/call-store-contract.ts';
import { challengeContract } from '../support/challenge-contract.ts';
import { sessionContract } from '../support/session-contract.ts';
import { moneyContract } from '../support/money-contract.ts';
import { offerContract } from '../support/offer-contract.ts';
import type { PayingStore } from '../support/money-contract.ts';

function open(): PayingStore & { readonly clock: FakeClock } {
  const clock = new FakeClock();
  const { balances, lines } = memoryLimits({ now: () => clock.now() });
  const dead = new Set<string>();
  const draining = new Set<string>();
  const pods: Liveness = {
    isAlive: (owner) => !dead.has(owner),
    isDraining: (owner) => draining.has(owner),
  };
  const store = memoryCallStore(clock, lines, pods);
  return {
    balances,
    clock,
    lines,
    store,
    pass: (ms) => {
      clock.advance(ms);
      return Promise.resolve();
    },
    lose: async (callId) => {
      // This store cannot lose a call: lines that were taken after its end are as good.
      await store.end(endOf(callId));
      await takeLines(lines, callId);
    },
    live: () => Promise.resolve(),
    die: (owner) => {
      dead.add(owner);
      return Promise.resolve();
    },
    drain: (owner) => {
      draining.add(owner);
      return Promise.resolve();
    },
    now: () => {
      clock.advance(1);
      return Promise.resolve(clock.now());
    },
    makeDue: () => {
      clock.advance(5001);
      return Promise.resolve();
    },
  };
}

callStoreContract('memory', () => Promise.resolve(open()));
adoptionContract('memory', () => Promise.resolve(open()));
sessionContract('memory', () => Promise.resolve(open()));
challengeContract('memory', () => Promise.resolve(open()));
moneyContract('memory', () => Promise.resolve(open()));
offerContract('memory', () => Promise.resolve(open()));

test('CALL-06 a claim is forgotten after five minutes, an ended call after 64 s', async () => {
  const { clock, store } = open();
  const callId = newCallId();
  await store.claim('tx', callId, '3.77');
  await store.writeAhead(writeAheadOf(callId));
  await store.answer(answerOf(callId));
  await store.end(endOf(callId));
  clock.advance(63_000);
  assert.equal((await store.claim('tx', callId, '3.77'))?.isNew, false);
  assert.ok((await store.tokens(callId)) !== undefined);
  clock.advance(2000);
  await store.claim('other', newCallId(), '3.77');
  assert.equal(await store.tokens(callId), undefined);
  clock.advance(240_000);
  assert.equal((await store.claim('tx', callId, '3.77'))?.isNew, true);
});
