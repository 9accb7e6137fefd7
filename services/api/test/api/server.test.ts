import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { SwitchError } from '@tandem/domain';
import { openApiText } from '../../src/api/openapi.ts';
import { apiUnderTest, emptyPorts } from '../api-under-test.ts';

interface ProblemBody {
  readonly type: string;
  readonly status: number;
  readonly detail: string;
}

test('OPS-01 a request without the token, or with another, is answered 401 in words', async () => {
  const { server } = await apiUnderTest();
  for (const [authorization, detail] of [
    [undefined, /nobody is signed in: .* or send Authorization: Bearer/],
    ['Basic dTpw', /not of the form "Bearer TOKEN"/],
    ['Bearer wrong-token-text', /this token is not known/],
  ] as const) {
    const headers = authorization === undefined ? {} : { authorization };
    for (const url of ['/api/v1/accounts', '/api/v1/configuration', '/api/v1/explain/x']) {
      const answer = await server.inject({ url, headers });
      assert.equal(answer.statusCode, 401);
      assert.equal(answer.headers['www-authenticate'], 'Bearer realm="tandem"');
      assert.match(String(answer.headers['content-type']), /^application\/problem\+json/);
      assert.match(answer.json<ProblemBody>().detail, detail);
      assert.doesNotMatch(answer.payload, /wrong-token-text/);
    }
  }
  await server.close();
});

test('OPS-01 health and the OpenAPI description need no token', async () => {
  const { server } = await apiUnderTest();
  assert.deepEqual((await server.inject({ url: '/healthz' })).json(), { status: 'ok' });
  const description = (await server.inject({ url: '/api/v1/openapi.json' })).json<{
    openapi: string;
    paths: Record<string, unknown>;
  }>();
  assert.equal(description.openapi, '3.1.0');
  // All of them: docs/openapi.json, which is compared with the description (make generated-check).
  assert.ok('/api/v1/calls' in description.paths);
  await server.close();
});

test('OPS-01 docs/openapi.json is current', async () => {
  const file = new URL('../../../../docs/openapi.json', import.meta.url);
  assert.equal(readFileSync(file, 'utf8'), await openApiText(), 'run make docs');
});

test('OPS-01 every reference of the description leads to a schema that is there', async () => {
  const text = await openApiText();
  const { components } = JSON.parse(text) as { components: { schemas: Record<string, unknown> } };
  const references = [...text.matchAll(/"\$ref": "([^"]+)"/g)].map((match) => match[1] ?? '');
  assert.notEqual(references.length, 0);
  for (const reference of references) {
    const name = /^#\/components\/schemas\/(\w+)$/.exec(reference)?.[1] ?? '';
    assert.ok(Object.hasOwn(components.schemas, name), reference);
  }
});

test('OPS-01 what does not exist is answered 404 as a problem', async () => {
  const api = await apiUnderTest();
  const { status, body } = await api.ask({ url: '/api/v1/nothing?x=1' });
  assert.equal(status, 404);
  assert.match((body as ProblemBody).detail, /there is no GET \/api\/v1\/nothing: see/);
  await api.server.close();
});

test('OPS-01 a path that the router itself refuses is answered 400 as a problem', async () => {
  const { server } = await apiUnderTest();
  for (const [part, detail] of [
    ['0'.repeat(101), /longer than 100 characters/],
    ['%', /not a valid url component/],
  ] as const) {
    const answer = await server.inject({ method: 'DELETE', url: `/api/v1/calls/${part}` });
    assert.equal(answer.statusCode, 400);
    assert.match(String(answer.headers['content-type']), /^application\/problem\+json/);
    assert.match(answer.json<{ detail: string }>().detail, detail);
  }
  await server.close();
});

test('OPS-01 a service that is away is 503 with Retry-After for that request only', async () => {
  const billing = {
    ...emptyPorts().billing,
    listCdrs: () =>
      Promise.reject(
        new SwitchError('SWITCH_SERVICE_UNAVAILABLE', 'billing at 127.0.0.1:1: no connection'),
      ),
  };
  const api = await apiUnderTest({ billing });
  const { status, body, headers } = await api.ask({ url: '/api/v1/cdrs' });
  assert.equal(status, 503);
  assert.equal(headers['retry-after'], '2');
  assert.match((body as ProblemBody).detail, /billing at 127.0.0.1:1: no connection; try again/);
  assert.equal((await api.ask({ url: '/api/v1/calls' })).status, 200);
  await api.server.close();
});

test('OPS-01 a failure of ours tells nothing of the inside', async () => {
  const edge = {
    ...emptyPorts().edge,
    listCalls: () => Promise.reject(new Error('password of redis is 1234')),
  };
  const api = await apiUnderTest({ edge });
  const { status, text } = await api.ask({ url: '/api/v1/calls' });
  assert.equal(status, 500);
  assert.doesNotMatch(text, /1234/);
  await api.server.close();
});

test('OPS-01 what another service finds wrong with a request is 400 with its words', async () => {
  const billing = {
    ...emptyPorts().billing,
    listCdrs: () =>
      Promise.reject(
        new SwitchError('SWITCH_CONFIGURATION_INVALID', 'cursor "x" is not one of ours'),
      ),
  };
  const api = await apiUnderTest({ billing });
  const { status, body } = await api.ask({ url: '/api/v1/cdrs?cursor=x' });
  assert.equal(status, 400);
  assert.equal((body as ProblemBody).detail, 'cursor "x" is not one of ours');
  await api.server.close();
});

test('OPS-01 a query or body that does not fit is 400 with the reason', async () => {
  const api = await apiUnderTest();
  const wrong = [
    ['/api/v1/cdrs?limit=5000', /limit must be <= 1000/],
    ['/api/v1/cdrs?from=yesterday', /from is "yesterday", must be a time/],
    ['/api/v1/configuration/versions/x', /version must be integer/],
    ['/api/v1/route?from=a', /callee/],
  ] as const;
  for (const [url, detail] of wrong) {
    const { status, body } = await api.ask({ url });
    assert.equal(status, 400, url);
    assert.match((body as ProblemBody).detail, detail);
  }
  await api.server.close();
});
