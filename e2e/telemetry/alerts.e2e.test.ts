import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { OwnKafka, OwnRedis } from '@tandem/testing';
import { type TestCluster, startTestCluster } from '../src/cluster/test-cluster.ts';
import { freePort, freePorts } from '../src/free-ports.ts';
import { optionVariables } from '../src/running-switch.ts';
import { Carrier } from '../src/sipp.ts';
import { type Collector, startCollector } from '../src/telemetry/collector.ts';
import { faultConfiguration, faults } from '../src/telemetry/faults.ts';
import { Prometheus } from '../src/telemetry/prometheus.ts';
import { until } from '../src/until.ts';

/** An outbox is old after a minute. */
const FIRES_WITHIN_MS = 120_000;

suite('alerts fired by their causes', { concurrency: false, timeout: 1_200_000 }, () => {
  let collector: Collector | undefined;
  let prometheus: Prometheus | undefined;
  let redis: OwnRedis | undefined;
  let kafka: OwnKafka | undefined;
  let running: TestCluster | undefined;
  let carriers: readonly Carrier[] = [];

  before(async () => {
    collector = await startCollector();
    [redis, kafka] = await Promise.all([OwnRedis.start(), OwnKafka.start()]);
    // What an alert waits for is promtool's part.
    prometheus = await Prometheus.start(collector.page, '2s');
    const [answers = 0, rests = 0] = await freePorts(2);
    carriers = await Promise.all([
      Carrier.start({ scenario: 'carrier-answers', port: answers }),
      Carrier.start({ scenario: 'carrier-asks-for-rest', port: rests }),
    ]);
    const rtpengines = `udp:127.0.0.1:${String(await freePort())}`;
    running = await startTestCluster({
      layout: 'split',
      pods: 1,
      mode: 'direct',
      isRespawning: false,
      env: optionVariables({ otlpEndpoint: collector.endpoint, rtpengines }),
      stores: { redisUrl: redis.url, kafkaBrokers: kafka.brokers.join(',') },
    });
    await running.configure(await faultConfiguration(answers, rests));
  });
  after(async () => {
    await running?.stop();
    await Promise.all(carriers.map((carrier) => carrier.stop()));
    await prometheus?.stop();
    await collector?.stop();
    await Promise.all([redis?.close(), kafka?.close()]);
  });

  for (const { alert, cause, make } of faults) {
    test(`OPS-06 ${alert} fires: ${cause}`, async () => {
      assert.ok(running !== undefined && redis !== undefined && kafka !== undefined);
      const end = await make({ running, redis, kafka });
      try {
        await until(
          `${alert} fires`,
          async () => {
            const active = (await prometheus?.alerts()) ?? [];
            return active.some(({ name, state }) => name === alert && state === 'firing');
          },
          { timeoutMs: FIRES_WITHIN_MS, everyMs: 500 },
        );
      } finally {
        await end();
      }
    });
  }
});
