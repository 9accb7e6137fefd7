import assert from 'node:assert/strict';
import { createSecretKey } from 'node:crypto';
import { test } from 'node:test';
import { decodeCallEvent } from '@tandem/events';
import { SwitchError } from '@tandem/domain';
import { memoryLimits } from '@tandem/limits';
import { EdgeServiceService, ListCallsRequest } from '@tandem/proto/edge';
import type { CallEvent } from '@tandem/proto/events';
import { silentLogger, unaryClient } from '@tandem/service';
import { ScriptedPeer } from '@tandem/testing';
import {
  createEdgeApp,
  edgeDefaults,
  memoryCallStore,
  soloPodRegistry,
  systemClock,
} from '../src/app.ts';
import type { EdgeApp, EdgeConfig } from '../src/app.ts';
import { allowed, candidateOf, nextIs, routedTo } from './support/call-samples.ts';

const config: EdgeConfig = {
  ...edgeDefaults,
  name: 'edge-1',
  sipListen: [{ transport: 'udp', address: '127.0.0.1', port: 0 }],
  grpcListen: '127.0.0.1:0',
  deadlineMs: 1000,
};

interface RunningEdge {
  readonly app: EdgeApp;
  readonly events: CallEvent[];
  readonly carrier: ScriptedPeer;
}

async function openEdge(settings: Partial<EdgeConfig> = {}): Promise<RunningEdge> {
  const events: CallEvent[] = [];
  const carrier = await ScriptedPeer.onUdp({ user: 'carrier' });
  const addresses = [`127.0.0.1:${String(carrier.local.port)}`];
  const app = await createEdgeApp(
    { ...config, ...settings },
    {
      logger: silentLogger(),
      secretKey: createSecretKey(Buffer.alloc(32, 7)),
      pods: soloPodRegistry(5),
      store: memoryCallStore(systemClock, memoryLimits().lines),
      auth: { authenticate: () => Promise.resolve(allowed()) },
      routing: {
        route: () => Promise.resolve(routedTo([candidateOf('carrier-a', { addresses })])),
        nextCandidate: () => Promise.resolve(nextIs('')),
        rest: () => Promise.resolve(),
      },
      publisher: {
        publish: (published) => {
          events.push(...published.map(({ bytes }) => decodeCallEvent(bytes)));
          return Promise.resolve();
        },
        close: () => Promise.resolve(),
      },
    },
  );
  return { app, events, carrier };
}

test('CALL-01 an edge put together from parts takes a call over UDP, tells of it and stops without a rest', async () => {
  const { app, events, carrier } = await openEdge();
  assert.equal(app.isReady(), false);
  await app.start();
  assert.equal(app.isReady(), true);
  const [address = '', port = ''] = (app.advertised ?? '').split(':');
  const edge = { address, port: Number(port) };
  const client = unaryClient(EdgeServiceService, `127.0.0.1:${String(app.grpcPort)}`, {
    deadlineMs: 30_000,
  });

  const caller = await ScriptedPeer.onUdp({ user: '1001' });
  const a = caller.invite({ to: edge, called: '442079460000' });
  const b = await carrier.receiveCall();
  b.answer();
  await a.answered();
  await b.ack();
  const { calls } = await client.listCalls(
    ListCallsRequest.fromPartial({ account: 'demo', limit: 10 }),
  );
  assert.deepEqual(
    calls.map(({ state, gateway }) => [state, gateway]),
    [['answered', 'carrier-a']],
  );
  const status = await client.getStatus({});
  assert.deepEqual(
    [status.edge, status.slot, status.epoch, status.calls, status.draining, status.pendingCalls],
    ['edge-1', 0, 5, 1, false, 0],
  );
  assert.ok(status.received >= 3 && status.sent >= 3);

  const bye = a.bye();
  (await b.receive('BYE')).respond(200);
  await bye;
  await app.drain();
  assert.equal(app.isReady(), false);
  assert.equal((await client.getStatus({})).draining, true);
  client.close();
  await app.stop();
  assert.deepEqual(
    events.map(({ type }) => type),
    ['answered', 'ended'],
  );
  await caller.close();
  await carrier.close();
});

test('CALL-07 what is advertised stands in Via and Contact, an IPv6 host in brackets', async () => {
  const { app, carrier } = await openEdge({
    sipListen: [{ transport: 'udp', address: '::1', port: 0 }],
    sipAdvertised: [{ address: '2001:db8::1', port: 5070 }],
    grpcListen: undefined,
  });
  await app.start();
  assert.equal(app.advertised, '[2001:db8::1]:5070');
  assert.equal(app.grpcPort, undefined);
  await app.stop();
  await carrier.close();
});

test('CALL-07 an edge that listens on every address and advertises none is refused, never guessed', async () => {
  const { app, carrier } = await openEdge({
    sipListen: [{ transport: 'udp', address: '0.0.0.0', port: 0 }],
  });
  await assert.rejects(app.start(), (error) => {
    assert.ok(error instanceof SwitchError);
    assert.equal(error.code, 'SWITCH_CONFIGURATION_INVALID');
    assert.match(error.message, /TANDEM_SIP_ADVERTISED/);
    return true;
  });
  await app.stop();
  await carrier.close();
});

test('OPS-05 what neither the configuration nor the resources bring is named', async () => {
  const logger = silentLogger();
  await assert.rejects(createEdgeApp(config, { logger }), /TANDEM_SECRET_KEY_FILE is not set/);
  const secretKey = createSecretKey(Buffer.alloc(32, 7));
  await assert.rejects(createEdgeApp(config, { logger, secretKey }), /TANDEM_REDIS_URL is not set/);
  const store = memoryCallStore(systemClock, memoryLimits().lines);
  const pods = soloPodRegistry(1);
  await assert.rejects(
    createEdgeApp(config, { logger, secretKey, store, pods }),
    /TANDEM_KAFKA_BROKERS is not set/,
  );
});
