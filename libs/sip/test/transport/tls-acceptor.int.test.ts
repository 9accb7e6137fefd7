import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { issueCertificate } from '@tandem/testing';
import { TlsAcceptor } from '../../src/transport/tls-acceptor.ts';
import { TlsContexts } from '../../src/transport/tls-contexts.ts';
import type { Endpoint } from '../../src/transport/transport.ts';

const DAY_MS = 86_400_000;

test('CALL-02 OPS-10 who resets a connection in the middle of its handshake is told, whoever else does so at once', async (t) => {
  const validFrom = new Date(Date.now() - DAY_MS);
  const validTo = new Date(Date.now() + DAY_MS);
  const { keyPem: key, pem: certificate } = issueCertificate({ name: 'own', validFrom, validTo });
  const told: (Endpoint | undefined)[] = [];
  const all = Promise.withResolvers<undefined>();
  const acceptor = new TlsAcceptor({
    contexts: new TlsContexts({ certificates: [{ certificate, key }] }),
    asksPeers: false,
    handshakeMs: 10_000,
    onSecure: () => assert.fail('nobody has ended a handshake'),
    onFailed: (_error, from) => {
      if (told.push(from) === PEERS) all.resolve(undefined);
    },
  });
  const accepted = Promise.withResolvers<undefined>();
  let count = 0;
  const server = createServer((socket) => {
    acceptor.accept(socket);
    count += 1;
    if (count === PEERS) accepted.resolve(undefined);
  }).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const peers = Array.from({ length: PEERS }, async (_, at) => {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    const { localPort = 0 } = socket;
    // Of one that is reset before it is taken nobody knows who it was.
    await accepted.promise;
    // The head of a ClientHello; or no TLS at all, which fails at once.
    const bytes =
      at % 2 === 0 ? Buffer.from('1603010200', 'hex') : Buffer.from('OPTIONS sip:x SIP/2.0');
    socket.write(bytes, () => socket.resetAndDestroy());
    return localPort;
  });
  const ports = await Promise.all(peers);
  await all.promise;
  const heard = told.map((from) => from?.port ?? 0);
  assert.deepEqual(heard.toSorted(), ports.toSorted());
  assert.ok(told.every((from) => from?.address === '127.0.0.1'));
});

const PEERS = 8;
