import assert from 'node:assert/strict';
import test from 'node:test';
import type { TestContext } from 'node:test';
import { transportOf } from '@tandem/sip';
import type { Endpoint, TransportName } from '@tandem/sip';
import { ScriptedPeer, TlsFiles } from '@tandem/testing';
import type { IncomingCall, OutgoingCall } from '@tandem/testing';
import type { SipListen } from '../../src/network/sip-sockets.ts';
import { candidateOf } from '../support/call-samples.ts';
import { PodsOnLoopback } from '../support/pods-on-loopback.ts';
import type { FrontOnLoopback } from '../support/pods-on-loopback.ts';

type Transport = 'udp' | 'tls' | 'ws';

interface Bench {
  readonly bench: PodsOnLoopback;
  readonly fronts: readonly [FrontOnLoopback, FrontOnLoopback];
  /** Where the caller sends to. */
  readonly to: Endpoint;
  readonly caller: ScriptedPeer;
  readonly carrier: ScriptedPeer;
}

const any = { address: '127.0.0.1', port: 0 };
const listened: SipListen[] = (['udp', 'tls', 'ws'] as const).map((transport) => {
  return { transport, ...any };
});

/** Two fronts on the same addresses, two workers behind them. */
async function open(t: TestContext, from: Transport, to: Transport): Promise<Bench> {
  const files = new TlsFiles(t);
  const own = files.write('own', files.issue({ domains: ['edge.example'] }));
  const connections = { sipTlsFiles: { certificates: [own], ca: files.caFile } };
  const bench = new PodsOnLoopback();
  const first = await bench.front(listened, connections);
  const second = await bench.front(first.listening, connections);
  const placeOf = (name: TransportName): Endpoint => {
    return first.listening.find(({ transport }) => transport === name) ?? any;
  };
  const sipAdvertised = first.listening.map(({ transport, address, port }) => {
    return { transport, address, port };
  });
  await bench.pod('worker-1', { role: 'worker', sipAdvertised });
  await bench.pod('worker-2', { role: 'worker', sipAdvertised });
  const peer = (user: string, transport: Transport): Promise<ScriptedPeer> => {
    const options = { user, timeoutMs: 10_000 };
    if (transport === 'udp') return ScriptedPeer.onUdp(options);
    if (transport === 'ws') {
      return ScriptedPeer.onWebSocket({
        ...options,
        url: `ws://127.0.0.1:${String(placeOf('ws').port)}/`,
      });
    }
    const { pem: certificate, keyPem: key } = files.issue({ domains: [`${user}.example`] });
    const tls = { certificates: [{ certificate, key }], ca: files.ca.pem };
    return ScriptedPeer.onTls({ ...options, tls, certificate: 'edge.example' });
  };
  const caller = await peer('1001', from);
  const carrier = await peer('carrier', to);
  bench.candidates = [callTo(carrier, to, 'carrier.example')];
  t.after(async () => {
    await Promise.all([caller.close(), carrier.close()]);
    await bench.close();
  });
  return { bench, fronts: [first, second], to: placeOf(from), caller, carrier };
}

function callTo({ local }: ScriptedPeer, transport: Transport, certificate: string) {
  const address = `127.0.0.1:${String(local.port)}`;
  const target = {
    uri: `sip:442079460000@${address}`,
    transport,
    addresses: [address],
    flow: '',
    path: [],
  };
  const { isSecure } = transportOf({ transport });
  const targets = [isSecure ? { ...target, certificate } : target];
  return candidateOf('carrier-a', { targets });
}

async function answeredCall({
  to,
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

async function ended(by: OutgoingCall | IncomingCall, other: OutgoingCall | IncomingCall) {
  const bye = by.bye();
  (await other.receive('BYE')).respond(200);
  assert.equal((await bye).status, 200);
}

for (const [from, to] of [
  ['tls', 'tls'],
  ['ws', 'udp'],
  ['udp', 'tls'],
] as const) {
  test(`edge.md §3: calls by ${from} to ${to} through two fronts and two workers, requests and the end from either side`, async (t) => {
    const opened = await open(t, from, to);
    for (let made = 0; made < 4; made++) {
      const { a, b } = await answeredCall(opened);
      const { viaName, uriParameter } = transportOf({ transport: to });
      assert.match(b.invite.headers.get('Via') ?? '', new RegExp(`^SIP/2.0/${viaName} `));
      const parameter = uriParameter === undefined ? '' : `;transport=${uriParameter}`;
      assert.match(b.invite.headers.get('Contact') ?? '', new RegExp(`:\\d+${parameter}>`));
      for (const [asks, other] of [
        [a, b],
        [b, a],
      ] as const) {
        const info = asks.request('INFO');
        (await other.receive('INFO')).respond(200);
        assert.equal((await info).status, 200);
      }
      await (made % 2 === 0 ? ended(a, b) : ended(b, a));
    }
    await until(() => opened.bench.ends.length === 4);
    assert.deepEqual(new Set(opened.bench.ends), new Set(['NormalClearing']));
  });
}

test('CALL-02 a gateway whose certificate is for somebody else is passed over for the next one', async (t) => {
  const opened = await open(t, 'udp', 'tls');
  const { bench, carrier } = opened;
  const foreign = callTo(carrier, 'tls', 'other.example');
  bench.candidates = [{ ...foreign, gateway: 'foreign' }, ...bench.candidates];
  const { a, b } = await answeredCall(opened);
  await ended(b, a);
  assert.equal(carrier.transcript.toString().match(/^.*INVITE sip:/gm)?.length, 1);
});

test('RFC 5626 the front with a browser’s WebSocket dies: the other side is told so at once, and the browser’s BYE comes by a new one', async (t) => {
  const opened = await open(t, 'ws', 'udp');
  const { a, b } = await answeredCall(opened);
  const holder = opened.fronts.find(({ network }) => network.connections > 0);
  assert.ok(holder !== undefined);
  await holder.die();
  assert.equal((await b.request('INFO')).status, 430);
  await ended(a, b);
  const second = await answeredCall(opened);
  await ended(second.b, second.a);
  await until(() => opened.bench.ends.length === 2);
});

test('edge.md §3: over TLS a front dies: the peers connect again, and their calls go on', async (t) => {
  const opened = await open(t, 'tls', 'tls');
  const { a, b } = await answeredCall(opened);
  for (const front of opened.fronts) {
    if (front.network.connections === 0) continue;
    await front.die();
    break;
  }
  await new Promise((resolve) => setTimeout(resolve, 50));
  await ended(a, b);
  const second = await answeredCall(opened);
  await ended(second.b, second.a);
  await until(() => opened.bench.ends.length === 2);
});
