import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import test from 'node:test';
import { PodLinkSocket, formatEndpoint, mostPayloadBytes } from '../src/index.ts';
import type { LinkDatagram, LinkEndpoint } from '../src/index.ts';

const secrets = [Buffer.alloc(32, 1)];

interface Pod {
  readonly link: PodLinkSocket;
  readonly got: { readonly datagram: LinkDatagram; readonly from: LinkEndpoint }[];
  readonly errors: Error[];
  readonly refused: LinkEndpoint[];
}

async function openPod(address: string, keys: readonly Buffer[] = secrets): Promise<Pod> {
  const got: Pod['got'] = [];
  const errors: Error[] = [];
  const refused: LinkEndpoint[] = [];
  const link = await PodLinkSocket.bind({
    address,
    secrets: keys,
    reader: {
      onDatagram: (datagram, from) => got.push({ datagram, from }),
      onRefused: (from) => refused.push(from),
      onError: (error) => errors.push(error),
    },
  });
  return { link, got, errors, refused };
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
}

const peer = { address: '192.0.2.7', port: 5060 };

for (const address of ['127.0.0.1', '::1']) {
  test(`edge.md §3: a datagram over ${address} arrives with peer, gate and connection, up to the longest`, async () => {
    const a = await openPod(address);
    const b = await openPod(address);
    const datagram: LinkDatagram = {
      kind: 'received',
      peer,
      gate: a.link.local,
      transport: 1,
      connection: 2 ** 47 + 1,
      payload: Buffer.alloc(mostPayloadBytes, 0x41),
    };
    a.link.send(datagram, b.link.local);
    await until(() => b.got.length === 1);
    assert.deepEqual(b.got, [{ datagram, from: a.link.local }]);
    await a.link.close();
    await b.link.close();
  });
}

test('edge.md §3: datagrams of strangers, and of another cluster, are counted, told and dropped', async () => {
  const a = await openPod('127.0.0.1', [Buffer.alloc(32, 9)]);
  const b = await openPod('127.0.0.1');
  const stranger = createSocket('udp4');
  stranger.send('OPTIONS sip:a SIP/2.0\r\n\r\n', b.link.local.port, '127.0.0.1');
  const datagram = { kind: 'received', transport: 0, connection: 0 } as const;
  const payload = Buffer.from('x');
  a.link.send({ ...datagram, peer, gate: a.link.local, payload }, b.link.local);
  await until(() => b.link.counters.refused === 2);
  assert.deepEqual(b.got, []);
  assert.equal(b.refused.length, 2);
  stranger.close();
  await a.link.close();
  await b.link.close();
});

test('edge.md §3: an address that is taken is an error', async () => {
  const { link } = await openPod('127.0.0.1');
  const reader = { onDatagram: (): void => undefined };
  await assert.rejects(PodLinkSocket.bind({ ...link.local, secrets, reader }), /EADDRINUSE/);
  await link.close();
});

test('edge.md §3: what cannot be sent is counted and told, and nothing is thrown', async () => {
  const a = await openPod('127.0.0.1');
  const datagram = {
    kind: 'send',
    peer,
    gate: a.link.local,
    transport: 0,
    connection: 0,
  } as const;
  a.link.send({ ...datagram, payload: Buffer.alloc(mostPayloadBytes + 1) }, a.link.local);
  a.link.send({ ...datagram, payload: Buffer.of(1) }, { address: '127.0.0.1', port: 0 });
  assert.equal(a.link.counters.sendErrors, 2);
  assert.equal(a.errors.length, 1);
  await a.link.close();
  a.link.send({ ...datagram, payload: Buffer.of(1) }, peer);
  await a.link.close();
});

test('edge.md §3: a watched end is heard, and missed within a second once it is gone', async () => {
  const a = await openPod('127.0.0.1');
  const b = await openPod('127.0.0.1');
  const address = formatEndpoint(b.link.local);
  a.link.watch([address]);
  await until(() => b.link.counters.received > 0 && a.link.counters.received > 0);
  assert.equal(a.link.isSilent(address), false);
  assert.deepEqual(b.got, []);
  await b.link.close();
  await until(() => a.link.isSilent(address));
  await a.link.close();
});

for (const own of ['127.0.0.1', '::1']) {
  test(`edge.md §3: an end at ${own} whose process is gone is missed as soon as it is asked, and is back when it answers`, async () => {
    const a = await openPod(own);
    const b = await openPod(own);
    const address = formatEndpoint(b.link.local);
    a.link.watch([address]);
    await until(() => a.link.counters.received > 0);
    assert.equal(a.link.isSilent(address), false);
    await b.link.close();
    // Longer than this test lasts: the kernel says it, no clock.
    await until(() => a.link.isSilent(address, 60_000));
    const reader = { onDatagram: () => undefined };
    const again = await PodLinkSocket.bind({ ...b.link.local, secrets, reader });
    await until(() => !a.link.isSilent(address, 60_000));
    assert.deepEqual(a.errors, []);
    await again.close();
    await a.link.close();
  });
}

test('edge.md §3: what is advertised is what others are told, a port of 0 being the bound one', async () => {
  const reader = { onDatagram: () => undefined };
  const link = await PodLinkSocket.bind({
    address: '127.0.0.1',
    secrets,
    reader,
    advertised: { address: '198.51.100.1', port: 0 },
  });
  assert.equal(link.local.address, '198.51.100.1');
  assert.ok(link.local.port > 0);
  await link.close();
});
