import assert from 'node:assert/strict';
import test from 'node:test';
import { CallRecord } from '@tandem/proto/edge';
import { Attempt } from '@tandem/proto/events';
import { serialize } from '@tandem/sip';
import { adoptedCall, recordedFinal } from '../../../src/core/call/adopted-call.ts';
import { callRecord } from '../../../src/core/call/call-record.ts';
import { resume } from '../../../src/core/call/call-machine.ts';
import type { CallState, FinalResponse } from '../../../src/core/call/call-state.ts';
import { callingCall, recordingCall } from '../../support/machine-call.ts';
import { CALL_ID, inviteOf, sealer, source } from '../../support/messages.ts';
import { candidateOf, nextIs } from '../../support/call-samples.ts';

const inviteBytes = serialize(inviteOf({}, 'v=0'));

/** The call as another pod finds it. */
function adopted(call: CallState, options: { final?: FinalResponse } = {}): CallState {
  const facts = { inviteBytes, source, traceParent: '', sealer, owner: '3.77', ...options };
  const record = CallRecord.decode(callRecord(call, facts));
  const isEnded = options.final !== undefined;
  const found = adoptedCall(record, { sealer, isEnded });
  assert.ok(found !== undefined);
  assert.deepEqual(found.source, source);
  assert.deepEqual(serialize(found.invite), inviteBytes);
  return found.call;
}

function effectsOf(call: CallState, nowMs = 2000): string[] {
  const effects = resume(call, { nowMs, authorize: () => undefined });
  return effects.map(({ kind }) => kind);
}

test('edge.md §5: an adopted call is as the record says, passwords opened, with the branch and tag that it had', () => {
  const candidate = candidateOf('carrier-a', { username: 'tandem', password: 'secret-word' });
  const { call } = callingCall([candidate, candidateOf('carrier-b')]);
  const [attempt] = call.attempts;
  assert.ok(attempt !== undefined);
  attempt.branch = 'z9hG4bKours';
  attempt.cseqOffset = 2;
  attempt.authorization = { header: 'Authorization', value: 'Digest x' };
  call.toTag = 'our-tag';
  const other = adopted(call);
  assert.equal(other.phase, 'calling');
  assert.equal(other.toTag, 'our-tag');
  assert.equal(other.sequence, call.sequence);
  assert.deepEqual(other.candidates, call.candidates);
  assert.deepEqual(other.lines, call.lines);
  const [same] = other.attempts;
  assert.equal(same?.branch, 'z9hG4bKours');
  assert.equal(same.cseqOffset, 2);
  assert.equal(same.candidate.password, 'secret-word');
  assert.deepEqual(same.authorization, attempt.authorization);
  assert.deepEqual(effectsOf(other), ['invite']);
});

test('edge.md §5: a stub has the adopter ask routing again', () => {
  const { call } = recordingCall();
  call.attempts.length = 0;
  assert.deepEqual(effectsOf(adopted(call)), ['route']);
});

test('edge.md §5: a ring timer that the record knows goes on from when it was due', () => {
  const machine = callingCall();
  machine.respond(180);
  const other = adopted(machine.call);
  const effects = resume(other, { nowMs: 61_000, authorize: () => undefined });
  assert.deepEqual(effects.at(-1), { kind: 'start-timer', name: 'ringing', ms: 60_000 });
  assert.equal(other.ringingMs, 1000);
});

test('edge.md §5: between two attempts the adopter asks for the next one, and cancels the last where that is due', () => {
  const refused = callingCall();
  refused.respond(503);
  assert.deepEqual(effectsOf(adopted(refused.call)), ['switch']);
  const silent = callingCall();
  silent.respond(180);
  silent.take({ kind: 'timer', name: 'ringing' });
  assert.deepEqual(effectsOf(adopted(silent.call)), ['cancel-invite', 'switch']);
  const failure = adopted(refused.call).failure;
  assert.equal(failure?.reason, 'Rejected');
  assert.equal(failure.code, 503);
});

test('edge.md §5: an earlier attempt whose CANCEL may be lost is cancelled again while the next one rings', () => {
  const machine = callingCall();
  machine.respond(180);
  machine.take({ kind: 'timer', name: 'ringing' });
  machine.take({ kind: 'recorded' });
  machine.take({ kind: 'switched', response: nextIs('carrier-b') });
  const [first] = machine.call.attempts;
  assert.ok(first !== undefined);
  first.branch = 'z9hG4bKfirst';
  const other = adopted(machine.call);
  assert.deepEqual(effectsOf(other), ['cancel-invite', 'invite']);
  assert.equal(other.attempts[0]?.branch, 'z9hG4bKfirst');
  first.hasFinal = true;
  assert.deepEqual(effectsOf(adopted(machine.call)), ['invite']);
});

test('edge.md §5: an ended call is told and cancelled as it was to be', () => {
  const machine = callingCall();
  machine.respond(180);
  machine.take({ kind: 'cancel' });
  const { final } = machine.last('store-end');
  assert.deepEqual(effectsOf(adopted(machine.call, { final })), ['cancel-invite', 'respond']);
  const early = callingCall();
  early.take({ kind: 'cancel' });
  const last = early.last('store-end');
  assert.deepEqual(effectsOf(adopted(early.call, { final: last.final })), ['invite', 'respond']);
  const busy = callingCall([candidateOf('a')]);
  busy.respond(486);
  const said = busy.last('store-end').final;
  const other = adopted(busy.call, { final: said });
  assert.deepEqual(effectsOf(other), ['respond']);
  assert.equal(other.failure?.code, 486);
});

test('edge.md §5: what is told is what the record has: a reason of ours, or the callee’s own words', () => {
  const own = recordedFinal({
    reason: 'AllGatewayBusy',
    retryAfterSeconds: 3,
    code: 0,
    phrase: '',
  });
  assert.deepEqual(own.final, {
    kind: 'refusal',
    reason: 'AllGatewayBusy',
    retryAfterSeconds: 3,
  });
  const theirs = recordedFinal({ reason: '', retryAfterSeconds: 0, code: 486, phrase: 'Busy' });
  assert.deepEqual(theirs.final, { kind: 'rejection', code: 486, phrase: 'Busy' });
  assert.equal(recordedFinal(undefined).reason, 'ServiceUnavailable');
});

test('edge.md §5: a record that cannot be read is no call', () => {
  const record = CallRecord.fromPartial({
    callId: CALL_ID,
    invite: inviteBytes,
    source: 'nowhere',
    attempts: [Attempt.fromPartial({ gateway: 'a' })],
  });
  assert.equal(adoptedCall(record, { sealer, isEnded: false }), undefined);
});
