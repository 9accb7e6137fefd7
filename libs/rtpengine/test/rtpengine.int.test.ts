import assert from 'node:assert/strict';
import test from 'node:test';
import { OwnRtpengine, mediaPlace, sdpBody } from '@tandem/testing';
import { systemTimers } from '@tandem/sip';
import { NgClient, UdpWire, isDictionary } from '../src/index.ts';
import type { NgCommand, NgOutcome, NgReply } from '../src/index.ts';

const clock = { now: Date.now, ...systemTimers };

/** A relay, and a client of it. */
async function open(
  t: { after(done: () => Promise<void>): void },
  args: readonly string[] = [],
  ports?: readonly [number, number],
) {
  const relay = await OwnRtpengine.start({ args, ...(ports === undefined ? {} : { ports }) });
  const wire: UdpWire = new UdpWire((bytes) => {
    client.receive(bytes);
  });
  const client: NgClient = new NgClient({ wire, clock, prefix: `${String(Date.now())}_` });
  t.after(async () => {
    client.close();
    wire.close();
    await relay.kill();
  });
  const ask = (command: NgCommand): Promise<NgOutcome> =>
    client.ask({ host: '127.0.0.1', port: relay.port }, command);
  return { relay, ask };
}

const offer = (id: string, more: Partial<NgCommand> = {}): NgCommand => ({ command: 'offer', 'call-id': id, 'from-tag': 'a', sdp: sdpBody(), replace: ['origin', 'session-connection'], ...more }); // prettier-ignore
const answer = (id: string, tag = 'b.x'): NgCommand => ({ command: 'answer', 'call-id': id, 'from-tag': 'a', 'to-tag': tag, sdp: sdpBody({ port: 40_002 }), replace: ['origin', 'session-connection'] }); // prettier-ignore

function sdpOf(outcome: NgOutcome): string {
  assert.ok(outcome.kind === 'ok', JSON.stringify(outcome));
  const { sdp } = outcome.reply;
  assert.ok(typeof sdp === 'string');
  return sdp;
}

function reasonOf(outcome: NgOutcome): string {
  return outcome.kind === 'refused' ? outcome.reason : outcome.kind;
}

test('CALL-08 rtpengine answers a ping, and anchors an offer that is repeated at the same port', async (t) => {
  const { ask } = await open(t);
  assert.equal((await ask({ command: 'ping' })).kind, 'ok');
  const first = sdpOf(await ask(offer('c1')));
  assert.equal(mediaPlace(sdpOf(await ask(offer('c1')))).port, mediaPlace(first).port);
  assert.notEqual(mediaPlace(first).port, 40_000);
  const back = sdpOf(await ask(answer('c1')));
  assert.notEqual(mediaPlace(back).port, 40_002);
});

test('CALL-08 the address of the sender is not in o= of what rtpengine gives', async (t) => {
  const { ask } = await open(t);
  const sdp = sdpBody({ address: '192.0.2.77' });
  assert.doesNotMatch(sdpOf(await ask(offer('c2', { sdp }))), /192\.0\.2\.77/);
});

test('CALL-08 an answer, or a query, of a call that rtpengine does not know is refused, a delete is not', async (t) => {
  const { ask } = await open(t);
  assert.match(reasonOf(await ask(answer('none'))), /call/i);
  assert.match(reasonOf(await ask({ command: 'query', 'call-id': 'none' })), /call/i);
  assert.equal((await ask({ command: 'delete', 'call-id': 'none' })).kind, 'ok');
});

const again = { 'to-tag': 'b.x' };
const ofCallee = { 'from-tag': 'b.x', 'to-tag': 'a' };
const before: Record<string, (id: string) => readonly NgCommand[]> = {
  'an offer': (id) => [offer(id)],
  'an answer': (id) => [offer(id), answer(id)],
  'two forks': (id) => [offer(id), answer(id), answer(id, 'b.y'), offer(id, { 'to-tag': 'b.y' })],
  're-INVITEs': (id) => [offer(id), answer(id), offer(id, again), offer(id, ofCallee)],
  'an offer of the callee': (id) => [offer(id, ofCallee)],
};

test('CALL-08 a delete with the caller’s tag tells what was counted of all tags, and leaves nothing, whatever came before', async (t) => {
  const { ask, relay } = await open(t);
  for (const [name, commands] of Object.entries(before)) {
    for (const command of commands(name)) sdpOf(await ask(command));
    const query = await ask({ command: 'query', 'call-id': name });
    const command = { command: 'delete', 'call-id': name, 'from-tag': 'a', 'delete delay': 0 };
    const outcome = await ask(command);
    assert.ok(query.kind === 'ok' && outcome.kind === 'ok');
    assert.deepEqual(tagsOf(outcome.reply), tagsOf(query.reply), name);
    assert.deepEqual(await relay.callIds(), [], name);
  }
  const unknown = await ask({ command: 'delete', 'call-id': 'none', 'from-tag': 'a' });
  assert.ok(unknown.kind === 'ok' && unknown.reply['warning'] !== undefined);
});

function tagsOf({ tags }: NgReply): string[] {
  return isDictionary(tags) ? Object.keys(tags).sort() : [];
}

test('CALL-08 rtpengine leaves a list unanswered that does not fit into a datagram', async (t) => {
  const { ask } = await open(t, [], [31_000, 31_255]);
  for (let at = 0; at < 45; at++) sdpOf(await ask(offer(String(at).padEnd(1500, '-'))));
  assert.equal((await ask({ command: 'list', limit: 40 })).kind, 'ok');
  assert.equal((await ask({ command: 'list', limit: 45 })).kind, 'silent');
});

test('CALL-08 rtpengine says that it has run out of ports, and has them back after a delete without delay', async (t) => {
  const { ask } = await open(t, [], [30_900, 30_903]);
  sdpOf(await ask(offer('p1')));
  assert.match(reasonOf(await ask(offer('p2'))), /ports/i);
  assert.equal((await ask({ command: 'delete', 'call-id': 'p1', 'delete delay': 0 })).kind, 'ok');
  sdpOf(await ask(offer('p2')));
});

test('CALL-08 rtpengine without an IPv6 address takes an IPv4 one and says nothing of it', async (t) => {
  const { ask } = await open(t);
  assert.match(sdpOf(await ask(offer('c6', { 'address family': 'IP6' }))), /c=IN IP4/);
});
