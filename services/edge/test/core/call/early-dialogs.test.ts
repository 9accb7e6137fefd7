import assert from 'node:assert/strict';
import test from 'node:test';
import { CallRecord } from '@tandem/proto/edge';
import { callRecord } from '../../../src/core/call/call-record.ts';
import { newCall } from '../../../src/core/call/call-state.ts';
import type { CallState } from '../../../src/core/call/call-state.ts';
import { hasOthers, tagOfCallee } from '../../../src/core/call/early-dialogs.ts';
import { adoptedCall } from '../../../src/core/call/recovery.ts';
import { allowed, candidateOf, nextIs, routedTo } from '../../support/call-samples.ts';
import { authenticated, MachineCall } from '../../support/machine-call.ts';
import { CALL_ID, inviteOf, sealer, source } from '../../support/messages.ts';

const CALL_TAG = `${CALL_ID}-0`;
const candidates = [candidateOf('a'), candidateOf('b')];

/** A call whose first INVITE has been sent, of a caller that supports so much. */
function calling(supported = '100rel, 199'): MachineCall {
  const invite = inviteOf({ Supported: supported });
  const call = newCall({ callId: CALL_ID, startedMs: 1000, invite, source });
  const machine = new MachineCall(authenticated(allowed()), call);
  machine.claim();
  machine.take({ kind: 'routed', response: routedTo(candidates) });
  machine.take({ kind: 'recorded' });
  return machine;
}

/** What becomes of a response of one callee. */
function heard(
  machine: MachineCall,
  callee: string,
  status: number,
  headers: Record<string, string> = {},
): { readonly toTag: string; readonly isToBeStored: boolean } {
  const tag = callee === '' ? '' : `;tag=${callee}`;
  const before = machine.count('relay');
  machine.respond(status, { headers: { To: `<sip:44@carrier>${tag}`, ...headers } });
  assert.equal(machine.count('relay'), before + 1);
  const { toTag, isToBeStored } = machine.last('relay');
  return { toTag, isToBeStored };
}

const counted = (rseq: number): Record<string, string> => ({
  Require: '100rel',
  RSeq: String(rseq),
});

/** What another pod makes of the record of a call as it stands, and the steps that it takes. */
function adopted({ call }: MachineCall): MachineCall {
  const bytes = callRecord(call, { traceParent: '', sealer, owner: '3.77' });
  const found = adoptedCall(CallRecord.decode(bytes), { sealer, isEnded: false });
  assert.ok(found !== undefined);
  const machine = new MachineCall({ kind: 'told' }, found as CallState);
  machine.call.sequence = call.sequence;
  return machine;
}

test('CALL-02 the first callee has the tag of the call and costs no write; each further one has its own, which is stored first', () => {
  const machine = calling();
  assert.deepEqual(heard(machine, 'one', 180), { toTag: CALL_TAG, isToBeStored: false });
  assert.deepEqual(heard(machine, 'one', 183), { toTag: CALL_TAG, isToBeStored: false });
  const second = { toTag: `${CALL_TAG}~1two`, isToBeStored: true };
  assert.deepEqual(heard(machine, 'two', 180), second);
  assert.deepEqual(heard(machine, 'two', 183), { ...second, isToBeStored: false });
  assert.deepEqual(heard(machine, 'one', 180), { toTag: CALL_TAG, isToBeStored: false });
  assert.equal(heard(machine, 'three', 180).toTag, `${CALL_TAG}~1three`);
});

test('CALL-02 T2-01 a response that is counted is stored with its callee first, once, whoever counts it', () => {
  const machine = calling();
  assert.deepEqual(heard(machine, 'one', 183, counted(1)), {
    toTag: CALL_TAG,
    isToBeStored: true,
  });
  assert.equal(heard(machine, 'one', 183, counted(2)).isToBeStored, false);
  const plain = calling('timer');
  assert.deepEqual(heard(plain, 'one', 183, counted(1)), {
    toTag: CALL_TAG,
    isToBeStored: true,
  });
  assert.equal(heard(plain, 'one', 183, counted(2)).isToBeStored, false);
  assert.equal(plain.call.decisions.length, machine.call.decisions.length + 1);
});

test('CALL-02 a response without a To tag is of no callee: the first that has one has the tag of the call', () => {
  const machine = calling();
  assert.equal(heard(machine, '', 180).toTag, CALL_TAG);
  assert.deepEqual(heard(machine, 'one', 180), { toTag: CALL_TAG, isToBeStored: false });
  assert.equal(heard(machine, 'two', 180).toTag, `${CALL_TAG}~1two`);
});

test('CALL-02 the attempt after one that was heard has a tag of its own, after one that was not it has that of the call', () => {
  for (const isHeard of [true, false]) {
    const machine = calling();
    if (isHeard) heard(machine, 'one', 180);
    machine.respond(503);
    machine.take({ kind: 'recorded' });
    machine.take({ kind: 'switched', response: nextIs('b') });
    machine.take({ kind: 'recorded' });
    const own = isHeard ? `${CALL_TAG}.1` : CALL_TAG;
    assert.deepEqual(heard(machine, 'one', 180), { toTag: own, isToBeStored: false });
    assert.equal(heard(machine, 'two', 180).toTag, `${own}~2two`);
    assert.equal(machine.count('end-dialog'), isHeard ? 1 : 0);
    if (!isHeard) continue;
    assert.deepEqual(machine.last('end-dialog'), {
      kind: 'end-dialog',
      toTag: CALL_TAG,
      code: 503,
    });
  }
});

test('CALL-02 INVITEs that are under way at once have a tag each', () => {
  const invite = inviteOf({ Supported: '100rel' });
  const call = newCall({ callId: CALL_ID, startedMs: 1000, invite, source });
  const machine = new MachineCall(authenticated(allowed()), call);
  machine.claim();
  call.candidates = candidates;
  machine.fork(candidates);
  machine.take({ kind: 'recorded' });
  const tags = [1, 2].map((sequence) => {
    machine.respond(183, { sequence, headers: { To: '<sip:44@carrier>;tag=same' } });
    return machine.last('relay').toTag;
  });
  assert.deepEqual(tags, [CALL_TAG, `${CALL_TAG}.1`]);
});

test('CALL-02 the answer has the tag of its callee, also of one that was not heard before', () => {
  const machine = calling();
  heard(machine, 'one', 180);
  machine.respond(200, { headers: { To: '<sip:44@carrier>;tag=two' } });
  machine.storeAnswer();
  assert.equal(machine.last('relay').toTag, `${CALL_TAG}~1two`);
  assert.equal(machine.last('relay').isToBeStored, false);
});

test('CALL-06 an adopter gives those that the record has the same tags, and one of whom it does not know how it was heard its own', () => {
  const machine = calling();
  heard(machine, 'one', 183, counted(1));
  heard(machine, 'two', 183, counted(1));
  const other = adopted(machine);
  assert.deepEqual(heard(other, 'two', 183, counted(2)), {
    toTag: `${CALL_TAG}~1two`,
    isToBeStored: false,
  });
  assert.equal(heard(other, 'one', 183, counted(2)).toTag, CALL_TAG);

  const unknown = adopted(calling());
  assert.equal(heard(unknown, 'two', 183, counted(1)).toTag, `${CALL_TAG}~1two`);
  assert.equal(heard(unknown, 'three', 183, counted(1)).toTag, `${CALL_TAG}~1three`);
  // It was the first, and only rang.
  assert.equal(heard(unknown, 'one', 180).toTag, CALL_TAG);
});

test('CALL-06 a dialog that was left, or is over, is so for an adopter too', () => {
  const machine = calling();
  heard(machine, 'one', 180);
  heard(machine, 'two', 180);
  machine.take({ kind: 'dialog-left', toTag: CALL_TAG });
  const other = adopted(machine);
  const before = other.count('relay');
  other.respond(180, { headers: { To: '<sip:44@carrier>;tag=one' } });
  assert.equal(other.count('relay'), before);
  assert.ok(hasOthers(other.call, CALL_TAG));
  assert.ok(!hasOthers(other.call, `${CALL_TAG}~1two`));
});

test('CALL-06 in a record of the version before all attempts have the tag of the call, and its callees are told apart all the same', () => {
  const machine = calling();
  machine.respond(503);
  machine.take({ kind: 'recorded' });
  machine.take({ kind: 'switched', response: nextIs('b') });
  const bytes = callRecord(machine.call, { traceParent: '', sealer, owner: '3.77' });
  const record = CallRecord.decode(bytes);
  const branches = record.branches.map((branch) => ({ ...branch, tagNumber: 0 }));
  const call = adoptedCall({ ...record, branches, dialogs: [] }, { sealer, isEnded: false });
  assert.ok(call !== undefined);
  assert.ok(call.attempts.every(({ tagNumber }) => tagNumber === 0));
});

test('CALL-02 199 passes once, for a dialog that the caller knows and if it asks for it, and rings nobody', () => {
  const machine = calling();
  const to = (callee: string): Record<string, string> => ({ To: `<sip:44@carrier>;tag=${callee}` });
  assert.deepEqual(machine.respond(199, { headers: to('one') }), ['start-timer']);
  heard(machine, 'one', 180);
  assert.deepEqual(machine.respond(199, { headers: to('one') }), ['relay']);
  assert.deepEqual(machine.respond(199, { headers: to('one') }), []);
  assert.deepEqual(machine.respond(199, { headers: to('two') }), []);
  const other = calling('100rel');
  heard(other, 'one', 180);
  assert.deepEqual(other.respond(199, { headers: to('one') }), []);
});

test('CALL-02 a callee speaks in the caller’s dialog with it, where nobody knows it in the first of its attempt', () => {
  const dialogs = [
    { farTag: 'one', tag: 'first' },
    { farTag: 'two', tag: 'first~2' },
    { farTag: 'two', tag: 'second' },
  ];
  assert.equal(tagOfCallee(dialogs, 'one', 'first'), 'first');
  assert.equal(tagOfCallee(dialogs, 'two', 'first'), 'first~2');
  assert.equal(tagOfCallee(dialogs, 'two', 'second'), 'second');
  assert.equal(tagOfCallee(dialogs, 'three', 'second'), 'second');
  // The token that is kept is of another attempt than the callee's.
  assert.equal(tagOfCallee(dialogs, 'one', 'third'), 'first');
});

test('CALL-10 a carrier that makes up tags fills no record: what rings besides is not heard, who answers is', () => {
  const machine = calling();
  for (let at = 0; at < 64; at++) heard(machine, `callee-${String(at)}`, 180);
  const before = machine.count('relay');
  machine.respond(180, { headers: { To: '<sip:44@carrier>;tag=more' } });
  assert.equal(machine.count('relay'), before);
  machine.respond(200, { headers: { To: '<sip:44@carrier>;tag=more' } });
  machine.storeAnswer();
  assert.equal(machine.last('relay').toTag, `${CALL_TAG}~1more`);
});
