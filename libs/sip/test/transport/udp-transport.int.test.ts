import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import test from 'node:test';
import {
  responseAddress,
  responseTo,
  serialize,
  systemTimers,
  UdpTransport,
  type Arrival,
  type SipMessage,
  type SipParseError,
} from '../../src/index.ts';

function options(place: string, extra: readonly string[] = []): Buffer {
  const lines = [
    'OPTIONS sip:b@b.example SIP/2.0',
    `Via: SIP/2.0/UDP ${place};branch=z9hG4bK1;rport`,
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

interface Client {
  readonly socket: Socket;
  send(bytes: Buffer, port: number): Promise<Buffer>;
}

async function client(address: string): Promise<Client> {
  const socket = createSocket(address === '::1' ? 'udp6' : 'udp4');
  socket.bind({ address, port: 0 });
  await once(socket, 'listening');
  return {
    socket,
    send: async (bytes, port) => {
      const answer = once(socket, 'message');
      socket.send(bytes, port, address);
      const [received] = (await answer) as [Buffer];
      return received;
    },
  };
}

for (const address of ['127.0.0.1', '::1']) {
  test(`CALL-02 a request over ${address} is answered to its source, whatever its Via says`, async () => {
    const arrivals: Arrival[] = [];
    const transport: UdpTransport = await UdpTransport.bind({
      address,
      listener: {
        onMessage: (message: SipMessage, arrival) => {
          arrivals.push(arrival);
          if (message.kind !== 'request') return;
          const to = responseAddress(message);
          transport.send(serialize(responseTo(message, 200, 'OK')), to.address, to.port);
        },
      },
    });
    const peer = await client(address);
    const answer = await peer.send(options('192.0.2.99:9'), transport.local.port);
    const { port } = peer.socket.address();
    assert.match(answer.toString(), /^SIP\/2\.0 200 OK\r\n/);
    assert.ok(
      answer.includes(`rport=${String(port)};`) || answer.includes(`rport=${String(port)}`),
    );
    assert.ok(answer.includes(`received=${address}`));
    assert.deepEqual(arrivals, [{ source: { address, port }, local: transport.local }]);
    assert.equal(transport.counters.sent, 1);
    assert.equal(transport.counters.received, 1);
    peer.socket.close();
    await transport.close();
  });
}

test('CALL-10 random bytes, 64 KiB, 10,000 characters, 1,000 Vias: counted, and the next one works', async () => {
  const messages: SipMessage[] = [];
  const errors: SipParseError[] = [];
  const transport: UdpTransport = await UdpTransport.bind({
    address: '127.0.0.1',
    listener: {
      onMessage: (message, { source }) => {
        messages.push(message);
        transport.send(Buffer.from('done'), source.address, source.port);
      },
      onMalformed: (error) => errors.push(error),
    },
    limits: { maxMessageBytes: 60_000 },
  });
  const peer = await client('127.0.0.1');
  const { port } = transport.local;
  const bad = [
    Buffer.from(Array.from({ length: 500 }, (_, at) => (at * 89 + 31) % 256)),
    Buffer.concat([options('a.example', ['Content-Length: 65000']), Buffer.alloc(65_000, 'x')]),
    options('a.example', [`X: ${'x'.repeat(10_000)}`]),
    options(
      'a.example',
      Array.from({ length: 1000 }, () => 'Via: SIP/2.0/UDP loop.example'),
    ),
    options('a.example', ['Content-Length: -5']),
  ];
  for (const bytes of bad) peer.socket.send(bytes, port, '127.0.0.1');
  await peer.send(options('a.example'), port);
  const { counters } = transport;
  assert.equal(messages.length, 1);
  assert.equal(counters.garbage, 1);
  assert.equal(counters.oversize, 1);
  assert.equal(counters.malformed, 3);
  assert.ok(errors.every((error) => error.request !== undefined));
  peer.socket.close();
  await transport.close();
});

test('CALL-10 what cannot be sent is counted and reported, and the transport goes on', async () => {
  const failed = Promise.withResolvers<Error>();
  const received = Promise.withResolvers<SipMessage>();
  const transport = await UdpTransport.bind({
    address: '127.0.0.1',
    listener: { onMessage: received.resolve, onError: failed.resolve },
  });
  transport.send(Buffer.alloc(70_000), '127.0.0.1', 9);
  assert.match((await failed.promise).message, /EMSGSIZE/);
  assert.equal(transport.counters.sendErrors, 1);
  transport.send(options('127.0.0.1'), '127.0.0.1', transport.local.port);
  await received.promise;
  await transport.close();
});

test('CALL-10 a port that cannot be sent to is counted, and never thrown at the sender', async () => {
  const transport = await UdpTransport.bind({
    address: '127.0.0.1',
    listener: { onMessage: () => undefined },
  });
  for (const port of [0, -1, 65_536, Number.NaN]) {
    transport.send(Buffer.from('x'), '127.0.0.1', port);
  }
  assert.equal(transport.counters.sendErrors, 4);
  assert.equal(transport.counters.sent, 0);
  await transport.close();
});

test('CALL-10 what is sent after the socket was closed is counted, and never thrown at the sender', async () => {
  const transport = await UdpTransport.bind({
    address: '127.0.0.1',
    listener: { onMessage: () => undefined },
  });
  const { port } = transport.local;
  await transport.close();
  transport.send(options('127.0.0.1'), '127.0.0.1', port);
  assert.equal(transport.counters.sendErrors, 1);
});

test('CALL-07 a taken port is an error, a shared one is not', async () => {
  const listener = { onMessage: (): void => undefined };
  const address = '127.0.0.1';
  const first = await UdpTransport.bind({ address, listener, isPortShared: true });
  const { port } = first.local;
  await assert.rejects(UdpTransport.bind({ address, port, listener }), /EADDRINUSE/);
  const second = await UdpTransport.bind({ address, port, listener, isPortShared: true });
  await second.close();
  await first.close();
});

test('CALL-06 what the kernel holds for a socket that is closed is read before it is gone', async () => {
  for (const count of [1, 20, 200]) {
    let received = 0;
    const transport = await UdpTransport.bind({
      address: '127.0.0.1',
      listener: { onMessage: () => received++ },
    });
    const listener = { onMessage: (): void => undefined };
    const sender = await UdpTransport.bind({ address: '127.0.0.1', listener });
    const { address, port } = transport.local;
    for (let sent = 0; sent < count; sent++) sender.send(options('a.example'), address, port);
    await transport.close();
    assert.equal(received, count);
    await sender.close();
  }
});

test('CALL-06 the receive buffer holds thousands of messages, as far as the system allows', async () => {
  const listener = { onMessage: (): void => undefined };
  const large = await UdpTransport.bind({ address: '127.0.0.1', listener });
  const small = await UdpTransport.bind({
    address: '127.0.0.1',
    listener,
    receiveBufferBytes: 16_384,
    sendBufferBytes: 16_384,
  });
  assert.ok(large.receiveBufferBytes > small.receiveBufferBytes);
  await large.close();
  await small.close();
});

test('CALL-03 the timers of the system fire, and do not when they are stopped', async () => {
  const fired = Promise.withResolvers<string>();
  const stopped = systemTimers.start(1, () => {
    fired.resolve('stopped');
  });
  systemTimers.stop(stopped);
  systemTimers.start(5, () => {
    fired.resolve('running');
  });
  assert.equal(await fired.promise, 'running');
});
