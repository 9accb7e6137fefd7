import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { SwitchError } from '@tandem/domain';
import { OwnKafka } from '@tandem/testing';
import { createKafkaConsumer, createKafkaPublisher } from '../../src/index.ts';
import type { CallEventMessage, EventPublisher } from '../../src/index.ts';
import { collect, event } from '../event-log-contract.ts';
import { silentEventLogger as logger } from '../silent-event-logger.ts';

const clientId = 'tandem-events-test';
let kafka: OwnKafka;
before(async () => {
  kafka = await OwnKafka.start();
});
after(async () => {
  await kafka.close();
});

const isUnavailable = (error: unknown): boolean =>
  error instanceof SwitchError && error.code === 'SWITCH_STORE_UNAVAILABLE';

/** What a call's outbox does: publishes again what was not acknowledged. */
async function drain(publisher: EventPublisher, outbox: CallEventMessage[]): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (outbox.length > 0) {
    assert.ok(Date.now() < deadline, 'the outbox is not empty after a minute');
    const batch = outbox.slice(0, 500);
    try {
      await publisher.publish(batch);
      outbox.splice(0, batch.length);
    } catch {
      await sleep(50);
    }
  }
}

/** Waits until publishing fails at once: Kafka is known to be away. */
async function untilRefusedAtOnce(publisher: EventPublisher): Promise<void> {
  const deadline = Date.now() + 60_000;
  for (let number = 1; ; number += 1) {
    assert.ok(Date.now() < deadline, 'not refused at once within a minute');
    const startedAt = performance.now();
    const outcome = await publisher.publish([event('probe', number)]).then(() => 'taken', () => 'refused'); // prettier-ignore
    if (outcome === 'refused' && performance.now() - startedAt < 5) return;
  }
}

// A broker starts twice and a group is formed twice: on a busy machine that takes its time.
const patient = { timeout: 150_000 };

test(
  'BILL-04 a broker that is killed for long: events are refused at once, nothing piles up, all arrive afterwards',
  patient,
  async () => {
    const topic = 'tandem-killed';
    const options = { brokers: kafka.brokers, clientId, topic, logger };
    const publisher = createKafkaPublisher(options);
    const consumer = createKafkaConsumer({ ...options, group: 'killed' });
    const seen = collect();
    void consumer.run({ handle: seen.take });
    await publisher.publish([event('call-0', 1)]);
    await seen.until(1);
    await kafka.kill();
    const outbox: CallEventMessage[] = [];
    const keep = (number: number): Promise<void> => {
      const one = event(`call-${String(number)}`, 1);
      return publisher.publish([one]).catch((error: unknown) => {
        assert.ok(isUnavailable(error));
        outbox.push(one);
      });
    };
    await untilRefusedAtOnce(publisher);
    // An hour at 10 events a second, offered as fast as they are refused.
    const heapBefore = heapUsed();
    const calls = 36_000;
    for (let from = 1; from <= calls; from += 2000) {
      await Promise.all(Array.from({ length: 2000 }, (_, index) => keep(from + index)));
    }
    assert.ok(outbox.length >= calls - 10);
    const kept = outbox.splice(5000);
    // What stays are the events that this test keeps itself.
    assert.ok(heapUsed() - heapBefore < 200_000_000);
    kept.length = 0;
    await kafka.start();
    const expected = new Set(['call-0', ...outbox.map(({ callId }) => callId)]);
    await drain(publisher, outbox);
    const arrived = (): Set<string> => new Set(seen.events.map(({ callId }) => callId));
    const deadline = Date.now() + 60_000;
    while (![...expected].every((callId) => arrived().has(callId))) {
      assert.ok(Date.now() < deadline, `${String(arrived().size)} of ${String(expected.size)}`);
      await sleep(50);
    }
    while (consumer.currentSinceMs() === undefined) {
      assert.ok(Date.now() < deadline, `the consumer is ${String(consumer.lag())} behind`);
      await sleep(50);
    }
    await publisher.close();
    await consumer.close();
  },
);

test('BILL-04 a broker that hangs is told within the deadline, and events arrive after it goes on', async () => {
  const topic = 'tandem-frozen';
  const options = { brokers: kafka.brokers, clientId, topic, logger };
  const publisher = createKafkaPublisher({ ...options, deadlineMs: 1500 });
  const consumer = createKafkaConsumer({ ...options, group: 'frozen' });
  const seen = collect();
  void consumer.run({ handle: seen.take });
  await publisher.publish([event('call-0', 1)]);
  await seen.until(1);
  kafka.freeze();
  // KafkaJS would wait half a minute, and then try again.
  const startedAt = performance.now();
  await assert.rejects(publisher.publish([event('call-1', 1)]), isUnavailable);
  assert.ok(performance.now() - startedAt < 20_000);
  await untilRefusedAtOnce(publisher);
  kafka.thaw();
  await drain(publisher, [event('call-1', 1), event('call-2', 1)]);
  const deadline = Date.now() + 60_000;
  const has = (callId: string): boolean => seen.events.some((each) => each.callId === callId);
  while (!has('call-1') || !has('call-2')) {
    assert.ok(Date.now() < deadline);
    await sleep(50);
  }
  await publisher.close();
  await consumer.close();
});

test('BILL-04 a broker that hangs when a batch is committed: the batch is committed when it goes on', async () => {
  const topic = 'tandem-frozen-at-commit';
  const options = { brokers: kafka.brokers, clientId, topic, logger };
  const publisher = createKafkaPublisher(options);
  const consumer = createKafkaConsumer({ ...options, group: 'frozen-at-commit' });
  let handled = 0;
  void consumer.run({
    handle: (events) => {
      handled += events.length;
      if (handled > 1) return Promise.resolve();
      kafka.freeze();
      // Longer than the client waits for an answer, shorter than the group waits for the client.
      setTimeout(() => {
        kafka.thaw();
      }, 3000);
      return Promise.resolve();
    },
  });
  await publisher.publish([event('call-1', 1)]);
  const deadline = Date.now() + 60_000;
  while (handled === 0 || consumer.currentSinceMs() === undefined) {
    assert.ok(Date.now() < deadline, `${String(consumer.lag())} events are not committed`);
    await sleep(50);
  }
  await publisher.close();
  await consumer.close();
});

test('BILL-04 more events than a slow Kafka takes are refused rather than kept', async () => {
  const options = { brokers: ['127.0.0.1:1'], clientId, logger };
  const publisher = createKafkaPublisher({ ...options, maxWaiting: 100, maxInFlight: 1 });
  const outcomes = await Promise.allSettled(
    Array.from({ length: 1000 }, (_, index) => publisher.publish([event(`c-${String(index)}`, 1)])),
  );
  const reasons = outcomes.map((outcome) => (outcome.status === 'rejected' ? String(outcome.reason) : '')); // prettier-ignore
  assert.ok(reasons.every((reason) => reason.includes('Kafka')));
  assert.ok(reasons.filter((reason) => reason.includes('slower than events come')).length >= 800); // prettier-ignore
  await publisher.close();
});

function heapUsed(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
