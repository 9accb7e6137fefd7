import assert from 'node:assert/strict';
import { connect } from 'node:tls';
import { after, before, test } from 'node:test';
import type { TestContext } from 'node:test';
import { AuthServiceService } from '@tandem/proto/auth';
import { GrpcTls, grpcService, grpcStreams, serveGrpc, unaryClient } from '@tandem/service';
import type { GrpcServer } from '@tandem/service';
import { TlsFiles, eventually } from '@tandem/testing';
import { createLogger } from '../src/index.ts';
import { authHandlers } from './fixtures/auth-handlers.ts';

const names = { addresses: ['127.0.0.1'] };
const lines: string[] = [];
const logger = createLogger('auth', { destination: { write: (line) => lines.push(line) } });

/** An authority, and the certificate of a service that it has issued, in files. */
class Party {
  readonly authority: TlsFiles;
  readonly files: { readonly ca: string; readonly certificate: string; readonly key: string };

  constructor(t: Pick<TestContext, 'after'>) {
    this.authority = new TlsFiles(t);
    const certificate = this.authority.write('own', this.authority.issue(names));
    const key = certificate.replace(/\.crt$/, '.key');
    this.files = { ca: this.authority.caFile, certificate, key };
  }

  tls(): GrpcTls {
    return new GrpcTls(this.files, 20);
  }

  /** Has what another one has. */
  become({ authority }: Party): void {
    this.authority.put('ca.pem', authority.ca.pem);
    this.authority.write('own', authority.issue(names));
  }
}

let ends: (() => void)[] = [];
const whole = { after: (end: () => void) => ends.push(end) } as Pick<TestContext, 'after'>;
let server: GrpcServer;
let ours: Party;
before(async () => {
  ours = new Party(whole);
  server = await serveGrpc({
    listen: '127.0.0.1:0',
    logger,
    tls: ours.tls(),
    services: [grpcService(AuthServiceService, authHandlers.unary, authHandlers.streams)],
  });
});
after(async () => {
  await server.close();
  for (const end of ends) end();
  ends = [];
});

const address = (): string => `127.0.0.1:${String(server.port)}`;

async function asks(tls: GrpcTls): Promise<boolean> {
  const client = unaryClient(AuthServiceService, address(), { deadlineMs: 2000, tls });
  try {
    await client.liftSuspension({ terminal: 'x' });
    return true;
  } catch {
    return false;
  } finally {
    client.close();
  }
}

function opensStream(tls: GrpcTls): Promise<boolean> {
  return new Promise((resolve) => {
    const stream = grpcStreams(AuthServiceService.authenticateStream, address(), { tls })({
      onHeard: () => {
        stream.cancel();
        resolve(true);
      },
      onMessage: () => undefined,
      onEnd: () => {
        resolve(false);
      },
    });
  });
}

/** The serial number of the certificate that the server shows. */
function shown({ files }: Party): Promise<string> {
  const { ca, certificate: cert, key } = new GrpcTls(files).current();
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: server.port, ca, cert, key }, () => {
      resolve(socket.getPeerCertificate().serialNumber);
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

test('OPS-07 a renewed certificate is shown without a restart, and streams that are open stay', async () => {
  const old = await shown(ours);
  const client = unaryClient(AuthServiceService, address(), { deadlineMs: 2000, tls: ours.tls() });
  assert.deepEqual(await client.liftSuspension({ terminal: 'x' }), { lifted: true });
  let isOpen = true;
  const stream = grpcStreams(AuthServiceService.authenticateStream, address(), {
    tls: ours.tls(),
  })({
    onHeard: () => undefined,
    onMessage: () => undefined,
    onEnd: () => {
      isOpen = false;
    },
  });
  ours.authority.write('own', ours.authority.issue(names));
  await eventually('the new one is shown', async () => (await shown(ours)) !== old);
  assert.deepEqual(await client.liftSuspension({ terminal: 'x' }), { lifted: true });
  client.close();
  await new Promise<void>((resolve) => {
    stream.ping(resolve);
  });
  assert.ok(isOpen);
  stream.cancel();
  assert.ok(lines.some((line) => line.includes('certificates of services read')));
});

test('OPS-07 a key without its certificate changes nothing; both together do', async () => {
  const old = await shown(ours);
  const next = ours.authority.issue(names);
  ours.authority.put('own.key', next.keyPem);
  await eventually('it is said', () =>
    lines.some((line) => line.includes('those before are kept')),
  );
  const client = new Party(whole);
  client.authority.put('ca.pem', ours.authority.ca.pem);
  client.authority.write('own', ours.authority.issue(names));
  assert.equal(await shown(client), old);
  assert.ok(await asks(client.tls()));
  ours.authority.put('own.crt', next.pem);
  await eventually('both are used', async () => (await shown(client)) !== old);
});

test('OPS-07 both sides change to another authority while they run: clients that were open find the server again', async () => {
  const theirs = new Party(whole);
  const caller = new Party(whole);
  caller.become(ours);
  const callerTls = caller.tls();
  // It connects with its first request.
  const client = unaryClient(AuthServiceService, address(), { deadlineMs: 2000, tls: callerTls });
  assert.ok(await opensStream(callerTls));
  assert.equal(await asks(theirs.tls()), false);
  assert.equal(await opensStream(theirs.tls()), false);
  ours.become(theirs);
  await eventually('the other authority is trusted', () => asks(theirs.tls()));
  assert.equal(await opensStream(callerTls), false);
  caller.become(theirs);
  await eventually('a stream is opened', () => opensStream(callerTls));
  await eventually('a request is answered', () =>
    client.liftSuspension({ terminal: 'x' }).then(
      () => true,
      () => false,
    ),
  );
  client.close();
});

test('OPS-05 files that do not fit together are refused at the start', (t) => {
  const party = new Party(t);
  party.authority.put('own.key', party.authority.issue(names).keyPem);
  assert.throws(() => party.tls(), /the key is not that of the certificate/);
});
