import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { apiWithExample, type ApiUnderTest } from '../../api-under-test.ts';

interface Answer {
  readonly version: number;
  readonly changes: readonly { subject: string; kind: string; fields: string[] }[];
  readonly mistakes: readonly { path: string; message: string }[];
  readonly detail: string;
  readonly type: string;
  readonly entries: readonly Record<string, unknown>[];
  readonly nextCursor: string | null;
  readonly total: number;
}

const URL_ = '/api/v1/configuration';
let api: ApiUnderTest;
before(async () => (api = await apiWithExample()));
after(() => api.server.close());

async function ask(
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  given: { body?: unknown; ifMatch?: string } = {},
): Promise<{ status: number; body: Answer; tag: string; text: string }> {
  const { body, ifMatch } = given;
  const answer = await api.ask({
    method,
    url: `${URL_}/${path}`,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }),
    },
    ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
  });
  const { headers, status, text } = answer;
  return { status, body: answer.body, tag: String(headers['etag']), text };
}

test('OPS-01 an entry is created, read, changed, replaced, removed; each makes a version with its note', async () => {
  const phone = { username: '1003', password: 'first', account: 'demo' };
  const created = await ask('POST', 'phones?note=a%20new%20desk', { body: phone });
  assert.equal(created.status, 200);
  assert.deepEqual(created.body.changes, [{ subject: 'phone 1003', kind: 'added', fields: [] }]);
  assert.equal((await api.store.get(created.body.version))?.note, 'a new desk');

  const read = await ask('GET', 'phones/1003');
  assert.equal(read.tag, created.tag);
  assert.doesNotMatch(read.text, /first|sealed/);

  const body = { lineLimit: 2 };
  const changed = await ask('PATCH', 'phones/1003', { body, ifMatch: read.tag });
  assert.deepEqual(changed.body.changes[0]?.fields, ['lineLimit: 0 → 2']);
  const again = { ...phone, password: '********', lineLimit: 3 };
  const replaced = await ask('PUT', 'phones/1003', { body: again, ifMatch: changed.tag });
  assert.deepEqual(replaced.body.changes[0]?.fields, ['lineLimit: 2 → 3'], 'the password stays');

  assert.equal((await ask('DELETE', 'phones/1003')).status, 200);
  assert.equal((await ask('GET', 'phones/1003')).status, 404);
});

test('OPS-01 two who change one entry: the second is told, and nothing is lost; two who change two both do', async () => {
  const { tag } = await ask('GET', 'phones/1001');
  const first = await ask('PATCH', 'phones/1001', { body: { lineLimit: 5 }, ifMatch: tag });
  assert.equal(first.status, 200);
  const second = await ask('PATCH', 'phones/1001', { body: { lineLimit: 6 }, ifMatch: tag });
  assert.equal(second.status, 412);
  assert.match(second.body.detail, /phone "1001" was changed since it was read/);

  const limits = [1, 2, 3, 4];
  const both = await Promise.all([
    ask('PATCH', 'routing-gateways/carrier-a', { body: { lineLimit: 7 } }),
    ...limits.map((limit) => {
      const body = { name: `group-${String(limit)}`, lineLimit: limit };
      return ask('POST', 'gateway-groups', { body });
    }),
  ]);
  assert.deepEqual(new Set(both.map(({ status }) => status)), new Set([200]));
  const groups = await ask('GET', 'gateway-groups?sort=-lineLimit&limit=2');
  assert.deepEqual(
    groups.body.entries.map(({ name }) => name),
    ['group-4', 'group-3'],
  );
  assert.deepEqual([groups.body.nextCursor, groups.body.total], ['group-3', 4]);
  const gateway = JSON.parse((await ask('GET', 'routing-gateways/carrier-a')).text) as object;
  assert.equal((gateway as { lineLimit: number }).lineLimit, 7);
});

test('OPS-01 mistakes are told by the place in the entry; nothing is changed', async () => {
  const version = (await api.store.current())?.version;
  const body = { username: '1004', password: 'x', acount: 'demo', account: 'dmo' };
  const wrong = await ask('POST', 'phones', { body });
  assert.equal(wrong.status, 422);
  assert.deepEqual(
    wrong.body.mistakes.map(({ path }) => path),
    ['acount', 'account'],
  );
  assert.match(wrong.body.mistakes[1]?.message ?? '', /did you mean "demo"/);

  const inUse = await ask('DELETE', 'accounts/demo');
  assert.equal(inUse.status, 422);
  assert.match(inUse.body.mistakes[0]?.path ?? '', /^phones\[0\]\.account$/);

  const there = await ask('POST', 'phones', { body: { username: '1001' } });
  assert.deepEqual([there.status, there.body.type], [409, 'urn:tandem:problem:entry-exists']);
  for (const method of ['PUT', 'PATCH', 'DELETE'] as const) {
    const missing = await ask(method, 'phones/10o1', method === 'DELETE' ? {} : { body: {} });
    assert.equal(missing.status, 404);
    assert.match(missing.body.detail, /no phone "10o1"; did you mean "1001"/);
  }
  const noJson = await api.ask({
    method: 'PATCH',
    url: `${URL_}/phones/1001`,
    headers: { 'content-type': 'application/merge-patch+json' },
    payload: '{lineLimit: 1}',
  });
  assert.equal(noJson.status, 400);
  const sort = await ask('GET', 'phones?sort=lineLimits');
  assert.equal(sort.status, 400);
  assert.match(sort.body.detail, /did you mean "lineLimit"/);
  assert.equal((await api.store.current())?.version, version);
});

test('OPS-01 a dry run says what would change, and changes nothing', async () => {
  const version = (await api.store.current())?.version;
  const dry = await ask('PATCH', 'routing-gateways/carrier-b?dryRun=true', {
    body: { priority: 9 },
  });
  assert.deepEqual(dry.body.changes[0]?.fields, ['priority: 2 → 9']);
  assert.equal((await api.store.current())?.version, version);
});

test('OPS-01 lists are narrowed, and given as CSV; a rate group tells how many rates it has', async () => {
  const found = await ask('GET', 'routing-gateways?search=carrier-b');
  assert.deepEqual([found.body.total, found.body.entries[0]?.['name']], [1, 'carrier-b']);
  assert.equal((await ask('GET', 'phones?account=nobody')).body.total, 0);
  const csv = await ask('GET', 'phones?format=csv');
  assert.match(csv.text, /^username,authentication,password,account,lineLimit,status\r\n1001,/);
  assert.match(csv.text, /\*{8}/);
  const groups = await ask('GET', 'rate-groups');
  assert.deepEqual(groups.body.entries, [{ name: 'standard', currency: 'USD', rateCount: 1 }]);
});
