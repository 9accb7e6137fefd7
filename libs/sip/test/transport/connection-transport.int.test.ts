import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import test from 'node:test';
import type { TestContext } from 'node:test';
import { ConnectionTransport, responseTo, serialize } from '../../src/index.ts';
import type {
  Arrival,
  Endpoint,
  SipMessage,
  SipParseError,
  ConnectionTransportOptions,
} from '../../src/index.ts';

function options(extra: readonly string[] = ['Content-Length: 0']): Buffer {
  const lines = [
    'OPTIONS sip:b@b.example SIP/2.0',
    'Via: SIP/2.0/TCP 192.0.2.99;branch=z9hG4bK1;rport',
    'From: <sip:a@a.example>;tag=1',
    'To: <sip:b@b.example>',
    'Call-ID: 1@a.example',
    'CSeq: 1 OPTIONS',
    'Max-Forwards: 70',
    ...extra,
    '',
    '',
  ];
  return Buffer.from(lines.join('\r\n'));
}

interface Opened {
  readonly transport: ConnectionTransport;
  readonly messages: SipMessage[];
  readonly arrivals: Arrival[];
  readonly errors: SipParseError[];
  readonly undelivered: Endpoint[];
  readonly closed: number[];
}

/** A transport that answers every request by the connection on which it came. */
async function open(
  t: TestContext,
  settings: Partial<ConnectionTransportOptions> = {},
): Promise<Opened> {
  const opened = { messages: [], arrivals: [], errors: [], undelivered: [], closed: [] };
  const { messages, arrivals, errors, undelivered, closed }: Omit<Opened, 'transport'> = opened;
  const transport: ConnectionTransport = await ConnectionTransport.listen({
    address: '127.0.0.1',
    listener: {
      onMessage: (message, arrival) => {
        messages.push(message);
        arrivals.push(arrival);
        if (message.kind !== 'request') return;
        const response = serialize(responseTo(message, 200, 'OK'));
        transport.send(response, arrival.source, arrival.connection);
      },
      onMalformed: (error, { source, connection }) => {
        errors.push(error);
        if (error.request === undefined) return;
        const response = responseTo(error.request, 400, 'Bad Request');
        transport.send(serialize(response), source, connection);
      },
    },
    onUndelivered: (_bytes, to) => undelivered.push(to),
    onClosed: (connection) => closed.push(connection),
    ...settings,
  });
  t.after(() => transport.close());
  return { ...opened, transport };
}

interface Client {
  readonly socket: Socket;
  text: string;
  isClosed: boolean;
}

async function dial(t: TestContext, { local }: ConnectionTransport): Promise<Client> {
  const socket = connect({ host: local.address, port: local.port });
  const client: Client = { socket, text: '', isClosed: false };
  socket.on('data', (bytes) => (client.text += bytes.toString()));
  socket.on('close', () => (client.isClosed = true));
  socket.on('error', () => undefined);
  t.after(() => socket.destroy());
  await once(socket, 'connect');
  return client;
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
}

for (const address of ['127.0.0.1', '::1']) {
  test(`CALL-02 a request over TCP on ${address} is answered by its connection, its source noted in the Via`, async (t) => {
    const { transport, arrivals } = await open(t, { address });
    const client = await dial(t, transport);
    const bytes = options();
    client.socket.write(bytes.subarray(0, 50));
    await until(() => transport.size === 1);
    client.socket.write(Buffer.concat([bytes.subarray(50), bytes]));
    await until(() => client.text.split('SIP/2.0 200 OK').length === 3);
    const port = client.socket.localPort ?? 0;
    assert.ok(client.text.includes(`;rport=${String(port)};received=${address}`), client.text);
    const [arrival] = arrivals;
    assert.deepEqual(arrival?.source, { address, port });
    assert.equal(arrival.transport, 'tcp');
    assert.equal(transport.has(arrival.connection ?? 0), true);
    assert.equal(transport.counters.accepted, 1);
    assert.equal(transport.counters.received, 2);
  });
}

test('CALL-02 a ping gets its pong', async (t) => {
  const { transport } = await open(t);
  const client = await dial(t, transport);
  client.socket.write('\r\n\r\n');
  await until(() => client.text === '\r\n');
  assert.equal(transport.counters.keepalives, 1);
});

test('CALL-02 a connection is opened on demand, what is sent meanwhile waits, and both sides use it', async (t) => {
  const a = await open(t);
  const b = await open(t);
  for (let sent = 0; sent < 20; sent++) a.transport.send(options(), b.transport.local);
  await until(() => a.messages.length === 20);
  assert.equal(a.transport.counters.opened, 1);
  assert.equal(b.transport.counters.accepted, 1);
  assert.equal(b.transport.counters.opened, 0);
  const source = b.arrivals[0]?.source;
  assert.ok(source !== undefined);
  b.transport.send(options(), source);
  await until(() => a.messages.length === 21);
  assert.equal(b.transport.counters.opened, 0);
});

test('CALL-02 a connection that is gone is replaced by a new one to the address that is given', async (t) => {
  const a = await open(t);
  const b = await open(t);
  const client = await dial(t, a.transport);
  client.socket.write(options());
  await until(() => a.arrivals.length === 1);
  const connection = a.arrivals[0]?.connection ?? 0;
  client.socket.destroy();
  await until(() => a.closed.includes(connection));
  assert.equal(a.transport.has(connection), false);
  a.transport.send(options(), b.transport.local, connection);
  await until(() => b.messages.length === 1);
});

test('CALL-10 a stream whose framing is broken is answered where it can be, and its connection closed', async (t) => {
  const { transport, errors } = await open(t);
  const client = await dial(t, transport);
  client.socket.write(options([]));
  await until(() => client.isClosed);
  assert.match(client.text, /^SIP\/2\.0 400 Bad Request\r\n/);
  assert.deepEqual(
    errors.map(({ code }) => code),
    ['SIP_MISSING_HEADER'],
  );
  const scanner = await dial(t, transport);
  scanner.socket.write('GET / HTTP/1.1\r\n\r\n');
  await until(() => scanner.isClosed);
  // It is told, but not answered: whoever it is speaks no SIP.
  assert.equal(scanner.text, '');
  assert.deepEqual(
    errors.map(({ code }) => code),
    ['SIP_MISSING_HEADER', 'SIP_BAD_START_LINE'],
  );
  assert.equal(transport.counters.garbage, 1);
  assert.equal(transport.counters.dropped, 2);
});

test('CALL-10 a malformed message with right framing costs the connection nothing', async (t) => {
  const { transport, errors } = await open(t);
  const client = await dial(t, transport);
  client.socket.write(options(['Content-Length: 0', 'no header']));
  client.socket.write(options());
  await until(() => client.text.includes('SIP/2.0 200'));
  assert.match(client.text, /^SIP\/2\.0 400/);
  assert.equal(errors.length, 1);
  assert.equal(client.isClosed, false);
});

test('CALL-10 a peer that does not read is dropped when too much waits for it', async (t) => {
  const { transport, arrivals, undelivered } = await open(t, { maxBufferBytes: 64 * 1024 });
  const client = await dial(t, transport);
  client.socket.pause();
  client.socket.write(options());
  await until(() => arrivals.length === 1);
  const { source, connection = 0 } = arrivals[0] ?? { source: transport.local };
  const big = Buffer.alloc(32 * 1024, 0x41);
  for (let sent = 0; sent < 1000 && transport.has(connection); sent++) {
    transport.send(big, source, connection);
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal(transport.has(connection), false);
  assert.equal(undelivered.length, 1);
  assert.equal(transport.counters.dropped, 1);
});

test('CALL-10 connections past the bound are closed at once', async (t) => {
  const { transport } = await open(t, { maxConnections: 1 });
  const first = await dial(t, transport);
  const second = await dial(t, transport);
  await until(() => second.isClosed);
  first.socket.write(options());
  await until(() => first.text.includes('SIP/2.0 200'));
  assert.equal(transport.counters.dropped, 1);
});

test('CALL-10 a connection that is idle, or on which one message never ends, is closed', async (t) => {
  const idle = await open(t, { idleMs: 50 });
  const silent = await dial(t, idle.transport);
  await until(() => silent.isClosed);
  const slow = await open(t, { messageMs: 50 });
  const client = await dial(t, slow.transport);
  client.socket.write('OPTIONS');
  await until(() => client.isClosed);
  assert.equal(slow.transport.counters.dropped, 1);
});

test('DENY-16 what never leaves, for its connection cannot be opened, is told', async (t) => {
  const { transport, undelivered } = await open(t, { connectMs: 200 });
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  const nobody = { address: '127.0.0.1', port };
  transport.send(options(), nobody);
  transport.send(options(), nobody);
  await until(() => undelivered.length === 2);
  transport.send(options(), { address: '127.0.0.1', port: 0 });
  transport.send(options(), { address: 'carrier.example', port: 5060 });
  assert.equal(undelivered.length, 4);
  assert.equal(transport.counters.sendErrors, 4);
  assert.equal(transport.size, 0);
});

test('CALL-02 a transport can share its port, and starts with connection numbers of its own', async (t) => {
  const a = await open(t, { isPortShared: true });
  const b = await open(t, { isPortShared: true, port: a.transport.local.port });
  const clients: Client[] = [];
  while (a.arrivals.length === 0 || b.arrivals.length === 0) {
    const client = await dial(t, a.transport);
    clients.push(client);
    client.socket.write(options());
    await until(() => client.text !== '');
  }
  assert.equal(a.arrivals.length + b.arrivals.length, clients.length);
  assert.notEqual(a.arrivals[0]?.connection, b.arrivals[0]?.connection);
});

test('CALL-07 a port that is taken is an error', async (t) => {
  const { transport } = await open(t);
  const listener = { onMessage: (): void => undefined };
  await assert.rejects(ConnectionTransport.listen({ ...transport.local, listener }), /EADDRINUSE/);
});

test('CALL-02 messages can be taken as bytes, unread', async (t) => {
  const taken: string[] = [];
  const { transport } = await open(t, {
    listener: {
      onMessage: () => undefined,
      onBytes: (bytes) => taken.push(bytes.toString()),
    },
  });
  const client = await dial(t, transport);
  const bytes = options();
  client.socket.write(Buffer.concat([bytes, bytes]));
  await until(() => taken.length === 2);
  assert.deepEqual(taken, [bytes.toString(), bytes.toString()]);
});

test('CALL-06 a transport that closes sends what is left, and takes nothing any more', async (t) => {
  const a = await open(t);
  const b = await open(t);
  b.transport.send(options(), a.transport.local);
  await until(() => b.messages.length === 1);
  const source = a.arrivals[0]?.source ?? a.transport.local;
  a.transport.send(options(), source);
  await a.transport.close();
  await until(() => b.messages.length === 2);
  a.transport.send(options(), source);
  assert.equal(a.undelivered.length, 1);
  assert.equal(a.transport.size, 0);
});
