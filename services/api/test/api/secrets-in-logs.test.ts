import assert from 'node:assert/strict';
import { createSecretKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { createLogger } from '@tandem/service';
import { memoryConfigurationStore } from '../../src/adapters/memory-configuration-store.ts';
import { buildServer } from '../../src/api/server.ts';
import { emptyPorts } from '../api-under-test.ts';

const example = readFileSync(
  new URL('../../../../examples/first-call.yaml', import.meta.url),
  'utf8',
);

test('AUTH-12 no token and no password is ever logged', async () => {
  let log = '';
  const destination = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      log += chunk.toString();
      done();
    },
  });
  const failing = () => Promise.reject(new Error('broken'));
  const server = await buildServer({
    ports: {
      ...emptyPorts(),
      edge: {
        listCalls: failing,
        getCall: failing,
        getStatus: failing,
        listPods: failing,
        testNetwork: failing,
      },
    },
    documents: {
      store: memoryConfigurationStore(),
      secretKey: createSecretKey(Buffer.alloc(32, 7)),
    },
    token: { path: '', isRight: (token) => token === 'right-token' },
    logger: createLogger('api', { level: 'trace', destination }),
  });
  const ask = (token: string, url: string, payload?: string) =>
    server.inject({
      method: payload === undefined ? 'GET' : 'PUT',
      url: `/api/v1${url}`,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/yaml' },
      ...(payload === undefined ? {} : { payload }),
    });
  assert.equal((await ask('right-token', '/configuration', example)).statusCode, 200);
  assert.equal((await ask('right-token', '/configuration', `${example}\nnix: 1`)).statusCode, 422);
  assert.equal((await ask('right-token', '/calls')).statusCode, 500);
  assert.equal((await ask('wrong-token', '/calls?token=wrong-token')).statusCode, 401);
  await server.close();
  assert.match(log, /"route":"\/api\/v1\/configuration","status":200/);
  assert.doesNotMatch(log, /right-token|wrong-token|tandem-demo/);
});
