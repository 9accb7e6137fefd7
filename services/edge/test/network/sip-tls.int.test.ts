import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectPlainly } from 'node:net';
import test from 'node:test';
import type { TestContext } from 'node:test';
import { connect, createServer } from 'node:tls';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import { silentLogger } from '@tandem/service';
import { ConnectionTransport, TlsContexts } from '@tandem/sip';
import type { SipMessage } from '@tandem/sip';
import { TlsFiles } from '@tandem/testing';
import { MemoryPods } from '../../src/adapters/memory-pod-registry.ts';
import { systemClock } from '../../src/app.ts';
import type { PeerAddress } from '../../src/core/network/peer-address.ts';
import type { EdgeRole } from '../../src/ports.ts';
import { EdgeNetwork } from '../../src/network/edge-network.ts';
import { noListener } from '../../src/network/message-listener.ts';
import { SipTls } from '../../src/network/sip-tls.ts';
import type { SipTlsFiles } from '../../src/network/sip-tls.ts';

interface Opened {
  readonly network: EdgeNetwork;
  readonly heard: { readonly message: SipMessage; readonly from: PeerAddress }[];
  readonly undelivered: PeerAddress[];
  readonly port: number;
}

const pods = new MemoryPods(systemClock);

async function open(
  t: TestContext,
  sipTlsFiles: SipTlsFiles | undefined,
  role: EdgeRole = 'both',
  transport: 'tls' | 'wss' = 'tls',
): Promise<Opened> {
  const heard: Opened['heard'] = [];
  const undelivered: PeerAddress[] = [];
  const registry = pods.registry();
  const network = await EdgeNetwork.open({
    role,
    sipListen: role === 'worker' ? [] : [{ transport, address: '127.0.0.1', port: 0 }],
    sipTlsFiles,
    isSipPortShared: false,
    sipFronts: [],
    podListen: { address: '127.0.0.1', port: 0 },
    secrets: [Buffer.alloc(32, 3)],
    pods: () => registry.pods(),
    clock: systemClock,
    logger: silentLogger(),
  });
  network.listen({
    ...noListener,
    onMessage: (message, from) => heard.push({ message, from }),
    onUndelivered: (_request, to) => undelivered.push(to),
  });
  await registry.join({ name: network.address, role, address: network.address });
  t.after(async () => {
    await registry.leave();
    await network.close();
  });
  return { network, heard, undelivered, port: network.listening[0]?.port ?? 0 };
}

function request(callId: string, host = '127.0.0.1'): Buffer {
  const lines = [
    `OPTIONS sip:b@${host} SIP/2.0`,
    `Via: SIP/2.0/TLS 192.0.2.1:5061;branch=z9hG4bK${callId}`,
    'From: <sip:a@a.example>;tag=1',
    'To: <sip:b@b.example>',
    `Call-ID: ${callId}`,
    'CSeq: 1 OPTIONS',
    'Max-Forwards: 70',
    'Content-Length: 0',
    '',
    '',
  ];
  return Buffer.from(lines.join('\r\n'));
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
}

async function dial(t: TestContext, port: number, options: ConnectionOptions): Promise<TLSSocket> {
  const socket = connect({ host: '127.0.0.1', port, ...options });
  socket.on('error', () => undefined);
  t.after(() => socket.destroy());
  await once(socket, 'secureConnect');
  return socket;
}

/** A gateway that says nothing. */
async function gateway(
  t: TestContext,
  certificate: { readonly pem: string; readonly keyPem: string },
): Promise<{ readonly port: number; readonly texts: string[]; readonly names: unknown[] }> {
  const texts: string[] = [];
  const names: unknown[] = [];
  const server = createServer({
    cert: certificate.pem,
    key: certificate.keyPem,
    requestCert: true,
    rejectUnauthorized: false,
  });
  const sockets = new Set<TLSSocket>();
  server.on('secureConnection', (socket) => {
    sockets.add(socket);
    names.push(socket.servername);
    socket.on('data', (bytes: Buffer) => texts.push(bytes.toString()));
    socket.on('error', () => undefined);
  });
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const place = server.address();
  assert.ok(place !== null && typeof place === 'object');
  return { port: place.port, texts, names };
}

test('CALL-02 the certificate is the one of the name that is asked for (SNI), else the first', async (t) => {
  const files = new TlsFiles(t);
  const certificates = [
    files.write('one', files.issue({ domains: ['one.example'] })),
    files.write('two', files.issue({ domains: ['two.example', '*.wide.example'] })),
  ];
  const { port } = await open(t, { certificates });
  const shown = async (servername: string): Promise<string | undefined> => {
    const socket = await dial(t, port, { ca: files.ca.pem, rejectUnauthorized: false, servername });
    return socket.getPeerCertificate().subjectaltname;
  };
  assert.equal(await shown('one.example'), 'DNS:one.example');
  assert.equal(await shown('TWO.example'), 'DNS:two.example, DNS:*.wide.example');
  assert.equal(await shown('a.wide.example'), 'DNS:two.example, DNS:*.wide.example');
  assert.equal(await shown('other.example'), 'DNS:one.example');
  assert.equal(await shown(''), 'DNS:one.example');
});

test('CALL-02 a peer is answered by its connection, and known by the names that its certificate proves', async (t) => {
  const files = new TlsFiles(t);
  const own = files.write('own', files.issue({ domains: ['edge.example'] }));
  const { heard, network, port } = await open(t, { certificates: [own], ca: files.caFile });
  const known = files.issue({ domains: ['pbx.example'], uris: ['sip:voice.example'] });
  const stranger = files.issue({ domains: ['pbx.example'] }, null);
  const trust = { ca: files.ca.pem, servername: 'edge.example' };
  for (const [index, shown] of [known, stranger, undefined].entries()) {
    const certificate = shown === undefined ? {} : { cert: shown.pem, key: shown.keyPem };
    const socket = await dial(t, port, { ...trust, ...certificate });
    socket.write(request(String(index)));
    await until(() => heard.length === index + 1);
    const from = heard[index]?.from;
    assert.equal(from?.transport, 'tls');
    const proved = from.certificate?.split(',').sort();
    assert.deepEqual(proved, index === 0 ? ['pbx.example', 'voice.example'] : undefined);
    network.send(Buffer.from('SIP/2.0 200 OK\r\nCall-ID: x\r\n\r\n'), from);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    assert.match(answer.toString(), /^SIP\/2\.0 200/);
    socket.write('\r\n\r\n');
    const [pong] = (await once(socket, 'data')) as [Buffer];
    assert.equal(pong.toString(), '\r\n', 'RFC 5626 §3.5.1');
  }
});

test('CALL-02 RFC 7118 who opens a WebSocket is asked for no certificate: browsers cannot show one', async (t) => {
  const files = new TlsFiles(t);
  const own = files.write('own', files.issue({ domains: ['edge.example'] }));
  const tls = { certificates: [own], ca: files.caFile };
  const { heard, port } = await open(t, tls, 'both', 'wss');
  const { pem: cert, keyPem: key } = files.issue({ domains: ['pbx.example'] });
  const socket = await dial(t, port, { ca: files.ca.pem, servername: 'edge.example', cert, key });
  const handshake = [
    ...['GET / HTTP/1.1', 'Host: edge.example', 'Connection: Upgrade', 'Upgrade: websocket'],
    ...['Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGFuZGVtLXRhbmRlbS10YQ=='],
    ...['Sec-WebSocket-Protocol: sip', '', ''],
  ];
  socket.write(handshake.join('\r\n'));
  await once(socket, 'data');
  const message = request('w1');
  // A text frame with a length of two bytes, and a mask that changes nothing (RFC 6455 §5.2).
  socket.write(Buffer.from([0x81, 0xfe, message.length >> 8, message.length & 255, 0, 0, 0, 0]));
  socket.write(message);
  await until(() => heard.length === 1);
  assert.deepEqual([heard[0]?.from.transport, heard[0]?.from.certificate], ['wss', undefined]);
});

test('CALL-02 what a gateway has to prove is asked of its certificate, and nothing leaves where it does not', async (t) => {
  const files = new TlsFiles(t);
  const own = files.write('own', files.issue({ domains: ['edge.example'] }));
  const { network, undelivered } = await open(t, { certificates: [own], ca: files.caFile });
  const right = await gateway(t, files.issue({ domains: ['carrier.example'] }));
  const foreign = await gateway(t, files.issue({ domains: ['carrier.example'] }, null));
  const byAddress = await gateway(t, files.issue({ addresses: ['127.0.0.1'] }));
  const to = (port: number, certificate?: string): PeerAddress => {
    const address: PeerAddress = { address: '127.0.0.1', port, transport: 'tls' };
    return certificate === undefined ? address : { ...address, certificate };
  };
  network.send(request('a'), to(right.port, 'carrier.example'));
  await until(() => right.texts.length === 1);
  assert.deepEqual(right.names, ['carrier.example']);
  network.send(request('b'), to(right.port, 'other.example'));
  await until(() => undelivered.length === 1);
  assert.equal(right.texts.length, 1, 'the connection that is open has not proved that name');
  network.send(request('c'), to(foreign.port, 'carrier.example'));
  await until(() => undelivered.length === 2);
  network.send(request('d'), to(foreign.port, ''));
  await until(() => foreign.texts.length === 1);
  network.send(request('e', 'carrier.example'), to(right.port));
  await until(() => right.texts.length === 2);
  network.send(request('f'), to(byAddress.port));
  await until(() => byAddress.texts.length === 1);
  network.send(request('g', 'carrier.example'), to(byAddress.port));
  await until(() => undelivered.length === 3);
  assert.deepEqual(
    undelivered.map(({ certificate, port }) => [port, certificate]),
    [
      [right.port, 'other.example'],
      [foreign.port, 'carrier.example'],
      [byAddress.port, 'carrier.example'],
    ],
  );
});

test('edge.md §3: the names go with a message between a front and a worker, both ways', async (t) => {
  const files = new TlsFiles(t);
  const own = files.write('own', files.issue({ domains: ['edge.example'] }));
  const front = await open(t, { certificates: [own], ca: files.caFile }, 'front');
  const worker = await open(t, undefined, 'worker');
  const shown = files.issue({ domains: ['pbx.example'] });
  const trust = { ca: files.ca.pem, servername: 'edge.example' };
  const socket = await dial(t, front.port, { ...trust, cert: shown.pem, key: shown.keyPem });
  socket.write(request('by-front'));
  await until(() => worker.heard.length > 0);
  const from = worker.heard[0]?.from;
  assert.equal(from?.certificate, 'pbx.example');
  worker.network.send(Buffer.from('SIP/2.0 200 OK\r\nCall-ID: x\r\n\r\n'), from);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  assert.match(answer.toString(), /^SIP\/2\.0 200/);
  const right = await gateway(t, files.issue({ domains: ['carrier.example'] }));
  const to: PeerAddress = { address: '127.0.0.1', port: right.port, transport: 'tls' };
  worker.network.send(request('out'), { ...to, certificate: 'carrier.example' });
  await until(() => right.texts.length === 1);
  worker.network.send(request('no'), { ...to, certificate: 'other.example' });
  await until(() => worker.undelivered.length === 1);
});

test('CALL-02 changed files are for new connections, broken ones for none, and open connections stay', async (t) => {
  const files = new TlsFiles(t);
  const first = files.issue({ domains: ['first.example'] });
  const path = files.write('own', first);
  const tls = new SipTls({
    files: { certificates: [path] },
    logger: silentLogger(),
    lookEveryMs: 60_000,
  });
  t.after(() => {
    tls.close();
  });
  const transport = await ConnectionTransport.listen({
    transport: 'tls',
    tls: tls.contexts,
    address: '127.0.0.1',
    listener: noTransportListener,
  });
  t.after(() => transport.close());
  const shown = async (): Promise<[TLSSocket, string | undefined]> => {
    const socket = await dial(t, transport.local.port, { rejectUnauthorized: false });
    return [socket, socket.getPeerCertificate().subjectaltname];
  };
  const [socket, name] = await shown();
  assert.equal(name, 'DNS:first.example');
  const second = files.issue({ domains: ['second.example'] });
  files.put('own.crt', second.pem);
  await tls.look();
  assert.equal((await shown())[1], 'DNS:first.example', 'its key is that of the first');
  files.put('own.key', second.keyPem);
  await tls.look();
  assert.equal((await shown())[1], 'DNS:second.example');
  files.put('own.crt', 'no certificate');
  await tls.look();
  assert.equal((await shown())[1], 'DNS:second.example');
  socket.write('\r\n\r\n');
  const [pong] = (await once(socket, 'data')) as [Buffer];
  assert.equal(pong.toString(), '\r\n');
});

test('CALL-02 a certificate that cannot be used stops the start, and says which', (t) => {
  const files = new TlsFiles(t);
  const path = files.put('own.crt', files.issue({}).pem);
  files.put('own.key', files.issue({}).keyPem);
  const start = (certificate: string) => () => {
    new SipTls({ files: { certificates: [certificate] }, logger: silentLogger() }).close();
  };
  assert.throws(start(path), /TANDEM_SIP_TLS_CERTIFICATES.*not that of the certificate/);
  assert.throws(start('/nowhere/own.crt'), /TANDEM_SIP_TLS_CERTIFICATES.*\/nowhere\/own\.crt/);
});

const noTransportListener = { onMessage: () => undefined };

test('CALL-10 who speaks no TLS, or not in time, or comes too often, is closed and leaves nothing behind', async (t) => {
  const files = new TlsFiles(t);
  const own = files.issue({ domains: ['edge.example'] });
  const transport = await ConnectionTransport.listen({
    transport: 'tls',
    tls: new TlsContexts({ certificates: [{ certificate: own.pem, key: own.keyPem }] }),
    address: '127.0.0.1',
    listener: noTransportListener,
    // Enough for a handshake on a busy machine.
    handshakeMs: 1500,
    maxPerSource: 2,
  });
  t.after(() => transport.close());
  const { port } = transport.local;
  const plain = (text: string): Promise<unknown> => {
    const socket = connectPlainly(port, '127.0.0.1');
    t.after(() => socket.destroy());
    socket.on('error', () => undefined);
    socket.resume();
    socket.write(text);
    return once(socket, 'close');
  };
  await plain('OPTIONS sip:a@b SIP/2.0\r\n\r\n');
  await plain('');
  assert.equal(transport.counters.handshakeErrors, 2);
  assert.equal(transport.size, 0);
  const held = [
    await dial(t, port, { rejectUnauthorized: false }),
    await dial(t, port, { rejectUnauthorized: false }),
  ];
  await plain('');
  assert.equal(transport.counters.dropped, 1, 'the third of one source');
  assert.equal(transport.counters.accepted, 2);
  for (const socket of held) socket.destroy();
  await until(() => transport.size === 0);
  await dial(t, port, { rejectUnauthorized: false });
  await assert.rejects(
    dial(t, port, { rejectUnauthorized: false, maxVersion: 'TLSv1.1', minVersion: 'TLSv1' }),
  );
});
