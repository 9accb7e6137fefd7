import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import '../../src/kafka/kafkajs.ts';

interface Sent {
  readonly entry: { readonly correlationId: number; resolve(answer: unknown): void };
}

interface Queue {
  push(request: Sent & { readonly expectResponse: boolean; sendRequest(): void }): void;
  fulfillRequest(answer: { correlationId: number; payload: unknown; size: number }): void;
  maybeThrottle(ms: number): void;
  destroy(): void;
}

const RequestQueue = createRequire(import.meta.url)('kafkajs/src/network/requestQueue') as new (
  options: object,
) => Queue;

test('BILL-03 a connection to Kafka sets no timer while no request waits, and one that waits is sent', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  let timers = 0;
  const set = globalThis.setTimeout;
  t.mock.method(globalThis, 'setTimeout', (...given: Parameters<typeof set>) => {
    timers += 1;
    return set(...given);
  });
  const logger = { debug: () => undefined };
  const queue = new RequestQueue({ maxInFlightRequests: 1, requestTimeout: 1000, logger });
  const sent: number[] = [];
  const push = (correlationId: number): void => {
    const entry = { correlationId, resolve: () => undefined, reject: () => undefined };
    queue.push({ entry, expectResponse: true, sendRequest: () => sent.push(correlationId) });
  };
  const answer = (correlationId: number): void => {
    queue.fulfillRequest({ correlationId, payload: {}, size: 1 });
  };
  push(1);
  answer(1);
  t.mock.timers.tick(5000);
  assert.deepEqual([sent, timers], [[1], 0]);

  push(2);
  push(3);
  assert.deepEqual(sent, [1, 2]);
  answer(2);
  assert.deepEqual(sent, [1, 2, 3]);
  answer(3);

  queue.maybeThrottle(500);
  push(4);
  t.mock.timers.tick(400);
  assert.deepEqual(sent, [1, 2, 3]);
  t.mock.timers.tick(200);
  assert.deepEqual(sent, [1, 2, 3, 4]);
  answer(4);
  queue.destroy();
  const before = timers;
  t.mock.timers.tick(5000);
  assert.equal(timers, before);
});
