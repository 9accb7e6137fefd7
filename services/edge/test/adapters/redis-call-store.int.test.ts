import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { SwitchError } from '@tandem/domain';
import { redisLimits } from '@tandem/limits';
import { connectRedis, silentLogger } from '@tandem/service';
import { freeTcpPort, testRedisUrl, uniqueName } from '@tandem/testing';
import { redisCallStore } from '../../src/adapters/redis-call-store.ts';
import { adoptionContract, ownEnd } from '../support/adoption-contract.ts';
import {
  answerOf,
  callStoreContract,
  endOf,
  newCallId,
  writeAheadOf,
} from '../support/call-store-contract.ts';
import { challengeContract } from '../support/challenge-contract.ts';
import { sessionContract } from '../support/session-contract.ts';
import { moneyContract } from '../support/money-contract.ts';
import { offerContract } from '../support/offer-contract.ts';
import type { PayingStore } from '../support/money-contract.ts';

const logger = silentLogger();
// One server for all tests of this file: each has a prefix of its own below this one.
const common = uniqueName('edge');
const redis = connectRedis({ url: testRedisUrl(), logger });
const otherPod = connectRedis({ url: testRedisUrl(), logger });
let count = 0;

before(async () => {
  await Promise.all([redis.ping(), otherPod.ping()]);
});

after(async () => {
  const keys = await redis.keys(`*${common}*`);
  if (keys.length > 0) await redis.unlink(...keys);
  redis.disconnect();
  otherPod.disconnect();
});

function newPrefix(): string {
  return `${common}-${String((count += 1))}`;
}

function open(prefix = newPrefix()): PayingStore {
  const outbox = `{${prefix}}:outbox`;
  return {
    store: redisCallStore(redis, prefix),
    ...redisLimits({ redis, prefix }),
    now: async () => {
      const [seconds = '0', micros = '0'] = (await redis.time()).map(String);
      return Number(seconds) * 1000 + Math.floor(Number(micros) / 1000);
    },
    makeDue: async () => {
      for (const id of await redis.zrange(outbox, '0', '-1'))
        await redis.zincrby(outbox, -6000, id);
    },
    pass: (ms) => passTime(prefix, ms),
    lose: async (callId) => {
      await redis.del(`{${prefix}}:call:${callId}`);
    },
    live: async (...owners) => {
      for (const owner of owners) {
        await redis.zadd(`{${prefix}}:pods`, Date.now() + 60_000, owner);
        await redis.hset(`{${prefix}}:pod-info`, owner, '-{}');
      }
    },
    die: async (owner) => {
      await redis.zadd(`{${prefix}}:pods`, Date.now() - 1, owner);
    },
    drain: async (owner) => {
      await redis.hset(`{${prefix}}:pod-info`, owner, 'd{}');
    },
  };
}

/** Redis's clock cannot be moved: the moments in its keys are. */
async function passTime(prefix: string, ms: number): Promise<void> {
  const key = (name: string): string => `{${prefix}}:${name}`;
  const money = await redis.keys(key('money:*'));
  const sets = [
    ...['due', 'holders', 'unacknowledged', 'money-due', 'money-spent'],
    ...(await namesOfLines(prefix)),
    ...money.filter((name) => name.endsWith(':until')).map((name) => name.slice(key('').length)),
  ];
  for (const hash of money.filter((name) => name.endsWith(':calls'))) {
    for (const [call, reserved] of Object.entries(await redis.hgetall(hash))) {
      const words = reserved.split(' ').map((word, at) =>
        // When it was answered, and when it is to be looked at.
        (at === 9 || at === 11) && word !== '0' ? String(Number(word) - ms) : word,
      );
      await redis.hset(hash, call, words.join(' '));
    }
  }
  for (const set of sets) {
    const members = await redis.zrange(key(set), '0', '-1');
    for (const member of members) await redis.zincrby(key(set), -ms, member);
  }
  await redis.del(key('reconciler'));
  for (const call of await redis.keys(key('call:*'))) {
    const session = await redis.hget(call, 'ses');
    if (session === null) continue;
    const moved = session.split(' ').map((word, at) => {
      const isMoment = at >= 2 && at !== 6 && word !== '0';
      return isMoment ? String(Number(word) - ms) : word;
    });
    await redis.hset(call, 'ses', moved.join(' '));
    await redis.hincrby(call, 'ans', -ms);
    const ack = await redis.hget(call, 'ack');
    if (ack === null || ack === 'seen') continue;
    const [since, ...never] = ack.split(' ');
    await redis.hset(call, 'ack', [String(Number(since) - ms), ...never].join(' '));
  }
}

async function namesOfLines(prefix: string): Promise<string[]> {
  const found = await redis.keys(`{${prefix}}:line:*`);
  return found.map((name) => name.slice(prefix.length + 3));
}

callStoreContract('redis', () => Promise.resolve(open()));
adoptionContract('redis', () => Promise.resolve(open()));
sessionContract('redis', () => Promise.resolve(open()));
challengeContract('redis', () => Promise.resolve(open()));
moneyContract('redis', () => Promise.resolve(open()));
offerContract('redis', () => Promise.resolve(open()));

test('edge.md §5: after Redis was away no message takes a call over before all pods had the time to renew their leases', async () => {
  const prefix = newPrefix();
  const { store, live, die } = open(prefix);
  const [owner, other] = ['3.77', '4.78'] as const;
  await live(owner, other);
  const callId = newCallId();
  await store.writeAhead(writeAheadOf(callId, owner));
  await die(owner);
  // As whoever renews a lease that had run out does.
  await redis.set(`{${prefix}}:pods-quiet`, '1', 'PX', 60_000);
  assert.deepEqual(await store.adopt(callId, other), { kind: 'owned', owner });
  await redis.del(`{${prefix}}:pods-quiet`);
  assert.equal((await store.adopt(callId, other)).kind, 'adopted');
});

test('CALL-06 two pods that end a call at once: one is first', async () => {
  const prefix = newPrefix();
  const stores = [redisCallStore(redis, prefix), redisCallStore(otherPod, prefix)];
  for (let round = 0; round < 20; round++) {
    const callId = newCallId();
    await stores[0]?.writeAhead(writeAheadOf(callId));
    const answers = await Promise.all(stores.map((store) => store.answer(answerOf(callId))));
    assert.deepEqual(answers.map(({ kind }) => kind).sort(), ['first', 'late']);
    const ends = await Promise.all(stores.map((store) => store.end(endOf(callId))));
    assert.deepEqual(ends.map(({ kind }) => kind).sort(), ['first', 'late']);
  }
});

test('edge.md §5: two pods that adopt a dead pod’s call at once: exactly one has it, and the old owner has lost it', async () => {
  const prefix = newPrefix();
  const { live, die } = open(prefix);
  await live('3.77', '4.78', '5.79');
  const [first, second] = [redisCallStore(redis, prefix), redisCallStore(otherPod, prefix)];
  for (let round = 0; round < 50; round++) {
    await live('3.77');
    const callId = newCallId();
    await first.writeAhead(writeAheadOf(callId));
    await die('3.77');
    const standings = await Promise.all([
      first.adopt(callId, '4.78'),
      second.adopt(callId, '5.79'),
      second.adoptOrphans('5.79', 10),
    ]);
    const [a, b, orphans] = standings;
    const winners = [a.kind === 'adopted', b.kind === 'adopted' || orphans.length > 0];
    assert.equal(winners.filter(Boolean).length, 1, JSON.stringify(standings));
    const owner = winners[0] === true ? '4.78' : '5.79';
    const lost = { kind: 'lost', owner };
    assert.deepEqual(
      await Promise.all([
        first.writeAhead(writeAheadOf(callId)),
        first.answer(answerOf(callId)),
        first.end(ownEnd(callId, '3.77')),
      ]),
      [false, lost, lost],
    );
    assert.equal((await second.end(ownEnd(callId, owner))).kind, 'first');
  }
});

test('ROUTE-05 two pods reconcile thousands of leases at once: each lease without a call is freed once, no other', async () => {
  const prefix = newPrefix();
  const key = (name: string): string => `{${prefix}}:${name}`;
  const callIds = Array.from({ length: 2500 }, () => newCallId());
  const leaked = new Set(callIds.filter((_, at) => at % 80 === 0));
  const begunMs = Date.now() - 60_000;
  const scored = (ids: readonly string[]) => ids.flatMap((id) => [begunMs, id]);
  await redis.zadd(key('holders'), ...scored(callIds));
  await redis.zadd(key('line:account:demo'), ...scored(callIds));
  await redis.zadd(key('calls'), ...scored(callIds.filter((id) => !leaked.has(id))));
  for (const id of callIds) {
    await redis.set(key(`held:${id}`), `${String(begunMs)}\n${key('line:account:demo')}`);
    if (!leaked.has(id)) await redis.hset(key(`call:${id}`), 'own', '3.77');
  }
  const stores = [redisCallStore(redis, prefix), redisCallStore(otherPod, prefix)];
  const freed = await Promise.all(stores.map((store) => store.reconcile()));
  assert.equal(
    freed.reduce((sum, each) => sum + each, 0),
    leaked.size,
  );
  for (const set of ['holders', 'line:account:demo', 'calls']) {
    assert.equal(await redis.zcard(key(set)), callIds.length - leaked.size, set);
  }
  assert.deepEqual(await Promise.all(stores.map((store) => store.reconcile())), [0, 0]);
});

test('CALL-06 every key of a call carries the deployment’s hash tag, and none is left for ever', async () => {
  const prefix = newPrefix();
  const { store } = open(prefix);
  const callId = newCallId();
  await store.claim('tx', callId, '3.77');
  await store.writeAhead(writeAheadOf(callId));
  await store.answer(answerOf(callId));
  await store.end(endOf(callId));
  await store.saveTokens(newCallId(), { a: Buffer.of(1), b: Buffer.of(2) });
  const keys = await redis.keys(`*${prefix}*`);
  for (const key of keys) {
    assert.ok(key.startsWith(`{${prefix}}:`), key);
    const isShared = /:(outbox|outbox-events|calls|owners)$/.test(key);
    const seconds = await redis.ttl(key);
    assert.ok(isShared || (seconds > 0 && seconds <= 300), `${key} ${String(seconds)}`);
  }
});

test('edge.md §4.3: what a call that the switch has ended leaves in Redis expires, whether its ends are hung up or not', async () => {
  const prefix = newPrefix();
  const { store } = open(prefix);
  const key = (name: string): string => `{${prefix}}:${name}`;
  const [hungUp, forgotten] = [newCallId(), newCallId()];
  for (const callId of [hungUp, forgotten]) {
    await store.answer(answerOf(callId, { kind: 'none', intervalMs: 0, longestMs: 1 }));
    await passTime(prefix, 1000);
    assert.equal((await store.takeDue('3.77', 10, 45_000)).length, 1);
    await store.end({ ...endOf(callId), hangUp: { reason: 'Q.850;cause=31', forMs: 45_000 } });
  }
  await store.handled(hungUp, '3.77');
  assert.ok((await redis.ttl(key(`call:${hungUp}`))) <= 64);
  const seconds = await redis.ttl(key(`call:${forgotten}`));
  assert.ok(seconds > 64 && seconds <= 300, String(seconds));
  assert.ok((await redis.ttl(key('in-hand:3.77'))) > 0);
  assert.deepEqual(await redis.zrange(key('in-hand:3.77'), '0', '-1'), [forgotten]);
  await redis.del(key(`call:${forgotten}`));
  await passTime(prefix, 60_000);
  assert.deepEqual(await store.takeDue('3.77', 10, 45_000), []);
  assert.equal(await redis.exists(key('due')), 0);
});

test('DENY-19 with Redis away each step rejects with SWITCH_STORE_UNAVAILABLE', async () => {
  const url = `redis://127.0.0.1:${String(await freeTcpPort())}`;
  const nowhere = connectRedis({ url, logger, commandTimeoutMs: 200 });
  const store = redisCallStore(nowhere, newPrefix());
  const callId = newCallId();
  const away = (error: unknown): boolean =>
    error instanceof SwitchError && error.code === 'SWITCH_STORE_UNAVAILABLE';
  await Promise.all(
    [
      store.claim('tx', callId, '3.77'),
      store.writeAhead(writeAheadOf(callId)),
      store.answer(answerOf(callId)),
      store.end(endOf(callId)),
      store.tokens(callId),
      store.saveTokens(callId, { a: Buffer.of(1), b: Buffer.of(2) }),
      store.get(callId),
      store.list(1),
      store.claimDue(1, 1),
      store.settle(['x']),
      store.outbox(),
      store.findClaim('tx'),
      store.adopt(callId, '3.77'),
      store.adoptOrphans('3.77', 1),
      store.forget(callId, '3.77'),
      store.takeDue('3.77', 1, 1),
      store.handled(callId, '3.77'),
      store.refresh(callId),
      store.number(callId, 'a'),
      store.reconcile(),
    ].map((step) => assert.rejects(step, away)),
  );
  nowhere.disconnect();
});

test('CALL-06 an INVITE is claimed only if the store holds what was asked for, and its claim can be asked for', async () => {
  const prefix = newPrefix();
  const store = redisCallStore(redis, prefix);
  const { lines } = redisLimits({ redis, prefix });
  const acceptance = { key: `{${prefix}}:auth:nonce:n`, field: '+print', value: '1' };
  const isUnmet = (error: unknown): boolean =>
    error instanceof SwitchError && error.code === 'SWITCH_PRECONDITION_UNMET';
  await assert.rejects(store.claim('tx', 'call', '3.7', acceptance), isUnmet);
  assert.equal(await store.findClaim('tx'), undefined);
  await redis.hset(acceptance.key, acceptance.field, acceptance.value);
  // In one write, as a call pod asks.
  const claimed = store.claimed('tx', 'call', '3.7');
  assert.ok(claimed !== undefined);
  const wanted = { callId: 'call', leaseMs: 60_000, fixed: [], choices: [], onlyIf: claimed };
  const [claim, taken] = await Promise.all([
    store.claim('tx', 'call', '3.7', acceptance),
    lines.acquire(wanted),
  ]);
  assert.deepEqual([claim?.isNew, taken.kind], [true, 'taken']);
  // Another call of the same INVITE gets neither.
  const other = store.claimed('tx', 'other', '4.1');
  const [held, refused] = await Promise.allSettled([
    store.claim('tx', 'other', '4.1', acceptance),
    lines.acquire({ ...wanted, callId: 'other', onlyIf: other }),
  ]);
  assert.equal(held.status === 'fulfilled' && held.value?.callId, 'call');
  assert.ok(refused.status === 'rejected' && isUnmet(refused.reason));
});
