import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apiWithExample } from '../../api-under-test.ts';

const URL_ = '/api/v1/parameters';
const headers = { 'content-type': 'application/json' };

test('OPS-05 a parameter is told with its range and default, is set, and put back', async (t) => {
  const api = await apiWithExample();
  t.after(() => api.server.close());
  const url = `${URL_}/SS_AUTHCHALLENGEMODE`;
  const { body } = await api.ask({ url });
  const { description, ...told } = body as Record<string, unknown>;
  assert.match(String(description), /^How requests are challenged/);
  assert.deepEqual(told, {
    name: 'SS_AUTHCHALLENGEMODE',
    value: 3,
    default: 3,
    isSet: false,
    range: '1 to 3',
    unit: null,
    spec: 'AUTH-02',
  });
  const set = await api.ask({ method: 'PUT', url, headers, payload: '{"value": 2}' });
  assert.equal(set.status, 200);
  const current = await api.store.current();
  assert.deepEqual(current?.configuration.parameters, { SS_AUTHCHALLENGEMODE: 2 });
  const listed = await api.ask({ url: `${URL_}?set=true` });
  const { parameters } = listed.body as { parameters: readonly { name: string; value: unknown }[] };
  assert.deepEqual(
    parameters.map(({ name, value }) => [name, value]),
    [['SS_AUTHCHALLENGEMODE', 2]],
  );
  assert.equal((await api.ask({ method: 'DELETE', url })).status, 200);
  assert.deepEqual((await api.store.current())?.configuration.parameters, {});
});

test('OPS-05 a value out of range is refused with the range, a name that is none with the nearest', async (t) => {
  const api = await apiWithExample();
  t.after(() => api.server.close());
  const ask = async (name: string, payload: string) => {
    const url = `${URL_}/${name}`;
    const { status, text } = await api.ask({ method: 'PUT', url, headers, payload });
    return { status, text };
  };
  const far = await ask('SS_AUTHCHALLENGEMODE', '{"value": 7}');
  assert.equal(far.status, 422);
  assert.match(far.text, /is 7, must be 1 to 3/);
  const typo = await ask('SS_AUTHCHALENGEMODE', '{"value": 1}');
  assert.equal(typo.status, 404);
  assert.match(typo.text, /did you mean \\"SS_AUTHCHALLENGEMODE\\"/);
  assert.equal((await ask('SS_AUTHCHALLENGEMODE', '2')).status, 400);
  assert.equal((await ask('SS_AUTHCHALLENGEMODE', '{"value": [2]}')).status, 422);
  assert.equal((await api.store.current())?.version, 1);
});

test('OPS-05 two who set one parameter: the second is told, and nothing is lost', async () => {
  const api = await apiWithExample();
  const url = '/api/v1/parameters/SS_ENDPOINT_EXPIRE_MIN';
  const read = await api.ask({ url });
  const set = (value: number) =>
    api.ask({ method: 'PUT', url, payload: { value }, headers: { 'if-match': String(read.headers['etag']) } }); // prettier-ignore
  assert.equal((await set(90)).status, 200);
  const second = await set(120);
  assert.equal(second.status, 412);
  assert.equal((second.body as { type: string }).type, 'urn:tandem:problem:entry-changed');
  assert.equal(((await api.ask({ url })).body as { value: number }).value, 90);
  const reset = await api.ask({ method: 'DELETE', url, headers: { 'if-match': '"other"' } });
  assert.equal(reset.status, 412);
  await api.server.close();
});
