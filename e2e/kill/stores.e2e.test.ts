import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { OwnKafka, OwnRedis, SecuredKafka, TlsFiles } from '@tandem/testing';
import { KillBench } from '../src/kill/kill-bench.ts';
import { kafkaAway, redisEmptied } from '../src/kill/store-trials.ts';
import { isSoak, runs } from '../src/kill/trial-table.ts';
import { layoutOfRun } from '../src/shape.ts';
import { type Verdict, verdictText } from '../src/verdict/judge-switch.ts';

const FINISH_MS = 75_000;
const CAUGHT_UP_WITHIN_MS = 90_000;
/** A process that has started lately grows for a while, whatever it does: what counts is the time after that. */
const SETTLED_AT = 3;
const MOST_GROWN_SETTLED_MEGABYTES = 80;
const MOST_GROWN_MEGABYTES = 150;
const withoutKafka = '4460';
const withoutRedis = '4461';

const away = isSoak
  ? { kafkaMs: 300_000, perSecond: 50, standing: 500, redisMs: 10_000 }
  : { kafkaMs: 15_000, perSecond: 20, standing: 100, redisMs: 2000 };

for (let run = 1; run <= runs; run++) {
  const layout = layoutOfRun(run, 'split');
  describe(`stores are killed, ${layout}, run ${String(run)}`, { timeout: 1_200_000 }, () => {
    let redis: OwnRedis | undefined;
    let kafka: OwnKafka | undefined;
    let bench: KillBench | undefined;
    let verdict: Verdict | undefined;
    let megabytes: readonly number[] = [];
    before(async () => {
      // As a managed Kafka: over TLS, with a name and a password.
      const files = new TlsFiles({ after: (remove) => process.on('exit', remove) });
      const secured = await SecuredKafka.of(files, { username: 'tandem', password: 'open-sesame' });
      [redis, kafka] = await Promise.all([OwnRedis.start(), OwnKafka.start(secured)]);
      const stores = { redisUrl: redis.url, kafkaBrokers: secured.saslTls.join(',') };
      const env = {
        TANDEM_KAFKA_TLS: 'on',
        TANDEM_KAFKA_TLS_CA_FILE: files.caFile,
        TANDEM_KAFKA_SASL: 'scram-sha-512',
        TANDEM_KAFKA_USERNAME: 'tandem',
        TANDEM_KAFKA_PASSWORD_FILE: files.put('password', 'open-sesame'),
      };
      bench = await KillBench.start({ cluster: { layout, stores, env } });
      const { perSecond, standing } = away;
      megabytes = await kafkaAway(bench, kafka, {
        awayMs: away.kafkaMs,
        perSecond,
        seed: run,
        prefix: withoutKafka,
      });
      // What Kafka missed lies in Redis: it must be out before Redis is emptied.
      await bench.untilOutboxEmpty(CAUGHT_UP_WITHIN_MS);
      await redisEmptied(bench, redis, {
        calls: standing,
        awayMs: away.redisMs,
        seed: run,
        prefix: withoutRedis,
      });
      verdict = await bench.judge(await bench.finish(FINISH_MS), CAUGHT_UP_WITHIN_MS);
    });
    after(async () => {
      await bench?.stop();
      await Promise.all([redis?.close(), kafka?.close()]);
    });
    const assertClean = async (prefix: string): Promise<void> => {
      assert.ok(verdict !== undefined && bench !== undefined);
      const faultyCalls = verdict.faultyCalls.filter(({ number }) => number.startsWith(prefix));
      const own = { ...verdict, faultyCalls, faults: [] };
      assert.equal(verdictText(own), '', await bench.evidence(own));
    };

    test('edge.md §5: Kafka is away under load: no CDR is missing or double, and memory is bounded', async (t) => {
      await assertClean(withoutKafka);
      const text = megabytes.map((size) => size.toFixed(0)).join(' ');
      t.diagnostic(`resident memory of an edge, MB: ${text}`);
      const most = Math.max(...megabytes);
      assert.ok(most - (megabytes[0] ?? 0) < MOST_GROWN_MEGABYTES, `MB: ${text}`);
      const settled = Math.max(...megabytes.slice(SETTLED_AT)) - (megabytes[SETTLED_AT] ?? 0);
      assert.ok(settled < MOST_GROWN_SETTLED_MEGABYTES, `MB: ${text}`);
    });
    test('edge.md §5: Redis comes back empty with calls up: new calls get 503 meanwhile, all are hung up and billed', () =>
      assertClean(withoutRedis));
    test('edge.md §9: after both nothing is left: no line, no call, no event', () => {
      assert.ok(verdict !== undefined);
      assert.equal(verdictText({ ...verdict, faultyCalls: [] }), '');
      assert.equal(verdict.cdrs, verdict.calls);
    });
  });
}
