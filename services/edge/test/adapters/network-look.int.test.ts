import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createServer as createTlsServer } from 'node:tls';
import { issueCertificate } from '@tandem/testing';
import { lookAtNetwork, networkLook } from '../../src/adapters/network-look.ts';

/** A port of UDP, or TCP, that nobody listens at. */
async function closedPort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  return port;
}

test('OPS-04 ICMP says that nobody listens at a port of UDP; a port that takes what is sent says nothing', async () => {
  const closed = `127.0.0.1:${String(await closedPort())}`;
  assert.match(
    await lookAtNetwork({ transport: 'udp', address: closed }),
    /ICMP that nobody listens/,
  );
  const silent = createSocket('udp4');
  silent.bind(0, '127.0.0.1');
  await once(silent, 'listening');
  const address = `127.0.0.1:${String(silent.address().port)}`;
  assert.match(await lookAtNetwork({ transport: 'udp', address }), /^no ICMP message came/);
  silent.close();
});

test('OPS-04 a TCP port refuses, or takes connections and says nothing', async () => {
  const closed = `127.0.0.1:${String(await closedPort())}`;
  assert.match(
    await lookAtNetwork({ transport: 'tcp', address: closed }),
    /refuses the connection/,
  );
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const address = `127.0.0.1:${String(port)}`;
  assert.match(await lookAtNetwork({ transport: 'tcp', address }), /^the port takes connections/);
  server.close();
});

test('OPS-04 there is no route to a network that is not there', async () => {
  // 240.0.0.0/4 is routed nowhere.
  const said = await lookAtNetwork({ transport: 'tcp', address: '240.0.0.1:5060' });
  assert.notEqual(said, '');
});

test('CALL-02 what is wrong with a certificate is said, by the authorities of the edge', async (t) => {
  const [validFrom, validTo] = [new Date('2020-01-01'), new Date('2049-01-01')];
  const authority = issueCertificate({ name: 'authority.example', validFrom, validTo });
  const own = issueCertificate({
    name: 'carrier.example',
    domains: ['carrier.example'],
    issuer: authority,
    validFrom,
    validTo,
  });
  const server = createTlsServer({ cert: own.pem, key: own.keyPem }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const folder = await mkdtemp(join(tmpdir(), 'tandem-look-'));
  t.after(async () => {
    server.close();
    await rm(folder, { recursive: true });
  });
  const file = join(folder, 'ca.pem');
  await writeFile(file, authority.pem);
  const { port } = server.address() as AddressInfo;
  const asked = { transport: 'tls', address: `127.0.0.1:${String(port)}` };
  assert.match(
    await lookAtNetwork({ ...asked, certificate: 'carrier.example' }),
    /not accepted: the authority that signed it, authority\.example, is not known here \(it is for carrier\.example\)/,
  );
  const look = networkLook(file);
  assert.match(
    await look({ ...asked, certificate: 'other.example' }),
    /not accepted: it is for carrier\.example, and has to be for other\.example/,
  );
  assert.match(
    await look({ ...asked, certificate: 'carrier.example' }),
    /^TLS is spoken there, with a certificate for carrier\.example/,
  );
  assert.match(await look({ ...asked, certificate: '' }), /^TLS is spoken there, and no SIP/);
});
