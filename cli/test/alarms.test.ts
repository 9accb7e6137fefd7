import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run } from './command-line.ts';

const alarm = {
  id: '17',
  state: 'open',
  severity: 'page',
  raisedAt: '2026-11-21T12:00:00.000Z',
  clearedAt: null,
  rule: 'TandemGatewayFails',
  subject: 'carrier-a',
  valueText: '60 % of 50 attempts',
  acknowledgedBy: '',
  summary: 'More than half fail.',
};

test('OPS-11 alarms are listed as the options say, and acknowledged with a note', async () => {
  const listed = await run(['alarms', '--state', 'all', '--severity', 'page'], {
    answer: () => ({ alarms: [alarm], nextCursor: null, open: { page: 1, ticket: 0 } }),
  });
  assert.match(listed.received[0]?.path ?? '', /^\/alarms\?state=all&severity=page/);
  assert.match(listed.stdout, /17 +open +page +2026-11-21 12:00:00 .*60 % of 50 attempts/);
  const said = await run(['alarms', 'ack', '17', '--note', 'I ring them'], {
    answer: () => ({ ...alarm, acknowledgedBy: 'ann' }),
  });
  assert.equal(said.received[0]?.path, '/alarms/17/acknowledge');
  assert.equal(said.stdout, 'Alarm 17 is acknowledged by ann.\n');
});

test('OPS-11 rules say what raises them, and a test of a channel what came of it', async () => {
  const rule = { name: 'TandemLinesFull', isBuiltIn: true, isChanged: true, enabled: true, figure: 'lines-used', comparison: 'above', threshold: 80, unit: '%', windowSeconds: null, lastingSeconds: 120, severity: 'ticket', open: 0, unknown: '', evaluatedAt: null }; // prettier-ignore
  const listed = await run(['alarms', 'rules'], { answer: () => ({ rules: [rule] }) });
  assert.match(
    listed.stdout,
    /TandemLinesFull +changed +ticket +lines-used above 80 %, for 120 s +0/,
  );
  const tested = await run(['alarms', 'test', 'noc'], {
    answer: () => ({ channel: 'noc', isTaken: false, text: 'answered 503' }),
  });
  assert.equal(tested.stdout, 'noc: answered 503.\n');
});
