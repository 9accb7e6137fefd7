import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { createLogger } from '@tandem/service';
import { apiUnderTest, example, TEST_TOKEN } from '../api-under-test.ts';

test('AUTH-12 no token and no password is ever logged', async () => {
  let log = '';
  const destination = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      log += chunk.toString();
      done();
    },
  });
  const failing = () => Promise.reject(new Error('broken'));
  const edge = {
    listCalls: failing,
    getCall: failing,
    hangUp: failing,
    getStatus: failing,
    listPods: failing,
    testNetwork: failing,
    testAddresses: failing,
  };
  const { server } = await apiUnderTest(
    { edge },
    createLogger('api', { level: 'trace', destination }),
  );
  const ask = (token: string, url: string, payload?: string) =>
    server.inject({
      method: payload === undefined ? 'GET' : 'PUT',
      url: `/api/v1${url}`,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/yaml' },
      ...(payload === undefined ? {} : { payload }),
    });
  assert.equal((await ask(TEST_TOKEN, '/configuration', example)).statusCode, 200);
  assert.equal((await ask(TEST_TOKEN, '/configuration', `${example}\nnix: 1`)).statusCode, 422);
  assert.equal((await ask(TEST_TOKEN, '/calls')).statusCode, 500);
  assert.equal((await ask('wrong-token', '/calls?token=wrong-token')).statusCode, 401);
  await server.close();
  assert.match(log, /"route":"\/api\/v1\/configuration","status":200/);
  assert.doesNotMatch(log, new RegExp(`${TEST_TOKEN}|wrong-token|tandem-demo`));
});
