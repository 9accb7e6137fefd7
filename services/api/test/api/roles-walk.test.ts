import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InjectOptions } from 'fastify';
import { roles, type Role } from '../../src/core/operators/roles.ts';
import { apiUnderTest, type ApiUnderTest } from '../api-under-test.ts';
import { headersOf, signedInAs, tokenOf } from '../operators-under-test.ts';

interface Operation {
  readonly operationId: string;
  readonly 'x-roles': readonly string[];
  readonly security: readonly unknown[];
}

interface Route {
  readonly method: NonNullable<InjectOptions['method']>;
  readonly url: string;
  readonly operation: Operation;
}

/** Every operation of the description; names in its path need not be there. */
function routesOf({ server }: ApiUnderTest): Route[] {
  const { paths } = server.swagger() as unknown as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  };
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({
      method: method.toUpperCase() as never,
      url: path.replaceAll(/\{(\w+)\}/g, (_, name) => (name === 'version' ? '1' : 'x')),
      operation,
    })),
  );
}

/** It does not end by itself, and has a test of its own. */
const ENDLESS = 'live';

async function ask(api: ApiUnderTest, { method, url }: Route, headers: Record<string, string>) {
  const answer = await api.server.inject({ method, url, headers });
  const isProblem = String(answer.headers['content-type']).includes('problem+json');
  const type = isProblem ? answer.json<{ type: string }>().type : '';
  return { status: answer.statusCode, type: type.replace('urn:tandem:problem:', '') };
}

function isFor(role: Role, { 'x-roles': held }: Operation): boolean {
  return held.includes(role) || held.includes('signed-in') || held.includes('public');
}

test('OPS-12 every route × every role: each does exactly its own, by session and by token', async () => {
  const api = await apiUnderTest({}, undefined, { requestsPerMinute: 1_000_000 });
  const routes = routesOf(api).filter(({ operation }) => operation.operationId !== ENDLESS);
  assert.ok(routes.length > 120, String(routes.length));
  const done = new Map<Role, string[]>();
  for (const role of roles) {
    const { operator } = await signedInAs(api.operators, role);
    const token = await tokenOf(api.operators, operator, { id: role });
    for (const route of routes) {
      const { operation } = route;
      const from = { address: '192.0.2.1', userAgent: '' };
      // A new one each time: some of them end it.
      const session = await api.operators.signIns.begin(operator, 'password', from);
      const bySession = await ask(api, route, headersOf(session));
      const byToken = await ask(api, route, { authorization: `Bearer ${token}` });
      for (const { status, type } of [bySession, byToken]) {
        const what = `${role}: ${operation.operationId} ${String(status)} ${type}`;
        assert.equal(type === 'not-allowed', !isFor(role, operation), what);
        assert.notEqual(type, 'not-authenticated', what);
        // 503: of the services that these tests have none of.
        assert.ok(status < 500 || status === 503, what);
      }
      if (isFor(role, operation))
        done.set(role, [...(done.get(role) ?? []), operation.operationId]);
    }
  }
  await api.server.close();
  // By hand, beside the table of the code.
  const may = (role: Role, operation: string) => done.get(role)?.includes(operation) ?? false;
  const table = Object.fromEntries(
    [
      'listCdrs',
      'hangUpCall',
      'bookPayment',
      'changeConfiguredRateGroup',
      'changeConfiguredAccount',
      'changeConfiguredPhone',
      'setParameter',
      'putConfiguration',
      'rollBackConfiguration',
      'createUser',
      'listUsers',
      'listAudit',
      'createToken',
      'listAlarms',
      'acknowledgeAlarm',
      'testAlarmChannel',
      'changeConfiguredAlarmRule',
      'importRates',
      'rollBackRates',
      'draftInvoice',
      'issueInvoice',
      'createDispute',
      'removeDispute',
      'createReplay',
      'removeReplay',
      'listReratings',
      'createRerating',
      'applyRerating',
      'reverseRerating',
    ].map((operation) => [operation, roles.filter((role) => may(role, operation)).join(' ')]),
  );
  const all = 'administrator operator billing read-only';
  assert.deepEqual(table, {
    listCdrs: all,
    hangUpCall: 'administrator operator',
    bookPayment: 'administrator billing',
    changeConfiguredRateGroup: 'administrator billing',
    changeConfiguredAccount: 'administrator operator billing',
    changeConfiguredPhone: 'administrator operator',
    setParameter: 'administrator operator',
    putConfiguration: 'administrator',
    rollBackConfiguration: 'administrator',
    createUser: 'administrator',
    listUsers: 'administrator',
    listAudit: 'administrator',
    createToken: all,
    listAlarms: all,
    acknowledgeAlarm: 'administrator operator billing',
    testAlarmChannel: 'administrator operator',
    changeConfiguredAlarmRule: 'administrator operator',
    importRates: 'administrator billing',
    rollBackRates: 'administrator billing',
    draftInvoice: 'administrator billing',
    issueInvoice: 'administrator billing',
    createDispute: 'administrator billing',
    removeDispute: 'administrator billing',
    createReplay: 'administrator operator billing',
    removeReplay: 'administrator operator billing',
    listReratings: all,
    createRerating: 'administrator billing',
    applyRerating: 'administrator billing',
    reverseRerating: 'administrator billing',
  });
});

test('OPS-12 every route but those for signing in wants to know who asks', async () => {
  const api = await apiUnderTest({}, undefined, { requestsPerMinute: 1_000_000 });
  const open: string[] = [];
  for (const route of routesOf(api)) {
    const { type } = await ask(api, route, {});
    const ofNobody = await ask(api, route, { cookie: 'tandem-session=x; tandem-csrf=x', 'x-csrf-token': 'x' }); // prettier-ignore
    assert.equal(type === 'not-authenticated', ofNobody.type === 'not-authenticated');
    if (type !== 'not-authenticated') open.push(route.operation.operationId);
  }
  await api.server.close();
  assert.deepEqual(open.sort(), [
    'finishOpenId',
    'getSignIn',
    'signIn',
    'signInByLink',
    'signInByOpenId',
  ]);
});

test('OPS-12 a stolen cookie without the CSRF token changes nothing, on any route', async () => {
  const api = await apiUnderTest({}, undefined, { requestsPerMinute: 1_000_000 });
  const session = await signedInAs(api.operators, 'administrator');
  const cookie = `tandem-session=${session.secret}`;
  const changing = routesOf(api).filter(
    ({ method, operation }) => method !== 'GET' && operation.security.length > 0,
  );
  assert.ok(changing.length > 60, String(changing.length));
  const before = await api.operators.store.list();
  for (const route of changing) {
    const guesses = [{}, { 'x-csrf-token': '' }, { 'x-csrf-token': session.secret }];
    for (const guess of guesses) {
      const { status, type } = await ask(api, route, { cookie, ...guess });
      const what = `${route.operation.operationId} ${String(status)}`;
      assert.deepEqual([status, type], [403, 'csrf-token-wrong'], what);
    }
  }
  assert.deepEqual(await api.operators.store.list(), before);
  assert.equal((await api.operators.audit.list({ fromMs: 0, untilMs: 0, user: '', operation: '', subject: '', outcome: '', limit: 10, before: undefined })).length, 0); // prettier-ignore
  // The session is as it was, and nothing that it reads tells the token.
  const answer = await api.server.inject({ url: '/api/v1/session', headers: { cookie } });
  assert.equal(answer.statusCode, 200);
  assert.equal(JSON.stringify([answer.headers, answer.payload]).includes(session.csrf), false);
  await api.server.close();
});

test('OPS-12 what a session may do is what its role may, for pages to show no more', async () => {
  const api = await apiUnderTest();
  const every = routesOf(api).map(({ operation }) => operation);
  for (const role of roles) {
    const session = await signedInAs(api.operators, role);
    const answer = await api.server.inject({ url: '/api/v1/session', headers: headersOf(session) });
    const { may } = answer.json<{ may: string[] }>();
    const expected = every.filter((each) => isFor(role, each)).map((each) => each.operationId);
    assert.deepEqual([...may].sort(), expected.sort(), role);
  }
  await api.server.close();
});
