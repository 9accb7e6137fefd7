import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type Socket as TcpSocket, connect, createServer as createTcpServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { type LinkDatagram, PodLinkSocket } from '@tandem/pod-link';
import { silentLogger } from '@tandem/service';
import { transports } from '@tandem/sip';
import { Distributor } from '../src/distributor/distributor.ts';
import { freePorts } from '../src/free-ports.ts';
import { until } from '../src/until.ts';

const LOOPBACK = '127.0.0.1';
const SECRET = Buffer.alloc(32, 7);
const PACKETS = 400;

/** A pod as a gate sees it: a link, and whether it is ready. */
interface StandInPod {
  readonly link: PodLinkSocket;
  readonly admin: string;
  readonly received: LinkDatagram[];
  isReady: boolean;
}

async function pod(t: TestContext): Promise<StandInPod> {
  const received: LinkDatagram[] = [];
  const link = await PodLinkSocket.bind({
    address: LOOPBACK,
    secrets: [SECRET],
    reader: {
      onDatagram: (datagram) => {
        // Its memory is the socket's.
        received.push({ ...datagram, payload: Buffer.from(datagram.payload) });
      },
    },
  });
  const state = { isReady: true };
  const server: Server = createServer((_, response) => {
    response.writeHead(state.isReady ? 200 : 503).end();
  });
  server.listen(0, LOOPBACK);
  await once(server, 'listening');
  t.after(async () => {
    await link.close();
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return Object.assign(state, { link, admin: `${LOOPBACK}:${String(port)}`, received });
}

async function peer(t: TestContext, address: string): Promise<Socket> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 1_048_576 });
  const listening = once(socket, 'listening');
  socket.bind(0, address);
  await listening;
  t.after(() => {
    socket.close();
  });
  return socket;
}

async function setUp(t: TestContext, how: { mode: 'random' | 'hash'; lossPercent?: number }) {
  const pods = [await pod(t), await pod(t)];
  const [sip = 0, link = 0] = await freePorts(2);
  const distributor = new Distributor(
    {
      sip: { address: LOOPBACK, port: sip },
      link: { address: LOOPBACK, port: link },
      pods: pods.map((one) => ({ link: one.link.local, admin: one.admin })),
      mode: how.mode,
      lossPercent: how.lossPercent ?? 0,
      seed: 1,
      secretKeyFile: '',
    },
    { logger: silentLogger(), secrets: [SECRET] },
  );
  await distributor.start();
  t.after(() => distributor.stop());
  await until('both pods are known to be ready', () => distributor.readyPods === pods.length);
  return { pods, distributor, sip };
}

function total(pods: readonly StandInPod[]): number {
  return pods.reduce((sum, { received }) => sum + received.length, 0);
}

test('edge.md §9 each packet goes to a pod at random, and its source goes with it', async (t) => {
  const { pods, sip } = await setUp(t, { mode: 'random' });
  const sender = await peer(t, '127.0.0.3');
  for (let count = 0; count < PACKETS; count++) {
    sender.send(`packet ${String(count)}`, sip, LOOPBACK);
  }
  await until('all packets are there', () => total(pods) === PACKETS);
  const { port } = sender.address();
  for (const { received } of pods) {
    assert.ok(received.length > PACKETS / 4, String(received.length));
    assert.deepEqual(received[0]?.peer, { address: '127.0.0.3', port });
    assert.equal(received[0].kind, 'received');
  }
});

test('edge.md §3 what a pod sends to the gate leaves from the public address', async (t) => {
  const { pods, sip } = await setUp(t, { mode: 'random' });
  const caller = await peer(t, '127.0.0.4');
  const answer = once(caller, 'message');
  caller.send('a request', sip, LOOPBACK);
  await until('the request is there', () => total(pods) === 1);
  const one = pods.find(({ received }) => received.length === 1);
  const request = one?.received[0];
  assert.ok(one !== undefined && request !== undefined);
  one.link.send({ ...request, kind: 'send', payload: Buffer.from('an answer') }, request.gate);
  const [bytes, from] = (await answer) as [Buffer, { address: string; port: number }];
  assert.equal(bytes.toString(), 'an answer');
  assert.deepEqual({ address: from.address, port: from.port }, { address: LOOPBACK, port: sip });
});

test('edge.md §9 by the sender, all packets of one reach the same pod', async (t) => {
  const { pods, sip } = await setUp(t, { mode: 'hash' });
  const sender = await peer(t, '127.0.0.3');
  for (let count = 0; count < 50; count++) sender.send('packet', sip, LOOPBACK);
  await until('all packets are there', () => total(pods) === 50);
  assert.deepEqual(pods.map(({ received }) => received.length).sort(), [0, 50]);
});

test('edge.md §9 a pod that is not ready gets nothing', async (t) => {
  const { pods, sip, distributor } = await setUp(t, { mode: 'random' });
  const [first, second] = pods;
  if (first !== undefined) first.isReady = false;
  await until('one is left out', () => distributor.readyPods === 1);
  const sender = await peer(t, '127.0.0.3');
  for (let count = 0; count < 50; count++) sender.send('packet', sip, LOOPBACK);
  await until('all packets are there', () => second?.received.length === 50);
  assert.equal(first?.received.length, 0);
});

test('edge.md §9 the share of packets that was asked for is lost', async (t) => {
  const { pods, sip, distributor } = await setUp(t, { mode: 'random', lossPercent: 10 });
  const sender = await peer(t, '127.0.0.3');
  for (let count = 0; count < PACKETS; count++) sender.send('packet', sip, LOOPBACK);
  await until('all packets came', () => distributor.counters.received === PACKETS);
  await until('the rest is there', () => total(pods) === PACKETS - distributor.counters.lost);
  const { lost } = distributor.counters;
  assert.ok(lost > PACKETS * 0.05 && lost < PACKETS * 0.16, String(lost));
});

/** A connection of a peer, and the text that has come over it. */
interface Connected {
  readonly socket: TcpSocket;
  readonly text: () => string;
}

async function connected(t: TestContext, port: number): Promise<Connected> {
  const socket = connect(port, LOOPBACK);
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  t.after(() => socket.destroy());
  return { socket, text: () => text };
}

function options(branch: string): string {
  return [
    'OPTIONS sip:switch@127.0.0.1 SIP/2.0',
    `Via: SIP/2.0/TCP 127.0.0.1:5070;branch=z9hG4bK${branch}`,
    'From: <sip:a@127.0.0.1>;tag=1',
    'To: <sip:switch@127.0.0.1>',
    `Call-ID: ${branch}`,
    'CSeq: 1 OPTIONS',
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n');
}

function ok(request: string): Buffer {
  return Buffer.from(request.replace(/^.*\r\n/, 'SIP/2.0 200 OK\r\n'));
}

test('RFC 3261 §18.3 messages of a connection, split and joined, reach pods one by one, and answers go back by it', async (t) => {
  const { pods, sip } = await setUp(t, { mode: 'random' });
  const { socket, text } = await connected(t, sip);
  const requests = Array.from({ length: 20 }, (_, index) => options(`split${String(index)}`));
  const whole = Buffer.from(requests.join(''));
  for (let at = 0; at < whole.length; at += 1000) socket.write(whole.subarray(at, at + 1000));
  await until('all requests are there', () => total(pods) === requests.length);
  for (const { link, received } of pods) {
    assert.ok(received.length > 0);
    for (const request of received) {
      assert.equal(request.transport, transports.tcp.id);
      link.send(
        { ...request, kind: 'send', payload: ok(request.payload.toString()) },
        request.gate,
      );
    }
  }
  await until('all answers are there', () => text().split('200 OK').length === requests.length + 1);
});

test('edge.md §5 a request over TCP that a pod did not answer is given to a pod again, until one has', async (t) => {
  const { pods, sip } = await setUp(t, { mode: 'random' });
  const { socket, text } = await connected(t, sip);
  socket.write(options('again'));
  await until('it comes three times', () => total(pods) === 3);
  const one = pods.find(({ received }) => received.length > 0);
  const request = one?.received[0];
  assert.ok(one !== undefined && request !== undefined);
  one.link.send(
    { ...request, kind: 'send', payload: ok(request.payload.toString()) },
    request.gate,
  );
  await until('the answer is there', () => text().includes('200 OK'));
});

test('RFC 3261 §18.1.1 a connection is opened for a pod that asks for one; what cannot be sent is told back', async (t) => {
  const { pods, distributor } = await setUp(t, { mode: 'random' });
  const [one] = pods;
  assert.ok(one !== undefined);
  const taken: string[] = [];
  const server = createTcpServer((socket) => {
    socket.on('data', (chunk: Buffer) => taken.push(chunk.toString()));
    t.after(() => socket.destroy());
  });
  server.listen(0, LOOPBACK);
  await once(server, 'listening');
  t.after(() => server.close());
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const [nobody = 0] = await freePorts(1);
  const gate = distributor.link;
  const way = { kind: 'send', gate, transport: transports.tcp.id, connection: 0 } as const;
  const payload = Buffer.from(options('opened'));
  one.link.send({ ...way, peer: { address: LOOPBACK, port }, payload }, gate);
  await until('the request is there', () => taken.join('').includes('opened'));
  const lost = Buffer.from(options('refused'));
  one.link.send({ ...way, peer: { address: LOOPBACK, port: nobody }, payload: lost }, gate);
  await until('it is told back', () => one.received.some(({ kind }) => kind === 'undelivered'));
});
