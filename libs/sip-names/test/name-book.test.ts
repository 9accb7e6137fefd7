import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger } from '@tandem/service';
import { FakeClock } from '@tandem/testing';
import { NameBook } from '../src/name-book.ts';
import type { NameChange } from '../src/name-book.ts';
import { PassingNames } from '../src/passing-names.ts';
import type { SipName } from '../src/places.ts';
import type { Resolution } from '../src/sip-lookup.ts';

const carrier = { host: 'carrier.example', port: undefined, transport: undefined };

function found(address: string, ttlSeconds: number): Resolution {
  const server = { priority: 0, weight: 0, transport: 'udp' as const, record: 'A' };
  return { servers: [{ ...server, addresses: [address] }], ttlSeconds };
}

function first({ servers }: SipName): string | undefined {
  return servers?.[0]?.addresses[0];
}

function opened() {
  const clock = new FakeClock();
  const state = {
    asked: [] as string[],
    answer: (): Promise<Resolution> => Promise.resolve(found('192.0.2.1:5060', 100)),
  };
  const changes: NameChange[] = [];
  const book = new NameBook({
    clock,
    logger: silentLogger(),
    onChanged: (change) => changes.push(change),
    lookUp: ({ host }) => {
      state.asked.push(host);
      return state.answer();
    },
  });
  return { book, changes, clock, state };
}

test('CALL-02 a name is looked up once it is known of, and again before its records run out', async () => {
  const { book, clock, state } = opened();
  const name = book.name(carrier);
  assert.equal(name.servers, undefined);
  assert.match(name.failure, /not been looked up yet/);
  await clock.until(book.settled(1000));
  assert.equal(first(name), '192.0.2.1:5060');
  assert.equal(name.failure, '');
  assert.equal(book.name(carrier), name);
  assert.equal(state.asked.length, 1);
  state.answer = () => Promise.resolve(found('192.0.2.2:5060', 100));
  await clock.advanceSettled(89_000);
  assert.equal(state.asked.length, 1);
  await clock.advanceSettled(2000);
  assert.equal(first(name), '192.0.2.2:5060');
  assert.equal(name.isStale, false);
  book.close();
});

test('CALL-02 OPS-10 that a name stands for something else is told, not that it does so in another order, nor that nobody says', async () => {
  const { book, changes, clock, state } = opened();
  const both = (one: string, other: string): Resolution => ({
    servers: [...found(one, 10).servers, ...found(other, 10).servers],
    ttlSeconds: 10,
  });
  const [a, b] = ['192.0.2.1:5060', '192.0.2.2:5060'];
  const answers = [both(a, b), both(b, a), undefined, found(b, 10), { servers: [], ttlSeconds: 10 }, found(a, 10)]; // prettier-ignore
  state.answer = () => {
    const next = answers.shift();
    return next === undefined ? Promise.reject(new Error('away')) : Promise.resolve(next);
  };
  book.name(carrier);
  await clock.until(book.settled(1000));
  while (answers.length > 0) await clock.advanceSettled(10_000);
  const name = 'carrier.example';
  assert.deepEqual(changes, [
    { name, before: [a, b], now: [b] },
    { name, before: [b], now: [] },
    { name, before: [], now: [a] },
  ]);
  book.close();
});

test('CALL-02 while name servers are away the last answer serves, and they are asked again and again', async () => {
  const { book, clock, state } = opened();
  const name = book.name(carrier);
  await clock.until(book.settled(1000));
  state.answer = () => Promise.reject(new Error('no answer in time'));
  await clock.advanceSettled(3_600_000);
  assert.equal(first(name), '192.0.2.1:5060');
  assert.equal(name.isStale, true);
  assert.equal(name.failure, 'no answer in time');
  assert.ok(state.asked.length > 50 && state.asked.length < 80, String(state.asked.length));
  state.answer = () => Promise.resolve(found('192.0.2.3:5060', 100));
  await clock.advanceSettled(60_000);
  assert.equal(first(name), '192.0.2.3:5060');
  assert.equal(name.isStale, false);
  assert.equal(name.failure, '');
  book.close();
});

test('CALL-02 that there is no such name is believed, for a while', async () => {
  const { book, clock, state } = opened();
  const name = book.name(carrier);
  await clock.until(book.settled(1000));
  state.answer = () => Promise.resolve({ servers: [], ttlSeconds: 86_400 });
  await clock.advanceSettled(91_000);
  assert.deepEqual(name.servers, []);
  assert.equal(name.failure, 'the name has no address');
  state.answer = () => Promise.resolve(found('192.0.2.1:5060', 100));
  await clock.advanceSettled(301_000);
  assert.equal(first(name), '192.0.2.1:5060');
  book.close();
});

test('CALL-02 a TTL of 0 is asked again every five seconds, never in a call', async () => {
  const { book, clock, state } = opened();
  state.answer = () => Promise.resolve(found('192.0.2.1:5060', 0));
  book.name(carrier);
  await clock.advanceSettled(60_000);
  assert.ok(state.asked.length >= 11 && state.asked.length <= 13, String(state.asked.length));
  book.close();
});

test('CALL-02 names that no configuration has are forgotten, and nothing more is asked of them', async () => {
  const { book, clock, state } = opened();
  book.name(carrier);
  book.name({ ...carrier, host: 'gone.example' });
  await clock.until(book.settled(1000));
  book.keep([carrier]);
  state.asked.length = 0;
  await clock.advanceSettled(1_000_000);
  assert.deepEqual([...new Set(state.asked)], ['carrier.example']);
  book.close();
  state.asked.length = 0;
  await clock.advanceSettled(1_000_000);
  assert.equal(state.asked.length, 0);
});

test('CALL-02 of many names few are asked about at a time, and all are', async () => {
  const { book, clock, state } = opened();
  const waiting: (() => void)[] = [];
  state.answer = () =>
    new Promise((resolve) => {
      waiting.push(() => {
        resolve(found('192.0.2.1:5060', 100));
      });
    });
  for (let at = 0; at < 100; at++) book.name({ ...carrier, host: `h${String(at)}.example` });
  assert.equal(state.asked.length, 32);
  assert.equal(book.isSettled, false);
  while (waiting.length > 0) {
    for (const answer of waiting.splice(0)) answer();
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal(state.asked.length, 100);
  assert.equal(book.isSettled, true);
  await clock.until(book.settled(1000));
  book.close();
});

test('CALL-02 a configuration waits for its names for a time, not for ever', async () => {
  const { book, clock, state } = opened();
  state.answer = () => new Promise(() => undefined);
  book.name(carrier);
  let isOver = false;
  void book.settled(1500).then(() => {
    isOver = true;
  });
  await clock.advanceSettled(1400);
  assert.equal(isOver, false);
  await clock.advanceSettled(200);
  assert.equal(isOver, true);
  book.close();
});

test('CALL-02 of the names that carriers make up the last two hundred are kept, and a slow one is waited for two seconds', async () => {
  const { book, clock, state } = opened();
  const passing = new PassingNames(book);
  const named = (at: number) => ({ ...carrier, host: `h${String(at)}.example` });
  for (let at = 0; at < 200; at++) await clock.until(passing.find(named(at)));
  await passing.find(named(0));
  assert.equal(state.asked.length, 200);
  assert.equal(first(await clock.until(passing.find(named(200)))), '192.0.2.1:5060');
  await passing.find(named(0));
  assert.equal(state.asked.length, 201);
  await clock.until(passing.find(named(1)));
  assert.equal(state.asked.length, 202);

  state.answer = () => new Promise(() => undefined);
  const beganMs = clock.now();
  const name = await clock.until(passing.find(named(300)));
  assert.equal(clock.now() - beganMs, 2000);
  assert.deepEqual([name.servers, name.failure], [undefined, 'it has not been looked up yet']);
  passing.close();
});
