import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import test from 'node:test';
import type { TestContext } from 'node:test';
import { WebSocket } from 'ws';
import { ConnectionTransport, responseTo, serialize } from '../../src/index.ts';
import type { Arrival, ConnectionTransportOptions, SipMessage } from '../../src/index.ts';

interface Opened {
  readonly transport: ConnectionTransport;
  readonly messages: SipMessage[];
  readonly arrivals: Arrival[];
  readonly malformed: Error[];
  readonly closed: number[];
}

/** A transport that answers every request by the connection on which it came. */
async function open(
  t: TestContext,
  settings: Partial<ConnectionTransportOptions> = {},
): Promise<Opened> {
  const messages: SipMessage[] = [];
  const arrivals: Arrival[] = [];
  const malformed: Error[] = [];
  const closed: number[] = [];
  const transport: ConnectionTransport = await ConnectionTransport.listen({
    transport: 'ws',
    address: '127.0.0.1',
    listener: {
      onMessage: (message, arrival) => {
        messages.push(message);
        arrivals.push(arrival);
        if (message.kind !== 'request') return;
        const response = serialize(responseTo(message, 200, 'OK'));
        transport.send(response, arrival.source, arrival.connection);
      },
      onMalformed: (error) => malformed.push(error),
    },
    onClosed: (connection) => closed.push(connection),
    ...settings,
  });
  t.after(() => transport.close());
  return { transport, messages, arrivals, malformed, closed };
}

async function dial(
  t: TestContext,
  { local }: ConnectionTransport,
  {
    path = '/',
    origin,
    protocols = ['sip'],
  }: { path?: string; origin?: string; protocols?: string[] } = {},
): Promise<WebSocket> {
  const url = `ws://127.0.0.1:${String(local.port)}${path}`;
  const socket = new WebSocket(url, protocols, origin === undefined ? {} : { origin });
  t.after(() => {
    socket.terminate();
  });
  await once(socket, 'open');
  return socket;
}

function options(more = ''): string {
  const lines = [
    'OPTIONS sip:b@b.example SIP/2.0',
    'Via: SIP/2.0/WS df7jal23ls0d.invalid;branch=z9hG4bK1;rport',
    'From: <sip:a@a.example>;tag=1',
    'To: <sip:b@b.example>',
    'Call-ID: 1@a.example',
    'CSeq: 1 OPTIONS',
    `Subject: ${more}`,
    'Max-Forwards: 70',
    'Content-Length: 0',
    '',
    '',
  ];
  return lines.join('\r\n');
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
}

test('RFC 7118 each frame is a message, text or binary, and the answer comes back by the connection', async (t) => {
  const { arrivals, messages, transport } = await open(t);
  const socket = await dial(t, transport);
  assert.equal(socket.protocol, 'sip');
  socket.send(options('grüße'));
  const [text, isBinary] = (await once(socket, 'message')) as [Buffer, boolean];
  assert.match(text.toString(), /^SIP\/2\.0 200 OK\r\nVia: [^\r]*;rport=\d+;received=127\.0\.0\.1/);
  assert.equal(isBinary, false);
  socket.send(Buffer.from(options('\u00ff'), 'latin1'));
  await until(() => messages.length === 2);
  assert.deepEqual(
    arrivals.map(({ transport: name }) => name),
    ['ws', 'ws'],
  );
  assert.equal(transport.has(arrivals[0]?.connection ?? 0), true);
  // What is no UTF-8 cannot be a text frame.
  const { source, connection } = arrivals[0] ?? assert.fail();
  transport.send(Buffer.from(options('\u00ff'), 'latin1'), source, connection);
  for (;;) {
    const [bytes, isRaw] = (await once(socket, 'message')) as [Buffer, boolean];
    if (!bytes.includes('OPTIONS sip:')) continue;
    assert.equal(isRaw, true);
    break;
  }
});

test('RFC 7118 a ping over lines gets its pong, one over frames the library’s, and rubbish is counted', async (t) => {
  const { malformed, transport } = await open(t);
  const socket = await dial(t, transport);
  socket.send('\r\n\r\n');
  const [pong] = (await once(socket, 'message')) as [Buffer];
  assert.equal(pong.toString(), '\r\n');
  assert.equal(transport.counters.keepalives, 1);
  socket.ping();
  await once(socket, 'pong');
  socket.send('');
  socket.send('hello');
  socket.send('OPTIONS sip:b SIP/2.0\r\nContent-Length: 99\r\n\r\n');
  await until(() => malformed.length === 1);
  assert.equal(transport.counters.garbage, 1);
  assert.equal(transport.size, 1);
});

test('RFC 7118 §4.1 who does not offer sip, asks for another path or comes from another page is refused', async (t) => {
  const settings = { webSocket: { path: '/sip', origins: ['https://phone.example'] } };
  const { transport } = await open(t, settings);
  const path = '/sip?from=page';
  await dial(t, transport, { path, origin: 'https://phone.example' });
  await dial(t, transport, { path });
  const refused = (status: number) => new RegExp(String(status));
  await assert.rejects(dial(t, transport, { path, protocols: ['mqtt'] }), refused(400));
  await assert.rejects(dial(t, transport, { path, protocols: [] }), refused(400));
  await assert.rejects(dial(t, transport, { path: '/' }), refused(404));
  await assert.rejects(dial(t, transport, { path, origin: 'https://evil.example' }), refused(403));
  const answer = await fetch(`http://127.0.0.1:${String(transport.local.port)}/sip`);
  assert.equal(answer.status, 426);
  assert.equal(transport.counters.accepted, 2);
});

test('CALL-10 a handshake that does not come, a frame that is too long and a peer that is silent end the connection', async (t) => {
  const { transport } = await open(t, {
    handshakeMs: 1500,
    pingMs: 100,
    limits: { maxMessageBytes: 2000 },
  });
  const silent = connect(transport.local.port, '127.0.0.1');
  t.after(() => silent.destroy());
  silent.resume();
  await once(silent, 'close');
  const talkative = await dial(t, transport);
  talkative.send(options('x'.repeat(3000)));
  const [code] = (await once(talkative, 'close')) as [number];
  assert.equal(code, 1009);
  const deaf = new WebSocket(`ws://127.0.0.1:${String(transport.local.port)}/`, ['sip'], {
    autoPong: false,
  });
  await once(deaf, 'open');
  await once(deaf, 'close');
  assert.equal(transport.counters.dropped, 1);
  await until(() => transport.size === 0);
});

test('RFC 7118 §5 no WebSocket is opened from here: what has no connection does not leave', async (t) => {
  const { arrivals, closed, transport } = await open(t);
  const socket = await dial(t, transport);
  socket.send(options());
  await until(() => arrivals.length === 1);
  const { source, connection } = arrivals[0] ?? assert.fail();
  socket.terminate();
  await until(() => closed.length === 1);
  assert.equal(transport.send(Buffer.from(options()), source, connection), 0);
  assert.equal(transport.send(Buffer.from(options()), { address: '127.0.0.1', port: 9 }), 0);
});
