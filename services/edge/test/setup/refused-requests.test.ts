import assert from 'node:assert/strict';
import test from 'node:test';
import type { JournalNote } from '@tandem/domain';
import { challenged, decisionOf } from '../support/call-samples.ts';
import { EDGE, EdgeBench } from '../support/edge-bench.ts';

const head = [
  'Via: SIP/2.0/UDP 10.0.0.3:5062;branch=z9hG4bKraw',
  'Max-Forwards: 70',
  'From: <sip:1001@10.0.0.3>;tag=raw',
  'To: <sip:442079460000@10.0.0.1>',
  'Call-ID: raw@10.0.0.3',
  'User-Agent: Old PBX 1',
];
const INVITE = 'INVITE sip:442079460000@10.0.0.1 SIP/2.0';

function message(first: string, ...lines: readonly string[]): string {
  return [first, ...lines, '', ''].join('\r\n');
}

/** What was noted after something was sent from 10.0.0.3:5062. */
async function noted(raw: string): Promise<JournalNote[]> {
  const bench = new EdgeBench();
  const listener = { onMessage: () => undefined };
  const socket = bench.network.open({ address: '10.0.0.3', port: 5062, listener });
  socket.send(Buffer.from(raw, 'latin1'), EDGE.address, EDGE.port);
  await bench.settle(100);
  await bench.close();
  return bench.notes;
}

const cases: readonly (readonly [name: string, raw: string, cause: string, facts: object])[] = [
  [
    'a Content-Length that is none',
    message(INVITE, ...head, 'CSeq: 1 INVITE', 'Content-Length: -5'),
    'request-malformed',
    { method: 'INVITE', code: 400, fault: 'Content-Length is no number' },
  ],
  [
    'a line that is no header',
    message(INVITE, ...head, 'CSeq: 1 INVITE', 'no header'),
    'request-malformed',
    { method: 'INVITE', code: 400, offset: message(INVITE, ...head, 'CSeq: 1 INVITE').length - 2 },
  ],
  [
    'a CSeq of another method',
    message(INVITE, ...head, 'CSeq: 1 BYE'),
    'request-malformed',
    { method: 'INVITE', code: 400, fault: 'CSeq names another method than the request line' },
  ],
  [
    'a version that nobody speaks',
    message('INVITE sip:1@10.0.0.1 SIP/7.0', ...head, 'CSeq: 1 INVITE'),
    'version-unknown',
    { method: 'INVITE', code: 505, fault: 'SIP/7.0 is not spoken here' },
  ],
  [
    'a scheme that is not served',
    message('INVITE http://10.0.0.1 SIP/2.0', ...head, 'CSeq: 1 INVITE'),
    'scheme-not-served',
    { method: 'INVITE', code: 416, fault: 'http URIs are not served here' },
  ],
  [
    'an extension that nobody here has',
    message(INVITE, ...head, 'CSeq: 1 INVITE', 'Require: gruu'),
    'extension-not-supported',
    { method: 'INVITE', code: 420, fault: 'gruu' },
  ],
  [
    'a last hop',
    message(INVITE, ...head.with(1, 'Max-Forwards: 0'), 'CSeq: 1 INVITE'),
    'too-many-hops',
    { method: 'INVITE', code: 483, via: '10.0.0.3:5062' },
  ],
  [
    'a method that is not served',
    message('PUBLISH sip:1@10.0.0.1 SIP/2.0', ...head, 'CSeq: 1 PUBLISH'),
    'method-not-served',
    { method: 'PUBLISH', code: 405 },
  ],
  [
    'a session that is too short',
    message(INVITE, ...head, 'CSeq: 1 INVITE', 'Session-Expires: 20', 'Supported: timer'),
    'session-too-brief',
    { method: 'INVITE', code: 422, asked: '20', least: 90 },
  ],
  [
    'a BYE of no call',
    message('BYE sip:1@10.0.0.1 SIP/2.0', ...head, 'CSeq: 2 BYE'),
    'no-such-dialog',
    { method: 'BYE', code: 481 },
  ],
  [
    'a scanner',
    message(INVITE, ...head.with(5, 'User-Agent: friendly-scanner'), 'CSeq: 1 INVITE'),
    'scanner',
    { method: 'INVITE' },
  ],
];

for (const [name, raw, cause, facts] of cases) {
  test(`OPS-10 CALL-10 ${name} leaves a trace: ${cause}`, async () => {
    const [note, ...more] = await noted(raw);
    assert.deepEqual(more, []);
    assert.equal(note?.cause, cause);
    const told = Object.entries(note.facts).filter(([fact]) => fact in facts);
    assert.deepEqual(Object.fromEntries(told), facts);
    assert.deepEqual(
      [note.source, note.callId, note.caller, note.sender],
      ['10.0.0.3:5062', 'raw@10.0.0.3', '1001', 'unknown'],
    );
  });
}

test('OPS-10 CALL-10 what cannot be answered at all leaves where it is wrong', async () => {
  const [note, ...more] = await noted('INVITE sip:1@10.0.0.1 SIP/2.0\r\nBroken\r\n\r\n');
  assert.deepEqual(more, []);
  assert.equal(note?.cause, 'unreadable');
  assert.equal('offset' in note.facts && (note.facts.offset ?? 0) > 0, true);
});

test('OPS-10 OPS-04 credentials of a broken request are in no note', async () => {
  const digest = 'Digest username="1001", realm="tandem", response="5ecre7", uri="sip:x", nonce="n';
  const notes = await noted(
    message(INVITE, ...head, 'CSeq: 1 INVITE', `Authorization: ${digest}`, 'Content-Length: x'),
  );
  assert.equal(notes[0]?.cause, 'request-malformed');
  assert.doesNotMatch(JSON.stringify(notes), /5ecre7|response/);
});

test('OPS-10 the same INVITE by two ways is a loop, and says by which hosts it came', async () => {
  const bench = new EdgeBench();
  bench.authenticate = () => new Promise(() => undefined);
  const listener = { onMessage: () => undefined };
  const socket = bench.network.open({ address: '10.0.0.3', port: 5062, listener });
  for (const hop of ['10.0.0.8', '10.0.0.9']) {
    const via = `Via: SIP/2.0/UDP ${hop};branch=z9hG4bK${hop}`;
    const raw = message(INVITE, via, ...head, 'CSeq: 1 INVITE');
    socket.send(Buffer.from(raw, 'latin1'), EDGE.address, EDGE.port);
  }
  await bench.settle(100);
  assert.deepEqual(
    bench.notes.map(({ cause, facts }) => [cause, 'via' in facts && facts.via]),
    [['loop', '10.0.0.9 10.0.0.3:5062']],
  );
  await bench.close();
});

test('OPS-10 a call that is let in leaves no note', async () => {
  const bench = new EdgeBench();
  const { a, b } = await bench.answeredCall();
  const bye = a.bye();
  (await bench.until(b.receive('BYE'))).respond(200);
  await bench.until(bye);
  assert.deepEqual(bench.notes, []);
  await bench.close();
});

test('OPS-10 AUTH-06 a call whose credentials were wrong, and that has no CDR, says what was wrong', async () => {
  const bench = new EdgeBench();
  const facts = [
    { name: 'cause', value: 'wrong realm' },
    { name: 'explanation', value: 'sent realm "here", expected "tandem"' },
  ];
  const record = { service: 'auth', check: 'digest', subject: 'phone 1001', facts, atMs: 1 };
  const wrong = { ...record, result: 'challenged', reason: 'AuthenticationFailed' };
  bench.authenticate = () =>
    Promise.resolve({ ...challenged(407), decisions: [decisionOf(wrong)] });
  assert.equal((await bench.until(bench.call().final())).status, 407);
  const [note] = bench.notes;
  assert.equal(note?.cause, 'not-let-in');
  assert.deepEqual(note.facts, {
    method: 'INVITE',
    code: 407,
    who: 'phone 1001',
    fault: 'wrong realm',
    explanation: 'sent realm "here", expected "tandem"',
    'suspended-until': undefined,
  });
  await bench.close();
});

test('OPS-10 a first challenge is no failure, and leaves no note', async () => {
  const bench = new EdgeBench();
  bench.authenticate = () => Promise.resolve(challenged(407));
  assert.equal((await bench.until(bench.call().final())).status, 407);
  assert.deepEqual(bench.notes, []);
  await bench.close();
});
