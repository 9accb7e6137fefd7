import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apiUnderTest, example } from '../../api-under-test.ts';
import { apply, URL_, withPhones } from './applying.ts';

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
      'routingGateways[0].unknown 10',
      'routingGateways[0].addresses 10',
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

test('OPS-01 a document that takes too much away is refused with what would go and what to do', async () => {
  const api = await apiUnderTest();
  await apply(api, withPhones(example, 39));
  const refused = await apply(api, example);
  assert.equal(refused.status, 409);
  assert.equal(refused.body.type, 'urn:tandem:problem:removes-too-much');
  assert.equal(
    refused.body.detail,
    'this would remove 39 of 40 phones (2000, 2001, 2002, …); nothing was changed. If it is meant, allow the removal of 39 entries: allowRemoval=39, on the command line --allow-removal 39',
  );
  assert.deepEqual(refused.body.removals, [
    { kind: 'phones', removed: 39, of: 40, names: ['2000', '2001', '2002'] },
  ]);
  assert.equal(refused.body.allowRemoval, 39);
  const few = await apply(api, example, { query: '?allowRemoval=38' });
  assert.equal(few.status, 409);
  assert.equal((await apply(api, example, { query: '?allowRemoval=-1' })).status, 400);
  assert.equal((await api.store.current())?.version, 1);
  assert.equal((await apply(api, example, { query: '?allowRemoval=39' })).body.version, 2);
  await api.server.close();
});

test('OPS-01 a dry run says what would go and that it would be refused', async () => {
  const api = await apiUnderTest();
  await apply(api, withPhones(example, 39));
  const dry = await apply(api, example, { query: '?dryRun=true' });
  assert.equal(dry.status, 200);
  assert.deepEqual([dry.body.changeCount, dry.body.allowRemoval], [39, 39]);
  assert.equal(dry.body.removals[0]?.removed, 39);
  const allowed = await apply(api, example, { query: '?dryRun=true&allowRemoval=39' });
  assert.equal(allowed.body.allowRemoval, null);
  const small = await apply(api, withPhones(example, 36), { query: '?dryRun=true' });
  assert.deepEqual(small.body.removals[0]?.names, ['2036', '2037', '2038']);
  assert.equal(small.body.allowRemoval, null);
  assert.equal((await api.store.current())?.version, 1);
  await api.server.close();
});

test('OPS-01 an empty file, another file and one that was cut off change nothing', async () => {
  const api = await apiUnderTest();
  await apply(api, example);
  const wrong = [
    ['', /^is empty: a document is the whole configuration/],
    ['# all of it is a comment\n', /^is empty/],
    ['null', /^is empty/],
    ['{}', /^is empty/],
    ['Dear Sir or Madam', /must be a block of keys and values/],
    ['services: { web: { image: x } }', /is not known; known here: parameters/],
    [example.slice(0, example.indexOf('prefixes: [') + 8), /is no YAML/],
  ] as const;
  for (const [text, message] of wrong) {
    const { status, body } = await apply(api, text);
    assert.equal(status, 422, text);
    assert.match(body.mistakes[0]?.message ?? '', message);
  }
  for (const text of ['', 'null', '{}', '{"realm": "tandem"']) {
    assert.equal((await apply(api, text, { type: 'application/json' })).status, 422, text);
  }
  const nothingLeft = await apply(api, 'realm: tandem');
  assert.equal(nothingLeft.status, 409);
  assert.match(
    nothingLeft.body.detail,
    /^this would remove 1 of 1 rate groups \(standard\), 1 of 1 accounts \(demo\), 1 of 1 phones \(1001\)/,
  );
  const cutShort = await apply(api, example.slice(0, example.indexOf('routingGateways:')));
  assert.match(cutShort.body.detail, /2 of 2 routing gateways \(carrier-a, carrier-b\)/);
  assert.equal((await api.store.current())?.version, 1);
  await api.server.close();
});

test('OPS-01 of two documents made of the same version one is applied, the other told', async () => {
  const api = await apiUnderTest();
  await apply(api, example);
  const documents = ['3', '4', '5'].map((priority) =>
    example.replace('priority: 2', `priority: ${priority}`),
  );
  const guarded = await Promise.all(
    documents.map((document) => apply(api, document, { ifMatch: '"1"' })),
  );
  assert.deepEqual(guarded.map(({ status }) => status).toSorted(), [200, 412, 412]);
  const free = await Promise.all(
    ['6', '7', '8'].map((priority) =>
      apply(api, example.replace('priority: 2', `priority: ${priority}`)),
    ),
  );
  assert.deepEqual(free.map(({ body }) => body.version).toSorted(), [3, 4, 5]);
  const kept = await Promise.all([3, 4, 5].map((version) => api.store.get(version)));
  assert.deepEqual(
    kept.map((version) => version?.configuration.routingGateways[1]?.priority).toSorted(),
    [6, 7, 8],
  );
  await api.server.close();
});
