import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { run, type Received } from './command-line.ts';
import { runCli } from '../src/run-cli.ts';

const alice = {
  name: 'alice',
  displayName: 'Alice',
  role: 'operator',
  email: '',
  isDisabled: false,
  hasPassword: true,
  mustChangePassword: true,
  openIdSubject: 'sub-1',
  lockedUntil: null,
  lastSignIn: '2026-11-21T12:00:00.000Z',
  createdAt: '2026-11-20T12:00:00.000Z',
};

test('OPS-12 users are listed, added, changed, unlocked and removed', async () => {
  const users = { users: [alice], nextCursor: null, total: 1 };
  const listed = await run(['users'], { answer: () => users });
  assert.match(listed.stdout, /alice +operator +Alice +password, OpenID +must change password +2026-11-21 12:00:00/); // prettier-ignore
  const csv = await run(['users', '--csv'], { answer: () => users });
  assert.match(csv.stdout, /^name,displayName,role,/);

  const added = await run(['users', 'add', 'alice', '--role', 'operator', '--password'], { stdin: 'blue-green tangerine\nrest', answer: () => alice }); // prettier-ignore
  assert.deepEqual(JSON.parse(added.received[0]?.body ?? ''), { name: 'alice', role: 'operator', password: 'blue-green tangerine' }); // prettier-ignore
  assert.doesNotMatch(added.stdout + added.stderr, /tangerine/);
  const set = await run(['users', 'set', 'alice', '--disable', '--email', 'a@example.com'], { answer: () => ({ ...alice, isDisabled: true }) }); // prettier-ignore
  assert.deepEqual([set.received[0]?.method, set.received[0]?.path], ['PATCH', '/users/alice']);
  assert.deepEqual(JSON.parse(set.received[0]?.body ?? ''), { isDisabled: true, email: 'a@example.com' }); // prettier-ignore
  assert.match(set.stdout, /disabled/);
  const unlocked = await run(['users', 'unlock', 'alice'], { answer: () => alice });
  assert.equal(unlocked.received[0]?.path, '/users/alice/unlock');
  const removed = await run(['users', 'remove', 'alice']);
  assert.equal(removed.stdout, 'User alice is removed.\n');
});

test('OPS-12 a token is made, shown once, listed and revoked', async () => {
  const token = { id: 't1', user: 'alice', name: 'backup', role: 'read-only', createdAt: null, expiresAt: '2027-01-01T00:00:00Z', lastUsed: null }; // prettier-ignore
  const made = await run(['tokens', 'create', 'backup', '--days', '7', '--role', 'read-only'], { answer: () => ({ token, secret: 'tandem_abc' }) }); // prettier-ignore
  assert.equal(made.stdout, 'tandem_abc\nIt is shown this once, and good until 2027-01-01 00:00:00 UTC.\n'); // prettier-ignore
  assert.deepEqual(JSON.parse(made.received[0]?.body ?? ''), { name: 'backup', days: 7, role: 'read-only' }); // prettier-ignore
  const listed = await run(['tokens'], { answer: () => ({ tokens: [token] }) });
  assert.match(listed.stdout, /t1 +alice +backup +read-only +2027-01-01/);
  const revoked = await run(['tokens', 'revoke', 't1']);
  assert.deepEqual([revoked.received[0]?.method, revoked.stdout], ['DELETE', 'Token t1 is revoked.\n']); // prettier-ignore
});

test('OPS-12 the audit log shows what differs', async () => {
  const entry = { id: '7', at: '2026-11-21T12:00:00Z', user: 'alice', role: 'operator', method: 'password', address: '192.0.2.1', operation: 'changeConfiguredPhone', subject: '/configuration/phones/1001', status: 200, outcome: 'done', before: { lineLimit: 1, username: '1001' }, after: { lineLimit: 2, username: '1001' }, note: 'two' }; // prettier-ignore
  const answer = () => ({ entries: [entry, { ...entry, before: null }, { ...entry, after: null }], nextCursor: null }); // prettier-ignore
  const { received, stdout } = await run(['audit', '--user', 'alice'], { answer });
  assert.match(received[0]?.path ?? '', /^\/audit\?user=alice&limit=100/);
  assert.match(stdout, /phones\/1001 +done +lineLimit 1 → 2 +two/);
  assert.match(stdout, /done +new/);
  assert.match(stdout, /done +gone/);
  const csv = await run(['audit', '--csv'], { answer });
  assert.match(csv.stdout, /"\{""lineLimit"":1,""username"":""1001""\}"/);
});

test('OPS-12 sign-in by password leaves a token in a file that its owner alone reads, and no session', async () => {
  const home = mkdtempSync(join(tmpdir(), 'tandem-home-'));
  const seen: Received[] = [];
  let stdout = '';
  const around = {
    env: { XDG_CONFIG_HOME: home },
    stdin: [],
    stdout: (text: string) => (stdout += text),
    stderr: () => undefined,
    readSecret: () => Promise.resolve('blue-green tangerine'),
    fetch: async (input: URL | string, init?: RequestInit) => {
      const request = new Request(input, init);
      const path = new URL(request.url).pathname.replace('/api/v1', '');
      seen.push({ method: request.method, path, headers: new Headers(init?.headers), body: await request.text() }); // prettier-ignore
      if (path === '/sign-in') {
        const headers = new Headers();
        headers.append('set-cookie', 'tandem-session=s1; Path=/; HttpOnly');
        headers.append('set-cookie', 'tandem-csrf=c1; Path=/');
        return Response.json(
          { user: { role: 'operator' }, mustChangePassword: false },
          { headers },
        );
      }
      return Response.json({ secret: 'tandem_abc', token: { expiresAt: '2027-01-01T00:00:00Z' } });
    },
  } as unknown as Parameters<typeof runCli>[1];
  assert.equal(await runCli(['sign-in', 'alice'], around), 0);
  assert.equal(stdout, 'You are alice, operator, until 2027-01-01 00:00:00 UTC.\n');
  assert.deepEqual(seen.map(({ method, path }) => `${method} ${path}`), ['POST /sign-in', 'POST /tokens', 'DELETE /session']); // prettier-ignore
  assert.equal(seen[1]?.headers.get('x-csrf-token'), 'c1');
  assert.equal(seen[1].headers.get('cookie'), 'tandem-session=s1; tandem-csrf=c1');
  const file = join(home, 'tandem', 'token-127.0.0.1_8080');
  assert.equal(readFileSync(file, 'utf8'), 'tandem_abc\n');
  assert.equal(statSync(file).mode & 0o777, 0o600);
  // From then on it is the token that is sent, to this API alone.
  assert.equal(await runCli(['accounts'], around), 0);
  assert.equal(seen.at(-1)?.headers.get('authorization'), 'Bearer tandem_abc');
  assert.equal(await runCli(['--api', 'http://192.0.2.1:8080', 'accounts'], around), 4);
  assert.equal(await runCli(['sign-out'], around), 0);
  assert.equal(await runCli(['accounts'], around), 4);
  rmSync(home, { recursive: true });
});

test('OPS-12 a wrong sign-in tells what the API says, and a link is printed', async () => {
  const problem = {
    status: 429,
    problem: { detail: 'too many wrong sign-ins: try again in 15 min' },
  };
  const wrong = await run(['sign-in', 'alice'], { stdin: 'x\n', answer: () => problem });
  assert.deepEqual([wrong.code, wrong.stderr], [4, 'tandem: too many wrong sign-ins: try again in 15 min.\n']); // prettier-ignore
  const link = { url: 'http://127.0.0.1:8080/api/v1/sign-in/link?code=x', expiresAt: '2026-11-21T12:15:00Z' }; // prettier-ignore
  const printed = await run(['sign-in', '--link'], { answer: () => link });
  assert.equal(printed.received[0]?.path, '/users/admin/sign-in-link');
  assert.match(
    printed.stdout,
    /^http:.*\?code=x\nIt is good once, until 2026-11-21 12:15:00 UTC\.\n$/,
  );
  const session = {
    user: { name: 'alice', role: 'operator' },
    expiresAt: null,
    may: ['listCalls'],
  };
  const who = await run(['session'], { answer: () => session });
  assert.equal(who.stdout, 'You are alice, operator.\nYou may: listCalls\n');
});
