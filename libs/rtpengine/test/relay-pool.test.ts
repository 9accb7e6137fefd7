import assert from 'node:assert/strict';
import test from 'node:test';
import { FakeClock } from '@tandem/testing';
import { RelayPool, relayId, relayName } from '../src/index.ts';
import type { NgCommand, NgOutcome, RelayAddress } from '../src/index.ts';

const relays: RelayAddress[] = [
  { host: '192.0.2.1', port: 2223 },
  { host: '192.0.2.2', port: 2223 },
  { host: '2001:db8::3', port: 2223, weight: 2 },
];
const callIds = Array.from({ length: 4000 }, (_, at) => `call-${String(at)}`);

/** A pool whose relays answer unless a test says that they are dead. */
function poolOf() {
  const clock = new FakeClock();
  const dead = new Set<string>();
  const asked: { readonly host: string; readonly command: string }[] = [];
  const changes: string[] = [];
  const pool = new RelayPool({
    relays,
    clock,
    client: {
      ask: (to, { command }: NgCommand): Promise<NgOutcome> => {
        asked.push({ host: to.host, command });
        return Promise.resolve(
          dead.has(to.host) ? { kind: 'silent' } : { kind: 'ok', reply: { result: 'pong' } },
        );
      },
    },
    onChange: ({ name, isDown }) => {
      changes.push(`${name} ${isDown ? 'down' : 'up'}`);
    },
  });
  return { pool, clock, dead, asked, changes };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('CALL-08 calls go to the relays in proportion to their weights, each to the same one from every pod', () => {
  const { pool } = poolOf();
  const counts = new Map<string, number>();
  for (const callId of callIds) {
    const { name } = pool.pick(callId) ?? { name: 'none' };
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const other = new RelayPool({
    relays: relays.toReversed(),
    clock: new FakeClock(),
    client: { ask: () => Promise.resolve({ kind: 'silent' }) },
  });
  assert.ok(callIds.every((callId) => pool.pick(callId)?.id === other.pick(callId)?.id));
  const share = (name: string): number => (counts.get(name) ?? 0) / callIds.length;
  assert.ok(Math.abs(share('192.0.2.1:2223') - 0.25) < 0.03);
  assert.ok(Math.abs(share('[2001:db8::3]:2223') - 0.5) < 0.03);
});

test('CALL-08 a relay that goes moves its own calls alone, and they come back with it', async () => {
  const { pool, dead, clock, changes } = poolOf();
  const before = callIds.map((callId) => pool.pick(callId)?.name);
  dead.add('192.0.2.1');
  pool.start();
  await settled();
  assert.deepEqual(changes, ['192.0.2.1:2223 down']);
  const during = callIds.map((callId) => pool.pick(callId)?.name);
  for (const [at, name] of during.entries()) {
    if (before[at] === '192.0.2.1:2223') assert.notEqual(name, before[at]);
    else assert.equal(name, before[at]);
  }
  dead.clear();
  clock.advance(1000);
  await settled();
  assert.deepEqual(changes, ['192.0.2.1:2223 down', '192.0.2.1:2223 up']);
  assert.deepEqual(
    callIds.map((callId) => pool.pick(callId)?.name),
    before,
  );
  pool.close();
  assert.equal(clock.pending, 0);
});

test('CALL-08 every relay is asked each second whether it lives', async () => {
  const { pool, asked, clock } = poolOf();
  pool.start();
  clock.advance(3000);
  await settled();
  pool.close();
  assert.equal(asked.length, 4 * relays.length);
  assert.ok(asked.every(({ command }) => command === 'ping'));
});

test('CALL-08 a command that a relay leaves unanswered counts as its death, until it answers a ping', async () => {
  const { pool, dead, clock } = poolOf();
  const [first] = pool.relays;
  assert.ok(first !== undefined);
  dead.add(first.host);
  await pool.ask(first, { command: 'offer' });
  assert.ok(first.isDown);
  assert.ok(first.hasFailed);
  dead.clear();
  pool.start();
  await settled();
  assert.ok(!first.isDown);
  assert.ok(first.hasFailed);
  pool.close();
  assert.equal(clock.pending, 0);
});

test('CALL-08 a call is looked for at the relay that its record names, then where it would have been moved', async () => {
  const { pool, dead } = poolOf();
  const [first] = relays;
  assert.ok(first !== undefined);
  const order = pool.inOrder('call-1', relayId(first)).map(({ name }) => name);
  assert.equal(order.length, 3);
  assert.equal(order[0], relayName(first));
  dead.add(first.host);
  const [relay] = pool.relays;
  assert.ok(relay !== undefined);
  await pool.ask(relay, { command: 'query' });
  assert.deepEqual(
    pool.inOrder('call-1', relay.id).map(({ name }) => name),
    order.slice(1),
  );
  // One that the list has no more.
  assert.equal(pool.inOrder('call-1', 12_345).length, 2);
});
