import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apiWithExample, type ApiUnderTest } from '../../api-under-test.ts';
import { headersOf, signedInAs } from '../../operators-under-test.ts';

interface Entry {
  readonly user: string;
  readonly operation: string;
  readonly subject: string;
  readonly outcome: string;
  readonly status: number;
  readonly note: string;
  readonly before: Record<string, unknown> | null;
  readonly after: Record<string, unknown> | null;
}

interface Page {
  readonly entries: Entry[];
  readonly nextCursor: string | null;
}

async function entries(api: ApiUnderTest, query = ''): Promise<Entry[]> {
  const { body } = await api.ask({ url: `/api/v1/audit?${query}` });
  return (body as { entries: Entry[] }).entries;
}

test('OPS-12 a change stands in the audit log with who, before and after', async () => {
  const api = await apiWithExample();
  const headers = headersOf(await signedInAs(api.operators, 'operator', 'alice'));
  const url = '/api/v1/configuration/phones/1001?note=two%20lines';
  const payload = JSON.stringify({ lineLimit: 7 });
  const json = { ...headers, 'content-type': 'application/json' };
  const changed = await api.server.inject({ method: 'PATCH', url, headers: json, payload });
  assert.equal(changed.statusCode, 200);
  const [entry] = await entries(api);
  assert.ok(entry?.before && entry.after);
  assert.deepEqual([entry.user, entry.operation, entry.subject, entry.outcome, entry.status, entry.note], ['alice', 'changeConfiguredPhone', '/configuration/phones/1001', 'done', 200, 'two lines']); // prettier-ignore
  assert.notEqual(entry.before['lineLimit'], 7);
  assert.equal(entry.after['lineLimit'], 7);
  assert.equal(entry.after['password'], '********');
  // The version has the same name on it.
  const { body } = await api.ask({ url: '/api/v1/configuration/versions?limit=1' });
  assert.equal((body as { versions: { appliedBy: string }[] }).versions[0]?.appliedBy, 'alice');
  await api.server.close();
});

test('OPS-12 parameters, users, tokens, payments and black lists are told with their values', async () => {
  const api = await apiWithExample();
  const change = async (
    method: 'PUT' | 'POST' | 'PATCH' | 'DELETE',
    url: string,
    payload?: object,
  ) => {
    // prettier-ignore
    const answer = await api.ask({ method, url: `/api/v1${url}`, ...(payload && { payload }) });
    const [entry] = await entries(api);
    return { status: answer.status, before: entry?.before, after: entry?.after };
  };
  const parameter = await change('PUT', '/parameters/SS_ENDPOINT_EXPIRE_MIN', { value: 90 });
  assert.deepEqual(parameter, {
    status: 200,
    before: { name: 'SS_ENDPOINT_EXPIRE_MIN', value: null },
    after: { name: 'SS_ENDPOINT_EXPIRE_MIN', value: 90 },
  });
  const created = await change('POST', '/users', { name: 'bob', role: 'billing', password: 'blue-green tangerine' }); // prettier-ignore
  assert.deepEqual([created.before, created.after?.['role']], [null, 'billing']);
  const role = await change('PATCH', '/users/bob', { role: 'operator' });
  assert.deepEqual([role.before?.['role'], role.after?.['role']], ['billing', 'operator']);
  const removed = await change('DELETE', '/users/bob');
  assert.deepEqual([removed.before?.['name'], removed.after], ['bob', null]);
  const paid = await change('POST', '/accounts/demo/payments', { amount: '1', reference: 'r' });
  assert.equal(paid.before?.['name'], 'demo');
  await api.server.close();
});

test('OPS-12 no secret stands in the audit log', async () => {
  const api = await apiWithExample();
  const send = (method: 'POST' | 'PATCH', url: string, payload: object) =>
    api.ask({ method, url: `/api/v1${url}`, payload: JSON.stringify(payload), headers: { 'content-type': 'application/json' } }); // prettier-ignore
  await send('POST', '/users', { name: 'bob', role: 'administrator', password: 'secret-tangerine-1' }); // prettier-ignore
  await send('PATCH', '/users/bob', { password: 'secret-tangerine-2' });
  await send('POST', '/sign-in', { name: 'bob', password: 'secret-tangerine-3' });
  await send('PATCH', '/configuration/phones/1001', { password: 'secret-tangerine-4' });
  const link = await send('POST', '/users/bob/sign-in-link', {});
  const log = await entries(api);
  assert.equal(log.length, 6);
  const text = JSON.stringify(log);
  assert.doesNotMatch(text, /secret-tangerine|argon2|sealed:/);
  const code = new URL((link.body as { url: string }).url).searchParams.get('code') ?? '';
  assert.ok(code.length > 40);
  assert.equal(text.includes(code), false);
  await api.server.close();
});

test('OPS-12 what was refused is in the log, what was only tried out is not', async () => {
  const api = await apiWithExample();
  const before = (await entries(api)).length;
  await api.ask({ method: 'DELETE', url: '/api/v1/configuration/phones/1001?dryRun=true' });
  assert.equal((await entries(api)).length, before);
  const refused = await api.ask({ method: 'DELETE', url: '/api/v1/configuration/accounts/demo' });
  assert.equal(refused.status, 422);
  const [entry] = await entries(api);
  assert.deepEqual([entry?.outcome, entry?.status, entry?.after], ['refused', 422, null]);
  assert.equal(entry?.before?.['name'], 'demo');
  await api.server.close();
});

test('OPS-12 where the audit log cannot be written nothing is changed', async () => {
  const api = await apiWithExample();
  const { audit } = api.operators;
  const version = (await api.store.current())?.version;
  const failing = { ...audit, begin: () => Promise.reject(new Error('disk full')) };
  Object.assign(audit, failing);
  const { status } = await api.ask({ method: 'DELETE', url: '/api/v1/configuration/phones/1001' });
  assert.equal(status, 500);
  assert.equal((await api.store.current())?.version, version);
  await api.server.close();
});

test('OPS-12 the log is listed by pages, filters, and as CSV', async () => {
  const api = await apiWithExample();
  for (const value of [61, 62, 63]) {
    await api.ask({ method: 'PUT', url: '/api/v1/parameters/SS_ENDPOINT_EXPIRE_MIN', payload: { value } }); // prettier-ignore
  }
  const page = await api.ask({ url: '/api/v1/audit?operation=setParameter&limit=2' });
  const values = (list: Entry[]) => list.map(({ after }) => after?.['value']);
  assert.deepEqual(values((page.body as Page).entries), [63, 62]);
  const cursor = String((page.body as Page).nextCursor);
  const last = await api.ask({ url: `/api/v1/audit?operation=setParameter&limit=2&cursor=${cursor}` }); // prettier-ignore
  assert.deepEqual([values((last.body as Page).entries), (last.body as Page).nextCursor], [[61], null]); // prettier-ignore
  assert.deepEqual(await entries(api, 'user=nobody'), []);
  assert.equal((await entries(api, 'from=1h&subject=EXPIRE&outcome=done')).length, 3);
  assert.equal((await api.ask({ url: '/api/v1/audit?cursor=x' })).status, 400);
  const { text } = await api.ask({
    url: '/api/v1/audit?operation=setParameter&limit=1&format=csv',
  });
  assert.match(text, /^id,at,user,.*\r\n.*,setParameter,.*"\{""name"":""SS_ENDPOINT_EXPIRE_MIN"",""value"":63\}"/); // prettier-ignore
  await api.server.close();
});
