import assert from 'node:assert/strict';
import test from 'node:test';
import type { TestContext } from 'node:test';
import { CallRecord } from '@tandem/proto/edge';
import { ScriptedPeer } from '@tandem/testing';
import type { IncomingCall, OutgoingCall } from '@tandem/testing';
import type { SipListen } from '../../src/network/sip-sockets.ts';
import { candidateOf } from '../support/call-samples.ts';
import { PodsOnLoopback } from '../support/pods-on-loopback.ts';
import type { FrontOnLoopback } from '../support/pods-on-loopback.ts';

type Transport = 'udp' | 'tcp';

interface Bench {
  readonly bench: PodsOnLoopback;
  readonly fronts: readonly [FrontOnLoopback, FrontOnLoopback];
  /** The address that both fronts share. */
  readonly public: { readonly address: string; readonly port: number };
  readonly caller: ScriptedPeer;
  readonly carrier: ScriptedPeer;
}

function peer(user: string, transport: Transport): Promise<ScriptedPeer> {
  const options = { user, timeoutMs: 10_000 };
  return transport === 'tcp' ? ScriptedPeer.onTcp(options) : ScriptedPeer.onUdp(options);
}

/** Two fronts on one address, two workers behind them; the caller and the carrier by the given transports. */
async function open(t: TestContext, from: Transport, to: Transport): Promise<Bench> {
  const bench = new PodsOnLoopback();
  const anyPort: SipListen[] = (['udp', 'tcp'] as const).map((transport) => {
    return { transport, address: '127.0.0.1', port: 0 };
  });
  const first = await bench.front(anyPort);
  const second = await bench.front(first.listening);
  const { address = '', port = 0 } = first.listening[0] ?? {};
  const sipAdvertised = [{ address, port }];
  await bench.pod('worker-1', { role: 'worker', sipAdvertised });
  await bench.pod('worker-2', { role: 'worker', sipAdvertised });
  const [caller, carrier] = await Promise.all([peer('1001', from), peer('carrier', to)]);
  bench.candidates = [
    candidateOf('carrier-a', {
      addresses: [`127.0.0.1:${String(carrier.local.port)}`],
      transport: to,
    }),
  ];
  t.after(async () => {
    await Promise.all([caller.close(), carrier.close()]);
    await bench.close();
  });
  return { bench, fronts: [first, second], public: { address, port }, caller, carrier };
}

async function answeredCall({
  public: to,
  caller,
  carrier,
}: Bench): Promise<{ readonly a: OutgoingCall; readonly b: IncomingCall }> {
  const a = caller.invite({ to, called: '442079460000' });
  const b = await carrier.receiveCall();
  b.ring();
  await a.provisional(180);
  b.answer();
  await a.answered();
  await b.ack();
  return { a, b };
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 10));
}

const ways = [
  ['udp', 'udp'],
  ['tcp', 'udp'],
  ['udp', 'tcp'],
  ['tcp', 'tcp'],
] as const;

for (const [from, to] of ways) {
  test(`edge.md §3: calls by ${from} to ${to} through two fronts and two workers, hung up by either side`, async (t) => {
    const opened = await open(t, from, to);
    for (let made = 0; made < 4; made++) {
      const { a, b } = await answeredCall(opened);
      const info = a.request('INFO');
      (await b.receive('INFO')).respond(200);
      assert.equal((await info).status, 200);
      const [hangsUp, other] = made % 2 === 0 ? [a, b] : [b, a];
      const bye = hangsUp.bye();
      (await other.receive('BYE')).respond(200);
      assert.equal((await bye).status, 200);
    }
    await until(() => opened.bench.ends.length === 4);
    assert.deepEqual(new Set(opened.bench.ends), new Set(['NormalClearing']));
  });
}

test('edge.md §3: a carrier over TCP that cannot be reached is passed over for the next gateway', async (t) => {
  const opened = await open(t, 'udp', 'udp');
  const [candidate] = opened.bench.candidates;
  const nobody = candidateOf('carrier-dead', { addresses: ['127.0.0.1:1'], transport: 'tcp' });
  opened.bench.candidates = [nobody, ...(candidate === undefined ? [] : [candidate])];
  const { a, b } = await answeredCall(opened);
  const bye = a.bye();
  (await b.receive('BYE')).respond(200);
  await bye;
});

test('edge.md §3: one front dies: calls go on and new ones come through the other within a second', async (t) => {
  const opened = await open(t, 'udp', 'udp');
  const calls = [];
  for (let made = 0; made < 6; made++) calls.push(await answeredCall(opened));
  await opened.fronts[0].die();
  const before = performance.now();
  for (const { a, b } of calls) {
    const bye = b.bye();
    (await a.receive('BYE')).respond(200);
    assert.equal((await bye).status, 200);
  }
  const { a, b } = await answeredCall(opened);
  const bye = a.bye();
  (await b.receive('BYE')).respond(200);
  await bye;
  t.diagnostic(`seven calls ${String(Math.round(performance.now() - before))} ms after the death`);
  await until(() => opened.bench.ends.length === 7);
});

test('edge.md §3: over TCP a front dies: the peers connect again and their calls go on', async (t) => {
  const opened = await open(t, 'tcp', 'tcp');
  const { a, b } = await answeredCall(opened);
  await opened.fronts[0].die();
  // What is written to a connection before its end has been seen is lost, for any client of TCP.
  await new Promise((resolve) => setTimeout(resolve, 50));
  const bye = a.bye();
  (await b.receive('BYE')).respond(200);
  assert.equal((await bye).status, 200);
  const second = await answeredCall(opened);
  const other = second.b.bye();
  (await second.a.receive('BYE')).respond(200);
  assert.equal((await other).status, 200);
  await until(() => opened.bench.ends.length === 2);
});

test('edge.md §3: the front of a carrier’s connection dies: an INVITE that was given to it leaves by the other one', async (t) => {
  const opened = await open(t, 'udp', 'tcp');
  await answeredCall(opened);
  const isHolder = opened.fronts.map(({ network }) => network.connections > 0);
  assert.deepEqual(isHolder.toSorted(), [false, true]);
  // Workers have looked round, and have heard of both.
  await new Promise((resolve) => setTimeout(resolve, 1200));
  await opened.fronts[isHolder.indexOf(true)]?.vanish();
  const { a, b } = await answeredCall(opened);
  const bye = a.bye();
  (await b.receive('BYE')).respond(200);
  assert.equal((await bye).status, 200);
});

test('edge.md §3: a phone is called over the connection by which it was heard, through the front that has it', async (t) => {
  const opened = await open(t, 'tcp', 'udp');
  const { bench, caller: phone } = opened;
  const first = phone.invite({ to: opened.public, called: '442079460000' });
  const b = await opened.carrier.receiveCall();
  const [callId = ''] = (await bench.store.list(1)).callIds;
  const record = (await bench.store.get(callId))?.record;
  assert.ok(record !== undefined);
  b.answer();
  await first.answered();
  await b.ack();
  const [address = '', transport = '', ...flow] = CallRecord.decode(record).source.split(';');
  // Nobody listens where the connection came from.
  const contact = {
    uri: 'sip:1001@phone.example;ob',
    transport,
    addresses: [address],
    flow: flow.join(';'),
    path: ['<sip:proxy.example;lr>'],
  };
  bench.candidates = [candidateOf('phones', { targets: [contact] })];
  const caller = await peer('1002', 'udp');
  t.after(() => caller.close());
  const a = caller.invite({ to: opened.public, called: '1001' });
  const call = await phone.receiveCall();
  assert.equal(call.invite.uri, contact.uri);
  assert.deepEqual(call.invite.headers.getAll('Route'), contact.path);
  call.answer();
  await a.answered();
  await call.ack();
  for (const [hangsUp, other] of [
    [a, call],
    [first, b],
  ] as const) {
    const bye = hangsUp.bye();
    (await other.receive('BYE')).respond(200);
    await bye;
  }
});
