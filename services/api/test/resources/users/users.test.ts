import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apiUnderTest, type ApiUnderTest } from '../../api-under-test.ts';
import { headersOf, signedInAs } from '../../operators-under-test.ts';

type Body = Record<string, unknown>;

async function ask(
  api: ApiUnderTest,
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
  url: string,
  { payload, headers = {} }: { payload?: object; headers?: Record<string, string> } = {},
) {
  const answer = await api.ask({ method, url: `/api/v1${url}`, headers, ...(payload && { payload }) }); // prettier-ignore
  return { ...answer, body: answer.body as Body };
}

const alice = { name: 'alice', role: 'operator', password: 'blue-green tangerine' };

test('OPS-12 a user is added with a password that has to be changed, and never shown', async () => {
  const api = await apiUnderTest();
  const { body, status, text } = await ask(api, 'POST', '/users', { payload: alice });
  assert.equal(status, 200);
  const { hasPassword, mustChangePassword, role } = body;
  assert.deepEqual([hasPassword, mustChangePassword, role], [true, true, 'operator']);
  assert.doesNotMatch(text, /tangerine|argon2/);
  const again = await ask(api, 'POST', '/users', { payload: alice });
  assert.deepEqual([again.status, again.body['type']], [409, 'urn:tandem:problem:entry-exists']);
  const missing = await ask(api, 'GET', '/users/alicia');
  assert.match(String(missing.body['detail']), /there is no user "alicia".*alice/);
  await api.server.close();
});

test('OPS-12 what is wrong with a new user is named with its place', async () => {
  const api = await apiUnderTest();
  const cases = [
    [{ name: 'Big Name', role: 'operator' }, 422, 'name', /lower-case/],
    [{ name: 'api', role: 'operator' }, 422, 'name', /DATA_DIR\/api-token/],
    [{ name: 'bob', role: 'operator', password: 'short' }, 422, 'password', /must have 12/],
    [{ name: 'bob', role: 'operator', password: 'it is bobs and mine' }, 200, '', /^$/],
    [{ name: 'carol', role: 'operator', email: 'carol' }, 422, 'email', /noc@example/],
  ] as const;
  for (const [payload, status, path, message] of cases) {
    const answer = await ask(api, 'POST', '/users', { payload });
    assert.equal(answer.status, status, answer.text);
    const [mistake] = (answer.body['mistakes'] ?? []) as { path: string; message: string }[];
    assert.equal(mistake?.path ?? '', path);
    assert.match(mistake?.message ?? '', message);
  }
  const wrong = await ask(api, 'POST', '/users', { payload: { name: 'dave', role: 'boss' } });
  assert.equal(wrong.status, 400);
  const more = await ask(api, 'POST', '/users', { payload: { ...alice, isAdmin: true } });
  assert.equal(more.status, 400);
  await api.server.close();
});

test('OPS-12 two who change one user: the second is told, and nothing is lost', async () => {
  const api = await apiUnderTest();
  await ask(api, 'POST', '/users', { payload: alice });
  const { headers } = await ask(api, 'GET', '/users/alice');
  const etag = String(headers['etag']);
  const change = (payload: object) => ask(api, 'PATCH', '/users/alice', { payload, headers: { 'if-match': etag } }); // prettier-ignore
  assert.equal((await change({ displayName: 'Alice' })).status, 200);
  const second = await change({ displayName: 'Alicia' });
  assert.deepEqual([second.status, second.body['type']], [412, 'urn:tandem:problem:entry-changed']);
  assert.equal((await ask(api, 'GET', '/users/alice')).body['displayName'], 'Alice');
  const remove = await ask(api, 'DELETE', '/users/alice', { headers: { 'if-match': etag } });
  assert.equal(remove.status, 412);
  assert.deepEqual((await ask(api, 'DELETE', '/users/alice')).body, { isRemoved: true });
  await api.server.close();
});

test('OPS-12 a new role, a new password and being disabled end sessions', async () => {
  const api = await apiUnderTest();
  const { operator } = await signedInAs(api.operators, 'operator', 'bob');
  const from = { address: '', userAgent: '' };
  for (const [change, isLeft] of [
    [{ displayName: 'Bob' }, true],
    [{ role: 'billing' }, false],
    [{ password: 'blue-green tangerine' }, false],
    [{ isDisabled: true }, false],
  ] as const) {
    const headers = headersOf(await api.operators.signIns.begin(operator, 'password', from));
    await ask(api, 'PATCH', '/users/bob', { payload: change });
    const { statusCode } = await api.server.inject({ url: '/api/v1/session', headers });
    assert.equal(statusCode, isLeft ? 200 : 401, JSON.stringify(change));
  }
  await api.server.close();
});

test('OPS-12 the last administrator stays', async () => {
  const api = await apiUnderTest();
  await signedInAs(api.operators, 'administrator', 'root');
  for (const payload of [{ role: 'operator' }, { isDisabled: true }]) {
    const { body, status } = await ask(api, 'PATCH', '/users/root', { payload });
    assert.deepEqual([status, body['type']], [409, 'urn:tandem:problem:last-administrator']);
  }
  assert.equal((await ask(api, 'DELETE', '/users/root')).status, 409);
  await api.server.close();
});

test('OPS-12 users are listed, searched, sorted, in pages and as CSV', async () => {
  const api = await apiUnderTest();
  for (const name of ['carol', 'alice', 'bob']) {
    await ask(api, 'POST', '/users', { payload: { name, role: name === 'bob' ? 'billing' : 'operator', displayName: `=${name}` } }); // prettier-ignore
  }
  const names = async (query: string) => {
    const { body } = await ask(api, 'GET', `/users?${query}`);
    return (body['users'] as { name: string }[]).map(({ name }) => name);
  };
  assert.deepEqual(await names(''), ['alice', 'bob', 'carol']);
  assert.deepEqual(await names('sort=-name&limit=2'), ['carol', 'bob']);
  assert.deepEqual(await names('sort=-name&limit=2&cursor=bob'), ['alice']);
  assert.deepEqual(await names('role=billing'), ['bob']);
  assert.deepEqual(await names('search=CAR'), ['carol']);
  const { text } = await ask(api, 'GET', '/users?format=csv');
  assert.match(text, /^name,displayName,role,.*\r\nalice,'=alice,operator,/);
  await api.server.close();
});
