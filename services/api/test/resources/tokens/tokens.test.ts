import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apiUnderTest, type ApiUnderTest } from '../../api-under-test.ts';
import { headersOf, signedInAs } from '../../operators-under-test.ts';

async function make({ server }: ApiUnderTest, headers: Record<string, string>, payload: object) {
  const answer = await server.inject({ method: 'POST', url: '/api/v1/tokens', headers, payload });
  const body = answer.json<{ secret: string; token: { id: string; role: string }; type: string }>();
  return { status: answer.statusCode, ...body };
}

async function statusOf({ server }: ApiUnderTest, secret: string, url = '/api/v1/calls') {
  const headers = { authorization: `Bearer ${secret}` };
  return (await server.inject({ url, headers })).statusCode;
}

test('OPS-12 a token is shown once, lets programs in, and is revoked', async () => {
  const api = await apiUnderTest();
  const headers = headersOf(await signedInAs(api.operators, 'operator', 'alice'));
  const { secret, status, token } = await make(api, headers, { name: 'backup', days: 1 });
  assert.deepEqual([status, token.role], [200, 'operator']);
  assert.match(secret, /^tandem_[\w-]{43}$/);
  assert.equal(await statusOf(api, secret), 200);
  const listed = await api.server.inject({ url: '/api/v1/tokens', headers });
  assert.equal(listed.payload.includes(secret), false);
  assert.notEqual(listed.json<{ tokens: { lastUsed: string }[] }>().tokens[0]?.lastUsed, null);
  const csv = await api.server.inject({ url: '/api/v1/tokens?format=csv', headers });
  assert.match(csv.payload, /^id,user,name,role,createdAt,expiresAt,lastUsed\r\n.*,alice,backup,/);
  const url = `/api/v1/tokens/${token.id}`;
  assert.deepEqual((await api.server.inject({ method: 'DELETE', url, headers })).json(), { isRevoked: true }); // prettier-ignore
  assert.equal(await statusOf(api, secret), 401);
  assert.equal((await api.server.inject({ method: 'DELETE', url, headers })).statusCode, 404);
  await api.server.close();
});

test('OPS-12 a token expires', async () => {
  let now = Date.now();
  const api = await apiUnderTest({}, undefined, { now: () => new Date(now) });
  const headers = headersOf(await signedInAs(api.operators, 'operator', 'alice'));
  const { secret } = await make(api, headers, { name: 'backup', days: 1 });
  now += 24 * 3_600_000 - 60_000;
  assert.equal(await statusOf(api, secret), 200);
  now += 2 * 60_000;
  assert.equal(await statusOf(api, secret), 401);
  await api.server.close();
});

test('OPS-12 a token does no more than its user, also after his role has changed', async () => {
  const api = await apiUnderTest();
  const session = await signedInAs(api.operators, 'operator', 'alice');
  const headers = headersOf(session);
  const higher = await make(api, headers, { name: 'x', role: 'administrator' });
  assert.deepEqual([higher.status, higher.type], [422, 'urn:tandem:problem:role-too-high']);
  const reader = await make(api, headers, { name: 'reader', role: 'read-only' });
  const lift = { method: 'DELETE', url: '/api/v1/calls/x' } as const;
  const authorization = (secret: string) => ({ authorization: `Bearer ${secret}` });
  const denied = await api.server.inject({ ...lift, headers: authorization(reader.secret) });
  assert.equal(denied.statusCode, 403);
  // Nor does a token make one that does more.
  const more = await make(api, authorization(reader.secret), { name: 'y', role: 'operator' });
  assert.equal(more.status, 422);
  const own = await make(api, headers, { name: 'own' });
  assert.equal((await api.server.inject({ ...lift, headers: authorization(own.secret) })).statusCode, 404); // prettier-ignore
  await api.operators.store.change('alice', (before) => ({ ...before, role: 'billing' }));
  assert.equal((await api.server.inject({ ...lift, headers: authorization(own.secret) })).statusCode, 403); // prettier-ignore
  await api.server.close();
});

test('OPS-12 tokens of others are administrators’ to see and revoke', async () => {
  const api = await apiUnderTest();
  const alice = headersOf(await signedInAs(api.operators, 'operator', 'alice'));
  const bob = headersOf(await signedInAs(api.operators, 'operator', 'bob'));
  const { token } = await make(api, alice, { name: 'x' });
  const count = async (headers: Record<string, string>) =>
    (await api.server.inject({ url: '/api/v1/tokens', headers })).json<{ tokens: [] }>().tokens.length; // prettier-ignore
  assert.deepEqual([await count(alice), await count(bob)], [1, 0]);
  const url = `/api/v1/tokens/${token.id}`;
  assert.equal((await api.server.inject({ method: 'DELETE', url, headers: bob })).statusCode, 404);
  assert.equal((await api.ask({ method: 'DELETE', url })).status, 200);
  await api.server.close();
});

test('OPS-12 the text of DATA_DIR/api-token has no tokens of its own', async () => {
  const api = await apiUnderTest();
  const { status } = await api.ask({ method: 'POST', url: '/api/v1/tokens', payload: { name: 'x' } }); // prettier-ignore
  assert.equal(status, 409);
  await api.server.close();
});
