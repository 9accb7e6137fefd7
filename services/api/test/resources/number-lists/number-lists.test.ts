import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apiUnderTest, example, TEST_TOKEN } from '../../api-under-test.ts';

const url = '/api/v1/number-lists';
const bearer = { authorization: `Bearer ${TEST_TOKEN}` };
const csv = { 'content-type': 'text/csv' };

async function opened() {
  const api = await apiUnderTest();
  const payload = `${example}\nnumberLists:\n  - { name: vip }\n  - { name: premium, match: prefix }\n`;
  const headers = { 'content-type': 'application/yaml' };
  const applied = await api.ask({ method: 'PUT', url: '/api/v1/configuration', payload, headers });
  assert.equal(applied.status, 200, applied.text);
  const put = (name: string, text: string, query = '') =>
    api.ask({ method: 'PUT', url: `${url}/${name}${query}`, payload: text, headers: csv });
  const ask = async (options: Parameters<typeof api.ask>[0]) => {
    const { status, body, text } = await api.ask(options);
    return { status, text, body: body as Body };
  };
  return {
    server: api.server,
    ask,
    put: async (name: string, text: string, query = '') => {
      const { status, body } = await put(name, text, query);
      return { status, body: body as Body };
    },
  };
}

/** What any of the answers may have. */
interface Body {
  readonly version?: number;
  readonly isChanged?: boolean;
  readonly added?: number;
  readonly removed?: number;
  readonly entry?: string | null;
  readonly detail?: string;
  readonly mistakes?: readonly { readonly path: string }[];
  readonly lists?: readonly {
    readonly name: string;
    readonly match: string;
    readonly numbers: number;
  }[];
  readonly versions?: readonly { readonly version: number; readonly note: string }[];
}

test('ROUTE-10 a file of numbers takes the place of what is in a list, and every number can be found', async () => {
  const api = await opened();
  const { ask, put } = api;
  const first = await put('vip', '\ufeffNumber;Since\r\n"+44 20 7946-0000";2020\r\n442079460001\r\n\r\n+442079460001\r\n#31#44\r\n'); // prettier-ignore
  assert.deepEqual(first.body, {
    name: 'vip',
    version: 1,
    isChanged: true,
    isDryRun: false,
    numbers: 3,
    added: 3,
    removed: 0,
    duplicates: 1,
  });
  const match = async (name: string, number: string) =>
    (await ask({ url: `${url}/${name}/match?number=${encodeURIComponent(number)}` })).body.entry;
  assert.equal(await match('vip', '+442079460000'), '442079460000');
  assert.equal(await match('vip', '44207946000'), null);
  const dry = await put('vip', '44\n', '?dryRun=true');
  assert.deepEqual([dry.body.version, dry.body.removed], [2, 3]);
  const again = await put('vip', '442079460001\n442079460000\n#31#44');
  assert.deepEqual([again.body.version, again.body.isChanged], [1, false]);
  await put('premium', 'prefix\n4490\n4487\n');
  assert.equal(await match('premium', '+449012345'), '4490');
  const exported = await ask({ url: `${url}/vip/numbers` });
  assert.equal(exported.text, 'number\n442079460000\n442079460001\n#31#44\n');
  const { lists } = (await ask({ url })).body;
  assert.deepEqual(
    lists?.map(({ name, match: how, numbers }) => [name, how, numbers]),
    [
      ['premium', 'prefix', 2],
      ['vip', 'exact', 3],
    ],
  );
  await api.server.close();
});

test('ROUTE-10 lines that hold no number are named, and nothing is imported', async () => {
  const api = await opened();
  const { ask, put } = api;
  await put('vip', '44\n');
  const wrong = await put('vip', 'number\n4420\n44x20\n,\n"",x\n123\nnone\n');
  assert.equal(wrong.status, 422);
  assert.deepEqual(wrong.body.mistakes, [
    { path: '', message: 'is "44x20", must be a number of 1 to 32 digits, * or #, such as 442079460000', line: 3 }, // prettier-ignore
    { path: '', message: 'is "none", must be a number of 1 to 32 digits, * or #, such as 442079460000', line: 7 }, // prettier-ignore
  ]);
  const many = await put('vip', `1\n${'x\n'.repeat(150)}`);
  assert.equal(many.body.mistakes?.length, 100);
  assert.match(many.body.detail ?? '', /^150 lines .* the first 100 are named$/);
  assert.equal((await put('vip', 'number\n')).status, 422);
  const unknown = await put('vipp', '44\n');
  assert.equal(unknown.status, 404);
  assert.match(unknown.body.detail ?? '', /did you mean "vip"\?/);
  assert.equal((await ask({ url: `${url}/vip/numbers` })).text, 'number\n44\n');
  await api.server.close();
});

test('ROUTE-10 numbers are added and removed, and a version is brought back', async () => {
  const api = await opened();
  const { ask, put } = api;
  await put('vip', '44\n45\n');
  const change = async (payload: object) =>
    ask({ method: 'POST', url: `${url}/vip/changes`, payload });
  const changed = await change({ add: ['+46', '44'], remove: ['45'] });
  assert.deepEqual([changed.body.version, changed.body.added, changed.body.removed], [2, 1, 1]); // prettier-ignore
  const wrong = await change({ remove: ['45', 'x'] });
  assert.deepEqual([wrong.status, wrong.body.mistakes?.[0]?.path], [422, 'remove[1]']); // prettier-ignore
  const back = await ask({ method: 'POST', url: `${url}/vip/versions/1/rollback` });
  assert.equal(back.body.version, 3);
  assert.equal((await ask({ url: `${url}/vip/numbers` })).text, 'number\n44\n45\n');
  const { versions } = (await ask({ url: `${url}/vip/versions` })).body;
  assert.deepEqual(
    versions?.map(({ version, note }) => [version, note]),
    [
      [3, 'rollback to version 1'],
      [2, ''],
      [1, ''],
    ],
  );
  assert.equal((await ask({ method: 'POST', url: `${url}/vip/versions/9/rollback` })).status, 404);
  assert.equal((await ask({ url: `${url}/premium/numbers` })).status, 404);
  await api.server.close();
});

test('ROUTE-10 who has seen another version of a list than the one in effect changes nothing', async () => {
  const { ask, put, server } = await opened();
  assert.equal((await put('vip', '442079460000\n')).status, 200);
  const change = (tag: string, add: string) =>
    ask({
      method: 'POST',
      url: `${url}/vip/changes`,
      payload: { add: [add] },
      headers: { 'if-match': tag },
    });
  const first = await change('"1"', '442079460001');
  assert.deepEqual([first.status, first.body.version], [200, 2]);
  const second = await change('"1"', '442079460002');
  assert.equal(second.status, 412);
  assert.match(second.body.detail ?? '', /version 2 is in effect/);
  const rollback = { method: 'POST', url: `${url}/vip/versions/1/rollback` } as const;
  assert.equal((await ask({ ...rollback, headers: { 'if-match': '"1"' } })).status, 412);
  assert.equal((await change('*', '442079460003')).status, 200);
  const { headers } = await server.inject({ url: `${url}/vip/versions`, headers: bearer });
  assert.equal(headers.etag, '"3"');
  await server.close();
});
