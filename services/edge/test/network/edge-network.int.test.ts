import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import test from 'node:test';
import type { TestContext } from 'node:test';
import { parseEndpoint } from '@tandem/pod-link';
import { silentLogger } from '@tandem/service';
import { parseMessage } from '@tandem/sip';
import type { SipMessage, SipRequest, SipResponse } from '@tandem/sip';
import { MemoryPods } from '../../src/adapters/memory-pod-registry.ts';
import { systemClock } from '../../src/app.ts';
import { ownerName } from '../../src/core/marks/owner.ts';
import type { Flow } from '../../src/core/network/flow.ts';
import type { PeerAddress } from '../../src/core/network/peer-address.ts';
import type { EdgeRole, Pod } from '../../src/ports.ts';
import { messagesDropped } from '../../src/telemetry.ts';
import { EdgeNetwork } from '../../src/network/edge-network.ts';
import { noListener } from '../../src/network/message-listener.ts';

const secrets = [Buffer.alloc(32, 3)];

interface Heard {
  readonly how: 'message' | 'handed' | 'undelivered' | 'malformed';
  readonly message: SipMessage | undefined;
  readonly from: PeerAddress;
}

interface Opened {
  readonly network: EdgeNetwork;
  readonly heard: Heard[];
  readonly offers: string[];
  readonly gone: Flow[];
  /** As the others see it. */
  pod(): Pod;
  /** Nobody is told. */
  die(): Promise<void>;
}

class Cluster {
  readonly #pods = new MemoryPods(systemClock);
  readonly #t: TestContext;

  constructor(t: TestContext) {
    this.#t = t;
  }

  async open(role: EdgeRole, passOn?: (bytes: Buffer) => boolean): Promise<Opened> {
    const heard: Heard[] = [];
    const offers: string[] = [];
    const gone: Flow[] = [];
    const registry = this.#pods.registry();
    const network = await EdgeNetwork.open({
      role,
      sipListen: (['udp', 'tcp'] as const).map((transport) => {
        return { transport, address: '127.0.0.1', port: 0 };
      }),
      isSipPortShared: false,
      sipFronts: [],
      podListen: { address: '127.0.0.1', port: 0 },
      secrets,
      pods: () => registry.pods(),
      clock: systemClock,
      logger: silentLogger(),
    });
    network.listen({
      passOn: (bytes) => passOn?.(bytes) ?? false,
      onMessage: (message, from) => heard.push({ how: 'message', message, from }),
      onHanded: (message, from) => heard.push({ how: 'handed', message, from }),
      onUndelivered: (message, from) => heard.push({ how: 'undelivered', message, from }),
      onMalformed: (_error, from) => heard.push({ how: 'malformed', message: undefined, from }),
      onOffer: (callId) => offers.push(callId),
      onHangUp: (callId, operator) => offers.push(`${callId} by ${operator}`),
      onFlowClosed: (flow) => gone.push(flow),
      onError: () => undefined,
    });
    const { address } = network;
    const place = await registry.join({ name: address, role, address });
    this.#t.after(() => network.close());
    const pod = (): Pod => {
      const found = registry.pods().find((one) => one.slot === place.slot);
      assert.ok(found !== undefined);
      return found;
    };
    const die = (): Promise<void> => {
      this.#pods.lapse(ownerName(place));
      return network.close();
    };
    return { network, heard, offers, gone, pod, die };
  }
}

function bytesOf(method: string, callId: string, toTag = ''): Buffer {
  const lines = [
    `${method} sip:b@127.0.0.1 SIP/2.0`,
    `Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK${callId}${method}`,
    'From: <sip:a@a.example>;tag=1',
    `To: <sip:b@b.example>${toTag}`,
    `Call-ID: ${callId}`,
    `CSeq: 1 ${method}`,
    'Max-Forwards: 70',
    'Content-Length: 0',
    '',
    '',
  ];
  return Buffer.from(lines.join('\r\n'));
}

function portOf({ network }: Opened, transport: 'udp' | 'tcp'): number {
  return network.listening.find((one) => one.transport === transport)?.port ?? 0;
}

async function udpPeer(t: TestContext): Promise<{
  readonly got: string[];
  send(bytes: Buffer, port: number): void;
  readonly address: PeerAddress;
}> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  t.after(() => socket.close());
  const got: string[] = [];
  socket.on('message', (bytes) => got.push(bytes.toString()));
  return {
    got,
    send: (bytes, port) => {
      socket.send(bytes, port, '127.0.0.1');
    },
    address: { address: '127.0.0.1', port: socket.address().port },
  };
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
}

test('edge.md §3: UDP and TCP get one free port, and say how a peer was heard', async (t) => {
  const a = await new Cluster(t).open('both');
  assert.equal(portOf(a, 'udp'), portOf(a, 'tcp'));
  const peer = await udpPeer(t);
  peer.send(bytesOf('OPTIONS', 'one'), portOf(a, 'udp'));
  await until(() => a.heard.length === 1);
  const gate = a.network.address;
  const { port } = peer.address;
  assert.deepEqual(a.heard[0]?.from, {
    address: '127.0.0.1',
    port,
    transport: 'udp',
    flow: { gate, connection: 0 },
  });
  const socket = connect(portOf(a, 'tcp'), '127.0.0.1');
  t.after(() => socket.destroy());
  socket.write(bytesOf('OPTIONS', 'two'));
  await until(() => a.heard.length === 2);
  const from = a.heard[1]?.from;
  assert.equal(from?.transport, 'tcp');
  assert.equal(a.network.connections, 1);
  a.network.send(Buffer.from('SIP/2.0 200 OK\r\nCall-ID: two\r\n\r\n'), from);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  assert.match(answer.toString(), /^SIP\/2\.0 200/);
  assert.equal(a.network.counters.received, 2);
});

test('REG-02 a connection that closes is told where a phone has registered over it, by a front to a worker', async (t) => {
  const cluster = new Cluster(t);
  const front = await cluster.open('front');
  const worker = await cluster.open('worker');
  const gone = async (method: string): Promise<Flow | undefined> => {
    const socket = connect(portOf(front, 'tcp'), '127.0.0.1');
    const before = worker.heard.length;
    socket.write(bytesOf(method, method));
    await until(() => worker.heard.length > before);
    socket.destroy();
    await once(socket, 'close');
    return worker.heard.at(-1)?.from.flow;
  };
  await gone('OPTIONS');
  const flow = await gone('REGISTER');
  await until(() => worker.gone.length > 0);
  assert.deepEqual(worker.gone, [flow]);
});

test('edge.md §3: new calls of one peer are spread over the pods by Call-ID, what is in a dialog stays', async (t) => {
  const cluster = new Cluster(t);
  const a = await cluster.open('both');
  const b = await cluster.open('both');
  const peer = await udpPeer(t);
  for (let sent = 0; sent < 40; sent++) {
    peer.send(bytesOf('INVITE', `call-${String(sent)}`), portOf(a, 'udp'));
    peer.send(bytesOf('CANCEL', `call-${String(sent)}`), portOf(a, 'udp'));
  }
  await until(() => a.heard.length + b.heard.length === 80);
  assert.ok(b.heard.length > 16 && b.heard.length < 64, String(b.heard.length));
  const callIds = (opened: Opened): Set<string> =>
    new Set(opened.heard.map(({ message }) => message?.headers.get('Call-ID') ?? ''));
  const ofA = callIds(a);
  assert.ok([...callIds(b)].every((callId) => !ofA.has(callId)));
  assert.ok(
    b.heard.every(({ how, from }) => how === 'message' && from.flow?.gate === a.network.address),
  );
  const before = b.heard.length;
  for (let sent = 0; sent < 10; sent++) {
    peer.send(bytesOf('BYE', `bye-${String(sent)}`, ';tag=x'), portOf(a, 'udp'));
  }
  await until(() => a.heard.length + b.heard.length === 90);
  assert.equal(b.heard.length, before);
});

test('edge.md §3: an answer of another pod leaves by the gate that heard the peer', async (t) => {
  const cluster = new Cluster(t);
  const front = await cluster.open('front');
  const worker = await cluster.open('worker');
  const peer = await udpPeer(t);
  peer.send(bytesOf('INVITE', 'one'), portOf(front, 'udp'));
  await until(() => worker.heard.length === 1);
  const from = worker.heard[0]?.from;
  assert.ok(from !== undefined);
  assert.match(String(worker.heard[0]?.message?.headers.get('Via')), /;received=127\.0\.0\.1/);
  worker.network.send(Buffer.from('SIP/2.0 200 OK\r\n\r\n'), from);
  await until(() => peer.got.length === 1);
  const own = { address: peer.address.address, port: peer.address.port };
  worker.network.send(Buffer.from('OPTIONS sip:x SIP/2.0\r\n\r\n'), own);
  await until(() => peer.got.length === 2);
  peer.send(
    Buffer.from('BYE sip:b SIP/2.0\r\nCall-ID: 1\r\nno header\r\n\r\n'),
    portOf(front, 'udp'),
  );
  await until(() => worker.heard.length === 2);
  assert.equal(worker.heard[1]?.how, 'malformed');
});

test('edge.md §3: a message that is handed over and a call that is offered reach the pod', async (t) => {
  const cluster = new Cluster(t);
  const a = await cluster.open('both');
  const b = await cluster.open('both');
  const from: PeerAddress = {
    address: '192.0.2.7',
    port: 5062,
    transport: 'tcp',
    flow: { gate: a.network.address, connection: 77 },
  };
  const message = parseMessage(bytesOf('BYE', 'one', ';tag=x'));
  a.network.hand(message, from, b.pod());
  a.network.offer('AAAAAAAAAAAAAAAA', b.pod());
  a.network.hangUp('AAAAAAAAAAAAAAAB', 'api ::1: why', b.pod());
  await until(() => b.heard.length === 1 && b.offers.length === 2);
  assert.equal(b.heard[0]?.how, 'handed');
  assert.deepEqual(b.heard[0].from, from);
  assert.equal((b.heard[0].message as SipRequest).method, 'BYE');
  assert.deepEqual(b.offers, ['AAAAAAAAAAAAAAAA', 'AAAAAAAAAAAAAAAB by api ::1: why']);
});

test('edge.md §3: a response that is handed over unread is read by the pod that gets it, or refused and counted', async (t) => {
  const cluster = new Cluster(t);
  const a = await cluster.open('both');
  const b = await cluster.open('both');
  const from: PeerAddress = {
    address: '192.0.2.7',
    port: 5062,
    transport: 'udp',
    flow: { gate: a.network.address, connection: 0 },
  };
  const before = messagesDropped.total;
  const response = bytesOf('INVITE', 'one').toString().replace(/^.*/, 'SIP/2.0 180 Ringing');
  a.network.hand(Buffer.from(response.replace(/Via: .*/, 'no header')), from, b.pod());
  a.network.hand(Buffer.from(response), from, b.pod());
  await until(() => b.heard.length === 1);
  assert.equal(b.heard[0]?.how, 'handed');
  assert.deepEqual(b.heard[0].from, from);
  assert.equal((b.heard[0].message as SipResponse).status, 180);
  assert.equal(messagesDropped.total, before + 1);
});

test('edge.md §3: a pod that takes a message before it is read gets no other sign of it', async (t) => {
  const cluster = new Cluster(t);
  const taken: Buffer[] = [];
  const pod = await cluster.open('both', (bytes) => {
    if (!bytes.toString().includes('one')) return false;
    taken.push(bytes);
    return true;
  });
  const peer = await udpPeer(t);
  peer.send(bytesOf('OPTIONS', 'one'), portOf(pod, 'udp'));
  peer.send(bytesOf('OPTIONS', 'two'), portOf(pod, 'udp'));
  await until(() => pod.heard.length === 1);
  assert.equal(pod.heard[0]?.how, 'message');
  assert.equal((pod.heard[0].message as SipRequest).headers.get('Call-ID'), 'two');
  assert.equal(taken.length, 1);
});

test('edge.md §3: a balancer that speaks bare Simple Proxy Protocol is refused, and the refusal counted', async (t) => {
  const worker = await new Cluster(t).open('worker');
  const link = parseEndpoint(worker.network.address);
  assert.ok(link !== undefined);
  // Magic, client and proxy as IPv4-mapped addresses, both ports: no trailer, so no proof of who sends.
  const header = Buffer.alloc(38);
  header.write('56ec00000000000000000000ffffc0000207', 'hex');
  header.write('00000000000000000000ffffc0000201', 18, 'hex');
  header.writeUInt16BE(5060, 34);
  header.writeUInt16BE(5060, 36);
  const before = messagesDropped.total;
  const balancer = createSocket('udp4');
  const datagram = Buffer.concat([header, bytesOf('INVITE', 'foreign')]);
  balancer.send(datagram, link.port, link.address);
  await until(() => messagesDropped.total > before);
  assert.deepEqual(worker.heard, []);
  balancer.close();
});

test('DENY-16 a request over TCP that no gate can deliver comes back to the pod that sent it', async (t) => {
  const cluster = new Cluster(t);
  await cluster.open('front');
  const worker = await cluster.open('worker');
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  worker.network.send(bytesOf('INVITE', 'one'), { address: '127.0.0.1', port, transport: 'tcp' });
  await until(() => worker.heard.length === 1);
  assert.equal(worker.heard[0]?.how, 'undelivered');
  assert.equal(worker.heard[0].from.port, port);
});

test('DENY-16 without any gate a request comes back too, and never within the call that sent it', async (t) => {
  const worker = await new Cluster(t).open('worker');
  worker.network.send(bytesOf('INVITE', 'one'), { address: '127.0.0.1', port: 5060 });
  assert.equal(worker.heard.length, 0);
  await until(() => worker.heard.length === 1);
  assert.equal(worker.heard[0]?.how, 'undelivered');
});

test('edge.md §3: a request over TCP that nobody answers is given again, to another worker once one is gone', async (t) => {
  const cluster = new Cluster(t);
  const front = await cluster.open('front');
  const workers = [await cluster.open('worker'), await cluster.open('worker')];
  const socket = connect(portOf(front, 'tcp'), '127.0.0.1');
  t.after(() => socket.destroy());
  socket.write(bytesOf('INVITE', 'one'));
  await until(() => workers.some(({ heard }) => heard.length > 0));
  const first = workers.find(({ heard }) => heard.length > 0);
  const second = workers.find((worker) => worker !== first);
  await first?.die();
  await until(() => (second?.heard.length ?? 0) > 0);
  assert.equal(second?.heard[0]?.message?.headers.get('Call-ID'), 'one');
});

test('CALL-10 messages that come before somebody listens are dropped, and do no harm', async (t) => {
  const pods = new MemoryPods(systemClock);
  const network = await EdgeNetwork.open({
    role: 'both',
    sipListen: [{ transport: 'udp', address: '127.0.0.1', port: 0 }],
    isSipPortShared: false,
    sipFronts: [],
    podListen: { address: '127.0.0.1', port: 0 },
    secrets,
    pods: () => pods.registry().pods(),
    clock: systemClock,
    logger: silentLogger(),
  });
  t.after(() => network.close());
  const port = network.listening[0]?.port ?? 0;
  const peer = await udpPeer(t);
  peer.send(bytesOf('OPTIONS', 'early'), port);
  peer.send(Buffer.from('OPTIONS sip:b SIP/2.0\r\nCall-ID: 1\r\nno header\r\n\r\n'), port);
  peer.send(Buffer.from('SIP/2.0 200 OK\r\nCall-ID: 1\r\n\r\n'), port);
  await until(() => network.counters.received === 3);
  const heard: (string | null | undefined)[] = [];
  network.listen({
    ...noListener,
    onMessage: ({ headers }) => heard.push(headers.get('Call-ID')),
  });
  peer.send(bytesOf('OPTIONS', 'late'), port);
  await until(() => heard.length > 0);
  assert.deepEqual(heard, ['late']);
  assert.deepEqual(peer.got, []);
});
