import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { secretKeyFrom } from '@tandem/config';
import { silentLogger } from '@tandem/service';
import { createApiApp, type ApiApp } from '../src/app.ts';
import { emptyPorts } from './api-under-test.ts';
import { openDatabase } from './postgres.ts';

const secretKey = secretKeyFrom(Buffer.alloc(32, 3).toString('base64'));

/** Pods of the api on one database. */
async function openPods(context: TestContext, count: number): Promise<ApiApp[]> {
  const { url: postgresUrl } = await openDatabase(context);
  const dataDir = await mkdtemp(join(tmpdir(), 'tandem-api-'));
  context.after(() => rm(dataDir, { recursive: true }));
  const config = { listen: '127.0.0.1:0', dataDir, postgresUrl };
  const resources = { logger: silentLogger(), secretKey, ports: emptyPorts() };
  const pods = await Promise.all(
    Array.from({ length: count }, () => createApiApp(config, resources)),
  );
  for (const pod of pods) await pod.start();
  return pods;
}

interface Sent {
  readonly method?: string;
  readonly body?: object;
  readonly headers?: Record<string, string>;
}

async function send({ url }: ApiApp, path: string, { body, headers = {}, method = 'GET' }: Sent = {}) {
  const response = await fetch(`${url}/api/v1${path}`, {
    method,
    redirect: 'manual',
    headers: { ...headers, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const cookies = response.headers.getSetCookie().map((each) => each.split(';')[0] ?? '');
  const csrf = cookies.find((each) => each.startsWith('tandem-csrf='))?.slice('tandem-csrf='.length); // prettier-ignore
  return {
    status: response.status,
    body: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>,
    headers: { cookie: cookies.join('; '), 'x-csrf-token': csrf ?? '' },
  };
} // prettier-ignore

const alice = { name: 'alice', role: 'operator', password: 'blue-green tangerine', mustChangePassword: false }; // prettier-ignore

test('OPS-12 any pod takes any request: a session, a token and a lock of one are those of all', async (context) => {
  const pods = await openPods(context, 2);
  const [one, two] = pods as [ApiApp, ApiApp];
  const token = (await readFile(one.tokenFile, 'utf8')).trim();
  const asFile = { authorization: `Bearer ${token}` };
  const created = await send(one, '/users', { method: 'POST', body: alice, headers: asFile });
  assert.equal(created.status, 200);
  const { name, password } = alice;
  const { headers } = await send(one, '/sign-in', { method: 'POST', body: { name, password } });
  const made = await send(two, '/tokens', { method: 'POST', body: { name: 'x' }, headers });
  assert.equal(made.status, 200);
  const authorization = `Bearer ${String(made.body['secret'])}`;
  for (const pod of pods) {
    assert.equal((await send(pod, '/calls', { headers })).status, 200);
    assert.equal((await send(pod, '/calls', { headers: { authorization } })).status, 200);
  }
  // Guesses at both at once are counted together, before any password is looked at.
  const guesses = await Promise.all(
    Array.from(
      { length: 20 },
      (_, at) =>
      send(at % 2 === 0 ? one : two, '/sign-in', { method: 'POST', body: { name, password: `guess ${String(at)}` } }), // prettier-ignore
    ),
  );
  assert.equal(guesses.filter(({ status }) => status === 401).length, 5);
  assert.equal(guesses.filter(({ status }) => status === 429).length, 15);
  for (const pod of pods) {
    const right = await send(pod, '/sign-in', { method: 'POST', body: { name, password } });
    assert.equal(right.status, 429);
  }
  // Who is signed in goes on, and a session that one ends is over on both.
  assert.equal((await send(two, '/session', { method: 'DELETE', headers })).status, 200);
  for (const pod of pods) assert.equal((await send(pod, '/calls', { headers })).status, 401);
  const audit = await send(two, '/audit?user=alice&operation=createToken', { headers: asFile });
  assert.equal((audit.body['entries'] as object[]).length, 1);
  for (const pod of pods) await pod.stop();
});

test('OPS-12 sessions outlive the pod that began them; the first link is good once on all', async (context) => {
  const [one, two] = (await openPods(context, 2)) as [ApiApp, ApiApp];
  const link = new URL((await one.signInLink()) ?? '');
  const path = `${link.pathname}${link.search}`.replace('/api/v1', '');
  const entered = await send(two, path);
  assert.equal(entered.status, 303);
  await two.stop();
  const session = await send(one, '/session', { headers: entered.headers });
  assert.deepEqual([session.status, session.body['method']], [200, 'link']);
  const again = await send(one, path);
  assert.equal(again.headers.cookie, '');
  await one.stop();
});
