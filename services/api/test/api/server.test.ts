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
  assert.deepEqual(Object.keys(description.paths).sort(), [
    '/api/v1/accounts',
    '/api/v1/accounts/{name}',
    '/api/v1/accounts/{name}/payments',
    '/api/v1/accounts/{name}/statement',
    '/api/v1/audit',
    '/api/v1/authentication-failures',
    '/api/v1/blacklist',
    '/api/v1/blacklist/{source}',
    '/api/v1/call-analysis',
    '/api/v1/calls',
    '/api/v1/calls/{callId}',
    '/api/v1/calls/{callId}/messages',
    '/api/v1/cdr-export',
    '/api/v1/cdrs',
    '/api/v1/cdrs/{callId}',
    '/api/v1/configuration',
    '/api/v1/configuration/accounts',
    '/api/v1/configuration/accounts/{name}',
    '/api/v1/configuration/call-types',
    '/api/v1/configuration/call-types/{name}',
    '/api/v1/configuration/gateway-groups',
    '/api/v1/configuration/gateway-groups/{name}',
    '/api/v1/configuration/invoice-issuers',
    '/api/v1/configuration/invoice-issuers/{name}',
    '/api/v1/configuration/mapping-gateways',
    '/api/v1/configuration/mapping-gateways/{name}',
    '/api/v1/configuration/number-lists',
    '/api/v1/configuration/number-lists/{name}',
    '/api/v1/configuration/number-pools',
    '/api/v1/configuration/number-pools/{name}',
    '/api/v1/configuration/number-rules',
    '/api/v1/configuration/number-rules/{name}',
    '/api/v1/configuration/phones',
    '/api/v1/configuration/phones/{name}',
    '/api/v1/configuration/rate-groups',
    '/api/v1/configuration/rate-groups/{name}',
    '/api/v1/configuration/route-policies',
    '/api/v1/configuration/route-policies/{name}',
    '/api/v1/configuration/routing-gateways',
    '/api/v1/configuration/routing-gateways/{name}',
    '/api/v1/configuration/schedules',
    '/api/v1/configuration/schedules/{name}',
    '/api/v1/configuration/versions',
    '/api/v1/configuration/versions/{version}',
    '/api/v1/configuration/versions/{version}/rollback',
    '/api/v1/disputes',
    '/api/v1/disputes/{id}',
    '/api/v1/disputes/{id}/differences',
    '/api/v1/disputes/{id}/file',
    '/api/v1/explain',
    '/api/v1/explain/registration/{phone}',
    '/api/v1/explain/{callId}',
    '/api/v1/gateway-rests',
    '/api/v1/gateway-rests/{gateway}',
    '/api/v1/gateways',
    '/api/v1/gateways/{gateway}',
    '/api/v1/gateways/{gateway}/test',
    '/api/v1/invoices',
    '/api/v1/invoices/{id}',
    '/api/v1/invoices/{id}/credit-notes',
    '/api/v1/invoices/{id}/issue',
    '/api/v1/journal',
    '/api/v1/lines',
    '/api/v1/live',
    '/api/v1/network-tests',
    '/api/v1/number-lists',
    '/api/v1/number-lists/{name}',
    '/api/v1/number-lists/{name}/changes',
    '/api/v1/number-lists/{name}/match',
    '/api/v1/number-lists/{name}/numbers',
    '/api/v1/number-lists/{name}/versions',
    '/api/v1/number-lists/{name}/versions/{version}/rollback',
    '/api/v1/outbound-registrations',
    '/api/v1/outbound-registrations/{gateway}/retry',
    '/api/v1/parameters',
    '/api/v1/parameters/{name}',
    '/api/v1/payments',
    '/api/v1/pods',
    '/api/v1/reconciliations',
    '/api/v1/registrations',
    '/api/v1/registrations/analysis',
    '/api/v1/registrations/history',
    '/api/v1/registrations/{phone}/messages',
    '/api/v1/route',
    '/api/v1/session',
    '/api/v1/session/password',
    '/api/v1/sessions',
    '/api/v1/sessions/{id}',
    '/api/v1/sign-in',
    '/api/v1/sign-in/link',
    '/api/v1/sign-in/openid',
    '/api/v1/sign-in/openid/callback',
    '/api/v1/status',
    '/api/v1/summaries/{side}',
    '/api/v1/suspensions',
    '/api/v1/suspensions/{terminal}',
    '/api/v1/tokens',
    '/api/v1/tokens/{id}',
    '/api/v1/traces',
    '/api/v1/traces/{id}',
    '/api/v1/traces/{id}/messages',
    '/api/v1/users',
    '/api/v1/users/{name}',
    '/api/v1/users/{name}/sign-in-link',
    '/api/v1/users/{name}/unlock',
  ]);
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
