import { SwitchError } from '@tandem/domain';
import { connectRedis, silentLogger } from '@tandem/service';
import { freeTcpPort, redisForTest, testRedisUrl, uniqueName } from '@tandem/testing';
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { RedisAuthStore } from '../../src/adapters/redis-auth-store.ts';
import { authStoreContract } from '../auth-store-contract.ts';
import { Scene } from '../scene.ts';

const logger = silentLogger();
// One server for all tests of this file: each test has a prefix of its own below this one.
const common = uniqueName('auth');
const first = connectRedis({ url: testRedisUrl(), logger });
const second = connectRedis({ url: testRedisUrl(), logger });
let count = 0;

function prefix(): string {
  count += 1;
  return `${common}-${String(count)}`;
}

before(async () => {
  await Promise.all([first.ping(), second.ping()]);
});

after(async () => {
  const keys = await first.keys(`*${common}*`);
  if (keys.length > 0) await first.unlink(...keys);
  first.disconnect();
  second.disconnect();
});

authStoreContract('redis', () =>
  Promise.resolve({
    store: new RedisAuthStore(first, prefix()),
    elapse: async (ms) => {
      await wait(ms);
    },
    now: () => Date.now(),
  }),
);

test('AUTH-04 a challenge from one pod is answered at another, and a repetition at either', async () => {
  const shared = prefix();
  const one = new Scene({ store: new RedisAuthStore(first, shared) });
  const two = new Scene({ store: new RedisAuthStore(second, shared) });
  const challenge = await one.challengeFor({});
  const answer = { password: 'tandem-demo' };
  const there = await two.answer({ cseq: 2 }, challenge, answer);
  const here = await one.answer({ cseq: 2 }, challenge, answer);
  assert.equal(there.outcome?.$case, 'allow');
  assert.deepEqual(here.outcome, there.outcome);
});

test('AUTH-10 guesses spread over two pods cannot pass the limit', async () => {
  const shared = prefix();
  const one = new Scene({ store: new RedisAuthStore(first, shared) });
  const two = new Scene({ store: new RedisAuthStore(second, shared) });
  const challenge = await one.challengeFor({});
  const guesses = Array.from({ length: 60 }, (_, index) => {
    const call = { sipCallId: `call-${String(index)}`, cseq: 2 };
    const pod = index % 2 === 0 ? one : two;
    return pod.answer(call, challenge, { password: `guess-${String(index)}` });
  });
  const kinds = (await Promise.all(guesses)).map(({ outcome }) => outcome?.$case);
  assert.equal(kinds.filter((kind) => kind === 'challenge').length, 5);
  assert.equal(kinds.filter((kind) => kind === 'deny').length, 55);
});

test('AUTH-08 guesses spread over two pods black-list their source, which no pod answers until it is lifted', async () => {
  const shared = prefix();
  const parameters = { SS_BLACKLIST_MAX_FAILURES: 6 };
  const pods = [first, second].map(
    (redis) => new Scene({ store: new RedisAuthStore(redis, shared), parameters }),
  );
  const guess = (at: number) =>
    pods[at % 2]?.call({ fromUser: `u${String(at)}`, sipCallId: String(at) }, { password: 'no' });
  for (let at = 0; at < 6; at += 1) await guess(at);
  for (const pod of pods) {
    const { outcome, blockedForMs } = await pod.send({ sipCallId: 'right' });
    assert.equal(outcome?.$case === 'deny' && outcome.value.unanswered, true);
    assert.ok(blockedForMs > 0 && blockedForMs <= 2000);
  }
  const [one, other] = pods;
  assert.equal(await other?.store.liftFromBlacklist('203.0.113.50'), true);
  const again = await one?.call({ sipCallId: 'again' }, { password: 'tandem-demo' });
  assert.equal(again?.outcome?.$case, 'allow');
});

test('AUTH-07 where a user has proved itself is known to every pod', async () => {
  const shared = prefix();
  const parameters = { SS_AUTHENTICATION_USER_MAX_RETRY: 3, SS_BLACKLIST_MAX_FAILURES: 0 };
  const one = new Scene({ store: new RedisAuthStore(first, shared), parameters });
  const two = new Scene({ store: new RedisAuthStore(second, shared), parameters });
  const home = { sourceAddress: '198.51.100.20' };
  await one.call({ ...home, sipCallId: 'home' }, { password: 'tandem-demo' });
  for (let at = 1; at <= 4; at += 1) {
    const call = { sourceAddress: `203.0.113.${String(at)}`, sipCallId: String(at) };
    await (at % 2 === 0 ? one : two).call(call, { password: 'no' });
  }
  const strange = await one.send({ sourceAddress: '203.0.113.9', sipCallId: 'strange' });
  assert.equal(strange.outcome?.$case, 'deny');
  const known = await two.call({ ...home, sipCallId: 'later' }, { password: 'tandem-demo' });
  assert.equal(known.outcome?.$case, 'allow');
});

test('every key lies in the hash slot of the deployment and expires', async () => {
  const own = await redisForTest();
  const scene = new Scene({
    store: new RedisAuthStore(own.redis, own.prefix),
    parameters: { SS_AUTHENTICATION_MAX_RETRY: 2 },
  });
  await scene.guess({ sipCallId: 'a' }, ['1']);
  await scene.guess({ sipCallId: 'b' }, ['2', '3']);
  const keys = await own.redis.keys(`*${own.prefix}*`);
  assert.ok(keys.length >= 4);
  for (const key of keys) {
    assert.ok(key.startsWith(`{${own.prefix}}:auth:`), key);
    assert.ok((await own.redis.pttl(key)) > 0, key);
  }
  await own.close();
});

test('AUTH-12 no password and no HA1 is in the store', async () => {
  const own = await redisForTest();
  const scene = new Scene({ store: new RedisAuthStore(own.redis, own.prefix) });
  const challenge = await scene.challengeFor({});
  await scene.answer({ cseq: 2 }, challenge, { password: 'tandem-demo' });
  await scene.guess({ sipCallId: 'b' }, ['secret-guess']);
  for (const key of await own.redis.keys(`*${own.prefix}*`)) {
    const isHash = (await own.redis.type(key)) === 'hash';
    const content = isHash ? JSON.stringify(await own.redis.hgetall(key)) : '';
    assert.doesNotMatch(content, /tandem-demo|secret-guess/);
  }
  await own.close();
});

test('a store that is away is breakage, not a refusal', async () => {
  const port = await freeTcpPort();
  const redis = connectRedis({
    url: `redis://127.0.0.1:${String(port)}`,
    logger,
    commandTimeoutMs: 200,
  });
  const store = new RedisAuthStore(redis, 'nowhere');
  const scene = new Scene({ store });
  assert.equal(store.isReachable(), false);
  await assert.rejects(
    scene.send({}),
    (error) => error instanceof SwitchError && error.code === 'SWITCH_STORE_UNAVAILABLE',
  );
  // AUTH-01: the modes ip and ip-port need no store.
  const response = await scene.send({ sourceAddress: '192.0.2.1' });
  assert.equal(response.outcome?.$case, 'allow');
  redis.disconnect();
});

test('AUTH-04 once credentials are taken the store holds what says so, in the slot of the calls', async () => {
  const shared = prefix();
  const store = new RedisAuthStore(first, shared);
  const scene = new Scene({ store });
  const challenge = await scene.challengeFor({});
  const accepting: { readonly key: string; readonly field: string; readonly value: string }[] = [];
  const accept = store.accept.bind(store);
  store.accept = (command) => {
    accepting.push(store.acceptance(command));
    return accept(command);
  };
  await scene.answer({ cseq: 2 }, challenge, { password: 'tandem-demo' });
  const [acceptance] = accepting;
  assert.ok(acceptance !== undefined);
  assert.ok(acceptance.key.startsWith(`{${shared}}:`));
  assert.equal(await first.hget(acceptance.key, acceptance.field), acceptance.value);
  await scene.answer({ cseq: 3 }, challenge, { password: 'wrong' });
  assert.equal(accepting.length, 1);
});
