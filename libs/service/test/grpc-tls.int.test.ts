import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { status } from '@grpc/grpc-js';
import { SwitchError } from '@tandem/domain';
import { AuthServiceService } from '@tandem/proto/auth';
import {
  grpcService,
  grpcStreams,
  readGrpcTls,
  serveGrpc,
  silentLogger,
  unaryClient,
} from '@tandem/service';
import type { GrpcServer } from '@tandem/service';
import { authHandlers } from './fixtures/auth-handlers.ts';

let folder: string;
let server: GrpcServer;

/** An authority and a certificate of it for 127.0.0.1, as an operator would make them. */
function makeCertificates(name: string): NodeJS.ProcessEnv {
  const file = (suffix: string) => join(folder, `${name}-${suffix}`);
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const openssl = (...parameters: string[]) =>
    execFileSync('openssl', parameters, { stdio: ['ignore', 'ignore', 'pipe'] });
  openssl(
    'req',
    '-x509',
    ...key,
    '-subj',
    '/CN=ca',
    '-days',
    '2',
    '-keyout',
    file('ca.key'),
    '-out',
    file('ca.pem'),
  );
  openssl('req', ...key, '-subj', '/CN=auth', '-keyout', file('key.pem'), '-out', file('auth.csr'));
  writeFileSync(file('ext'), 'subjectAltName=IP:127.0.0.1');
  openssl(
    ...['x509', '-req', '-in', file('auth.csr'), '-CA', file('ca.pem'), '-CAkey', file('ca.key')],
    ...['-CAcreateserial', '-days', '2', '-extfile', file('ext'), '-out', file('cert.pem')],
  );
  return {
    TANDEM_TLS_CA_FILE: file('ca.pem'),
    TANDEM_TLS_CERT_FILE: file('cert.pem'),
    TANDEM_TLS_KEY_FILE: file('key.pem'),
  };
}

let env: NodeJS.ProcessEnv;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-tls-'));
  env = makeCertificates('ours');
  server = await serveGrpc({
    listen: '127.0.0.1:0',
    logger: silentLogger(),
    tls: readGrpcTls(env),
    services: [grpcService(AuthServiceService, authHandlers.unary, authHandlers.streams)],
  });
});
after(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

const connect = (tls: ReturnType<typeof readGrpcTls>) =>
  unaryClient(AuthServiceService, `127.0.0.1:${String(server.port)}`, { deadlineMs: 2000, tls });

test('OPS-07 services with certificates of one authority talk to each other', async () => {
  const client = connect(readGrpcTls(env));
  assert.deepEqual(await client.liftSuspension({ terminal: 'x' }), { lifted: true });
  client.close();
});

test('OPS-07 a caller without, or with another authority’s certificate, is turned away', async () => {
  for (const tls of [undefined, readGrpcTls(makeCertificates('theirs'))]) {
    const client = connect(tls);
    await assert.rejects(client.listSuspensions({}), SwitchError);
    client.close();
  }
});

test('OPS-07 a stream over TLS is heard with a certificate of the same authority, else it ends', async () => {
  const openTo = (tls: ReturnType<typeof readGrpcTls>) =>
    new Promise<string>((resolve) => {
      const address = `127.0.0.1:${String(server.port)}`;
      const stream = grpcStreams(AuthServiceService.authenticateStream, address, { tls })({
        onHeard: () => {
          stream.cancel();
          resolve('heard');
        },
        onMessage: () => undefined,
        onEnd: ({ code }) => {
          resolve(`ended with ${String(code)}`);
        },
      });
    });
  assert.equal(await openTo(readGrpcTls(env)), 'heard');
  const unavailable = `ended with ${String(status.UNAVAILABLE)}`;
  assert.equal(await openTo(undefined), unavailable);
  assert.equal(await openTo(readGrpcTls(makeCertificates('others'))), unavailable);
});

test('OPS-05 TLS is off without settings; some of them, or a file that is not there, are mistakes', () => {
  assert.equal(readGrpcTls({}), undefined);
  assert.throws(() => readGrpcTls({ TANDEM_TLS_CA_FILE: 'a' }), /TANDEM_TLS_CERT_FILE/);
  assert.throws(() => readGrpcTls({ ...env, TANDEM_TLS_KEY_FILE: '/nowhere' }), /cannot read/);
});
