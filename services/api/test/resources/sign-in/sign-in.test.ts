import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JournalNote } from '@tandem/domain';
import { hashPassword } from '../../../src/adapters/password-hash.ts';
import { apiUnderTest, type ApiUnderTest } from '../../api-under-test.ts';
import { operatorNamed, type OperatorOptions } from '../../operators-under-test.ts';

const PASSWORD = 'correct horse battery';
const hash = hashPassword(PASSWORD);

interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly httpOnly?: boolean;
  readonly secure?: boolean;
  readonly sameSite?: string;
  readonly path?: string;
}

async function apiWithAlice(options: OperatorOptions = {}): Promise<ApiUnderTest> {
  const api = await apiUnderTest({}, undefined, options);
  const password = await hash;
  await api.operators.store.create(operatorNamed('alice', { role: 'operator', password }));
  return api;
}

async function signIn({ server }: ApiUnderTest, name: string, password: string) {
  const payload = { name, password };
  const answer = await server.inject({ method: 'POST', url: '/api/v1/sign-in', payload });
  const cookies = new Map((answer.cookies as Cookie[]).map((each) => [each.name, each]));
  const body = answer.json<{ type?: string; detail?: string; user?: unknown; may: string[] }>();
  return {
    status: answer.statusCode,
    cookies,
    body,
    headers: answer.headers,
    text: answer.payload,
  };
}

test('OPS-12 a right password begins a session in a cookie that no script can read', async () => {
  const noted: JournalNote[] = [];
  const api = await apiWithAlice({ noted, publicUrl: 'https://tandem.example.com' });
  const { body, cookies, headers, status, text } = await signIn(api, 'alice', PASSWORD);
  assert.equal(status, 200);
  assert.deepEqual(body.user, { name: 'alice', displayName: '', role: 'operator' });
  const [session, csrf] = [cookies.get('tandem-session'), cookies.get('tandem-csrf')];
  assert.ok(session && csrf);
  const { httpOnly, path, sameSite, secure } = session;
  assert.deepEqual([httpOnly, path, sameSite, secure], [true, '/', 'Strict', true]);
  assert.deepEqual([csrf.httpOnly, csrf.sameSite, csrf.secure], [undefined, 'Strict', true]);
  assert.equal(headers['cache-control'], 'no-store');
  for (const secret of [session.value, csrf.value, PASSWORD]) assert.equal(text.includes(secret), false); // prettier-ignore
  const cookie = `tandem-session=${session.value}`;
  const asked = await api.server.inject({ url: '/api/v1/calls', headers: { cookie } });
  assert.equal(asked.statusCode, 200);
  const [note] = noted;
  assert.ok(note?.cause === 'signed-in');
  assert.deepEqual(note.facts, { operator: 'alice', method: 'password' });
  const [entry] = ((await api.ask({ url: '/api/v1/audit' })).body as { entries: Record<string, unknown>[] }).entries; // prettier-ignore
  assert.deepEqual([entry?.['user'], entry?.['operation'], entry?.['outcome']], ['alice', 'signIn', 'done']); // prettier-ignore
  await api.server.close();
});

test('OPS-12 over plain http cookies are not bound to TLS', async () => {
  const api = await apiWithAlice();
  const { cookies } = await signIn(api, 'alice', PASSWORD);
  assert.equal(cookies.get('tandem-session')?.secure, undefined);
  await api.server.close();
});

test('OPS-12 a wrong name, a wrong password and a disabled user are answered alike', async () => {
  const noted: JournalNote[] = [];
  const api = await apiWithAlice({ noted });
  await api.operators.store.create(
    operatorNamed('bob', { password: await hash, isDisabled: true }),
  );
  await api.operators.store.create(operatorNamed('carol'));
  const answers = [
    await signIn(api, 'alice', 'another one than hers'),
    await signIn(api, 'nobody', PASSWORD),
    await signIn(api, 'bob', PASSWORD),
    await signIn(api, 'carol', ''),
  ];
  for (const { body, cookies, status } of answers) {
    assert.deepEqual([status, body.type], [401, 'urn:tandem:problem:wrong-credentials']);
    assert.deepEqual(body, answers[0]?.body);
    assert.equal(cookies.size, 0);
  }
  const faults = noted.map((note) => note.cause === 'sign-in-refused' && note.facts.fault);
  assert.deepEqual(faults, ['wrong password', 'nobody has this name', 'the operator is disabled', 'wrong password']); // prettier-ignore
  await api.server.close();
});

test('OPS-12 the fifth wrong password in a row locks the name, right ones too, until the time is over', async () => {
  let now = Date.now();
  const api = await apiWithAlice({ now: () => new Date(now) });
  for (let at = 0; at < 5; at++) {
    assert.equal((await signIn(api, 'alice', `wrong password ${String(at)}`)).status, 401);
  }
  const locked = await signIn(api, 'alice', PASSWORD);
  assert.deepEqual([locked.status, locked.body.type], [429, 'urn:tandem:problem:locked-out']);
  assert.ok(Number(locked.headers['retry-after']) > 0);
  assert.match(locked.body.detail ?? '', /try again in \d+ min, or ask an administrator/);
  const { body } = await api.ask({ url: '/api/v1/users/alice' });
  assert.notEqual((body as { lockedUntil: unknown }).lockedUntil, null);
  now += 15 * 60_000;
  assert.equal((await signIn(api, 'alice', PASSWORD)).status, 200);
  await api.server.close();
});

test('OPS-12 a name that nobody has is locked like one that somebody has', async () => {
  const api = await apiWithAlice();
  const statuses: number[] = [];
  for (let at = 0; at < 6; at++) statuses.push((await signIn(api, 'nobody', 'x')).status);
  assert.deepEqual(statuses, [401, 401, 401, 401, 401, 429]);
  assert.equal((await signIn(api, 'alice', PASSWORD)).status, 200);
  await api.server.close();
});

test('OPS-12 an address that guesses many names is locked, and others are not', async () => {
  const api = await apiWithAlice();
  const statuses: number[] = [];
  for (let at = 0; at < 21; at++) statuses.push((await signIn(api, `name-${String(at)}`, 'x')).status); // prettier-ignore
  assert.deepEqual([statuses.indexOf(429), statuses.length], [20, 21]);
  assert.equal((await signIn(api, 'alice', PASSWORD)).status, 429);
  const payload = { name: 'alice', password: PASSWORD };
  const elsewhere = { method: 'POST', url: '/api/v1/sign-in', payload, remoteAddress: '192.0.2.9' } as const; // prettier-ignore
  assert.equal((await api.server.inject(elsewhere)).statusCode, 200);
  await api.server.close();
});

test('OPS-12 who has a password does not wipe out his guesses at those of others by it', async () => {
  const api = await apiWithAlice();
  const statuses: number[] = [];
  for (let at = 0; at < 21; at++) {
    statuses.push((await signIn(api, `name-${String(at)}`, 'x')).status);
    if (at % 4 === 3 && at < 20) assert.equal((await signIn(api, 'alice', PASSWORD)).status, at === 19 ? 429 : 200); // prettier-ignore
  }
  assert.equal(statuses.at(-1), 429);
  await api.server.close();
});

test('OPS-12 an administrator unlocks whoever is locked out', async () => {
  const api = await apiWithAlice();
  for (let at = 0; at < 6; at++) await signIn(api, 'alice', 'x');
  const unlocked = await api.ask({ method: 'POST', url: '/api/v1/users/alice/unlock' });
  assert.equal((unlocked.body as { lockedUntil: unknown }).lockedUntil, null);
  assert.equal((await signIn(api, 'alice', PASSWORD)).status, 200);
  await api.server.close();
});

test('OPS-12 a one-time link signs in once', async () => {
  const api = await apiWithAlice();
  const { body } = await api.ask({ method: 'POST', url: '/api/v1/users/alice/sign-in-link' });
  const { pathname, search } = new URL((body as { url: string }).url);
  const follow = () => api.server.inject({ url: `${pathname}${search}` });
  const first = await follow();
  assert.deepEqual([first.statusCode, first.headers.location], [303, '/']);
  assert.equal(first.headers['referrer-policy'], 'no-referrer');
  const [session] = first.cookies as Cookie[];
  const cookie = `tandem-session=${session?.value ?? ''}`;
  const who = await api.server.inject({ url: '/api/v1/session', headers: { cookie } });
  assert.equal(who.json<{ method: string }>().method, 'link');
  const second = await follow();
  assert.equal(second.headers.location, '/sign-in?problem=link-expired');
  assert.equal(second.cookies.length, 0);
  await api.server.close();
});

test('OPS-12 the first link is of an admin, who is made where there is nobody', async () => {
  const api = await apiUnderTest();
  const { signIns, store } = api.operators;
  assert.equal((await signIns.createFirstLink())?.name, 'admin');
  assert.equal((await signIns.createFirstLink())?.name, 'admin');
  assert.deepEqual((await store.list()).map(({ name, role }) => [name, role]), [['admin', 'administrator']]); // prettier-ignore
  await api.server.close();
  const other = await apiWithAlice();
  assert.equal(await other.operators.signIns.createFirstLink(), undefined);
  await other.operators.store.create(operatorNamed('zoe', { role: 'administrator' }));
  assert.equal((await other.operators.signIns.createFirstLink())?.name, 'zoe');
  await other.server.close();
});

test('OPS-12 how one signs in is told to everybody', async () => {
  const api = await apiUnderTest();
  const answer = await api.server.inject({ url: '/api/v1/sign-in' });
  assert.deepEqual(answer.json(), { password: true, openId: null, rules: { minLength: 12 } });
  const openId = await api.server.inject({ url: '/api/v1/sign-in/openid' });
  assert.equal(openId.statusCode, 404);
  await api.server.close();
});
