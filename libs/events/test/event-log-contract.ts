import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { SwitchError } from '@tandem/domain';
import { CallEvent } from '@tandem/proto/events';
import { callEventMessage } from '../src/index.ts';
import { silentEventLogger } from './silent-event-logger.ts';
import type {
  CallEventHead,
  CallEventMessage,
  EventConsumer,
  EventLogger,
  EventPublisher,
  ReceivedCallEvent,
} from '../src/index.ts';

/** One log with both ends, as a contract test needs it. */
export interface EventLogUnderTest {
  publisher(): EventPublisher;
  /** Consumers of the same group share the log. */
  consumer(group: string, logger?: EventLogger): EventConsumer;
  /** Puts a message into the log that is no call event. */
  appendRaw(value: Buffer): Promise<void>;
  close(): Promise<void>;
}

/** What every log of call events must do, whatever it is made of. */
export function testEventLog(name: string, open: () => Promise<EventLogUnderTest>): void {
  suite(`call events through ${name}`, () => {
    test('BILL-04 every event that was published arrives, those of one call in their order', async () => {
      await using log = await opened(open);
      const seen = collect();
      const consumer = log.start('group', seen.take);
      const publisher = log.publisher();
      const calls = Array.from({ length: 40 }, (_, index) => `call-${String(index)}`);
      await Promise.all(
        calls.map((callId) => publisher.publish([event(callId, 1), event(callId, 2)])),
      );
      await seen.until(80);
      for (const callId of calls) {
        const types = seen.events
          .filter((each) => each.callId === callId)
          .map((each) => each.eventId);
        assert.deepEqual(types, [`${callId}.answered.1`, `${callId}.answered.2`]);
      }
      await publisher.close();
      await consumer.close();
    });

    test('BILL-04 events published before anybody read are not lost', async () => {
      await using log = await opened(open);
      const early = log.consumer('group');
      await log.publisher().publish([event('early', 1)]);
      const seen = collect();
      void early.run({ handle: seen.take });
      await seen.until(1);
      assert.equal(seen.events[0]?.callId, 'early');
      await early.close();
    });

    test('BILL-04 a batch that was not handled comes again, until it is', async () => {
      await using log = await opened(open);
      const seen = collect();
      let failures = 0;
      const consumer = log.start('group', (events) => {
        failures += 1;
        return failures <= 2 ? Promise.reject(new Error('PostgreSQL is away')) : seen.take(events);
      });
      await log.publisher().publish([event('call-1', 1), event('call-2', 1)]);
      await seen.until(2);
      assert.ok(failures >= 3);
      await consumer.close();
    });

    test('BILL-04 what was committed is not read again by the next consumer, what was not is', async () => {
      await using log = await opened(open);
      const publisher = log.publisher();
      const first = collect();
      const one = log.start('group', first.take);
      await publisher.publish([event('call-1', 1)]);
      await first.until(1);
      await one.close();
      await publisher.publish([event('call-2', 1)]);
      const refused = collect();
      const two = log.start('group', (events) => {
        void refused.take(events);
        return Promise.reject(new Error('not now'));
      });
      await refused.until(1);
      await two.close();
      const last = collect();
      const three = log.start('group', last.take);
      await last.until(1);
      assert.deepEqual(last.events.map(({ callId }) => callId), ['call-2']); // prettier-ignore
      await three.close();
    });

    test('BILL-04 a message that is no event is put aside and blocks nothing', async () => {
      await using log = await opened(open);
      const seen = collect();
      const dead: { value: Buffer; cause: string; position: string }[] = [];
      const consumer = log.consumer('group');
      void consumer.run({
        handle: seen.take,
        handleUndecodable: (message) => {
          dead.push(message);
          return Promise.resolve();
        },
      });
      await log.appendRaw(Buffer.from('no protobuf'));
      await log.appendRaw(Buffer.alloc(0));
      await log.publisher().publish([event('call-1', 1)]);
      await seen.until(1);
      await until(() => dead.length >= 2);
      assert.ok(dead.some(({ value }) => value.toString() === 'no protobuf'));
      assert.ok(dead.some(({ cause }) => cause.includes('event id')));
      assert.equal(new Set(dead.map(({ position }) => position)).size, 2);
      await consumer.close();
    });

    test('BILL-04 a message that is no event is logged where nobody wants it', async () => {
      await using log = await opened(open);
      const logged: string[] = [];
      const logger = { ...silentEventLogger, error: (_: object, message: string) => logged.push(message) }; // prettier-ignore
      const seen = collect();
      const consumer = log.consumer('group', logger);
      void consumer.run({ handle: seen.take });
      await log.appendRaw(Buffer.from('no protobuf'));
      await log.publisher().publish([event('call-1', 1)]);
      await seen.until(1);
      await until(() => logged.includes('undecodable event skipped'));
      await consumer.close();
    });

    test('BILL-04 the lag counts what was read and not handled yet', async () => {
      await using log = await opened(open);
      const gate = Promise.withResolvers<undefined>();
      const seen = collect();
      const consumer = log.start('group', async (events) => {
        await seen.take(events);
        await gate.promise;
      });
      await log.publisher().publish([event('call-1', 1), event('call-1', 2)]);
      await seen.until(2);
      assert.equal(consumer.lag(), 2);
      gate.resolve(undefined);
      await until(() => consumer.lag() === 0);
      await consumer.close();
    });

    test('BILL-04 closing waits for the batch in work and commits it', async () => {
      await using log = await opened(open);
      const publisher = log.publisher();
      const gate = Promise.withResolvers<undefined>();
      const seen = collect();
      const consumer = log.start('group', async (events) => {
        await seen.take(events);
        await gate.promise;
      });
      await publisher.publish([event('call-1', 1)]);
      await seen.until(1);
      const closed = consumer.close();
      gate.resolve(undefined);
      await closed;
      const rest = collect();
      const next = log.start('group', rest.take);
      await publisher.publish([event('call-2', 1)]);
      await rest.until(1);
      assert.deepEqual(rest.events.map(({ callId }) => callId), ['call-2']); // prettier-ignore
      await next.close();
    });

    test('BILL-04 two groups each read everything', async () => {
      await using log = await opened(open);
      const [one, other] = [collect(), collect()];
      const consumers = [log.start('one', one.take), log.start('other', other.take)];
      await log.publisher().publish([event('call-1', 1)]);
      await Promise.all([one.until(1), other.until(1)]);
      await Promise.all(consumers.map((consumer) => consumer.close()));
    });

    test('BILL-04 a closed publisher refuses, an empty list is nothing', async () => {
      await using log = await opened(open);
      const publisher = log.publisher();
      await publisher.publish([]);
      await publisher.close();
      await assert.rejects(publisher.publish([event('call-1', 1)]), isStopped);
    });
  });
}

export function event(
  callId: string,
  n: number,
  changes: Partial<CallEvent> = {},
): CallEventMessage {
  return callEventMessage(
    CallEvent.create({
      eventId: `${callId}.answered.${String(n)}`,
      callId,
      type: 'answered',
      startedMs: 1,
      ...changes,
    }),
  );
}

/** Gathers what a consumer hands over. An event may come twice: it counts once. */
export function collect() {
  const events: Readonly<CallEventHead>[] = [];
  const ids = new Set<string>();
  return {
    events,
    take: (batch: readonly ReceivedCallEvent[]): Promise<void> => {
      for (const { head } of batch) {
        if (!ids.has(head.eventId)) events.push(head);
        ids.add(head.eventId);
      }
      return Promise.resolve();
    },
    until: (count: number) => until(() => events.length >= count),
  };
}

/** Waits for what another process or turn brings about; 20 s are for a loaded machine. */
export async function until(isTrue: () => boolean): Promise<void> {
  const deadline = Date.now() + 90_000;
  while (!isTrue()) {
    assert.ok(Date.now() < deadline, 'it did not happen within 90 s');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function isStopped(error: unknown): boolean {
  return error instanceof SwitchError && error.code === 'SWITCH_STOPPED';
}

async function opened(open: () => Promise<EventLogUnderTest>) {
  const log = await open();
  const publishers: EventPublisher[] = [];
  return {
    ...log,
    publisher: () => {
      const publisher = log.publisher();
      publishers.push(publisher);
      return publisher;
    },
    start: (group: string, handle: (events: readonly ReceivedCallEvent[]) => Promise<void>) => {
      const consumer = log.consumer(group);
      void consumer.run({ handle });
      return consumer;
    },
    [Symbol.asyncDispose]: async () => {
      for (const publisher of publishers) await publisher.close();
      await log.close();
    },
  };
}
