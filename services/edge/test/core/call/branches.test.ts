import assert from 'node:assert/strict';
import test from 'node:test';
import { MOST_SEQUENCES } from '../../../src/core/marks/call-mark.ts';
import { candidateOf } from '../../support/call-samples.ts';
import { callOf, challengeHeaders, forkedCall, MachineCall } from '../../support/machine-call.ts';
import { SDP } from '../../support/messages.ts';

test('CALL-01 several branches are recorded together, and their INVITEs leave after that', () => {
  const machine = new MachineCall();
  machine.claim();
  assert.deepEqual(machine.fork([candidateOf('a'), candidateOf('b')]), ['record']);
  assert.deepEqual(machine.take({ kind: 'recorded' }), [
    'stop-timer',
    'trying',
    'invite',
    'invite',
  ]);
  assert.deepEqual([...machine.sentSequences], [1, 2]);
  assert.equal(machine.call.phase, 'calling');
});

test('CALL-02 the first 2xx wins; the others are cancelled once it is stored, each that has rung', () => {
  const machine = forkedCall(3);
  machine.respond(180, { sequence: 1 });
  machine.respond(180, { sequence: 2 });
  // Whoever reads the record of the answered call is to know which branch it is.
  assert.deepEqual(machine.respond(200, { sequence: 2 }), ['stop-timer', 'record', 'store-answer']);
  assert.deepEqual(machine.take({ kind: 'recorded' }), []);
  assert.deepEqual(machine.cancelled, []);
  assert.deepEqual(machine.storeAnswer(), ['relay', 'cancel-invite']);
  assert.deepEqual(machine.cancelled, [1]);
  // RFC 3261 §9.1: the third gets its CANCEL with its first provisional response.
  assert.deepEqual(machine.respond(180, { sequence: 3 }), ['cancel-invite']);
  assert.deepEqual(machine.cancelled, [1, 3]);
  assert.deepEqual(machine.respond(487, { sequence: 1 }), ['acknowledge']);
  assert.deepEqual(
    machine.call.attempts.map(({ attempt }) => attempt.code),
    [487, 200, 487],
  );
});

test('CALL-02 a 2xx of a branch that lost is acknowledged and hung up, that of the winner passes again', () => {
  const machine = forkedCall(2);
  machine.respond(200, { sequence: 1 });
  // The answer is not stored yet: the carrier repeats its own.
  assert.deepEqual(machine.respond(200, { sequence: 2 }), []);
  machine.storeAnswer();
  // Nobody else is to be told anything any more.
  assert.deepEqual(machine.respond(200, { sequence: 2 }), ['hang-up', 'forget']);
  assert.equal(machine.last('hang-up').branch.sequence, 2);
  assert.deepEqual(machine.respond(200, { sequence: 1 }), ['relay-again']);
  const To = '<sip:442079460000@203.0.113.5:5070>;tag=other';
  assert.deepEqual(machine.respond(200, { sequence: 1, headers: { To } }), ['hang-up']);
  assert.equal(machine.last('hang-up').branch.sequence, 1);
});

test('ROUTE-06 a branch that fails among live others ends itself alone: its record, then its ACK', () => {
  const machine = forkedCall(2, {}, [candidateOf('next')]);
  assert.deepEqual(machine.respond(503, { sequence: 1 }), ['stop-timer', 'record']);
  assert.equal(machine.call.phase, 'calling');
  assert.deepEqual(machine.take({ kind: 'recorded' }), ['acknowledge']);
  assert.equal(machine.call.phase, 'calling');
  // The last one leads to the next candidate.
  assert.deepEqual(machine.respond(500, { sequence: 2 }), ['stop-timer', 'record']);
  assert.deepEqual(machine.take({ kind: 'recorded' }), ['acknowledge', 'switch']);
  assert.deepEqual(machine.last('switch').gateways, ['next']);
});

test('ROUTE-06 of branches that fail at once each waits for a record that knows of it', () => {
  const machine = forkedCall(3, {}, [candidateOf('next')]);
  assert.deepEqual(machine.respond(503, { sequence: 1 }), ['stop-timer', 'record']);
  assert.deepEqual(machine.respond(503, { sequence: 2 }), ['stop-timer']);
  assert.deepEqual(machine.respond(503, { sequence: 3 }), ['stop-timer']);
  assert.equal(machine.call.phase, 'parting');
  // The first record does not say that the others have failed.
  assert.deepEqual(machine.take({ kind: 'recorded' }), ['acknowledge', 'record']);
  assert.deepEqual(machine.take({ kind: 'recorded' }), ['acknowledge', 'acknowledge', 'switch']);
});

test('DENY-18 when none is left the caller gets the best failure, whichever came last (RFC 3261 §16.7)', () => {
  const cases = [
    [[503, 486], '486 Rejected callee'],
    [[486, 503], '486 Rejected callee'],
    [[404, 603, 480], '603 Rejected callee'],
    [[480, 484, 404], '484 Rejected callee'],
    [[404, 480], '404 Rejected callee'],
    // A redirection is not followed: 502, which says less than what a carrier says itself.
    [[302, 500], '500 Rejected callee'],
    [[500, 302], '500 Rejected callee'],
  ] as const;
  for (const [statuses, expected] of cases) {
    const machine = forkedCall(statuses.length);
    statuses.forEach((status, at) => machine.respond(status, { sequence: at + 1 }));
    assert.equal(machine.end, expected);
  }
  const silent = forkedCall(2);
  silent.take({ kind: 'no-response', sequence: 1, failure: 'timeout' });
  silent.respond(486, { sequence: 2 });
  assert.equal(silent.end, '486 Rejected callee');
});

test('CALL-03 each branch has a timer of its own, and cancels itself alone when it runs out', () => {
  const machine = forkedCall(2);
  machine.respond(180, { sequence: 1 });
  machine.nowMs = 5000;
  machine.respond(183, { sequence: 2 });
  const started = machine.effects.filter((effect) => effect.kind === 'start-timer').slice(1);
  assert.deepEqual(started, [
    { kind: 'start-timer', name: 'ringing', sequence: 1, ms: 120_000 },
    { kind: 'start-timer', name: 'session-progress', sequence: 2, ms: 20_000 },
  ]);
  assert.deepEqual(machine.take({ kind: 'timer', name: 'session-progress', sequence: 1 }), []);
  assert.deepEqual(machine.take({ kind: 'timer', name: 'session-progress', sequence: 2 }), [
    'stop-timer',
    'record',
  ]);
  assert.deepEqual(machine.last('stop-timer'), { kind: 'stop-timer', sequence: 2 });
  assert.deepEqual(machine.take({ kind: 'recorded' }), ['cancel-invite']);
  assert.deepEqual(machine.cancelled, [2]);
  // The record named the branch that was begun last.
  assert.deepEqual(machine.respond(200, { sequence: 1 }), ['stop-timer', 'record', 'store-answer']);
});

test('AUTH-11 a challenge on one branch does not hold up the others', () => {
  const machine = forkedCall(2, { username: 'tandem' });
  assert.deepEqual(machine.respond(401, { sequence: 1, headers: challengeHeaders }), [
    'stop-timer',
    'record',
  ]);
  assert.deepEqual(machine.respond(180, { sequence: 2 }), ['start-timer', 'relay']);
  assert.deepEqual(machine.take({ kind: 'recorded' }), ['acknowledge', 'invite']);
  assert.equal(machine.last('invite').branch.sequence, 3);
  assert.equal(machine.call.attempts.length, 2);
  assert.deepEqual(machine.respond(200, { sequence: 3 }), ['stop-timer', 'record', 'store-answer']);
  assert.deepEqual(machine.storeAnswer(), ['relay', 'cancel-invite']);
  assert.deepEqual(machine.cancelled, [2]);
});

test('ROUTE-02 a branch whose address is silent goes on to the gateway’s next one beside the others', () => {
  const addresses = ['203.0.113.5:5070', '203.0.113.6:5070'];
  const machine = forkedCall(2, { addresses });
  const silence = { kind: 'no-response', sequence: 1, failure: 'timeout' } as const;
  assert.deepEqual(machine.take(silence), ['record']);
  assert.deepEqual(machine.take({ kind: 'recorded' }), ['invite']);
  const { branch } = machine.last('invite');
  assert.equal(branch.attempt.attempt.address, '203.0.113.6:5070');
  assert.equal(machine.call.phase, 'calling');
});

test('DENY-17 a cancel ends every branch, and cancels those that have rung', () => {
  const machine = forkedCall(3);
  machine.respond(180, { sequence: 1 });
  machine.respond(503, { sequence: 3 });
  assert.deepEqual(machine.take({ kind: 'cancel' }), ['stop-timer', 'store-end']);
  assert.deepEqual(machine.storeEnd(), ['acknowledge', 'cancel-invite', 'respond']);
  assert.deepEqual(machine.cancelled, [1]);
  machine.take({ kind: 'told' });
  machine.respond(487, { sequence: 1 });
  machine.take({ kind: 'cancel-over', sequence: 1 });
  // The second may still ring.
  assert.equal(machine.count('forget'), 0);
  assert.deepEqual(machine.respond(486, { sequence: 2 }), ['acknowledge', 'forget']);
});

test('DENY-19 a branch that cannot be recorded is given up, the others go on', () => {
  const machine = forkedCall(2, { username: 'tandem' });
  machine.respond(401, { sequence: 1, headers: challengeHeaders });
  assert.deepEqual(machine.take({ kind: 'unavailable', what: 'store', text: 'away' }), []);
  assert.equal(machine.call.phase, 'calling');
  machine.respond(486, { sequence: 2 });
  assert.equal(machine.end, '486 Rejected callee');
  assert.deepEqual(machine.storeEnd(), ['acknowledge', 'acknowledge', 'respond']);
});

test('CALL-02 where a mark has no number left fewer branches are begun', () => {
  const machine = new MachineCall();
  machine.claim();
  machine.call.sequence = MOST_SEQUENCES - 1;
  machine.fork([candidateOf('a'), candidateOf('b')]);
  machine.take({ kind: 'recorded' });
  assert.deepEqual([...machine.sentSequences], [MOST_SEQUENCES]);
});

test('CALL-06 bodies of branches that are begun at once go through the step first, their record comes once all are there', () => {
  const machine = new MachineCall(undefined, callOf(1000, SDP));
  machine.claim();
  assert.deepEqual(machine.fork([candidateOf('a'), candidateOf('b')]), ['pass-body', 'pass-body']);
  assert.deepEqual(machine.take({ kind: 'body', sequence: 2, bytes: Buffer.from('two') }), []);
  assert.deepEqual(machine.take({ kind: 'body', sequence: 1, bytes: undefined }), ['record']);
  assert.deepEqual(machine.take({ kind: 'recorded' }), [
    'stop-timer',
    'trying',
    'invite',
    'invite',
  ]);
  assert.deepEqual(
    machine.call.branches.map(({ passedBody }) => passedBody?.toString()),
    [undefined, 'two'],
  );
});

test('DENY-19 a branch without its body fails alone, and its outcome comes too late for a call that is given up', () => {
  const machine = new MachineCall(undefined, callOf(1000, SDP));
  machine.claim();
  machine.fork([candidateOf('a'), candidateOf('b')]);
  const failed = { kind: 'body', sequence: 1, bytes: undefined, failure: 'no port' } as const;
  assert.deepEqual(machine.take(failed), ['stop-timer', 'record']);
  assert.deepEqual(machine.take({ kind: 'cancel' }), []);
  assert.deepEqual(machine.take({ kind: 'recorded' }), ['stop-timer', 'store-end']);
  assert.deepEqual(machine.take({ kind: 'body', sequence: 2, bytes: undefined }), []);
  assert.equal(machine.count('invite'), 0);
});

test('DENY-19 when the branches that were to be recorded were the last, the call ends', () => {
  const machine = new MachineCall(undefined, callOf(1000, SDP));
  machine.claim();
  machine.fork([candidateOf('a'), candidateOf('b')]);
  machine.take({ kind: 'body', sequence: 1, bytes: undefined, failure: 'no port' });
  machine.take({ kind: 'body', sequence: 2, bytes: undefined });
  // The failure of the first is written; the second, whose body came meanwhile, is not.
  assert.deepEqual(machine.take({ kind: 'recorded' }), ['stop-timer', 'trying', 'record']);
  assert.deepEqual(machine.take({ kind: 'unavailable', what: 'store', text: 'away' }), [
    'stop-timer',
    'store-end',
  ]);
  assert.equal(machine.end, '503 ServiceUnavailable switch');
});
