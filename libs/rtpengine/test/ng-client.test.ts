import assert from 'node:assert/strict';
import test from 'node:test';
import { FakeClock } from '@tandem/testing';
import { NgClient, encodeBencode } from '../src/index.ts';
import type { Bencodable } from '../src/index.ts';

const RELAY = { host: '192.0.2.9', port: 2223 };

/** A client, and what it has put on the wire. */
function clientOf(prefix = 'p_') {
  const clock = new FakeClock();
  const sent: string[] = [];
  const wire = {
    send: (bytes: Buffer) => {
      sent.push(bytes.toString('latin1'));
    },
  };
  const client = new NgClient({ wire, clock, prefix });
  const reply = (cookie: string, value: Bencodable): boolean =>
    client.receive(Buffer.concat([Buffer.from(`${cookie} `), encodeBencode(value)]));
  return { client, clock, sent, reply };
}

test('CALL-08 a command goes out with a cookie, and the reply with that cookie is its outcome', async () => {
  const { client, sent, reply } = clientOf();
  const first = client.ask(RELAY, { command: 'ping' });
  const second = client.ask(RELAY, { command: 'ping' });
  assert.deepEqual(sent, ['p_0 d7:command4:pinge', 'p_1 d7:command4:pinge']);
  assert.ok(reply('p_1', { result: 'error', 'error-reason': 'Unknown call-id' }));
  assert.ok(reply('p_0', { result: 'pong' }));
  assert.equal((await first).kind, 'ok');
  assert.deepEqual(await second, { kind: 'refused', reason: 'Unknown call-id' });
});

test('CALL-08 a command without a reply is repeated with the same cookie, then given up', async () => {
  const { client, clock, sent } = clientOf();
  const asked = client.ask(RELAY, { command: 'ping' });
  clock.advance(599);
  assert.equal(sent.length, 4);
  assert.equal(new Set(sent).size, 1);
  clock.advance(1);
  assert.deepEqual(await asked, { kind: 'silent' });
  clock.advance(60_000);
  assert.equal(sent.length, 4);
});

test('CALL-08 a reply that comes late, twice or from nowhere is dropped', async () => {
  const { client, clock, reply } = clientOf();
  const asked = client.ask(RELAY, { command: 'ping' });
  assert.ok(!reply('x_0', { result: 'pong' }));
  assert.ok(!client.receive(Buffer.from('p_0')));
  assert.ok(reply('p_0', { result: 'pong' }));
  assert.ok(!reply('p_0', { result: 'pong' }));
  assert.equal((await asked).kind, 'ok');
  const late = client.ask(RELAY, { command: 'ping' });
  clock.advance(600);
  assert.ok(!reply('p_1', { result: 'pong' }));
  assert.equal((await late).kind, 'silent');
});

test('CALL-08 a reply that cannot be read is a refusal, and no crash', async () => {
  const { client } = clientOf();
  const asked = client.ask(RELAY, { command: 'ping' });
  assert.ok(client.receive(Buffer.from('p_0 d6:result')));
  const outcome = await asked;
  assert.equal(outcome.kind, 'refused');
  const other = client.ask(RELAY, { command: 'ping' });
  assert.ok(client.receive(Buffer.from('p_1 le')));
  assert.equal((await other).kind, 'refused');
});

test('CALL-08 whoever waits when the client closes gets silence', async () => {
  const { client, clock } = clientOf();
  const asked = client.ask(RELAY, { command: 'ping' });
  client.close();
  assert.equal((await asked).kind, 'silent');
  assert.equal(clock.pending, 0);
});
