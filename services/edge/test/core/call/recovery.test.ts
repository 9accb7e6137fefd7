import assert from 'node:assert/strict';
import test from 'node:test';
import { CallRecord, FinalAnswer } from '@tandem/proto/edge';
import { Attempt } from '@tandem/proto/events';
import { serialize } from '@tandem/sip';
import { adoptedCall, recordedFinal, resume } from '../../../src/core/call/recovery.ts';
import { step } from '../../../src/core/call/call-machine.ts';
import { callRecord } from '../../../src/core/call/call-record.ts';
import { destinationOf } from '../../../src/core/call/call-state.ts';
import type { Call, FinalResponse } from '../../../src/core/call/call-state.ts';
import type { CallEffect } from '../../../src/core/call/call-steps.ts';
import {
  callOf,
  callingCall,
  forkedCall,
  MachineCall,
  recordingCall,
  surroundings,
} from '../../support/machine-call.ts';
import { challengeHeaders } from '../../support/machine-call.ts';
import { CALL_ID, inviteOf, SDP, sealer, source } from '../../support/messages.ts';
import { candidateOf, nextIs } from '../../support/call-samples.ts';

const inviteBytes = serialize(inviteOf());
const adoption = { by: 'edge-2', from: '3.77', cause: 'sweep' } as const;

/** The call as another pod finds it. */
function adopted(call: Call, options: { final?: FinalResponse } = {}): Call {
  const isEnded = options.final !== undefined;
  const facts = { traceParent: '', sealer, owner: '3.77', isEnded };
  const record = CallRecord.decode(callRecord(call, facts));
  const found = adoptedCall(record, { sealer, isEnded });
  assert.ok(found !== undefined);
  assert.deepEqual(found.source, source);
  assert.deepEqual(serialize(found.invite), inviteBytes);
  return found;
}

function resumed(call: Call, options: { nowMs?: number; seenBranch?: string } = {}): CallEffect[] {
  const { nowMs = 2000, seenBranch } = options;
  return resume(call, surroundings(nowMs), { adoption, seenBranch });
}

function effectsOf(call: Call): string[] {
  return resumed(call).map(({ kind }) => kind);
}

test('edge.md §5: an adopted call is as the record says, passwords opened, with the branch and tag that it had', () => {
  const candidate = candidateOf('carrier-a', { username: 'tandem', password: 'secret-word' });
  const machine = callingCall([candidate, candidateOf('carrier-b')]);
  machine.respond(401, { headers: challengeHeaders });
  machine.take({ kind: 'recorded' });
  const { call } = machine;
  const branch = call.branches.at(-1);
  const other = adopted(call);
  assert.equal(other.phase, 'calling');
  assert.equal(other.toTag, `${CALL_ID}-0`);
  assert.equal(other.sequence, call.sequence);
  assert.deepEqual(other.candidates, call.candidates);
  assert.deepEqual(other.lines, call.lines);
  const [same] = other.branches;
  assert.equal(other.branches.length, 1);
  assert.equal(same?.text, `z9hG4bK${CALL_ID}-2`);
  assert.equal(same.cseqOffset, 1);
  assert.equal(same.attempt.candidate.password, 'secret-word');
  assert.deepEqual(same.authorizations, branch?.authorizations);
  assert.deepEqual(effectsOf(other), ['invite']);
});

test('edge.md §5: an attempt goes on to the target and address that it had, also where another has the same address', () => {
  const target = { transport: 'udp', addresses: ['203.0.113.5:5070'], flow: '10.0.0.3:7000;0' };
  const targets = [
    { ...target, uri: 'sip:desk', path: [] },
    { ...target, uri: 'sip:mobile', path: ['<sip:proxy.example;lr>'] },
  ];
  const machine = callingCall([candidateOf('carrier-a'), candidateOf('phones', { targets })]);
  machine.respond(503);
  machine.take({ kind: 'recorded' });
  machine.take({ kind: 'switched', response: nextIs('phones') });
  machine.take({ kind: 'recorded' });
  machine.take({ kind: 'no-response', sequence: 2, failure: 'timeout' });
  machine.take({ kind: 'recorded' });
  const { attempt } = machine.last('invite').branch;
  assert.equal(destinationOf(attempt).target.uri, 'sip:mobile');
  const [branch] = adopted(machine.call).branches;
  assert.equal(branch?.sequence, 3);
  assert.deepEqual(destinationOf(branch.attempt), destinationOf(attempt));
  assert.deepEqual(branch.attempt.candidate, attempt.candidate);
});

test('edge.md §5: a stub has the adopter ask routing again', () => {
  const { call } = recordingCall();
  call.attempts.length = 0;
  call.branches.length = 0;
  assert.deepEqual(effectsOf(adopted(call)), ['route']);
});

test('edge.md §5: a ring timer that the record knows goes on from when it was due', () => {
  const machine = callingCall();
  machine.respond(180);
  const other = adopted(machine.call);
  const effects = resumed(other, { nowMs: 61_000 });
  assert.deepEqual(effects.at(-1), {
    kind: 'start-timer',
    name: 'ringing',
    sequence: 1,
    ms: 60_000,
  });
  assert.equal(other.ringingMs, 1000);
});

test('edge.md §5: between two attempts the adopter asks for the next one, and cancels the last where that is due', () => {
  const refused = callingCall();
  refused.respond(503);
  assert.deepEqual(effectsOf(adopted(refused.call)), ['switch']);
  const silent = callingCall();
  silent.respond(180);
  silent.take({ kind: 'timer', name: 'ringing', sequence: 1 });
  assert.deepEqual(effectsOf(adopted(silent.call)), ['cancel-invite', 'switch']);
  const failure = adopted(refused.call).failure;
  assert.equal(failure?.reason, 'Rejected');
  assert.equal(failure.code, 503);
});

test('edge.md §5: an earlier attempt whose CANCEL may be lost is cancelled again while the next one rings', () => {
  const machine = callingCall();
  machine.respond(180);
  machine.take({ kind: 'timer', name: 'ringing', sequence: 1 });
  machine.take({ kind: 'recorded' });
  machine.take({ kind: 'switched', response: nextIs('carrier-b') });
  const [first] = machine.call.branches;
  assert.ok(first !== undefined);
  const other = adopted(machine.call);
  assert.deepEqual(effectsOf(other), ['cancel-invite', 'invite']);
  assert.equal(other.branches[0]?.text, `z9hG4bK${CALL_ID}-1`);
  machine.respond(487, { sequence: 1 });
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
  const own = recordedFinal(
    FinalAnswer.fromPartial({ reason: 'AllGatewayBusy', retryAfterSeconds: 3 }),
  );
  assert.deepEqual(own.final, {
    kind: 'refusal',
    reason: 'AllGatewayBusy',
    retryAfterSeconds: 3,
    told: undefined,
  });
  // Of the version before, which kept neither headers nor body.
  const theirs = recordedFinal(FinalAnswer.fromPartial({ code: 486, phrase: 'Busy' }));
  assert.deepEqual(theirs.final, {
    kind: 'rejection',
    code: 486,
    phrase: 'Busy',
    response: undefined,
    sequence: 0,
  });
  assert.deepEqual([theirs.code, theirs.text], [486, 'Busy']);
  // One that was mended need not be well-formed.
  const broken = FinalAnswer.fromPartial({ code: 486, response: Buffer.from('SIP/2.0 486') });
  assert.equal(recordedFinal(broken).code, 486);
  assert.equal(recordedFinal(undefined).reason, 'ServiceUnavailable');
});

test('edge.md §5: each live branch is sent again, but what a carrier is known to have, with a timer of its own', () => {
  const machine = forkedCall(3);
  machine.respond(180, { sequence: 1 });
  machine.respond(486, { sequence: 3 });
  const other = adopted(machine.call);
  assert.equal(other.phase, 'calling');
  const seenBranch = `z9hG4bK${CALL_ID}-2`;
  const told = resumed(other, { nowMs: 61_000, seenBranch }).map((effect) => {
    if (effect.kind === 'invite') return [effect.branch.sequence, effect.isSeen];
    return effect.kind === 'start-timer' && effect.name !== 'slow'
      ? [effect.sequence, effect.ms]
      : [effect.kind];
  });
  assert.deepEqual(told, [
    [1, true],
    [2, true],
    [1, 60_000],
  ]);
  // What has failed beside them counts when the last one fails.
  const again = new MachineCall();
  const { call } = again;
  Object.assign(call, adopted(machine.call));
  resume(call, again.around(), { adoption });
  again.respond(500, { sequence: 1 });
  again.respond(500, { sequence: 2 });
  assert.equal(again.end, '486 Rejected callee');
});

test('edge.md §5: where a branch had won, and the answer is not stored, it may still win; the others are cancelled', () => {
  const machine = forkedCall(2);
  machine.respond(180, { sequence: 1 });
  machine.respond(200, { sequence: 2 });
  const other = adopted(machine.call);
  assert.deepEqual(effectsOf(other), ['cancel-invite', 'invite']);
  const live = other.branches.filter(({ isLive }) => isLive);
  assert.deepEqual(
    live.map(({ sequence }) => sequence),
    [2],
  );
  const facts = { traceParent: '', sealer, owner: '3.77' };
  assert.equal(CallRecord.decode(callRecord(machine.call, facts)).branch, live[0]?.text);
});

test('edge.md §5: a cancelled call of several branches has each of them told, also one that has not rung yet', () => {
  const machine = forkedCall(3);
  machine.respond(180, { sequence: 1 });
  machine.respond(486, { sequence: 3 });
  machine.take({ kind: 'cancel' });
  const { final } = machine.last('store-end');
  const effects = resumed(adopted(machine.call, { final }));
  assert.deepEqual(
    effects.map((effect) =>
      'branch' in effect ? [effect.kind, effect.branch.sequence] : [effect.kind],
    ),
    [['cancel-invite', 1], ['invite', 2], ['respond']],
  );
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

test('edge.md §5: an adopter sends the body that the step gave, and asks the step where nothing was sent yet', () => {
  const forked = new MachineCall(undefined, callOf(1000, SDP));
  forked.claim();
  const candidates = [candidateOf('a'), candidateOf('b')];
  forked.call.candidates = candidates;
  forked.fork(candidates);
  forked.take({ kind: 'body', sequence: 1, bytes: Buffer.from('anchored') });
  const facts = { traceParent: '', sealer, owner: '3.77' };
  const record = CallRecord.decode(callRecord(forked.call, facts));
  const call = adoptedCall(record, { sealer, isEnded: false });
  assert.ok(call !== undefined);
  const effects = resumed(call);
  const told = effects.map((effect) =>
    effect.kind === 'invite' || effect.kind === 'pass-body'
      ? `${effect.kind} ${effect.branch.passedBody?.toString() ?? ''}`
      : effect.kind,
  );
  assert.deepEqual(told, ['invite anchored', 'pass-body ']);
  const other = step(call, { kind: 'body', sequence: 2, bytes: undefined }, surroundings(2000));
  assert.deepEqual(
    other.map(({ kind }) => kind),
    ['record'],
  );
  const sent = step(call, { kind: 'recorded' }, surroundings(2000));
  assert.deepEqual(
    sent.map((effect) => (effect.kind === 'invite' ? effect.branch.sequence : effect.kind)),
    [2],
  );
});
