import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import type { Server } from 'node:https';
import { issueCertificate } from '@tandem/testing';
import { httpsCertificates, isPublicAddress } from '../../src/adapters/https-certificates.ts';

// TLS is held against the clock of this process.
const validFrom = new Date(Date.now() - 86_400_000);
const validTo = new Date(Date.now() + 86_400_000);
const host = issueCertificate({ name: 'host', validFrom, validTo, addresses: ['127.0.0.1'] });

let server: Server | undefined;
let base = '';
let answer: RequestListener = (_, response) => response.end();
const asked: string[] = [];

before(async () => {
  server = createServer({ key: host.keyPem, cert: host.pem }, (request, response) => {
    asked.push(request.url ?? '');
    answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  base = `https://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
});

after(() => {
  server?.closeAllConnections();
  server?.close();
});

const fetchAny = httpsCertificates({ allowsPrivate: true, ca: host.pem });
const fetchPublic = httpsCertificates({ allowsPrivate: false, ca: host.pem });

test('CALL-12 a certificate is fetched by HTTPS, for as long as its server says', async () => {
  answer = (_, response) => {
    response.writeHead(200, { 'cache-control': 'public, max-age=7200' });
    response.end(host.pem);
  };
  const fetched = await fetchAny(`${base}/a.pem`);
  assert.ok(typeof fetched !== 'string', JSON.stringify(fetched));
  assert.equal(fetched.bytes.toString(), host.pem);
  assert.equal(fetched.goodForMs, 7_200_000);
  assert.equal(asked.at(-1), '/a.pem');
});

test('CALL-12 no address that is not public is asked, by address or by name, nor anything but HTTPS', async () => {
  const before_ = asked.length;
  const { port } = new URL(base);
  for (const url of [
    `${base}/a.pem`,
    `https://localhost:${port}/a.pem`,
    `https://[::1]:${port}/a.pem`,
    `https://[::ffff:127.0.0.1]:${port}/a.pem`,
    `https://0x7f000001:${port}/a.pem`,
    'http://127.0.0.1/a.pem',
    `https://user:password@127.0.0.1:${port}/a.pem`,
    'file:///etc/passwd',
    'nonsense',
  ]) {
    const fetched = await fetchPublic(url);
    assert.equal(typeof fetched, 'string', url);
  }
  assert.equal(asked.length, before_);
});

test('CALL-12 which addresses are public', () => {
  for (const address of ['8.8.8.8', '193.0.14.129', '2a00:1450:4001:830::200e']) {
    assert.ok(isPublicAddress(address), address);
  }
  for (const address of [
    ...['127.0.0.1', '10.1.2.3', '172.16.0.1', '192.168.1.1', '169.254.169.254', '100.64.0.1'],
    ...['0.0.0.0', '224.0.0.1', '255.255.255.255', '::', '::1', 'fe80::1', 'fc00::1', 'ff02::1'],
    ...['::ffff:8.8.8.8', '64:ff9b::7f00:1', '2002:7f00:1::', '2001:db8::1', 'name'],
  ]) {
    assert.ok(!isPublicAddress(address), address);
  }
});

test('CALL-12 redirections are not followed, and other answers are told', async () => {
  const from = asked.length;
  answer = (_, response) => {
    response.writeHead(302, { location: `${base}/b.pem` });
    response.end();
  };
  assert.match(JSON.stringify(await fetchAny(`${base}/a.pem`)), /the server answers 302/);
  assert.equal(asked.length, from + 1);
});

test('CALL-12 a server that sends without end, or nothing, is left within bounds', async () => {
  answer = (_, response) => {
    const more = (): void => {
      while (response.writable && response.write(Buffer.alloc(16_384)));
    };
    response.on('drain', more);
    more();
  };
  assert.match(JSON.stringify(await fetchAny(`${base}/a.pem`)), /longer than 65536 bytes/);
  answer = () => undefined;
  assert.match(JSON.stringify(await fetchAny(`${base}/a.pem`)), /no answer within 2000 ms/);
});

test('CALL-12 a server that nobody vouches for is not believed', async () => {
  const strict = httpsCertificates({ allowsPrivate: true });
  assert.match(JSON.stringify(await strict(`${base}/a.pem`)), /self-signed/i);
});
