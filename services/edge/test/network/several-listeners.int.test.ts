import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import test from 'node:test';
import type { TestContext } from 'node:test';
import { silentLogger } from '@tandem/service';
import type { Endpoint, TransportName } from '@tandem/sip';
import { MemoryPods } from '../../src/adapters/memory-pod-registry.ts';
import { systemClock } from '../../src/app.ts';
import { edgeDefaults } from '../../src/config.ts';
import type { EdgeConfig } from '../../src/config.ts';
import { LocalAddresses, listenerId } from '../../src/core/network/local-addresses.ts';
import type { PeerAddress } from '../../src/core/network/peer-address.ts';
import { advertisedBy } from '../../src/network/advertised.ts';
import { EdgeNetwork } from '../../src/network/edge-network.ts';
import { noListener } from '../../src/network/message-listener.ts';
import type { EdgeRole } from '../../src/ports.ts';

const PLACES = ['127.0.0.1', '127.0.0.2', '::1'];

interface Opened {
  readonly network: EdgeNetwork;
  readonly addresses: LocalAddresses;
  /** Where the next message came from. */
  readonly heard: () => Promise<PeerAddress>;
  /** `host:port` of a listener. */
  readonly at: (address: string, transport: TransportName) => Endpoint;
}

/** Fronts and workers of one test know each other. */
async function opened(
  t: TestContext,
  pods = new MemoryPods(systemClock),
  { role = 'both', advertised }: { role?: EdgeRole; advertised?: LocalAddresses } = {},
): Promise<Opened> {
  const registry = pods.registry();
  const transports = ['udp', 'tcp'] as const;
  const network = await EdgeNetwork.open({
    role,
    sipListen: PLACES.flatMap((address) =>
      transports.map((transport) => ({ transport, address, port: 0 })),
    ),
    isSipPortShared: false,
    sipFronts: [],
    podListen: { address: '127.0.0.1', port: 0 },
    secrets: [Buffer.alloc(32, 3)],
    pods: () => registry.pods(),
    clock: systemClock,
    logger: silentLogger(),
  });
  t.after(() => network.close());
  const config = { ...edgeDefaults, role, sipAdvertised: [] } as unknown as EdgeConfig;
  const addresses = advertised ?? advertisedBy(config, network.listening);
  network.advertise(addresses);
  const waiting: ((from: PeerAddress) => void)[] = [];
  network.listen({
    ...noListener,
    onMessage: (_message, from) => {
      waiting.shift()?.(from);
    },
  });
  await registry.join({ name: network.address, role, address: network.address });
  return {
    network,
    addresses,
    heard: () => new Promise((resolve) => waiting.push(resolve)),
    at: (address, transport) => {
      const found = network.listening.find(
        (one) => one.address === address && one.transport === transport,
      );
      assert.ok(found);
      return found;
    },
  };
}

function bytes(callId: string): Buffer {
  const head = [
    'OPTIONS sip:b@127.0.0.1 SIP/2.0',
    `Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK${callId}`,
    'From: <sip:a@a.example>;tag=1',
    'To: <sip:b@b.example>',
    `Call-ID: ${callId}`,
    'CSeq: 1 OPTIONS',
    'Content-Length: 0',
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n`);
}

test('CALL-07 T2-33 what comes to a UDP listener is answered by it, and called by no other', async (t) => {
  const { at, heard, network } = await opened(t);
  for (const address of PLACES) {
    const peer = createSocket(address.includes(':') ? 'udp6' : 'udp4');
    t.after(() => peer.close());
    peer.bind(0, address.includes(':') ? '::1' : '127.0.0.9');
    await once(peer, 'listening');
    const place = at(address, 'udp');
    const coming = heard();
    peer.send(bytes(`u${String(place.port)}`), place.port, place.address);
    const from = await coming;
    assert.equal(from.listener !== undefined, address === '127.0.0.2', address);
    const answered = once(peer, 'message');
    network.send(bytes('answer'), from);
    const [, source] = (await answered) as [Buffer, { address: string; port: number }];
    assert.deepEqual([source.address, source.port], [place.address, place.port]);
  }
});

test('CALL-07 a connection is opened from the listener that is set for a gateway', async (t) => {
  const { at, network } = await opened(t);
  const server = createServer();
  t.after(() => server.close());
  server.listen(0, '127.0.0.9');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const gateway = { address: '127.0.0.9', port, transport: 'tcp' } as const;
  const second = at('127.0.0.2', 'tcp');
  const listener = listenerId(`127.0.0.2:${String(second.port)}`);
  const coming = once(server, 'connection');
  network.send(bytes('set'), { ...gateway, listener });
  const [socket] = (await coming) as [Socket];
  t.after(() => socket.destroy());
  assert.equal(socket.remoteAddress, '127.0.0.2');
});

for (const transport of ['udp', 'tcp'] as const) {
  test(`CALL-07 a worker learns which listener of a front heard a peer over ${transport}, and answers by it`, async (t) => {
    const pods = new MemoryPods(systemClock);
    const front = await opened(t, pods, { role: 'front' });
    const known = new LocalAddresses(
      front.addresses.all.map(({ address, port }) => ({ address, port })),
    );
    const worker = await opened(t, pods, { role: 'worker', advertised: known });
    const place = front.at('127.0.0.2', transport);
    const coming = worker.heard();
    const received = await sent(t, transport, place);
    const from = await coming;
    assert.equal(known.towards(from)?.hostPort, `127.0.0.2:${String(place.port)}`);
    worker.network.send(bytes('answer'), from);
    assert.deepEqual(await received.from, place.address);
  });
}

/** Sends a request, and says where the answer comes from. */
async function sent(
  t: TestContext,
  transport: 'udp' | 'tcp',
  to: { readonly address: string; readonly port: number },
): Promise<{ readonly from: Promise<string> }> {
  if (transport === 'tcp') {
    const socket = connect({ host: to.address, port: to.port });
    t.after(() => socket.destroy());
    await once(socket, 'connect');
    socket.write(bytes('tcp-front'));
    return { from: once(socket, 'data').then(() => socket.remoteAddress ?? '') };
  }
  const peer = createSocket('udp4');
  t.after(() => peer.close());
  peer.bind(0, '127.0.0.9');
  await once(peer, 'listening');
  const answered = once(peer, 'message') as Promise<[Buffer, { address: string }]>;
  peer.send(bytes('udp-front'), to.port, to.address);
  return { from: answered.then(([, { address }]) => address) };
}
