import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exitCodes } from '../src/cli-error.ts';
import { run } from './command-line.ts';

const explanation = {
  summary: 'Refused with 403 Insufficient balance: account demo has 0.0041 and an overdraft of 0.',
  change: 'Book a payment.',
  attempts: [{ text: 'carrier-a failed.' }],
  steps: [
    {
      text: 'Account demo has 0.0041.',
      decision: { service: 'routing', at: '2026-11-21T12:00:01.000Z' },
    },
    { text: 'Old.', decision: { service: 'edge', at: null } },
  ],
  others: ['c2', 'c3'],
};

test('OPS-09 explain tells summary, change, attempts and steps', async () => {
  const { stdout, received } = await run(['explain', 'a/b@c'], { answer: () => explanation });
  assert.equal(received[0]?.path, '/explain/a%2Fb%40c');
  assert.deepEqual(stdout.split('\n'), [
    'Refused with 403 Insufficient balance: account demo has 0.0041 and an overdraft of 0.',
    'What would change it: Book a payment.',
    'Attempts',
    '  1. carrier-a failed.',
    'Steps',
    '  12:00:01  routing  Account demo has 0.0041.',
    '            edge     Old.',
    'Other calls with this Call-ID: c2, c3',
    'SIP messages: tandem messages a/b@c',
    '',
  ]);
});

test('OPS-09 explain --json is one object a line, and short answers stay short', async () => {
  const { stdout } = await run(['explain', 'x', '--json'], { answer: () => explanation });
  assert.deepEqual(JSON.parse(stdout), explanation);
  const short = await run(['explain', 'x'], {
    answer: () => ({ summary: 'In progress: routing.', change: null }),
  });
  assert.equal(short.stdout, 'In progress: routing.\nSIP messages: tandem messages x\n');
});

test('OPS-09 a call id that begins with a dash is no option', async () => {
  const answer = () => explanation;
  for (const id of ['-7IhyJVrZuHljnHI', '--odd', '-h2@host']) {
    const { received, code } = await run(['explain', id], { answer });
    assert.deepEqual([code, received[0]?.path], [0, `/explain/${encodeURIComponent(id)}`]);
  }
  const { stdout } = await run(['explain', '-x1', '--json'], { answer });
  assert.deepEqual(JSON.parse(stdout), explanation);
});

const candidate = (id: string) => ({
  id,
  kind: 'ended-call',
  at: '2026-11-21T12:00:01.000Z',
  caller: '1001',
  callee: '442079460000',
  terminal: '1001',
  gateway: 'carrier-a',
  source: '192.0.2.7:5060',
  outcome: 'failed',
  text: 'Failed with 486.',
});

test('OPS-09 explain finds by number, time, phone, gateway and address, and lists what may be meant', async () => {
  const answer = () => ({
    candidates: [candidate('c1'), candidate('-c2')],
    hasMore: true,
    missing: ['journal'],
  });
  const { stdout, received } = await run(
    ['explain', '--from', '+1001', '--to', '44', '--at', '2 minutes ago', '--phone', '1001', '--gateway', 'g', '--address', '192.0.2.7'], // prettier-ignore
    { answer },
  );
  assert.equal(
    received[0]?.path,
    '/explain?caller=%2B1001&callee=44&at=2+minutes+ago&phone=1001&gateway=g&address=192.0.2.7',
  );
  const lines = stdout.split('\n');
  assert.equal(lines[0], 'Could not be asked, and may be missing: journal.');
  assert.match(lines[2] ?? '', /^2026-11-21 12:00:01 .* 442079460000 .* Failed with 486\. +c1$/);
  assert.match(stdout, /tandem explain ID\nThere are more; see them with --limit\.\n$/);
});

test('OPS-09 where one fits it is explained at once, so is the last failure', async () => {
  const answer = ({ path }: { readonly path: string }) =>
    path.startsWith('/explain?') ? { candidates: [candidate('c/1')], hasMore: true } : explanation;
  const { stdout, received } = await run(['explain', '--last-failure'], { answer });
  assert.deepEqual(
    received.map(({ path }) => path),
    ['/explain?failed=true&limit=1', '/explain/c%2F1'],
  );
  assert.match(stdout, /^Refused with 403/);
});

test('OPS-09 nothing that fits is said in words; neither id nor options, or both, is wrong usage', async () => {
  const answer = () => ({ candidates: [], hasMore: false, missing: [] });
  assert.match(
    (await run(['explain', '--from', '1'], { answer })).stdout,
    /^Nothing fits: no call/,
  );
  assert.equal((await run(['explain'])).code, exitCodes.usage);
  assert.equal((await run(['explain', 'x', '--from', '1'])).code, exitCodes.usage);
});
