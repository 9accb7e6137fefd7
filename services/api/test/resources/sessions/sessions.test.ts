import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashPassword, isPassword } from '../../../src/adapters/password-hash.ts';
import { apiUnderTest, type ApiUnderTest } from '../../api-under-test.ts';
import { headersOf, operatorNamed, signedInAs, tokenOf } from '../../operators-under-test.ts';

const PASSWORD = 'correct horse battery';
const from = { address: '192.0.2.1', userAgent: 'test' };

async function send(
  { server }: ApiUnderTest,
  method: 'GET' | 'PUT' | 'DELETE',
  url: string,
  options: { readonly headers: Record<string, string>; readonly payload?: object },
) {
  const answer = await server.inject({ method, url: `/api/v1${url}`, ...options });
  return { status: answer.statusCode, body: answer.json<Record<string, unknown>>() };
}

test('OPS-12 a session ends by signing out, at its end, and where nobody uses it', async () => {
  let now = Date.now();
  const api = await apiUnderTest({}, undefined, { now: () => new Date(now) });
  const one = headersOf(await signedInAs(api.operators, 'read-only'));
  const out = await send(api, 'DELETE', '/session', { headers: one });
  assert.deepEqual(out.body, { isSignedOut: true });
  assert.equal((await send(api, 'GET', '/session', { headers: one })).status, 401);

  const two = headersOf(await signedInAs(api.operators, 'operator'));
  now += 59 * 60_000;
  assert.equal((await send(api, 'GET', '/session', { headers: two })).status, 200);
  now += 59 * 60_000;
  assert.equal((await send(api, 'GET', '/session', { headers: two })).status, 200);
  now += 60 * 60_000;
  assert.equal((await send(api, 'GET', '/session', { headers: two })).status, 401);
  const three = headersOf(await signedInAs(api.operators, 'billing'));
  for (let hour = 0; hour < 24; hour++) {
    now += 30 * 60_000;
    const { status } = await send(api, 'GET', '/session', { headers: three });
    assert.equal(status, hour < 23 ? 200 : 401, String(hour));
  }
  await api.server.close();
});

test('OPS-12 a password is changed by who knows it; other sessions end', async () => {
  const api = await apiUnderTest();
  const { signIns, store } = api.operators;
  const password = await hashPassword(PASSWORD);
  const alice = operatorNamed('alice', { password, mustChangePassword: true });
  await store.create(alice);
  const [one, two] = [
    headersOf(await signIns.begin(alice, 'password', from)),
    headersOf(await signIns.begin(alice, 'password', from)),
  ];
  const refused = await send(api, 'GET', '/calls', { headers: one });
  assert.deepEqual([refused.status, refused.body['type']], [403, 'urn:tandem:problem:password-change-needed']); // prettier-ignore
  assert.equal((await send(api, 'GET', '/session', { headers: one })).body['mustChangePassword'], true); // prettier-ignore
  const change = (currentPassword: string, newPassword: string) =>
    send(api, 'PUT', '/session/password', { headers: one, payload: { currentPassword, newPassword } }); // prettier-ignore
  assert.equal((await change('not hers at all', 'blue-green tangerine')).status, 403);
  const weak = await change(PASSWORD, 'short');
  assert.equal(weak.status, 422);
  assert.deepEqual((weak.body['mistakes'] as { path: string }[])[0]?.path, 'newPassword');
  assert.equal((await change(PASSWORD, PASSWORD)).status, 422);
  const changed = await change(PASSWORD, 'blue-green tangerine');
  assert.deepEqual([changed.status, changed.body['mustChangePassword']], [200, false]);
  assert.equal(await isPassword('blue-green tangerine', (await store.get('alice'))?.password), true); // prettier-ignore
  assert.equal((await send(api, 'GET', '/calls', { headers: one })).status, 200);
  assert.equal((await send(api, 'GET', '/calls', { headers: two })).status, 401);
  await api.server.close();
});

test('OPS-12 guessing the current password in an open browser locks like a sign-in', async () => {
  const api = await apiUnderTest();
  const { signIns, store } = api.operators;
  const alice = operatorNamed('alice', { password: await hashPassword(PASSWORD) });
  await store.create(alice);
  const headers = headersOf(await signIns.begin(alice, 'password', from));
  const statuses: number[] = [];
  for (let at = 0; at < 6; at++) {
    const payload = { currentPassword: 'a guess', newPassword: 'blue-green tangerine' };
    statuses.push((await send(api, 'PUT', '/session/password', { headers, payload })).status);
  }
  assert.deepEqual(statuses, [403, 403, 403, 403, 403, 429]);
  await api.server.close();
});

test('OPS-12 who has no password yet gives himself one; a token has none', async () => {
  const api = await apiUnderTest();
  const session = await signedInAs(api.operators, 'administrator', 'admin');
  const payload = { newPassword: 'blue-green tangerine' };
  const set = await send(api, 'PUT', '/session/password', { headers: headersOf(session), payload });
  assert.equal(set.status, 200);
  const token = await tokenOf(api.operators, session.operator);
  const headers = { authorization: `Bearer ${token}` };
  assert.equal((await send(api, 'PUT', '/session/password', { headers, payload })).status, 409);
  await api.server.close();
});

test('OPS-12 everybody sees his own sessions, administrators all, and ends them', async () => {
  const api = await apiUnderTest();
  const admin = headersOf(await signedInAs(api.operators, 'administrator'));
  const alice = await signedInAs(api.operators, 'operator', 'alice');
  const own = headersOf(alice);
  const users = async (headers: Record<string, string>, query = '') => {
    const { body } = await send(api, 'GET', `/sessions${query}`, { headers });
    return (body['sessions'] as { user: string }[]).map(({ user }) => user).sort();
  };
  assert.deepEqual(await users(admin), ['administrator', 'alice']);
  assert.deepEqual(await users(admin, '?user=alice'), ['alice']);
  assert.deepEqual(await users(own, '?user=administrator'), ['alice']);
  const { body } = await send(api, 'GET', '/sessions', { headers: admin });
  const other = (body['sessions'] as { id: string; isCurrent: boolean }[]).find(({ isCurrent }) => isCurrent); // prettier-ignore
  const ended = await send(api, 'DELETE', `/sessions/${other?.id ?? ''}`, { headers: own });
  assert.equal(ended.status, 404);
  const url = `/sessions/${alice.session.id}`;
  assert.deepEqual((await send(api, 'DELETE', url, { headers: admin })).body, { isEnded: true });
  assert.equal((await send(api, 'GET', '/session', { headers: own })).status, 401);
  await api.server.close();
});
