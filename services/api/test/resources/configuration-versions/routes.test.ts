import assert from 'node:assert/strict';
import { createSecretKey } from 'node:crypto';
import { test } from 'node:test';
import { sealPasswords } from '@tandem/config';
import { apiUnderTest, example } from '../../api-under-test.ts';
import { apply, rollBack, URL_, withPhones } from '../configuration/applying.ts';

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

test('OPS-08 a version is brought back as a new one, with author and note', async () => {
  const api = await apiUnderTest();
  await apply(api, example);
  await apply(api, example.replace('tandem-demo', 'another').replace('priority: 2', 'priority: 3'));
  const dry = await rollBack(api, 1, { query: '?dryRun=true' });
  assert.deepEqual(dry.body.changes, [
    { subject: 'phone 1001', kind: 'changed', fields: ['password'] },
    { subject: 'routing gateway carrier-b', kind: 'changed', fields: ['priority: 3 → 2'] },
  ]);
  const back = await rollBack(api, 1);
  assert.deepEqual([back.status, back.body.version, back.headers['etag']], [200, 3, '"3"']);
  assert.equal((await rollBack(api, 1)).body.isChanged, false);
  const [first, , third] = await Promise.all([1, 2, 3].map((version) => api.store.get(version)));
  assert.deepEqual([third?.appliedBy, third?.note], ['api', 'rollback to version 1']);
  assert.equal((await apply(api, example)).body.isChanged, false, 'with the password of then');
  assert.deepEqual(
    { ...third?.configuration, phones: [] },
    { ...first?.configuration, phones: [] },
  );
  await rollBack(api, 2, { query: '?note=after%20all' });
  assert.equal((await api.store.get(4))?.note, 'after all');
  await api.server.close();
});

test('OPS-08 a rollback is checked for what it removes, for the version in effect, and for its own version', async () => {
  const api = await apiUnderTest();
  await apply(api, example);
  await apply(api, withPhones(example, 39));
  const refused = await rollBack(api, 1);
  assert.equal(refused.status, 409);
  assert.match(refused.body.detail, /^this would remove 39 of 40 phones/);
  assert.equal((await rollBack(api, 1, { ifMatch: '"1"' })).status, 412);
  assert.equal((await rollBack(api, 9)).status, 404);
  assert.equal((await rollBack(api, 1, { query: '?allowRemoval=39' })).body.version, 3);
  await api.server.close();
});

test('AUTH-12 a version whose passwords cannot be opened any more is not brought back', async () => {
  const api = await apiUnderTest();
  await apply(api, example);
  const current = await api.store.current();
  assert.ok(current);
  const configuration = sealPasswords(current.configuration, createSecretKey(Buffer.alloc(32, 8)));
  await api.store.apply(
    () => ({
      kind: 'new',
      version: 2,
      configuration,
      changes: [],
      removal: { removals: [], total: 0, isAllowed: true },
      openings: [],
    }),
    { appliedBy: 'test', note: '', isDryRun: false },
  );
  const { status, body } = await rollBack(api, 2);
  assert.equal(status, 422);
  assert.match(body.mistakes[0]?.message ?? '', /no key of TANDEM_SECRET_KEY_FILE opens/);
  await api.server.close();
});
