import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apiUnderTest, example, type ApiUnderTest } from '../../api-under-test.ts';

const URL_ = '/api/v1/configuration';

interface Applied {
  readonly version: number;
  readonly isChanged: boolean;
  readonly changeCount: number;
  readonly changes: readonly { readonly subject: string }[];
}
interface Invalid {
  readonly detail: string;
  readonly mistakes: readonly { readonly path: string; readonly line?: number }[];
}

async function apply(
  api: ApiUnderTest,
  payload: string,
  options: { query?: string; type?: string; ifMatch?: string } = {},
) {
  const { query = '', type = 'application/yaml', ifMatch } = options;
  const answer = await api.ask({
    method: 'PUT',
    url: `${URL_}${query}`,
    payload,
    headers: { 'content-type': type, ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }) },
  });
  return { ...answer, body: answer.body as Applied & Invalid };
}

test('OPS-01 the example is applied as version 1 and again changes nothing', async () => {
  const api = await apiUnderTest();
  const first = await apply(api, example);
  assert.equal(first.status, 200);
  assert.equal(first.headers['etag'], '"1"');
  assert.deepEqual(
    [first.body.version, first.body.isChanged, first.body.changeCount],
    [1, true, 6],
  );
  const second = await apply(api, example);
  assert.deepEqual([second.body.version, second.body.isChanged], [1, false]);
  await api.server.close();
});

test('OPS-01 a YAML with ten mistakes names all ten and changes nothing', async () => {
  const api = await apiUnderTest();
  await apply(api, example);
  const before = await api.ask({ url: URL_ });
  const wrong = `
parameters: { SS_SIP_AUTHENTICATION_RETRY: 0, SS_NO_SUCH: 1 }
realm: ''
accounts:
  - { name: demo, rateGroup: nix, overdraft: '-1' }
  - { name: demo, type: vendr }
phones:
  - { username: 1001, password: tandem-demo, account: nobody }
routingGateways:
  - { name: carrier-a, addresses: [], prefixes: ['44'], unknown: 1 }
`;
  const { status, body } = await apply(api, wrong);
  assert.equal(status, 422);
  assert.match(body.detail, /^12 mistakes in the document; nothing was changed$/);
  assert.deepEqual(
    body.mistakes.map(({ path, line }) => `${path} ${String(line)}`),
    [
      'parameters.SS_SIP_AUTHENTICATION_RETRY 2',
      'parameters.SS_NO_SUCH 2',
      'realm 3',
      'accounts[0].overdraft 5',
      'accounts[0].rateGroup 5',
      'accounts[1].type 6',
      'accounts[1].name 6',
      'accounts[1].rateGroup 6',
      'phones[0].username 8',
      'phones[0].account 8',
      'routingGateways[0].addresses 10',
      'routingGateways[0].unknown 10',
    ],
  );
  const after = await api.ask({ url: URL_ });
  assert.equal(after.text, before.text);
  assert.equal(after.headers['etag'], '"1"');
  await api.server.close();
});

test('AUTH-12 the configuration is shown without passwords and can be applied as shown', async () => {
  const api = await apiUnderTest();
  await apply(api, example);
  for (const accept of ['application/yaml', 'application/json']) {
    const shown = await api.ask({ url: URL_, headers: { accept } });
    assert.match(String(shown.headers['content-type']), new RegExp(`^${accept}`));
    assert.doesNotMatch(shown.text, /tandem-demo|sealed:/);
    assert.match(shown.text, /\*{8}/);
    const again = await apply(api, shown.text, { type: accept });
    assert.deepEqual([again.status, again.body.isChanged], [200, false]);
  }
  await api.server.close();
});

test('OPS-01 a dry run says what would change and changes nothing', async () => {
  const api = await apiUnderTest();
  await apply(api, example);
  const changed = example.replace('priority: 2', 'priority: 3');
  const dry = await apply(api, changed, { query: '?dryRun=true' });
  assert.deepEqual(dry.body.changes, [
    { subject: 'routing gateway carrier-b', kind: 'changed', fields: ['priority: 2 → 3'] },
  ]);
  assert.equal((await apply(api, changed)).body.version, 2);
  await api.server.close();
});

test('OPS-01 If-Match applies only to the version that it names', async () => {
  const api = await apiUnderTest();
  await apply(api, example);
  const changed = example.replace('priority: 2', 'priority: 3');
  assert.equal((await apply(api, changed, { ifMatch: '"9"' })).status, 412);
  assert.equal((await apply(api, changed, { ifMatch: 'nine' })).status, 400);
  assert.equal((await apply(api, changed, { ifMatch: '"1"' })).body.version, 2);
  assert.equal((await apply(api, example, { ifMatch: '*' })).body.version, 3);
  await api.server.close();
});

test('OPS-01 another format is 415, JSON that is none 422', async () => {
  const api = await apiUnderTest();
  assert.equal((await apply(api, 'x', { type: 'image/png' })).status, 415);
  assert.equal((await apply(api, '{', { type: 'application/json' })).status, 422);
  await api.server.close();
});

test('OPS-01 versions are listed with their notes, and each can be read', async () => {
  const api = await apiUnderTest();
  assert.equal((await api.ask({ url: URL_ })).status, 404);
  await apply(api, example, { query: '?note=first' });
  await apply(api, example.replace('priority: 2', 'priority: 3'));
  const list = await api.ask({ url: `${URL_}/versions` });
  assert.deepEqual(list.body, {
    versions: [
      { version: 2, appliedAt: '2026-11-21T12:00:00.000Z', appliedBy: 'api', note: '' },
      { version: 1, appliedAt: '2026-11-21T12:00:00.000Z', appliedBy: 'api', note: 'first' },
    ],
  });
  const older = await api.ask({ url: `${URL_}/versions?before=2&limit=1` });
  assert.equal((older.body as { versions: unknown[] }).versions.length, 1);
  const one = await api.ask({ url: `${URL_}/versions/1` });
  const { configuration } = one.body as {
    configuration: { routingGateways: { priority: number }[] };
  };
  assert.equal(configuration.routingGateways[1]?.priority, 2);
  assert.doesNotMatch(one.text, /tandem-demo|sealed:/);
  assert.equal((await api.ask({ url: `${URL_}/versions/9` })).status, 404);
  await api.server.close();
});
