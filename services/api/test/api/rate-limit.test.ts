import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apiUnderTest } from '../api-under-test.ts';
import { headersOf, signedInAs } from '../operators-under-test.ts';

test('OPS-01 who asks more than is allowed gets 429 with Retry-After, and others do not', async () => {
  const api = await apiUnderTest({}, undefined, { requestsPerMinute: 20 });
  const alice = headersOf(await signedInAs(api.operators, 'operator', 'alice'));
  const bob = headersOf(await signedInAs(api.operators, 'operator', 'bob'));
  const ask = (headers: Record<string, string>) =>
    api.server.inject({ url: '/api/v1/calls', headers });
  const statuses: number[] = [];
  for (let at = 0; at < 21; at++) statuses.push((await ask(alice)).statusCode);
  assert.deepEqual([statuses.indexOf(429), statuses.length], [20, 21]);
  const refused = await ask(alice);
  assert.equal(refused.headers['content-type'], 'application/problem+json; charset=utf-8');
  assert.equal(refused.json<{ type: string }>().type, 'urn:tandem:problem:too-many-requests');
  const seconds = Number(refused.headers['retry-after']);
  assert.ok(seconds >= 1 && seconds <= 60, String(seconds));
  assert.equal((await ask(bob)).statusCode, 200);
  await api.server.close();
});

test('OPS-01 a stranger may ask a tenth, and those who are signed in are not held for it', async () => {
  const api = await apiUnderTest({}, undefined, { requestsPerMinute: 30 });
  const statuses: number[] = [];
  for (let at = 0; at < 5; at++) {
    const headers = { authorization: `Bearer wrong-${String(at)}` };
    statuses.push((await api.server.inject({ url: '/api/v1/calls', headers })).statusCode);
  }
  assert.deepEqual(statuses, [401, 401, 401, 429, 429]);
  assert.equal((await api.ask({ url: '/api/v1/calls' })).status, 200);
  await api.server.close();
});
