import { checkConfiguration, memorySnapshots, sealPasswords } from '@tandem/config';
import { SwitchError } from '@tandem/domain';
import { silentJournal } from '@tandem/events';
import {
  AuthServiceService,
  type AuthenticateRequest,
  type AuthenticateRequestItem,
  type AuthenticateResponse,
  type AuthenticateResponseItem,
} from '@tandem/proto/auth';
import { grpcStreams, openBatchStream, silentLogger, unaryClient } from '@tandem/service';
import { TestNameServer, aRecord, freeTcpPort, redisForTest } from '@tandem/testing';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import {
  createAuthApp,
  authDefaults,
  MemoryAuthStore,
  systemClock,
  type AuthApp,
  type AuthConfig,
} from '../src/app.ts';
import {
  allowedName,
  challengeOf,
  credentialsFor,
  exampleDocument,
  requestOf,
  secretKey,
} from './scene.ts';

const logger = silentLogger();

function sealedConfiguration(
  parameters: Readonly<Record<string, number>> = {},
  routingGateways: readonly object[] = [],
) {
  const result = checkConfiguration({ ...exampleDocument, parameters, routingGateways });
  assert.equal(result.kind, 'valid');
  return sealPasswords(result.configuration, secretKey);
}

async function until(isTrue: () => boolean): Promise<void> {
  for (let round = 0; round < 6000 && !isTrue(); round += 1) await wait(10);
  assert.ok(isTrue());
}

/** Auth on Redis, or, without a URL, in memory. */
async function openAuth(redisUrl?: string, redisPrefix = 'unused') {
  const snapshots = memorySnapshots();
  const config: AuthConfig = { ...authDefaults, redisPrefix, redisUrl, grpcListen: '127.0.0.1:0' };
  const store = redisUrl === undefined ? new MemoryAuthStore(systemClock) : undefined;
  const app = await createAuthApp(config, {
    logger,
    snapshots,
    secretKey,
    store,
    journal: silentJournal,
  });
  await app.start();
  return { app, snapshots };
}

test('AUTH-08 auth looks names of routing gateways up itself: what they stand for is not black-listed', async (t) => {
  const server = await TestNameServer.start([aRecord('sip.carrier.example', '203.0.113.5')]);
  const snapshots = memorySnapshots();
  const app = await createAuthApp(
    { ...authDefaults, redisPrefix: 'unused', dnsServers: [server.place] },
    {
      logger,
      snapshots,
      secretKey,
      store: new MemoryAuthStore(systemClock),
      journal: silentJournal,
    },
  );
  t.after(async () => {
    await app.stop();
    await server.close();
  });
  await app.start();
  snapshots.set(
    sealedConfiguration({}, [
      { name: 'carrier', addresses: ['sip.carrier.example'], prefixes: ['44'] },
    ]),
  );
  const refusalOf = async (source: string): Promise<string> =>
    (await app.handlers.addToBlacklist({ source, seconds: 60, cause: 'test' })).refused;
  for (let round = 0; round < 6000 && (await refusalOf('203.0.113.5')) === ''; round += 1)
    await wait(10);
  assert.match(await refusalOf('203.0.113.5'), /is that of a gateway/);
  assert.equal(await refusalOf('203.0.113.6'), '');
});

function addressOf(app: AuthApp): string {
  return `127.0.0.1:${String(app.grpcPort)}`;
}

function openStream(app: AuthApp) {
  const open = grpcStreams(AuthServiceService.authenticateStream, addressOf(app));
  const stream = openBatchStream<
    AuthenticateRequest,
    AuthenticateResponse,
    AuthenticateRequestItem,
    AuthenticateResponseItem
  >({
    name: 'auth',
    open,
    toItem: (id, request) => ({ id, request }),
    fromItem: ({ response, error }) => {
      if (response === undefined) throw new SwitchError('SWITCH_SERVICE_UNAVAILABLE', error);
      return response;
    },
    logger,
    deadlineMs: 30_000,
  });
  return {
    request: stream.request.bind(stream),
    isUp: stream.isUp.bind(stream),
    close: () => {
      stream.close();
    },
  };
}

test('AUTH-01 AUTH-04 auth answers over the batched stream, over unary calls and in the same process', async () => {
  const own = await redisForTest();
  const { app, snapshots } = await openAuth(own.url, own.prefix);
  snapshots.set(sealedConfiguration({ SS_AUTHENTICATION_MAX_RETRY: 1 }));
  await until(() => app.isReady());
  const unary = unaryClient(AuthServiceService, addressOf(app), { deadlineMs: 30_000 });
  const stream = openStream(app);
  await until(() => stream.isUp());

  const challenges = await Promise.all(
    Array.from({ length: 50 }, (_, index) =>
      stream.request(requestOf({ sipCallId: `call-${String(index)}` })),
    ),
  );
  const answers = challenges.map((response, index) => {
    const credentials = credentialsFor({}, challengeOf(response), { password: 'tandem-demo' });
    const call = { sipCallId: `call-${String(index)}`, cseq: 2, ...credentials };
    return stream.request(requestOf(call));
  });
  for (const response of await Promise.all(answers)) {
    assert.equal(allowedName(response), 'phone 1001');
  }

  const challenge = challengeOf(await unary.authenticate(requestOf({ sipCallId: 'x' })));
  const wrong = credentialsFor({}, challenge, { password: 'wrong' });
  const refused = await app.handlers.authenticate(requestOf({ sipCallId: 'x', cseq: 2, ...wrong }));
  assert.equal(refused.outcome?.$case, 'deny');
  const { suspensions } = await unary.listSuspensions({});
  assert.equal(suspensions.length, 1);
  assert.equal(suspensions[0]?.terminal, 'phone 1001 at 203.0.113.50');
  assert.equal(suspensions[0].failures, 1);
  assert.match(suspensions[0].cause, /SS_AUTHENTICATION_MAX_RETRY=1.*wrong password.*203\.0\.113/);
  const added = { source: '198.51.100.99', seconds: 60, cause: 'a test' };
  assert.deepEqual(await unary.addToBlacklist(added), { source: added.source, refused: '' });
  const gateway = { ...added, source: '192.0.2.9' };
  assert.match((await unary.addToBlacklist(gateway)).refused, /192\.0\.2\.9 is that of a gateway/);
  assert.match((await unary.addToBlacklist({ ...added, source: 'x' })).refused, /no IP address/);
  const { entries } = await unary.listBlacklist({});
  assert.deepEqual(
    entries.map(({ source, cause }) => [source, cause]),
    [[added.source, 'a test']],
  );
  const dropped = await stream.request(requestOf({ sourceAddress: added.source }));
  assert.equal(dropped.outcome?.$case, 'deny');
  assert.equal(dropped.outcome.value.unanswered, true);
  assert.ok(dropped.blockedForMs > 0 && dropped.blockedForMs <= 2000);
  assert.deepEqual(await unary.liftFromBlacklist(added), { lifted: true });
  assert.deepEqual(await unary.liftFromBlacklist(added), { lifted: false });
  const { failures } = await unary.listAuthenticationFailures({});
  assert.deepEqual(
    failures.map(({ user, source, count, cause }) => ({ user, source, count, cause })),
    [{ user: 'phone 1001', source: '203.0.113.50', count: 1, cause: 'wrong password' }],
  );
  assert.deepEqual(await unary.liftSuspension({ terminal: '1001' }), { lifted: true });
  assert.deepEqual(await unary.liftSuspension({ terminal: '1001' }), { lifted: false });

  stream.close();
  unary.close();
  await app.drain();
  assert.equal(app.isReady(), false);
  await app.stop();
  await own.close();
});

test('AUTH-03 ROUTE-13 a new version is in use at once; one that is wrong leaves the old one in use', async () => {
  const { app, snapshots } = await openAuth();
  assert.equal(app.isReady(), false);
  await assert.rejects(app.handlers.authenticate(requestOf({})), /no configuration/);
  const codeNow = async (): Promise<number> =>
    challengeOf(await app.handlers.authenticate(requestOf({}))).code;
  snapshots.set(sealedConfiguration());
  assert.equal(app.isReady(), true);
  assert.equal(await codeNow(), 407);
  snapshots.set(sealedConfiguration({ SS_AUTHCHALLENGEMODE: 1 }));
  assert.equal(await codeNow(), 401);
  const parameters = { SS_AUTHCHALLENGEMODE: 2, SS_SIP_AUTHENTICATION_CODE: 401 };
  snapshots.set({ ...sealedConfiguration(), parameters });
  assert.equal(await codeNow(), 401);
  await app.stop();
});

test('OPS-06 auth without Redis is not ready, and says per request that the store is away', async () => {
  const port = await freeTcpPort();
  const url = `redis://127.0.0.1:${String(port)}`;
  const { app, snapshots } = await openAuth(url, 'nowhere');
  snapshots.set(sealedConfiguration());
  assert.equal(app.isReady(), false);
  const stream = openStream(app);
  await until(() => stream.isUp());
  await assert.rejects(stream.request(requestOf({})), /SWITCH_STORE_UNAVAILABLE/);
  const byAddress = await stream.request(requestOf({ sourceAddress: '192.0.2.1' }));
  assert.equal(allowedName(byAddress), 'mapping-gateway trunk');
  stream.close();
  await app.stop();
});

test('AUTH-12 a password sealed with another key is breakage, and its text is not told', async () => {
  const { app, snapshots } = await openAuth();
  const result = checkConfiguration(exampleDocument);
  assert.equal(result.kind, 'valid');
  snapshots.set(result.configuration);
  const challenge = challengeOf(await app.handlers.authenticate(requestOf({})));
  const credentials = credentialsFor({}, challenge, { password: 'tandem-demo' });
  await assert.rejects(
    app.handlers.authenticate(requestOf({ cseq: 2, ...credentials })),
    (error) =>
      error instanceof SwitchError &&
      error.code === 'SWITCH_SECRET_INVALID' &&
      !error.message.includes('tandem-demo'),
  );
  await app.stop();
});

test('a service without its store, its configuration or its key does not start', async () => {
  const config: AuthConfig = { ...authDefaults };
  await assert.rejects(createAuthApp(config, { logger }), /TANDEM_SECRET_KEY_FILE/);
  await assert.rejects(createAuthApp(config, { logger, secretKey }), /TANDEM_REDIS_URL/);
  const store = new MemoryAuthStore(systemClock);
  const app = await createAuthApp(config, { logger, secretKey, store, journal: silentJournal });
  await assert.rejects(app.start(), /TANDEM_POSTGRES_URL/);
  await app.stop();
});
