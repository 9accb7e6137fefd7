import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { run } from './command-line.ts';

const base = {
  transport: 'udp',
  pod: 'pod-1',
  local: '192.0.2.1:5060',
  callId: 'a',
  cseq: '1 INVITE',
  times: 1,
};
const messages = [
  { ...base, at: '2026-06-15T12:00:00.001Z', direction: 'received', remote: '192.0.2.7:5060', method: 'INVITE', code: 0, summary: 'INVITE sip:442079460000@192.0.2.1', text: 'INVITE sip:442079460000@192.0.2.1 SIP/2.0\r\nContent-Type: application/sdp\r\n\r\nv=0' },
  { ...base, at: '2026-06-15T12:00:00.020Z', direction: 'sent', remote: '192.0.2.9:5060', method: 'INVITE', code: 0, summary: 'INVITE sip:44@192.0.2.9', text: 'INVITE sip:44@192.0.2.9 SIP/2.0\r\n\r\n' },
  { ...base, at: '2026-06-15T12:00:00.520Z', direction: 'sent', remote: '192.0.2.9:5060', method: 'INVITE', code: 0, summary: 'INVITE sip:44@192.0.2.9', text: 'INVITE sip:44@192.0.2.9 SIP/2.0\r\n\r\n', times: 2 },
  { ...base, at: '2026-06-15T12:00:00.600Z', direction: 'received', remote: '192.0.2.9:5060', method: 'INVITE', code: 486, summary: '486 Busy Here', text: 'SIP/2.0 486 Busy Here\r\n\r\n' },
  { ...base, at: '2026-06-15T12:00:00.601Z', direction: 'sent', remote: '192.0.2.7:5060', method: 'INVITE', code: 486, summary: '486 Busy\u001b[2J Here', text: 'SIP/2.0 486 Busy\u001b[2J Here\r\n\r\n' },
]; // prettier-ignore
const answer = {
  callIds: ['a', 'b'],
  messages,
  hasMore: false,
  keptSince: '2026-06-14T00:00:00.000Z',
};

test('OPS-09 messages are a ladder: a column for each party, the switch between, what is said again', async () => {
  const { received, stdout } = await run(['messages', '-call/1'], { answer: () => answer });
  assert.equal(received[0]?.path, '/calls/-call%2F1/messages');
  assert.deepEqual(stdout.split('\n'), [
    '              192.0.2.7:5060                              Tandem                                      192.0.2.9:5060',
    '12:00:00.001  |-------- INVITE 442079460000 +SDP -------->|                                           |',
    '12:00:00.020  |                                           |--------------- INVITE 44 ---------------->|',
    '12:00:00.520  |                                           |---------- INVITE 44 again, 2× ----------->|',
    '12:00:00.600  |                                           |<--------- 486 Busy Here (INVITE) ---------|',
    '12:00:00.601  |<------- 486 Busy?[2J Here (INVITE) -------|                                           |',
    'Kept since 2026-06-14 00:00:00 UTC.',
    '',
  ]);
});

test('OPS-09 whole messages are shown with their ends, and nothing in them steers the terminal', async () => {
  const { stdout } = await run(['messages', 'a', '--raw', '--from', '2h'], {
    answer: () => answer,
  });
  assert.match(stdout, /^--- 2026-06-15T12:00:00.001Z {2}udp {2}192\.0\.2\.7:5060 -> 192\.0\.2\.1:5060 {2}pod pod-1\nINVITE sip:442079460000@192\.0\.2\.1 SIP\/2\.0\nContent-Type/); // prettier-ignore
  assert.ok(!stdout.includes('\u001b'));
});

test('OPS-09 a capture file is written as it comes', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-cli-'));
  const file = join(folder, 'call.pcap');
  const { received, stdout } = await run(['messages', 'registration', '1001', '--pcap', file], {
    answer: () => 'capture',
  });
  assert.equal(received[0]?.path, '/registrations/1001/messages?format=pcap');
  assert.equal(readFileSync(file, 'utf8'), 'capture');
  assert.equal(stdout, `Written to ${file}.\n`);
  const bad = await run(['messages', 'a', '--pcap', join(folder, 'no', 'where')], {
    answer: () => 'x',
  });
  assert.equal(bad.code, 2);
  rmSync(folder, { recursive: true });
});

test('OPS-03 a trace is created and its messages are shown as they come until it has ended', async () => {
  const trace = {
    id: 't1',
    about: 'gateway carrier-a',
    until: '2026-06-15T12:05:00.000Z',
    ended: null,
    messages: 2,
  };
  let reads = 0;
  const { code, received, stdout } = await run(['trace', '--gateway', 'carrier-a', '--for', '2m'], {
    answer: ({ method }) => {
      if (method === 'POST') return trace;
      reads += 1;
      if (reads === 1) return { trace, messages: messages.slice(0, 2), next: '5' };
      const ended = reads === 3 ? '2026-06-15T12:05:00.000Z' : null;
      return { trace: { ...trace, ended }, messages: [], next: '5' };
    },
  });
  assert.equal(code, 0);
  assert.deepEqual(JSON.parse(received[0]?.body ?? ''), { gateway: 'carrier-a', seconds: 120 });
  assert.deepEqual(
    received.slice(1).map(({ path }) => path),
    ['?after=&wait=20', '?after=5&wait=20', '?after=5&wait=20'].map(
      (query) => `/traces/t1/messages${query}`,
    ),
  );
  assert.deepEqual(stdout.split('\n'), [
    'Trace t1 of gateway carrier-a, until 12:05:00 UTC.',
    '12:00:00.001  udp <- 192.0.2.7:5060         INVITE 442079460000 +SDP  (a)',
    '12:00:00.020  udp -> 192.0.2.9:5060         INVITE 44  (a)',
    'Ended with 2 messages.',
    '',
  ]);
  const wrong = await run(['trace', '--number', '44', '--for', 'ever']);
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /write 30s, 5m or 2h/);
});
