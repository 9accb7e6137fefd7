import assert from 'node:assert/strict';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { after, before, test } from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { SwitchError } from '@tandem/domain';
import { AuthenticateRequest, AuthenticateResponse, AuthServiceService } from '@tandem/proto/auth';
import type { AuthenticateRequestItem, AuthenticateResponseItem } from '@tandem/proto/auth';
import {
  grpcService,
  grpcStreams,
  openBatchStream,
  serveBatchStream,
  serveGrpc,
  silentLogger,
  unaryClient,
} from '@tandem/service';
import type { GrpcServer } from '@tandem/service';

const logger = silentLogger();
const fails = (code: string) => (error: unknown) =>
  error instanceof SwitchError && error.code === code;

/** Denies with the method as the reason, and breaks where the method says so. */
async function authenticate(request: AuthenticateRequest): Promise<AuthenticateResponse> {
  switch (request.method) {
    case 'STORE':
      throw new SwitchError('SWITCH_STORE_UNAVAILABLE', 'redis is away');
    case 'BUG':
      throw new TypeError('secret detail');
    case 'SLOW':
      await sleep(300);
      break;
    default:
      break;
  }
  const value = { reason: request.method, origin: undefined };
  return AuthenticateResponse.create({ outcome: { $case: 'deny', value } });
}

function listen(port = 0): Promise<GrpcServer> {
  return serveGrpc({
    listen: `127.0.0.1:${String(port)}`,
    logger,
    services: [
      grpcService(
        AuthServiceService,
        {
          authenticate,
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
              handle: async ({ request }) => ({
                id: 0,
                response: await authenticate(request ?? AuthenticateRequest.create()),
                error: '',
              }),
              toError: (message) => ({ id: 0, response: undefined, error: message }),
            }),
        },
      ),
    ],
  });
}

function openStream(address: number | string, deadlineMs = 2000, maxAgeMs = 60_000) {
  const at = typeof address === 'number' ? `127.0.0.1:${String(address)}` : address;
  const open = grpcStreams(AuthServiceService.authenticateStream, at);
  const stream = openBatchStream({
    name: 'auth',
    logger,
    deadlineMs,
    maxAgeMs,
    open,
    toItem: (id, method: string): AuthenticateRequestItem => ({
      id,
      request: AuthenticateRequest.create({ method }),
    }),
    fromItem: ({ response, error }: AuthenticateResponseItem) => {
      if (response?.outcome?.$case !== 'deny') {
        throw new SwitchError('SWITCH_STORE_UNAVAILABLE', error);
      }
      return response.outcome.value.reason;
    },
    mayRepeat: () => true,
  });
  const close = (): void => {
    stream.close();
  };
  return { stream, close };
}

let server: GrpcServer;
before(async () => {
  server = await listen();
});
after(() => server.close());

test('OPS-07 a unary call is answered by its handler', async () => {
  const client = unaryClient(AuthServiceService, `127.0.0.1:${String(server.port)}`, {
    deadlineMs: 2000,
  });
  const response = await client.authenticate(AuthenticateRequest.create({ method: 'INVITE' }));
  assert.equal(response.outcome?.$case, 'deny');
  assert.deepEqual(await client.liftSuspension({ terminal: 'phone 1001' }), { lifted: true });
  client.close();
});

test('DENY-19 a failed handler keeps its code, or says nothing but that it failed', async () => {
  const client = unaryClient(AuthServiceService, `127.0.0.1:${String(server.port)}`, {
    deadlineMs: 2000,
  });
  const call = (method: string) => client.authenticate(AuthenticateRequest.create({ method }));
  await assert.rejects(call('STORE'), fails('SWITCH_STORE_UNAVAILABLE'));
  await assert.rejects(
    call('BUG'),
    (error) => error instanceof Error && !error.message.includes('secret'),
  );
  await assert.rejects(
    client.authenticate(AuthenticateRequest.create({ method: 'SLOW' }), { deadlineMs: 50 }),
    fails('SWITCH_DEADLINE_EXCEEDED'),
  );
  client.close();
});

test('DENY-19 a service that is away is SWITCH_SERVICE_UNAVAILABLE', async () => {
  const client = unaryClient(AuthServiceService, '127.0.0.1:1', { deadlineMs: 2000 });
  await assert.rejects(client.listSuspensions({}), fails('SWITCH_SERVICE_UNAVAILABLE'));
  client.close();
});

test('OPS-07 of several addresses those that live get the requests', async () => {
  const client = unaryClient(AuthServiceService, `127.0.0.1:1,127.0.0.1:${String(server.port)}`, {
    deadlineMs: 2000,
  });
  for (let round = 0; round < 4; round++) {
    assert.deepEqual(await client.listSuspensions({}), { suspensions: [] });
  }
  client.close();
});

test('OPS-07 an address that cannot be listened on is a mistake in the configuration', async () => {
  await assert.rejects(listen(server.port), fails('SWITCH_CONFIGURATION_INVALID'));
});

test('CALL-06 a thousand requests over one stream are each answered, failures among them', async () => {
  const { stream, close } = openStream(server.port);
  const methods = Array.from({ length: 1000 }, (_, index) => `M${String(index)}`);
  assert.deepEqual(await Promise.all(methods.map((method) => stream.request(method))), methods);
  await assert.rejects(stream.request('STORE'), fails('SWITCH_STORE_UNAVAILABLE'));
  assert.equal(stream.isUp(), true);
  close();
});

test('DENY-19 a request over its deadline fails alone', async () => {
  const { stream, close } = openStream(server.port, 100);
  const slow = stream.request('SLOW');
  const quick = stream.request('INVITE');
  assert.equal(await quick, 'INVITE');
  await assert.rejects(slow, fails('SWITCH_DEADLINE_EXCEEDED'));
  close();
});

test('OPS-07 streams are renewed under load without losing a request', async () => {
  const { stream, close } = openStream(server.port, 2000, 20);
  for (let round = 0; round < 100; round++) {
    const methods = Array.from({ length: 5 }, (_, index) => `${String(round)}.${String(index)}`);
    assert.deepEqual(await Promise.all(methods.map((method) => stream.request(method))), methods);
    await sleep(2);
  }
  close();
});

test('OPS-07 a server that closes answers what it began; its caller finds the next one', async () => {
  const first = await listen();
  const { stream, close } = openStream(first.port);
  await stream.request('INVITE');
  const underWay = stream.request('SLOW');
  await sleep(50);
  await first.close();
  assert.equal(await underWay, 'SLOW');
  const second = await listen(first.port);
  const deadline = Date.now() + 60_000;
  while (!stream.isUp() && Date.now() < deadline) await sleep(20);
  assert.equal(await stream.request('BYE'), 'BYE');
  close();
  await second.close();
});

/** A way to a server whose machine can lose its power: what is sent there vanishes, and nothing is closed. */
class Way {
  readonly #sockets = new Set<Socket>();
  readonly #callers = new Set<Socket>();
  readonly #server = createServer((socket) => {
    this.#callers.add(socket);
    socket.once('close', () => this.#callers.delete(socket));
    this.#keep(socket);
    if (this.#isSilent) return;
    const onward = connect(server.port, '127.0.0.1');
    this.#keep(onward);
    socket.pipe(onward).pipe(socket);
  });
  #isSilent = false;

  async open(t: TestContext): Promise<string> {
    t.after(() => {
      for (const socket of this.#sockets) socket.destroy();
      this.#server.close();
    });
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`;
  }

  isUsed(): boolean {
    return this.#callers.size > 0;
  }

  silence(): void {
    this.#isSilent = true;
    for (const socket of this.#sockets) socket.unpipe().resume();
  }

  speak(): void {
    this.#isSilent = false;
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket.on('error', () => undefined));
  }
}

test('OPS-07 the power of a machine is cut: what was asked there is answered by another pod, and nothing fails', async (t) => {
  const ways = [new Way(), new Way()];
  const addresses = await Promise.all(ways.map((way) => way.open(t)));
  const { stream, close } = openStream(addresses.join(','), 2000);
  t.after(close);
  for (let power = 0; power < 2; power++) {
    await stream.request('INVITE');
    const used = ways.filter((way) => way.isUsed());
    assert.equal(used.length, 1);
    used[0]?.silence();
    const asked: Promise<string>[] = [];
    for (let call = 0; call < 20; call++) {
      asked.push(stream.request(`M${String(call)}`));
      await sleep(20);
    }
    assert.equal((await Promise.all(asked)).length, 20);
    used[0]?.speak();
  }
});

test('OPS-07 a reading of a silent pod is answered by another, any other call there fails with the connection', async (t) => {
  const ways = [new Way(), new Way()];
  const addresses = await Promise.all(ways.map((way) => way.open(t)));
  const client = unaryClient(AuthServiceService, addresses.join(','), { deadlineMs: 4000 });
  t.after(() => {
    client.close();
  });
  const read = () => client.listSuspensions({});
  const write = () => client.liftSuspension({ terminal: 'phone 1001' });
  while (!ways.every((way) => way.isUsed())) await read();
  ways[0]?.silence();
  const writes = Promise.allSettled([write(), write()]);
  const reads = Promise.all([read(), read(), read(), read()]);
  assert.deepEqual((await writes).map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  assert.equal((await reads).length, 4);
  const later = await Promise.all(Array.from({ length: 8 }, write));
  assert.equal(later.length, 8);
});
