import assert from 'node:assert/strict';
import test from 'node:test';
import type { Call, OutgoingCall } from '@tandem/testing';
import { CALLER, EDGE, EdgeBench } from '../support/edge-bench.ts';

type Changes = Readonly<Record<string, string | readonly string[]>>;

/** Faults in what ACK, BYE and CANCEL do not need. */
const faults: Readonly<Record<string, Changes>> = {
  'a Contact that cannot be read': { Contact: '<sip:1001@10.0.0.2:5062>"' },
  'Contact: *': { Contact: '*' },
  'a Contact of another scheme': { Contact: '<tel:+44>' },
  'a Route that cannot be read': { Route: '<sip:10.0.0.1;lr' },
  'a Record-Route that cannot be read': { 'Record-Route': 'nowhere"' },
  'Max-Forwards in words': { 'Max-Forwards': 'many' },
  'no Max-Forwards': { 'Max-Forwards': '' },
  'two Max-Forwards': { 'Max-Forwards': ['70', '69'] },
  'a Reason without an end': { Reason: 'Q.850;cause=16;text="normal' },
  'a From without an end': { From: '"1001 <sip:1001@10.0.0.2>;tag=x' },
  'a Content-Length that is too long': { 'Content-Length': '99' },
  'a Content-Length that is no number': { 'Content-Length': 'none' },
  'a header without a name': { ': ': 'nothing' },
};

function textOf(method: string, uri: string, headers: Changes): string {
  const lines = Object.entries({ 'Content-Length': '0', ...headers }).flatMap(([name, value]) =>
    (typeof value === 'string' ? [value] : value).flatMap((each) =>
      each === '' ? [] : [`${name}: ${each}`],
    ),
  );
  return [`${method} ${uri} SIP/2.0`, ...lines, '', ''].join('\r\n');
}

function inDialog({ dialog }: Call, method: string, number: number, changes: Changes): string {
  return textOf(method, dialog.remoteTarget, {
    Via: `SIP/2.0/UDP ${CALLER.address}:${String(CALLER.port)};branch=z9hG4bKraw${method}`,
    'Max-Forwards': '70',
    From: dialog.localParty,
    To: dialog.remoteParty,
    'Call-ID': dialog.callId,
    CSeq: `${String(number)} ${method}`,
    ...changes,
  });
}

function cancelOf(a: OutgoingCall, changes: Changes): string {
  const { headers, uri } = a.invite;
  const names = ['Via', 'From', 'To', 'Call-ID'];
  const copied = Object.fromEntries(names.map((name) => [name, headers.get(name) ?? '']));
  return textOf('CANCEL', uri, { ...copied, 'Max-Forwards': '70', CSeq: '1 CANCEL', ...changes });
}

for (const [what, changes] of Object.entries(faults)) {
  test(`CALL-10 ACK and BYE with ${what} do what they are for`, async () => {
    const bench = new EdgeBench();
    const a = bench.call({ isAckAutomatic: false });
    const b = await bench.incoming();
    b.answer();
    await bench.until(a.answered());
    bench.alice.sendRaw(inDialog(a, 'ACK', 1, changes), EDGE);
    await bench.until(b.ack());
    bench.alice.sendRaw(inDialog(a, 'BYE', 2, changes), EDGE);
    (await bench.until(b.receive('BYE'))).respond(200);
    await bench.settle(100);
    assert.deepEqual(bench.told, ['answered', 'ended NormalClearing 200 caller']);
    assert.equal(bench.alice.transcript.count('received', 400), 0);
    await bench.close();
  });

  test(`CALL-10 a CANCEL with ${what} takes the call back`, async () => {
    const bench = new EdgeBench();
    const a = bench.call();
    const b = await bench.incoming();
    b.ring();
    await bench.until(a.provisional(180));
    bench.alice.sendRaw(cancelOf(a, changes), EDGE);
    assert.equal((await bench.until(a.final())).status, 487);
    await bench.until(b.cancelled());
    await bench.close();
  });
}

test('CALL-10 the session description of an ACK is passed on with a Content-Length that is wrong', async () => {
  const bench = new EdgeBench();
  const a = bench.call({ isAckAutomatic: false, sdp: null });
  const b = await bench.incoming();
  b.answer();
  await bench.until(a.answered());
  const sdp = 'v=0\r\n';
  const type = { 'Content-Type': 'application/sdp', 'Content-Length': '999' };
  bench.alice.sendRaw(inDialog(a, 'ACK', 1, type) + sdp, EDGE);
  const ack = await bench.until(b.ack());
  assert.equal(ack.body.toString(), sdp);
  assert.equal(ack.headers.get('Content-Type'), 'application/sdp');
  await bench.close();
});

test('CALL-04 a Contact stops what moves a target by it, and nothing else', async () => {
  for (const Contact of ['*', '<tel:+44>', '<sip:1001@10.0.0.2', '<sip:a b@10.0.0.2>']) {
    const bench = new EdgeBench();
    const { a, b } = await bench.answeredCall();
    for (const method of ['INFO', 'OPTIONS', 'MESSAGE', 'BREW']) {
      const answered = a.request(method, { headers: { Contact } });
      (await bench.until(b.receive(method))).respond(200);
      assert.equal((await bench.until(answered)).status, 200, `${method} ${Contact}`);
    }
    for (const method of ['INVITE', 'UPDATE']) {
      const refused = await bench.until(a.request(method, { headers: { Contact } }));
      assert.equal(refused.status, 400, `${method} ${Contact}`);
    }
    assert.equal((await bench.until(bench.call({ headers: { Contact } }).final())).status, 400);
    await bench.close();
  }
});
