import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { after, test } from 'node:test';
import { memorySnapshots, sealSecret, secretKeyFrom } from '@tandem/config';
import type { SnapshotSource } from '@tandem/config';
import { parseMoney, SwitchError } from '@tandem/domain';
import { redisLimits } from '@tandem/limits';
import {
  AnalyseRequest,
  ListLinesRequest,
  NextCandidateRequest,
  RouteRequestItem,
  RoutingServiceService,
} from '@tandem/proto/routing';
import type { RouteRequest, RouteResponse, RouteResponseItem } from '@tandem/proto/routing';
import {
  connectRedis,
  grpcStreams,
  openBatchStream,
  silentLogger,
  unaryClient,
} from '@tandem/service';
import { eventually, testRedisUrl } from '@tandem/testing';
import { createRoutingApp } from '../src/app.ts';
import type { RoutingApp, RoutingConfig } from '../src/app.ts';
import {
  configure,
  gateway,
  namesOf,
  reasonOf,
  request,
  routedOf,
  trunk,
} from './routing-fixture.ts';

const logger = silentLogger();
const redisPrefix = `test-${randomUUID()}`;
const secretKey = secretKeyFrom(randomBytes(32).toString('base64'));
const redis = connectRedis({ url: testRedisUrl(), logger });
const limits = redisLimits({ redis, prefix: redisPrefix });
const opened: { stop: () => Promise<void> }[] = [];

after(async () => {
  for (const app of opened) await app.stop();
  const keys = await redis.keys(`{${redisPrefix}}*`);
  if (keys.length > 0) await redis.del(...keys);
  redis.disconnect();
});

async function start(
  snapshots: SnapshotSource,
  changes: Partial<RoutingConfig> = {},
): Promise<RoutingApp> {
  const app = await createRoutingApp(
    {
      grpcListen: '127.0.0.1:0',
      redisUrl: testRedisUrl(),
      redisPrefix,
      ...changes,
    },
    { logger, snapshots, secretKey },
  );
  opened.push(app);
  await app.start();
  await limits.balances.set(new Map([['demo', parseMoney('100')]]));
  return app;
}

function streamTo(app: RoutingApp) {
  const open = grpcStreams(RoutingServiceService.routeStream, `127.0.0.1:${String(app.grpcPort)}`);
  const stream = openBatchStream<RouteRequest, RouteResponse, RouteRequestItem, RouteResponseItem>({
    name: 'routing',
    open,
    toItem: (id, value) => RouteRequestItem.create({ id, request: { $case: 'route', value } }),
    fromItem: ({ response }) => {
      if (response?.$case === 'route') return response.value;
      throw new SwitchError(
        'SWITCH_SERVICE_UNAVAILABLE',
        response?.$case === 'error' ? response.value : 'no route',
      );
    },
    logger,
    deadlineMs: 30_000,
  });
  return {
    request: (item: RouteRequest) => stream.request(item),
    close: () => {
      stream.close();
    },
  };
}

test('ROUTE-05 a call is routed over the batched stream, with lines in Redis', async () => {
  const app = await start(memorySnapshots(configure()));
  const stream = streamTo(app);
  const responses = await Promise.all(
    Array.from({ length: 20 }, (_, index) => stream.request(request(`stream-${String(index)}`))),
  );
  for (const response of responses) {
    assert.deepEqual(namesOf(response), ['carrier-a', 'carrier-b']);
  }
  assert.deepEqual(await limits.lines.count(['routing-gateway:carrier-a']), [20]);
  for (const [index, response] of responses.entries()) {
    await limits.lines.release(`stream-${String(index)}`, routedOf(response).lines);
  }
  assert.deepEqual(await limits.lines.list(), []);
  stream.close();
});

test('ROUTE-06 ROUTE-12 the unary operations answer over gRPC', async () => {
  const app = await start(memorySnapshots(configure()));
  const client = unaryClient(RoutingServiceService, `127.0.0.1:${String(app.grpcPort)}`, {
    deadlineMs: 30_000,
  });
  const routed = routedOf(await client.route(request('unary')));
  const next = await client.nextCandidate(
    NextCandidateRequest.create({
      callId: 'unary',
      failedGateway: 'carrier-a',
      gateways: ['carrier-b'],
      lines: routed.lines,
    }),
  );
  assert.equal(next.gateway, 'carrier-b');
  const { lines } = await client.listLines(
    ListLinesRequest.create({ subject: 'routing-gateway carrier-b' }),
  );
  assert.equal(lines[0]?.holders[0]?.callId, 'unary');
  const analysis = await client.analyse(
    AnalyseRequest.create({ origin: trunk, caller: '1', callee: '442' }),
  );
  assert.match(analysis.price, /0\.0123 USD a minute/);
  await limits.lines.release('unary', next.lines);
  client.close();
});

test('AUTH-11 the carrier’s password is opened and reaches the edge', async () => {
  const password = sealSecret(secretKey, 'carrier-secret');
  const configuration = configure({
    routingGateways: [gateway('a', ['44'], { username: 'tandem', password })],
  });
  const app = await start(memorySnapshots(configuration));
  const routed = routedOf(await app.handlers.route(request('sealed')));
  assert.equal(routed.candidates[0]?.password, 'carrier-secret');
  await limits.lines.release('sealed', routed.lines);
});

test('ROUTE-13 a new configuration is in effect for the next call; one that cannot be read changes nothing', async () => {
  const snapshots = memorySnapshots(configure());
  const app = await start(snapshots, { grpcListen: undefined });
  snapshots.set(configure({ routingGateways: [gateway('a', ['33'])] }));
  assert.equal(reasonOf(await app.handlers.route(request('c1'))), 'NoAvailableRouter');
  const otherKey = secretKeyFrom(randomBytes(32).toString('base64'));
  const password = sealSecret(otherKey, 'x');
  snapshots.set(
    configure({ routingGateways: [gateway('b', ['44'], { username: 'u', password })] }),
  );
  assert.equal(reasonOf(await app.handlers.route(request('c2'))), 'NoAvailableRouter');
});

test('ROUTE-13 routing is ready with its first configuration and its store, until it drains', async () => {
  const snapshots = memorySnapshots();
  const app = await start(snapshots);
  assert.equal(app.isReady(), false);
  snapshots.set(configure());
  await eventually('ready', () => app.isReady());
  await app.drain();
  assert.equal(app.isReady(), false);
});

test('DENY-19 Redis away: the request fails with SWITCH_STORE_UNAVAILABLE, on the stream too', async () => {
  const app = await start(memorySnapshots(configure()), {
    redisUrl: 'redis://127.0.0.1:1',
  });
  assert.equal(app.isReady(), false);
  await assert.rejects(app.handlers.route(request('c1')), { code: 'SWITCH_STORE_UNAVAILABLE' });
  const stream = streamTo(app);
  await assert.rejects(stream.request(request('c2')), /SWITCH_STORE_UNAVAILABLE/);
  stream.close();
});

test('ROUTE-13 what is neither configured nor given is named', async () => {
  const config = { redisPrefix };
  await assert.rejects(createRoutingApp(config, { logger }), /TANDEM_SECRET_KEY_FILE is not set/);
  await assert.rejects(createRoutingApp(config, { logger, secretKey }), /TANDEM_REDIS_URL/);
  const app = await createRoutingApp(config, { logger, secretKey, limits });
  await assert.rejects(app.start(), /TANDEM_POSTGRES_URL is not set/);
  await app.stop();
});
