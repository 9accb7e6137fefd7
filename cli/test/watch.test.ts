import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { run } from './command-line.ts';

const call = (callId: string, state: string) => ({ callId, state, caller: '1', callee: '2' });
const event = (name: string, data: object) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;

const stream = [
  'retry: 2000\n\n',
  event('calls', { isWhole: true, key: 'callId', rows: [call('a', 'ringing'), call('b', 'ringing')], removed: [], total: 2 }), // prettier-ignore
  ':\n\n',
  event('problem', { detail: 'no edge answers' }),
  event('calls', { isWhole: false, key: 'callId', rows: [call('b', 'answered')], removed: ['a'], total: 7 }), // prettier-ignore
  event('end', { reason: 'session-ended' }),
].join('');

test('OPS-02 --watch shows a list anew as it changes, and says why it ends', async () => {
  const { code, received, stderr, stdout } = await run(['calls', '--watch', '--account', 'demo'], { answer: () => stream }); // prettier-ignore
  assert.equal(received[0]?.path, '/live?account=demo&limit=100&topics=calls');
  const [first = '', second = ''] = stdout.split('no edge answers\n');
  assert.match(first, /ringing .* a\n.*ringing .* b\n$/s);
  assert.match(second, /answered/);
  assert.doesNotMatch(second, /ringing/);
  assert.match(second, /1 of 7; more with --limit/);
  assert.deepEqual([code, stderr], [4, 'tandem: The token has expired or was revoked.\n']);
});

test('OPS-02 --watch with --json writes each event as it comes', async () => {
  const { stdout } = await run(['--json', 'gateways', '--watch'], { answer: () => event('gateways', { isWhole: true, key: 'name', rows: [], removed: [], total: 0 }) }); // prettier-ignore
  assert.deepEqual(JSON.parse(stdout), { event: 'gateways', isWhole: true, key: 'name', rows: [], removed: [], total: 0 }); // prettier-ignore
});

test('OPS-02 registrations are watched by when they expire', async () => {
  const rows = [{ phone: '1001', contact: 'sip:x', instance: '', regId: 0, expiresAt: '2026-11-21T12:00:00Z' }]; // prettier-ignore
  const { received, stdout } = await run(['registrations', '--watch', '--phone', '10*'], { answer: () => event('registrations', { isWhole: true, key: 'phone,contact,instance,regId', rows, removed: [], total: 1 }) }); // prettier-ignore
  assert.match(received[0]?.path ?? '', /phone=10/);
  assert.match(stdout, /EXPIRES \(UTC\)/);
  assert.match(stdout, /1001 .*2026-11-21 12:00:00/);
});

/** What bash offers where the cursor stands at the end. */
async function offered(...words: string[]): Promise<string[]> {
  const { stdout: script } = await run(['completion', 'bash']);
  const line = words.map((word) => `'${word}'`).join(' ');
  const probe = `${script}\nCOMP_WORDS=(tandem ${line}); COMP_CWORD=${String(words.length)}; _tandem; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { status, stderr, stdout } = spawnSync('bash', ['-c', probe], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  return stdout.trim().split('\n');
}

test('OPS-01 bash completes commands, those below them, and options', async () => {
  assert.deepEqual(await offered('regis'), ['registrations']);
  assert.deepEqual(await offered('users', 'un'), ['unlock']);
  assert.ok((await offered('calls', '--')).includes('--watch'));
  assert.ok((await offered('calls', '--')).includes('--json'));
  assert.deepEqual(await offered('--json', 'calls', 'ha'), ['hang-up']);
});

test('OPS-01 zsh is given all commands, too', async () => {
  const { stdout } = await run(['completion', 'zsh']);
  assert.match(stdout, /^#compdef tandem\n/);
  for (const path of ['users unlock', 'calls hang-up', 'configuration', 'phones set']) {
    if (path !== 'configuration') assert.ok(stdout.includes(`"${path}") next=`), path);
  }
  const wrong = await run(['completion', 'fish']);
  assert.equal(wrong.code, 2);
});
