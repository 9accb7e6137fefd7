import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run, type Received } from './command-line.ts';

function cdr(callId: string): object {
  return {
    callId,
    startedAt: '2026-11-21T12:00:00.000Z',
    caller: '1001',
    callee: '442079460000',
    account: 'demo',
    gateway: 'carrier-a',
    billedSeconds: 60,
    price: '0.0123',
    currency: 'USD',
    code: 200,
    reason: 'NormalClearing',
  };
}

/** Pages of at most three CDRs. */
function pages({ path }: Received): object {
  const cursor = Number(/cursor=(\d)/.exec(path)?.[1] ?? '0');
  const limit = Math.min(3, Number(/limit=(\d+)/.exec(path)?.[1] ?? '0'));
  const cdrs = Array.from({ length: limit }, (_, index) =>
    cdr(`c${String(cursor)}${String(index)}`),
  );
  return { cdrs, nextCursor: cursor === 2 ? null : String(cursor + 1) };
}

test('BILL-06 cdrs are a table, with the filters sent', async () => {
  const { stdout, received } = await run(
    ['cdrs', '--from', '2h', '--reason', 'NoRate', '--caller', '+1'],
    {
      answer: () => ({ cdrs: [cdr('c1')], nextCursor: null }),
    },
  );
  assert.equal(received[0]?.path, '/cdrs?from=2h&caller=%2B1&reason=NoRate&limit=100');
  assert.deepEqual(stdout.split('\n'), [
    'STARTED (UTC)        CALLER  CALLEE        ACCOUNT  GATEWAY    SECONDS       PRICE  RESULT              CALL-ID',
    '2026-11-21 12:00:00  1001    442079460000  demo     carrier-a       60  0.0123 USD  200 NormalClearing  c1',
    '',
  ]);
});

test('BILL-06 cdrs go from page to page until there are enough', async () => {
  const some = await run(['cdrs', '--limit', '4', '--json'], { answer: pages });
  assert.deepEqual(
    some.stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { callId: string }).callId),
    ['c00', 'c01', 'c02', 'c10'],
  );
  const all = await run(['cdrs', '--limit', '5000'], { answer: pages });
  assert.equal(all.received.length, 3);
  assert.equal(all.stdout.trim().split('\n').length, 10);
  const more = await run(['cdrs', '--limit', '3'], { answer: pages });
  assert.match(more.stdout, /There are more; see them with --limit\.\n$/);
});

test('BILL-06 no CDR is said in words, and is no line of JSON', async () => {
  assert.equal((await run(['cdrs'])).stdout, 'No CDR matches.\n');
  assert.equal((await run(['cdrs', '--json'])).stdout, '');
});

test('OPS-02 calls in progress are listed with how many there are in all', async () => {
  const answer = () => ({ calls: [{ callId: 'c1', state: 'ringing', caller: '1001' }], total: 7 });
  const { stdout, received } = await run(['calls', '--account', 'demo', '--limit', '1'], {
    answer,
  });
  assert.equal(received[0]?.path, '/calls?limit=1&account=demo');
  assert.match(stdout, /ringing {2}1001 .* c1\n7 in all; see more with --limit\.\n$/);
  assert.equal((await run(['calls'])).stdout, 'No call is in progress.\n');
});

test('OPS-09 names from outside cannot steer the terminal', async () => {
  const hostile = 'carrier\u001b[2J\u202e';
  const answer = () => ({ summary: hostile, cdrs: [{ callId: hostile }], nextCursor: null });
  const explained = await run(['explain', 'x'], { answer });
  assert.equal(explained.stdout, 'carrier?[2J?\nSIP messages: tandem messages x\n');
  const { stdout } = await run(['cdrs'], { answer });
  assert.ok(!stdout.includes('\u001b') && !stdout.includes('\u202e'));
});

test('OPS-02 calls hang-up ends a call', async () => {
  const { received, stdout } = await run(['calls', 'hang-up', 'a/b', '--note', 'why'], {
    answer: () => ({ callId: 'a/b', isEnded: true }),
  });
  assert.deepEqual([received[0]?.method, received[0]?.path], ['DELETE', '/calls/a%2Fb?note=why']);
  assert.equal(stdout, 'Call a/b is ended.\n');
});
