import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import type { TestContext } from 'node:test';
import { status } from '@grpc/grpc-js';
import { SwitchError } from '@tandem/domain';
import { openBatchStream, silentLogger } from '@tandem/service';
import type {
  Batch,
  BatchStream,
  BatchStreamSettings,
  MessageStream,
  StreamListener,
} from '@tandem/service';

interface Item {
  id: number;
  readonly text: string;
}
interface Reply {
  id: number;
  readonly text: string;
  readonly error: string;
}

/** A stream without a network: what is written is kept, the test plays the other side. */
class FakeStream implements MessageStream<Batch<Item>> {
  readonly written: Item[][] = [];
  readonly #listener: StreamListener<Batch<Reply>>;
  isEnded = false;
  isSilent = false;
  pings = 0;

  constructor(listener: StreamListener<Batch<Reply>>) {
    this.#listener = listener;
  }

  send({ items }: Batch<Item>): void {
    this.written.push(items);
  }

  ping(onAnswer: () => void): void {
    this.pings++;
    if (!this.isSilent) onAnswer();
  }

  finish(): void {
    this.isEnded = true;
  }

  cancel(): void {
    this.isEnded = true;
  }

  greet(): void {
    this.#listener.onHeard();
  }

  answer(...replies: readonly (readonly [id: number, text: string, error?: string])[]): void {
    const items = replies.map(([id, text, error = '']) => ({ id, text, error }));
    this.#listener.onMessage({ items });
  }

  end(code: status): void {
    this.#listener.onEnd({ code, details: 'as the test says' });
  }
}

type Settings = Partial<BatchStreamSettings<string, string, Item, Reply>>;

function openFake(t: TestContext, overrides: Settings = {}) {
  mock.timers.enable({ apis: ['setTimeout'] });
  let now = 1000;
  mock.method(performance, 'now', () => now);
  const streams: FakeStream[] = [];
  const stream: BatchStream<string, string> = openBatchStream({
    name: 'auth',
    open: (listener) => {
      const fake = new FakeStream(listener);
      streams.push(fake);
      return fake;
    },
    toItem: (id, text): Item => ({ id, text }),
    fromItem: (reply: Reply) => {
      if (reply.error !== '') throw new SwitchError('SWITCH_STORE_UNAVAILABLE', reply.error);
      return reply.text;
    },
    logger: silentLogger(),
    deadlineMs: 800,
    maxAgeMs: 60_000,
    ...overrides,
  });
  t.after(() => {
    stream.close();
    mock.timers.reset();
    mock.restoreAll();
  });
  const turn = (): Promise<void> =>
    new Promise((resolve) => {
      process.nextTick(resolve);
    });
  const pass = (milliseconds: number): void => {
    // One by one: a timer that is started by another counts from the end of a tick.
    for (let left = milliseconds; left > 0; left--) {
      now += 1;
      mock.timers.tick(1);
    }
  };
  // The clock goes on, and the timer that is due first fires.
  const sleep = (milliseconds: number): void => {
    now += milliseconds;
    mock.timers.tick(100);
  };
  return { stream, streams, turn, pass, sleep };
}

const fails = (code: string) => (error: unknown) =>
  error instanceof SwitchError && error.code === code;

test('CALL-06 requests that come up together leave in one message and each gets its own answer', async (t) => {
  const { stream, streams, turn } = openFake(t);
  const both = [stream.request('a'), stream.request('b')];
  assert.equal(streams[0]?.written.length, 0);
  await turn();
  assert.deepEqual(streams[0].written, [
    [
      { id: 1, text: 'a' },
      { id: 2, text: 'b' },
    ],
  ]);
  streams[0].answer([2, 'B'], [1, 'A']);
  assert.deepEqual(await Promise.all(both), ['A', 'B']);
});

test('CALL-06 more than 256 requests that come up together leave in several messages', async (t) => {
  const { stream, streams, turn } = openFake(t);
  const all = Array.from({ length: 300 }, (_, index) => stream.request(String(index)));
  await turn();
  assert.deepEqual(
    streams[0]?.written.map((items) => items.length),
    [256, 44],
  );
  streams[0].answer(...all.map((_, index) => [index + 1, 'ok'] as const));
  await Promise.all(all);
});

test('DENY-19 a request without an answer fails at its deadline, a later answer is ignored', async (t) => {
  const { stream, streams, turn, pass } = openFake(t);
  const late = stream.request('a');
  await turn();
  pass(500);
  const young = stream.request('b');
  await turn();
  pass(401);
  await assert.rejects(late, fails('SWITCH_DEADLINE_EXCEEDED'));
  streams[0]?.answer([1, 'too late'], [2, 'B']);
  assert.equal(await young, 'B');
});

test('edge.md §5: a process that slept reads the answers that have come before it gives up on them', async (t) => {
  const { stream, streams, turn, pass, sleep } = openFake(t);
  const asked = stream.request('a');
  await turn();
  pass(100);
  sleep(60_000);
  streams[0]?.answer([1, 'A']);
  assert.equal(await asked, 'A');
});

test('DENY-19 a broken stream fails what is under way and refuses at once until it is back', async (t) => {
  const { stream, streams, turn, pass } = openFake(t);
  const underWay = stream.request('a');
  await turn();
  streams[0]?.end(status.UNAVAILABLE);
  await assert.rejects(underWay, fails('SWITCH_SERVICE_UNAVAILABLE'));
  await assert.rejects(stream.request('b'), fails('SWITCH_SERVICE_UNAVAILABLE'));
  assert.equal(stream.isUp(), false);
  pass(50);
  assert.equal(streams.length, 2);
  streams[1]?.greet();
  assert.equal(stream.isUp(), true);
  const again = stream.request('c');
  await turn();
  streams[1]?.answer([2, 'C']);
  assert.equal(await again, 'C');
});

test('DENY-19 attempts to come back are spaced out up to a second', (t) => {
  const { streams, pass } = openFake(t);
  for (const wait of [50, 100, 200, 400, 800, 1000, 1000]) {
    const before = streams.length;
    streams.at(-1)?.end(status.UNAVAILABLE);
    pass(wait - 1);
    assert.equal(streams.length, before);
    pass(1);
    assert.equal(streams.length, before + 1);
  }
});

test('OPS-07 what a server that shuts down has not answered is asked of another', async (t) => {
  const { stream, streams, turn } = openFake(t);
  streams[0]?.greet();
  const request = stream.request('a');
  await turn();
  streams[0]?.end(status.OK);
  await turn();
  assert.deepEqual(streams[1]?.written, [[{ id: 1, text: 'a' }]]);
  streams[1].answer([1, 'A']);
  assert.equal(await request, 'A');
});

test('OPS-07 a stream is replaced after its age, the old one still answers what it was asked', async (t) => {
  const { stream, streams, turn, pass } = openFake(t, { maxAgeMs: 1000, deadlineMs: 5000 });
  const old = stream.request('a');
  await turn();
  pass(1100);
  assert.equal(streams.length, 2);
  assert.equal(streams[0]?.isEnded, false);
  streams[1]?.greet();
  assert.equal(streams[0].isEnded, true);
  const young = stream.request('b');
  await turn();
  streams[0].answer([1, 'A']);
  streams[0].end(status.OK);
  streams[1]?.answer([2, 'B']);
  assert.deepEqual(await Promise.all([old, young]), ['A', 'B']);
  assert.equal(streams.length, 2);
});

test('CALL-11 more requests under way than allowed are refused at once', async (t) => {
  const { stream, streams, turn } = openFake(t, { maxPending: 1 });
  const first = stream.request('a');
  await assert.rejects(stream.request('b'), fails('SWITCH_SERVICE_UNAVAILABLE'));
  await turn();
  streams[0]?.answer([1, 'A']);
  await first;
});

test('DENY-19 a reply that says that the request failed rejects it', async (t) => {
  const { stream, streams, turn } = openFake(t);
  const request = stream.request('a');
  await turn();
  streams[0]?.answer([1, '', 'redis is away']);
  await assert.rejects(request, fails('SWITCH_STORE_UNAVAILABLE'));
});

test('OPS-07 after close everything is refused and nothing is opened again', async (t) => {
  const { stream, streams, turn, pass } = openFake(t);
  const request = stream.request('a');
  await turn();
  stream.close();
  await assert.rejects(request, fails('SWITCH_STOPPED'));
  await assert.rejects(stream.request('b'), fails('SWITCH_STOPPED'));
  streams[0]?.end(status.CANCELLED);
  pass(5000);
  assert.equal(streams.length, 1);
});

const repeating: Settings = { deadlineMs: 4000, mayRepeat: () => true };

test('OPS-07 what a silent pod owes is asked of another within a second, and answered there', async (t) => {
  const { stream, streams, turn, pass } = openFake(t, repeating);
  streams[0]?.greet();
  const first = stream.request('a');
  await turn();
  streams[0]?.answer([1, 'A']);
  assert.equal(await first, 'A');
  pass(20_000);
  assert.equal(streams[0]?.pings, 0, 'nothing is owed');
  streams[0].isSilent = true;
  const owed = stream.request('b');
  await turn();
  pass(500);
  const later = stream.request('c');
  await turn();
  assert.equal(streams.length, 1);
  pass(500);
  await turn();
  assert.equal(streams[0].isEnded, true);
  assert.deepEqual(streams[1]?.written.flat(), [
    { id: 2, text: 'b' },
    { id: 3, text: 'c' },
  ]);
  streams[1].answer([2, 'B'], [3, 'C']);
  assert.deepEqual(await Promise.all([owed, later]), ['B', 'C']);
});

test('DENY-19 a request that may not be repeated fails with the stream that it was on', async (t) => {
  const mayRepeat = ({ text }: Item): boolean => text !== 'once';
  const { stream, streams, turn } = openFake(t, { ...repeating, mayRepeat });
  streams[0]?.greet();
  const once = stream.request('once');
  const again = stream.request('again');
  await turn();
  streams[0]?.end(status.UNAVAILABLE);
  await assert.rejects(once, fails('SWITCH_SERVICE_UNAVAILABLE'));
  await turn();
  assert.deepEqual(streams[1]?.written, [[{ id: 2, text: 'again' }]]);
  streams[1].answer([2, 'ok']);
  assert.equal(await again, 'ok');
});

test('DENY-19 a request that two pods have broken at is not asked of a third', async (t) => {
  const { stream, streams, turn, pass } = openFake(t, repeating);
  streams[0]?.greet();
  const poison = stream.request('poison');
  await turn();
  streams[0]?.end(status.UNAVAILABLE);
  await turn();
  streams[1]?.greet();
  pass(1500);
  streams[1]?.end(status.UNAVAILABLE);
  await assert.rejects(poison, fails('SWITCH_SERVICE_UNAVAILABLE'));
  await turn();
  assert.deepEqual(streams[2]?.written, []);
});

test('DENY-19 a pod that is slow and says that it is there keeps what it was asked until the deadline', async (t) => {
  const { stream, streams, turn, pass } = openFake(t, repeating);
  streams[0]?.greet();
  const slow = stream.request('a');
  await turn();
  pass(3900);
  streams[0]?.answer([1, 'A']);
  assert.equal(await slow, 'A');
  assert.equal(streams.length, 1);
});

test('CALL-06 nobody who answers is asked for a sign of life', async (t) => {
  const { stream, streams, turn, pass } = openFake(t, repeating);
  streams[0]?.greet();
  for (let id = 1; id <= 100; id++) {
    const asked = stream.request('a');
    await turn();
    pass(100);
    streams[0]?.answer([id, 'A']);
    await asked;
  }
  assert.equal(streams[0]?.pings, 0);
});

test('OPS-07 a successor that is never heard of costs nothing, and is tried again', async (t) => {
  const { stream, streams, turn, pass } = openFake(t, { maxAgeMs: 1000 });
  streams[0]?.greet();
  pass(1100);
  const asked = stream.request('a');
  await turn();
  streams[1]?.end(status.UNAVAILABLE);
  streams[0]?.answer([1, 'A']);
  assert.equal(await asked, 'A');
  pass(1100);
  assert.equal(streams.length, 3);
  assert.equal(stream.isUp(), true);
  assert.equal(streams[0]?.isEnded, false);
});

test('OPS-06 whoever waits for the other side is told when it is heard of, when the time is up, or when the stream is closed', async (t) => {
  const { stream, streams } = openFake(t);
  const inTime = stream.untilUp(1000);
  streams[0]?.greet();
  assert.equal(await inTime, true);
  assert.equal(await stream.untilUp(1000), true);
  streams[0]?.end(status.UNAVAILABLE);
  const late = stream.untilUp(1000);
  mock.timers.tick(1000);
  assert.equal(await late, false);
  const closed = stream.untilUp(1000);
  stream.close();
  assert.equal(await closed, false);
  assert.equal(await stream.untilUp(1000), false);
});
