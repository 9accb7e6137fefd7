import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { connect as connectByTls } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { test } from 'node:test';
import { ScriptedPeer, TlsFiles } from '@tandem/testing';
import { startTestCluster, type TestCluster } from '../src/cluster/test-cluster.ts';
import { carrier as carrierOf, configuration, demo } from '../src/configuration.ts';
import { freePorts } from '../src/free-ports.ts';
import { Mutants } from '../src/mutants.ts';
import { residentMegabytes } from '../src/resident-memory.ts';
import { Carrier } from '../src/sipp.ts';
import { until } from '../src/until.ts';

/** How many are sent; 100,000 before a release. */
const COUNT = Number(process.env['TANDEM_E2E_MUTANTS'] ?? '8000');
const SEED = Number(process.env['TANDEM_E2E_SEED'] ?? '7');
/** After so many it is asked whether the switch is still with us, which holds them to its pace. */
const BATCH = 50;
/** Every so many-th goes over a TCP connection of its own. */
const TCP_EVERY = 25;
/** The same over TLS. */
const TLS_EVERY = 60;
/** Between the first half and the end. Half of all calls is a warm-up: code is compiled, pools and caches fill. */
const GROWTH_MB = 60;
const CALLEE = '442079460000';
/** Calls of mutants go to a carrier that is always busy. */
const BUSY = '449900000000';
/** Nothing of this carrier is sent before the mutants are over. */
const LAST = '447700000000';

test('CALL-10 mutated datagrams, over UDP, TCP and TLS and to any pod: memory stays, the call that is up too, and the next one works', async (t) => {
  const [port = 0, busyPort = 0, lastPort = 0, tlsPort = 0] = await freePorts(4);
  const files = new TlsFiles(t);
  const cluster = await startTestCluster({
    layout: 'pod',
    pods: 2,
    isRespawning: false,
    connections: [`tls:127.0.0.1:${String(tlsPort)}`],
    env: {
      TANDEM_SIP_MESSAGE: 'relay',
      TANDEM_SIP_TLS_CERTIFICATES: files.write('own', files.issue({})),
    },
  });
  t.after(() => cluster.stop());
  const document = configuration(port, port);
  const busy = { ...carrierOf('carrier-busy', busyPort, 1), prefixes: [BUSY.slice(0, 4)] };
  const last = { ...carrierOf('carrier-last', lastPort, 1), prefixes: [LAST.slice(0, 4)] };
  document.routingGateways = [carrierOf('carrier-a', port, 1), busy, last];
  await cluster.configure(document);
  const sipp = await Carrier.start({ scenario: 'carrier-busy', port: busyPort });
  t.after(() => sipp.stop());
  const peers = await startPeers(port);
  const lastCarrier = await ScriptedPeer.onUdp({ user: 'last', port: lastPort });
  const { phone, trunk, carrier } = peers;
  const all = [phone, trunk, carrier];
  t.after(() => Promise.all([...all, lastCarrier].map((peer) => peer.close())));
  const to = cluster.sip;

  await call({ caller: phone, carrier, callee: CALLEE }, to);
  await call({ caller: trunk, carrier, callee: CALLEE }, to);
  const recorded = all.flatMap((sender) =>
    sender.transcript.lines.map(({ message }) => ({ sender, message })),
  );
  const standing = phone.invite({ to, called: CALLEE });
  const answered = await carrier.receiveCall();
  answered.answer();
  await standing.answered();
  await answered.ack();

  const pids = pidsOf(cluster);
  const mutants = new Mutants(recorded, SEED);
  let half: readonly number[] = [];
  for (let sent = 1; sent <= COUNT; sent += 1) {
    const { sender, bytes } = mutants.next((text) => text.replaceAll(CALLEE, BUSY));
    if (sent % TCP_EVERY === 0) await sendOverTcp(bytes, to);
    else if (sent % TLS_EVERY === 0) await sendOverTls(bytes, tlsPort);
    else sender.sendRaw(bytes, to);
    if (sent % BATCH === 0) assert.equal((await trunk.request('OPTIONS', { to })).status, 200);
    if (sent === Math.floor(COUNT / 2)) half = await memoryOf(pids);
  }
  const end = await memoryOf(pids);
  t.diagnostic(
    `${String(COUNT)} mutants; MB of each pod: ${half.join(', ')} and ${end.join(', ')}`,
  );
  assert.deepEqual(pidsOf(cluster), pids, 'the same processes run');
  for (const { name, dropped } of await cluster.api.pods()) {
    assert.ok(dropped > COUNT / 100, `${name} counts what it cannot read: ${String(dropped)}`);
  }
  const { malformed } = await cluster.api.status();
  assert.ok(malformed > COUNT / 100, `${String(malformed)} are told of`);

  const isOver = answered.receive('BYE').then((bye) => bye.respond(200));
  assert.equal((await standing.bye()).status, 200);
  await isOver;
  // The phone is suspended by now: broken credentials came from its address (AUTH-07).
  const next = await call({ caller: trunk, carrier: lastCarrier, callee: LAST }, to);
  for (const sipCallId of [standing.callId, next]) {
    await cluster.api.cdrOf(sipCallId);
    const cdrs = await cluster.api.cdrs();
    assert.equal(cdrs.filter((cdr) => cdr.a?.sipCallId === sipCallId).length, 1, sipCallId);
  }
  await until('no line is held', async () => (await cluster.api.linesHeld()) === 0, {
    timeoutMs: 20_000,
  });
  for (const [at, megabytes] of end.entries()) {
    assert.ok(megabytes - (half[at] ?? 0) < GROWTH_MB, `pod ${String(at + 1)} has grown`);
  }
});

interface Peers {
  readonly phone: ScriptedPeer;
  readonly trunk: ScriptedPeer;
  readonly carrier: ScriptedPeer;
}

async function startPeers(carrierPort: number): Promise<Peers> {
  const credentials = { username: demo.phone, password: demo.password };
  const [phone, trunk, carrier] = await Promise.all([
    ScriptedPeer.onUdp({ user: demo.phone, credentials }),
    ScriptedPeer.onUdp({ user: 'trunk', address: demo.trunkAddress }),
    ScriptedPeer.onUdp({ user: 'carrier', port: carrierPort }),
  ]);
  return { phone, trunk, carrier };
}

/** A text, and a call with all that belongs to one. @returns its Call-ID */
async function call(
  {
    caller,
    carrier,
    callee,
  }: Omit<Peers, 'phone' | 'trunk'> & { readonly caller: ScriptedPeer; readonly callee: string },
  to: { readonly address: string; readonly port: number },
): Promise<string> {
  const text = carrier.receive('MESSAGE').then((request) => request.respond(200));
  const requestUri = `sip:${callee}@${to.address}`;
  assert.equal((await caller.request('MESSAGE', { to, requestUri })).status, 200);
  await text;
  const outgoing = caller.invite({ to, called: callee });
  const incoming = await carrier.receiveCall();
  incoming.ring();
  incoming.progress();
  incoming.answer();
  await outgoing.answered();
  await incoming.ack();
  const info = incoming.receive('INFO').then((request) => request.respond(200));
  assert.equal((await outgoing.request('INFO')).status, 200);
  await info;
  const bye = incoming.receive('BYE').then((request) => request.respond(200));
  assert.equal((await outgoing.bye()).status, 200);
  await bye;
  return outgoing.callId;
}

/** Sends bytes over a connection of their own, which the switch may close in the middle of them. */
async function sendOverTcp(
  bytes: Buffer,
  { address, port }: { readonly address: string; readonly port: number },
): Promise<void> {
  const socket = connect(port, address);
  const closed = once(socket, 'close');
  socket.on('error', () => undefined);
  socket.resume();
  socket.end(bytes);
  setTimeout(() => socket.destroy(), 50);
  await closed;
}

/** A handshake for each would be most of the test: they go one behind the other, until one of them breaks the framing. */
async function sendOverTls(bytes: Buffer, port: number): Promise<void> {
  if (secure?.writable !== true) {
    secure = connectByTls({ port, host: '127.0.0.1', rejectUnauthorized: false });
    secure.on('error', () => undefined);
    secure.resume();
    await once(secure, 'secureConnect');
  }
  secure.write(bytes);
}

let secure: TLSSocket | undefined;

function pidsOf({ cluster, processes }: TestCluster): readonly number[] {
  return cluster.edges.map((name) => processes.get(name)?.pid ?? 0);
}

function memoryOf(pids: readonly number[]): Promise<readonly number[]> {
  return Promise.all(pids.map(async (pid) => Math.round(await residentMegabytes(pid))));
}
