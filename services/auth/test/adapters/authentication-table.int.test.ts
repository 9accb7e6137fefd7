import { redisForTest, SharedTime } from '@tandem/testing';
import { after, test } from 'node:test';
import { RedisAuthStore } from '../../src/adapters/redis-auth-store.ts';
import { holds, situations, ways } from '../authentication-table.ts';
import { Scene } from '../scene.ts';

const one = await redisForTest();
const two = await redisForTest();
after(() => Promise.all([one.close(), two.close()]));
const algorithms = ['SHA-512-256', 'SHA-256', 'MD5'] as const;

/** One way in so many is played: each value of each part comes up. */
const THINNED = 29;

test('AUTH-04 what comes of an answer is the same where one pod has asked and another is answered', async () => {
  let played = 0;
  for (const [at, name] of Object.keys(situations).entries()) {
    for (const way of ways.filter((_, index) => index % THINNED === at)) {
      played += 1;
      const prefix = `${one.prefix}-${String(played)}`;
      const parameters = { SS_AUTHCHALLENGEMODE: way.mode };
      const time = new SharedTime(one.redis, `{${prefix}}`);
      const [asked, answered] = [one, two].map(
        ({ redis }, pod) =>
          new Scene({
            algorithms,
            parameters,
            pod,
            now: Date.now,
            store: new RedisAuthStore(redis, prefix),
          }),
      );
      if (asked === undefined || answered === undefined) continue;
      await holds({ asked, answered, pass: (ms) => time.pass(ms) }, name, way);
    }
  }
});
