import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { Metadata, status } from '@grpc/grpc-js';
import {
  AuthServiceService,
  AuthenticateRequestItem,
  AuthenticateResponseItem,
} from '@tandem/proto/auth';
import type { AuthenticateRequestBatch, AuthenticateResponseBatch } from '@tandem/proto/auth';
import {
  grpcService,
  grpcStreams,
  serveBatchStream,
  serveGrpc,
  silentLogger,
} from '@tandem/service';
import type { MessageStream } from '@tandem/service';

/** A server that answers each item; `NONE` ends the stream with an error. */
async function listen(t: TestContext): Promise<number> {
  const server = await serveGrpc({
    listen: '127.0.0.1:0',
    logger: silentLogger(),
    services: [
      grpcService(
        AuthServiceService,
        {
          authenticate: () =>
            Promise.resolve({
              outcome: undefined,
              decisions: [],
              callerAddresses: [],
              verification: undefined,
              blockedForMs: 0,
              scanners: undefined,
            }),
          listSuspensions: () => Promise.resolve({ suspensions: [] }),
          liftSuspension: () => Promise.resolve({ lifted: true }),
          listBlacklist: () => Promise.resolve({ entries: [] }),
          addToBlacklist: () => Promise.resolve({ source: '', refused: '' }),
          liftFromBlacklist: () => Promise.resolve({ lifted: true }),
          listAuthenticationFailures: () => Promise.resolve({ failures: [] }),
        },
        {
          authenticateStream: (call) =>
            serveBatchStream<AuthenticateRequestItem, AuthenticateResponseItem>(call, {
              handle: ({ request }) => {
                if (request?.method === 'NONE') {
                  const details = 'too much';
                  call.emit('error', {
                    code: status.RESOURCE_EXHAUSTED,
                    details,
                    metadata: new Metadata(),
                  });
                }
                return Promise.resolve(AuthenticateResponseItem.create());
              },
              toError: (error) => ({ id: 0, response: undefined, error }),
            }),
        },
      ),
    ],
  });
  t.after(() => server.close());
  return server.port;
}

interface Told {
  readonly stream: MessageStream<AuthenticateRequestBatch>;
  readonly message: Promise<AuthenticateResponseBatch>;
  readonly end: Promise<{ readonly code: number; readonly details: string }>;
}

function openTo(
  address: string,
  method: Parameters<
    typeof grpcStreams<AuthenticateRequestBatch, AuthenticateResponseBatch>
  >[0] = AuthServiceService.authenticateStream,
): Told {
  const message = Promise.withResolvers<AuthenticateResponseBatch>();
  const end = Promise.withResolvers<{ code: number; details: string }>();
  const stream = grpcStreams(
    method,
    address,
  )({
    onHeard: () => undefined,
    onMessage: message.resolve,
    onEnd: end.resolve,
  });
  return { stream, message: message.promise, end: end.promise };
}

function batch(method: string): AuthenticateRequestBatch {
  return { items: [AuthenticateRequestItem.fromPartial({ id: 7, request: { method } })] };
}

async function listenRaw(t: TestContext, take: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    take(socket);
  });
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

test('OPS-07 of several peers one that is away is passed over, whoever has the turn', async (t) => {
  const port = await listen(t);
  for (let turn = 0; turn < 4; turn++) {
    const { stream, message } = openTo(`127.0.0.1:1,localhost:${String(port)}`);
    stream.send(batch('INVITE'));
    assert.equal((await message).items[0]?.id, 7);
    stream.cancel();
  }
});

test('OPS-07 a stream that is finished before it is connected still sends, is answered and ends well', async (t) => {
  const { stream, message, end } = openTo(`127.0.0.1:${String(await listen(t))}`);
  stream.send(batch('INVITE'));
  stream.finish();
  assert.equal((await message).items[0]?.id, 7);
  assert.equal((await end).code, status.OK);
});

test('DENY-19 nobody at the address, and a name that is not known, are UNAVAILABLE', async () => {
  for (const address of ['127.0.0.1:1', 'nowhere.invalid:9000']) {
    assert.equal((await openTo(address).end).code, status.UNAVAILABLE);
  }
});

test('DENY-19 a status that the server names is told with its words', async (t) => {
  const port = await listen(t);
  const refused = openTo(`127.0.0.1:${String(port)}`);
  refused.stream.send(batch('NONE'));
  assert.deepEqual(await refused.end, { code: status.RESOURCE_EXHAUSTED, details: 'too much' });
  const path = '/tandem.auth.v1.AuthService/Nothing';
  const unknown = openTo(`127.0.0.1:${String(port)}`, {
    ...AuthServiceService.authenticateStream,
    path,
  });
  assert.equal((await unknown.end).code, status.UNIMPLEMENTED);
});

test('DENY-19 a peer that breaks the connection, and one that is no gRPC server, are UNAVAILABLE', async (t) => {
  const broken = await listenRaw(t, (socket) => socket.destroy());
  assert.equal((await openTo(`127.0.0.1:${String(broken)}`).end).code, status.UNAVAILABLE);
  const http = await listenRaw(t, (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  assert.equal((await openTo(`127.0.0.1:${String(http)}`).end).code, status.UNAVAILABLE);
});

test('DENY-19 a peer that accepts and then says nothing is given up', async (t) => {
  const port = await listenRaw(t, () => undefined);
  const { stream, end } = openTo(`127.0.0.1:${String(port)}`);
  stream.send(batch('INVITE'));
  assert.equal((await end).code, status.UNAVAILABLE);
});
