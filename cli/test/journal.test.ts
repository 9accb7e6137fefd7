import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run } from './command-line.ts';

const entry = {
  id: 'a',
  first: '2026-06-15T12:00:00.000Z',
  last: '2026-06-15T12:00:05.000Z',
  count: 3,
  kind: 'registration',
  cause: 'wrong-password',
  outcome: 'refused',
  terminal: '1001',
  account: 'demo',
  source: '192.0.2.7:5060',
  userAgent: '=x',
  text: 'Phone 1001 sent a wrong password.',
  writer: 'pod-1',
};

test('OPS-10 the journal is listed by a filter, page after page', async () => {
  let page = 0;
  const args = ['journal', '--from', '2h', '--terminal', '1001', '--source', '192.0.2.0/24'];
  const { received, stdout } = await run([...args, '--outcome', 'refused'], {
    answer: () => {
      page += 1;
      return { entries: page === 1 ? [] : [entry], nextCursor: page === 1 ? 'next' : null };
    },
  });
  assert.deepEqual(stdout.split('\n'), [
    'FIRST (UTC)          COUNT  CAUSE           TERMINAL  SOURCE          USER-AGENT  TEXT',
    '2026-06-15 12:00:00      3  wrong-password  1001      192.0.2.7:5060  =x          Phone 1001 sent a wrong password.',
    '',
  ]);
  const query = Object.fromEntries(new URLSearchParams(received[1]?.path.split('?')[1]));
  assert.deepEqual(query, {
    from: '2h',
    terminal: '1001',
    source: '192.0.2.0/24',
    outcome: 'refused',
    limit: '100',
    cursor: 'next',
  });
});

test('OPS-10 the journal is written as CSV', async () => {
  const { stdout } = await run(['journal', '--csv'], {
    answer: () => ({ entries: [entry], nextCursor: null }),
  });
  assert.deepEqual(stdout.split(/\r?\n/), [
    'first,last,count,kind,cause,outcome,terminal,account,source,userAgent,text,writer',
    "2026-06-15T12:00:00.000Z,2026-06-15T12:00:05.000Z,3,registration,wrong-password,refused,1001,demo,192.0.2.7:5060,'=x,Phone 1001 sent a wrong password.,pod-1",
    '',
  ]);
});

test('REG-11 why a phone is not registered is told with what would change it and the last of the journal', async () => {
  const { received, stdout } = await run(['explain', 'registration', '10/01'], {
    answer: () => ({ summary: 'It is not.', change: 'Do this.', entries: [entry] }),
  });
  assert.equal(received[0]?.path, '/explain/registration/10%2F01');
  assert.deepEqual(stdout.split('\n'), [
    'It is not.',
    'What would change it: Do this.',
    'Journal, the latest first',
    '  2026-06-15 12:00:05  Phone 1001 sent a wrong password.',
    '',
  ]);
  const call = await run(['explain', 'some-call-id'], { answer: () => ({ summary: 'x' }) });
  assert.equal(call.received[0]?.path, '/explain/some-call-id');
});

test('REG-06 history and analysis of registrations are shown as tables', async () => {
  const causes = [
    { cause: 'refreshed', count: 40 },
    { cause: 'wrong-password', count: 7 },
  ];
  const sums = { registered: 1, refreshed: 40, failed: 7, ended: 0, causes };
  const history = await run(['registrations', 'history', '--from', '2h', '--step', 'minute'], {
    answer: () => ({ stepSeconds: 60, points: [{ at: entry.first, active: 500, ...sums }] }),
  });
  assert.equal(history.received[0]?.path, '/registrations/history?from=2h&step=minute');
  assert.deepEqual(history.stdout.split('\n').slice(0, 2), [
    'FROM (UTC)           ACTIVE  REGISTERED  REFRESHED  FAILED  ENDED  CAUSES',
    '2026-06-15 12:00:00     500           1         40       7      0  wrong-password 7',
  ]);
  const analysis = await run(['registrations', 'analysis', '--by', 'country', '--rows', '5'], {
    answer: () => ({ by: 'country', rows: [{ key: 'DE', attempts: 48, ...sums }] }),
  });
  assert.equal(analysis.received[0]?.path, '/registrations/analysis?by=country&limit=5');
  assert.deepEqual(analysis.stdout.split('\n').slice(0, 2), [
    'COUNTRY  ATTEMPTS  REGISTERED  REFRESHED  FAILED  ENDED  CAUSES',
    'DE             48           1         40       7      0  wrong-password 7',
  ]);
});
