import { redisForTest, SharedTime } from '@tandem/testing';
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { RedisAuthStore } from '../../src/adapters/redis-auth-store.ts';
import { allowedName, Scene } from '../scene.ts';

const one = await redisForTest();
const two = await redisForTest();
after(() => Promise.all([one.close(), two.close()]));

const password = 'tandem-demo';
const GUESSES = 1000;

test('AUTH-10 of a thousand concurrent guesses over two pods the limit is looked at, the right one among them is refused, retransmissions do not count, and it works after the suspension', async () => {
  const pods = [one, two].map(
    ({ redis }, pod) => new Scene({ pod, store: new RedisAuthStore(redis, one.prefix) }),
  );
  const podFor = (at: number): Scene => pods[at % 2] ?? assert.fail();
  const call = (at: number) => ({ sipCallId: `c${String(at)}` });
  const guesses = Array.from({ length: GUESSES }, (_, at) => at);
  const challenges = await Promise.all(guesses.map((at) => podFor(at).challengeFor(call(at))));
  const answers = await Promise.all(
    challenges.map(async (challenge, at) => {
      const guess = { password: at === GUESSES / 2 ? password : `guess-${String(at)}` };
      // Each comes twice, the second time at the pod that has challenged.
      const sent = [at + 1, at].map((pod) =>
        podFor(pod).answer({ ...call(at), cseq: 2 }, challenge, guess),
      );
      const [first, again] = await Promise.all(sent);
      assert.ok(first !== undefined && again !== undefined);
      return { first: first.outcome, again: again.outcome };
    }),
  );
  const looked = answers.filter(({ first }) => first?.$case === 'challenge');
  assert.equal(looked.length, 5);
  for (const { first, again } of looked) assert.deepEqual(again, first);
  assert.equal(answers.filter(({ first, again }) => first?.$case === 'allow' || again?.$case === 'allow').length, 0); // prettier-ignore
  const [suspension] = await podFor(0).store.listSuspensions();
  assert.equal(suspension?.failures, 6);
  await new SharedTime(one.redis, `{${one.prefix}}`).pass(3_600_000);
  const later = await podFor(1).call({ sipCallId: 'later' }, { password });
  assert.equal(allowedName(later), 'phone 1001');
});
