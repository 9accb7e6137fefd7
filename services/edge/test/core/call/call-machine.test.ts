import assert from 'node:assert/strict';
import test from 'node:test';
import { MOST_SEQUENCES } from '../../../src/core/marks/call-mark.ts';
import { Decision } from '@tandem/proto/decision';
import { AuthenticateReply, RouteReply } from '@tandem/proto/edge-replies';
import {
  allowed,
  candidateOf,
  challenged,
  deniedBy,
  nextIs,
  routedTo,
  unrouted,
} from '../../support/call-samples.ts';
import {
  authenticated,
  callingCall,
  challengeHeaders,
  MachineCall,
  recordingCall,
} from '../../support/machine-call.ts';
import { carrierResponse } from '../../support/messages.ts';

/** The facts of why the search ended, where somebody was left. */
function stopOf(machine: MachineCall): object | undefined {
  const stop = decisionsOf(machine).find(
    ({ check, facts }) => check === 'failover' && facts.some(({ name }) => name === 'untried'),
  );
  return stop && Object.fromEntries(stop.facts.map(({ name, value }) => [name, value]));
}

const decisionsOf = ({ call }: MachineCall): Decision[] =>
  call.decisions.map((decision) => Decision.decode(decision));

/** What becomes of every call that auth does not challenge. */
const claimed = [{ kind: 'start-timer', name: 'slow', ms: 200 }, { kind: 'claim' }];
const event = { eventId: 'x', callId: 'x', bytes: Buffer.alloc(0) };

test('CALL-06 the order of writes: claim, routing, record, then 100 and INVITE', () => {
  const machine = new MachineCall();
  assert.deepEqual(machine.effects, claimed);
  assert.deepEqual(machine.claim(), ['route']);
  const response = routedTo([candidateOf('carrier-a')]);
  assert.deepEqual(machine.take({ kind: 'routed', response }), ['record']);
  assert.deepEqual(machine.take({ kind: 'recorded' }), ['stop-timer', 'trying', 'invite']);
  assert.equal(machine.call.phase, 'calling');
  assert.deepEqual(machine.call.lines, ['account:demo', 'routing-gateway:carrier-a']);
  assert.deepEqual(
    decisionsOf(machine).map(({ service }) => service),
    ['auth', 'routing'],
  );
});

test('AUTH-02 an INVITE that auth challenges is no call: nothing follows but the challenge', () => {
  const machine = new MachineCall(authenticated(challenged(407)));
  assert.deepEqual(
    machine.effects.map(({ kind }) => kind),
    ['challenge'],
  );
  assert.equal(machine.call.phase, 'ended');
  assert.deepEqual(machine.call.decisions, []);
  for (const input of [{ kind: 'cancel' }, { kind: 'lost' }, { kind: 'told' }] as const) {
    assert.deepEqual(machine.take(input), input.kind === 'cancel' ? ['accept-cancel'] : []);
  }
});

test('edge.md §5: of an INVITE that auth is asked about nothing is told to another pod', () => {
  const machine = new MachineCall({ kind: 'lost' });
  assert.deepEqual(machine.last('drop'), { kind: 'drop', isElsewhere: false, owner: undefined });
  assert.deepEqual(machine.take(authenticated(allowed())), []);
});

test('edge.md §4: routing slower than 200 ms has a stub recorded, and then the caller its 100, once', () => {
  const machine = new MachineCall();
  machine.claim();
  assert.deepEqual(machine.take({ kind: 'timer', name: 'slow' }), ['record-stub']);
  assert.deepEqual(machine.take({ kind: 'stub-recorded' }), ['trying']);
  machine.take({ kind: 'routed', response: routedTo([candidateOf('a')]) });
  assert.deepEqual(machine.take({ kind: 'recorded' }), ['invite']);
  const quick = callingCall();
  assert.deepEqual(quick.take({ kind: 'timer', name: 'slow' }), []);
  assert.deepEqual(quick.take({ kind: 'stub-recorded' }), []);
  const cancelled = new MachineCall();
  cancelled.claim();
  cancelled.take({ kind: 'timer', name: 'slow' });
  cancelled.take({ kind: 'cancel' });
  cancelled.take({ kind: 'routed', response: unrouted('NoRate') });
  assert.deepEqual(cancelled.take({ kind: 'stub-recorded' }), []);
});

test('edge.md §4: a refused call is forgotten once its caller has acknowledged, and its carriers have had their say', () => {
  const refusedCall = callingCall([candidateOf('a')]);
  refusedCall.respond(486);
  refusedCall.storeEnd();
  assert.deepEqual(refusedCall.take({ kind: 'told' }), ['forget']);
  assert.deepEqual(refusedCall.take({ kind: 'told' }), []);

  const cancelled = callingCall();
  cancelled.respond(180);
  cancelled.take({ kind: 'cancel' });
  cancelled.storeEnd();
  assert.deepEqual(cancelled.take({ kind: 'told' }), []);
  assert.deepEqual(cancelled.take({ kind: 'cancel-over', sequence: 1 }), []);
  assert.deepEqual(cancelled.respond(487), ['acknowledge', 'forget']);

  const silent = callingCall([candidateOf('a')]);
  silent.take({ kind: 'cancel' });
  silent.storeEnd();
  silent.take({ kind: 'told' });
  assert.deepEqual(silent.take({ kind: 'branch-over', sequence: 1 }), ['forget']);

  // A caller that has had no 100 repeats its INVITE: nobody adopts that.
  const denied = new MachineCall(authenticated(deniedBy('Suspended')));
  denied.claim();
  denied.storeEnd();
  assert.deepEqual(denied.take({ kind: 'told' }), []);
});

test('CALL-06 an INVITE that is repeated before this pod has said anything gets a 100 where the record allows it', () => {
  const machine = recordingCall();
  assert.deepEqual(machine.take({ kind: 'repeated' }), []);
  machine.take({ kind: 'recorded' });
  assert.deepEqual(machine.take({ kind: 'repeated' }), ['trying']);
});

test('DENY-08 a call that auth denies is claimed, stored and refused, without routing', () => {
  const machine = new MachineCall(authenticated(deniedBy('Suspended')));
  assert.deepEqual(machine.effects, claimed);
  assert.deepEqual(machine.claim(), ['stop-timer', 'store-end']);
  assert.equal(machine.end, '403 Suspended switch');
  assert.equal(machine.call.origin?.account, 'demo');
});

test('DENY-19 an answer of auth without outcome, or with a reason nobody knows, is 503', () => {
  for (const response of [AuthenticateReply.create(), deniedBy('Whim')]) {
    const machine = new MachineCall(authenticated(response));
    machine.claim();
    assert.equal(machine.end, '503 ServiceUnavailable switch');
  }
});

test('CALL-06 an INVITE that another pod has claimed is left to it', () => {
  const machine = new MachineCall();
  assert.deepEqual(machine.claim(false), ['leave']);
  assert.equal(machine.call.phase, 'ended');
});

test('DENY-11 ROUTE-15 a call that routing denies is refused with its reason and Retry-After', () => {
  const machine = new MachineCall();
  machine.claim();
  assert.deepEqual(machine.take({ kind: 'routed', response: unrouted('CpsLimitExceeded', 7) }), [
    'stop-timer',
    'store-end',
  ]);
  assert.equal(machine.end, '503 CpsLimitExceeded switch');
  const { final } = machine.last('store-end');
  assert.equal(final.kind === 'refusal' ? final.retryAfterSeconds : undefined, 7);
});

test('DENY-11 a route without outcome or without its chosen candidate is no route', () => {
  for (const [response, expected] of [
    [RouteReply.create(), '503 ServiceUnavailable switch'],
    [routedTo([]), '503 NoAvailableRouter switch'],
    [routedTo([candidateOf('a')], { chosen: 4 }), '503 NoAvailableRouter switch'],
  ] as const) {
    const machine = new MachineCall();
    machine.claim();
    machine.take({ kind: 'routed', response });
    assert.equal(machine.end, expected);
  }
});

test('ROUTE-05 the candidate whose lines were taken is tried first, those before it never', () => {
  const machine = callingCall([candidateOf('full'), candidateOf('b'), candidateOf('c')], {
    chosen: 1,
  });
  assert.equal(machine.last('invite').branch.attempt.candidate.gateway, 'b');
  machine.respond(503);
  machine.take({ kind: 'recorded' });
  assert.deepEqual(machine.last('switch').gateways, ['c']);
});

test('CALL-01 an answer is stored, then relayed, then published', () => {
  const machine = callingCall();
  assert.deepEqual(machine.respond(180), ['start-timer', 'relay']);
  assert.deepEqual(machine.respond(200, { hasSdp: true }), ['stop-timer', 'store-answer']);
  const response = carrierResponse(200);
  assert.deepEqual(machine.take({ kind: 'answer-stored', response, event }), ['relay', 'publish']);
  assert.equal(machine.call.phase, 'answered');
  assert.equal(machine.call.attempts[0]?.attempt.code, 200);
});

test('CALL-06 an answer that another pod has stored is relayed and not published again', () => {
  const machine = callingCall();
  machine.respond(200);
  const response = carrierResponse(200);
  assert.deepEqual(machine.take({ kind: 'answer-stored', response, event: undefined }), ['relay']);
});

test('DENY-17 a final refusal is sent once its end is stored, and published then', () => {
  const machine = callingCall([candidateOf('a')]);
  assert.deepEqual(machine.respond(486), ['stop-timer', 'store-end']);
  const { final } = machine.last('store-end');
  assert.deepEqual(machine.take({ kind: 'end-stored', final, event }), [
    'acknowledge',
    'respond',
    'publish',
  ]);
  assert.equal(machine.call.phase, 'ended');
  const late = callingCall([candidateOf('a')]);
  late.respond(486);
  assert.deepEqual(late.take({ kind: 'end-stored', final, event: undefined }), [
    'acknowledge',
    'respond',
  ]);
});

test('CALL-03 each provisional response starts the timer that belongs to it', () => {
  const cases = [
    [100, false, 'session-progress', 20_000],
    [180, false, 'ringing', 120_000],
    [182, false, 'ringing', 120_000],
    [183, false, 'session-progress', 20_000],
    [183, true, 'session-progress-sdp', 120_000],
  ] as const;
  for (const [status, hasSdp, name, ms] of cases) {
    const machine = callingCall();
    machine.respond(status, { hasSdp });
    assert.deepEqual(machine.last('start-timer'), { kind: 'start-timer', name, sequence: 1, ms });
  }
});

test('CALL-03 a gateway’s own timers go before the parameters’, 0 is none of its own', () => {
  const timers = {
    inviteMs: 0,
    ringingMs: 30_000,
    sessionProgressMs: 0,
    sessionProgressSdpMs: 9000,
    resendIntervalMs: 0,
    own: [],
  };
  const machine = callingCall([candidateOf('a', { timers })]);
  machine.respond(180);
  assert.equal(machine.last('start-timer').ms, 30_000);
  machine.respond(183, { hasSdp: true });
  assert.equal(machine.last('start-timer').ms, 9000);
  machine.respond(183);
  assert.equal(machine.last('start-timer').ms, 20_000);
});

test('CALL-03 the same response again, or a 100 after it, does not start the timer anew', () => {
  const machine = callingCall();
  machine.respond(180);
  assert.deepEqual(machine.respond(180), ['relay']);
  assert.deepEqual(machine.respond(100), []);
  const started = machine.effects.filter((effect) => effect.kind === 'start-timer');
  assert.deepEqual(
    started.map(({ name }) => name),
    ['slow', 'ringing'],
  );
});

test('CALL-03 who goes back and forth between ringing and early media gets no more time for it', () => {
  const machine = callingCall();
  const at = (nowMs: number, status: number, hasSdp: boolean): number => {
    machine.nowMs = nowMs;
    machine.respond(status, { hasSdp });
    return nowMs + machine.last('start-timer').ms;
  };
  const rings = at(0, 180, false);
  assert.equal(at(100_000, 183, true), 220_000);
  assert.equal(rings, 120_000);
  for (const nowMs of [110_000, 150_000, 200_000]) {
    assert.equal(at(nowMs, 180, false), 220_000);
    assert.equal(at(nowMs, 183, true), 220_000);
  }
});

test('BILL-03 ringing is noted with the first 180', () => {
  const machine = callingCall();
  machine.nowMs = 3000;
  machine.respond(183);
  assert.equal(machine.call.ringingMs, 0);
  machine.respond(180);
  machine.nowMs = 4000;
  machine.respond(180);
  assert.equal(machine.call.ringingMs, 3000);
});

test('DENY-15 a timer that runs out is stored, cancels the INVITE then, and goes on to the next candidate', () => {
  const machine = callingCall();
  machine.respond(180);
  assert.deepEqual(machine.take({ kind: 'timer', name: 'ringing', sequence: 1 }), [
    'stop-timer',
    'record',
  ]);
  assert.deepEqual(machine.take({ kind: 'recorded' }), ['cancel-invite', 'switch']);
  assert.equal(machine.call.attempts[0]?.attempt.reason, 'GatewayTimeout');
  assert.equal(machine.call.attempts[0].attempt.code, 408);
});

test('CALL-03 a timer that was replaced or stopped means nothing', () => {
  const machine = callingCall();
  machine.respond(183);
  machine.respond(180);
  assert.deepEqual(machine.take({ kind: 'timer', name: 'session-progress', sequence: 1 }), []);
  machine.respond(200);
  assert.deepEqual(machine.take({ kind: 'timer', name: 'ringing', sequence: 1 }), []);
});

test('DENY-14 DENY-16 no response at all is 408, an address that cannot be reached 502', () => {
  for (const [failure, expected] of [
    ['timeout', '408 InviteTimeout switch'],
    ['transport-error', '502 BadGateway switch'],
  ] as const) {
    const machine = callingCall([candidateOf('a')]);
    assert.deepEqual(machine.take({ kind: 'no-response', sequence: 9, failure }), []);
    machine.take({ kind: 'no-response', sequence: 1, failure });
    assert.equal(machine.end, expected);
  }
});

test('ROUTE-06 a code that is no stop code goes to the next candidate, whose record is written first', () => {
  const machine = callingCall();
  assert.deepEqual(machine.respond(503), ['stop-timer', 'record']);
  assert.deepEqual(machine.take({ kind: 'recorded' }), ['acknowledge', 'switch']);
  assert.deepEqual(machine.last('switch'), {
    kind: 'switch',
    failedGateway: 'carrier-a',
    gateways: ['carrier-b'],
    redirected: [],
  });
  assert.deepEqual(machine.take({ kind: 'switched', response: nextIs('carrier-b') }), ['record']);
  assert.deepEqual(machine.take({ kind: 'recorded' }), ['invite']);
  assert.equal(machine.call.attempts.length, 2);
  assert.equal(machine.call.branches[1]?.sequence, 2);
  assert.deepEqual(machine.call.lines, ['account:demo', 'routing-gateway:carrier-b']);
});

test('ROUTE-06 stop codes end the call with the callee’s own words', () => {
  for (const code of [480, 486, 487, 600, 603, 604, 606]) {
    const machine = callingCall();
    machine.respond(code);
    assert.equal(machine.end, `${String(code)} Rejected callee`);
  }
});

test('ROUTE-06 switch-until-connect Off, the attempt limit and heard early media each end the search', () => {
  const off = callingCall([candidateOf('a', { switchUntilConnect: false }), candidateOf('b')]);
  off.respond(503);
  assert.equal(off.end, '500 Rejected callee');
  const limited = callingCall(undefined, { attemptLimit: 1 });
  limited.respond(503);
  assert.equal(limited.end, '500 Rejected callee');
  const heard = callingCall();
  heard.respond(183, { hasSdp: true });
  heard.respond(503);
  assert.equal(heard.end, '500 Rejected callee');
  const busy = callingCall();
  busy.respond(486);
  const stopCodes = busy.call.candidates[0]?.stopCodes.join(', ');
  // OPS-09: each says why, and who was left.
  assert.deepEqual([off, limited, heard, busy].map(stopOf), [
    { cause: 'switch-until-connect', code: '503', attempts: '1', stopCodes, untried: 'b' },
    { cause: 'switch-limit', code: '503', attempts: '1', limit: '1', stopCodes, untried: 'carrier-b' }, // prettier-ignore
    { cause: 'early-media', code: '503', attempts: '1', stopCodes, untried: 'carrier-b' },
    { cause: 'stop-code', code: '486', attempts: '1', stopCodes, untried: 'carrier-b' },
  ]);
  const alone = callingCall([candidateOf('a')]);
  alone.respond(486);
  assert.equal(stopOf(alone), undefined);
  const deaf = callingCall(undefined, { stopSwitchAfterSdp: false, attemptLimit: 2 });
  deaf.respond(183, { hasSdp: true });
  assert.deepEqual(deaf.respond(503), ['stop-timer', 'record']);
});

test('ROUTE-06 where no line is free on any other candidate the last failure stands', () => {
  const machine = callingCall();
  machine.respond(503);
  machine.take({ kind: 'recorded' });
  machine.take({ kind: 'switched', response: nextIs('') });
  assert.equal(machine.end, '500 Rejected callee');
  assert.deepEqual(machine.call.lines, ['account:demo']);
});

test('ROUTE-06 a gateway that was tried already is not tried again, whatever routing says', () => {
  const machine = callingCall();
  machine.respond(503);
  machine.take({ kind: 'recorded' });
  machine.take({ kind: 'switched', response: nextIs('carrier-a') });
  assert.equal(machine.count('invite'), 1);
  assert.equal(machine.end, '500 Rejected callee');
});

test('AUTH-11 a challenge is answered with another INVITE of the same attempt, its record written first', () => {
  const machine = callingCall([candidateOf('a', { username: 'tandem' })]);
  assert.deepEqual(machine.respond(407, { headers: challengeHeaders }), ['stop-timer', 'record']);
  // The challenge is acknowledged once the record says what it led to.
  assert.deepEqual(machine.take({ kind: 'recorded' }), ['acknowledge', 'invite']);
  const { branch } = machine.last('invite');
  assert.equal(branch.sequence, 2);
  assert.equal(branch.cseqOffset, 1);
  const [authorization, ...others] = branch.authorizations;
  assert.deepEqual(others, []);
  assert.equal(authorization?.header, 'Proxy-Authorization');
  assert.match(authorization.value, /^Digest username="tandem",realm="carrier"/);
  assert.equal(machine.call.attempts.length, 1);
});

test('AUTH-11 a challenge is answered three times at most, and again only where the nonce was stale', () => {
  const gateway = [candidateOf('a', { username: 'tandem' })];
  const looping = callingCall(gateway);
  for (let round = 0; round < 3; round++) {
    looping.respond(401, { headers: challengeHeaders });
    looping.take({ kind: 'recorded' });
  }
  assert.equal(looping.last('invite').branch.challenges, 3);
  looping.respond(401, { headers: challengeHeaders });
  assert.equal(looping.end, '502 BadGateway switch');
  const wrong = callingCall(gateway);
  wrong.respond(401, { headers: challengeHeaders });
  wrong.take({ kind: 'recorded' });
  const again = { 'WWW-Authenticate': 'Digest realm="carrier", nonce="n", algorithm=MD5' };
  wrong.respond(401, { headers: again });
  assert.equal(wrong.end, '502 BadGateway switch');
  const unreadable = callingCall(gateway);
  unreadable.respond(401, { headers: { 'WWW-Authenticate': 'Riddle' } });
  assert.equal(unreadable.end, '502 BadGateway switch');
});

test('AUTH-11 a challenge that cannot be answered is a failure of the gateway, never a 401 to the caller', () => {
  const machine = callingCall([candidateOf('a', { username: 'tandem' })]);
  machine.respond(401);
  assert.equal(machine.end, '502 BadGateway switch');
  assert.equal(machine.call.attempts[0]?.attempt.code, 401);
  const next = callingCall();
  assert.deepEqual(next.respond(407), ['stop-timer', 'record']);
});

test('DENY-17 a cancel while ringing ends with 487, and the INVITE is cancelled once that is stored', () => {
  const machine = callingCall();
  machine.respond(180);
  machine.nowMs = 5000;
  assert.deepEqual(machine.take({ kind: 'cancel' }), ['stop-timer', 'store-end']);
  assert.equal(machine.end, '487 CallerCancelled caller');
  assert.equal(machine.finalCode, 487);
  assert.deepEqual(machine.storeEnd(), ['cancel-invite', 'respond']);
  const [decision] = decisionsOf(machine).filter(({ check }) => check === 'cancel');
  assert.deepEqual(
    decision?.facts.map(({ name, value }) => `${name}=${value}`),
    ['after-ms=4000', 'rang=yes'],
  );
});

test('CALL-02 before any provisional response no CANCEL is sent; it follows the first one', () => {
  const machine = callingCall();
  assert.deepEqual(machine.take({ kind: 'cancel' }), ['stop-timer', 'store-end']);
  assert.deepEqual(machine.storeEnd(), ['respond']);
  assert.deepEqual(machine.respond(100), ['cancel-invite']);
  assert.deepEqual(machine.respond(180), []);
});

test('CALL-02 a 2xx that crosses the CANCEL is hung up', () => {
  const machine = callingCall();
  machine.respond(180);
  machine.take({ kind: 'cancel' });
  assert.deepEqual(machine.respond(200), []);
  machine.storeEnd();
  assert.deepEqual(machine.respond(200), ['hang-up']);
  assert.deepEqual(machine.respond(487), ['acknowledge']);
});

test('CALL-02 a candidate that was given up and answers late is hung up, the other goes on', () => {
  const machine = callingCall();
  machine.respond(180);
  machine.take({ kind: 'timer', name: 'ringing', sequence: 1 });
  // Not before it is stored: another pod may have the call by now.
  assert.deepEqual(machine.respond(200, { sequence: 1 }), []);
  machine.take({ kind: 'recorded' });
  assert.deepEqual(machine.respond(200, { sequence: 1 }), ['hang-up']);
  machine.take({ kind: 'switched', response: nextIs('carrier-b') });
  machine.take({ kind: 'recorded' });
  assert.deepEqual(machine.respond(180, { sequence: 1 }), []);
  assert.deepEqual(machine.respond(200, { sequence: 1 }), ['hang-up']);
  assert.deepEqual(machine.respond(200), ['stop-timer', 'store-answer']);
  assert.deepEqual(machine.respond(200, { sequence: 1 }), ['hang-up']);
  assert.deepEqual(machine.respond(200), []);
  assert.deepEqual(machine.respond(180, { sequence: 99 }), []);
});

test('DENY-14 a carrier that was given up in silence and then rings is cancelled, once', () => {
  const machine = callingCall();
  machine.take({ kind: 'no-response', sequence: 1, failure: 'timeout' });
  machine.take({ kind: 'switched', response: nextIs('carrier-b') });
  machine.take({ kind: 'recorded' });
  assert.deepEqual(machine.respond(180, { sequence: 1 }), ['cancel-invite']);
  assert.deepEqual(machine.respond(180, { sequence: 1 }), []);
});

test('DENY-17 a cancel before the INVITE is sent lets what is under way end, and no INVITE leaves', () => {
  const early = new MachineCall();
  assert.deepEqual(early.take({ kind: 'cancel' }), []);
  early.claim();
  early.take({ kind: 'routed', response: routedTo([candidateOf('a')]) });
  assert.equal(early.end, '487 CallerCancelled caller');

  const denied = new MachineCall();
  denied.claim();
  denied.take({ kind: 'cancel' });
  denied.take({ kind: 'routed', response: unrouted('NoRate') });
  assert.equal(denied.end, '487 CallerCancelled caller');

  const recording = recordingCall();
  recording.take({ kind: 'cancel' });
  assert.deepEqual(recording.take({ kind: 'recorded' }), ['stop-timer', 'store-end']);
  for (const machine of [early, denied, recording]) assert.equal(machine.count('invite'), 0);
});

test('DENY-17 a cancel between two attempts ends the call without a second INVITE', () => {
  for (const gateway of ['carrier-b', '']) {
    const machine = callingCall();
    machine.respond(503);
    machine.take({ kind: 'recorded' });
    machine.take({ kind: 'cancel' });
    machine.take({ kind: 'switched', response: nextIs(gateway) });
    assert.equal(machine.end, '487 CallerCancelled caller');
    assert.equal(machine.count('invite'), 1);
    assert.equal(machine.call.attempts[0]?.attempt.code, 503);
  }
});

test('DENY-17 a cancel while the answer is being stored is too late', () => {
  const machine = callingCall();
  machine.respond(200);
  assert.deepEqual(machine.take({ kind: 'cancel' }), []);
  const response = carrierResponse(200);
  assert.deepEqual(machine.take({ kind: 'answer-stored', response, event }), ['relay', 'publish']);
});

test('DENY-19 auth, routing or the store away: 503, and the decision says which', () => {
  const authAway = { kind: 'unavailable', what: 'auth', text: 'away' } as const;
  const claiming = new MachineCall(authAway);
  // Whoever has claimed the INVITE refuses it: another pod may have reached auth.
  assert.deepEqual(claiming.effects, claimed);
  assert.equal(decisionsOf(claiming).at(-1)?.subject, 'auth');
  assert.deepEqual(claiming.claim(), ['stop-timer', 'store-end']);
  assert.equal(claiming.end, '503 ServiceUnavailable switch');
  const elsewhere = new MachineCall(authAway);
  assert.deepEqual(elsewhere.claim(false), ['leave']);
  const withoutStore = new MachineCall(authAway);
  const steps = [
    [withoutStore, 'store'],
    [recordingCall(), 'store'],
  ] as const;
  for (const [machine, what] of steps) {
    assert.deepEqual(machine.take({ kind: 'unavailable', what, text: 'away' }), [
      'stop-timer',
      'store-end',
    ]);
    assert.equal(machine.end, '503 ServiceUnavailable switch');
    assert.equal(decisionsOf(machine).at(-1)?.subject, what);
  }
});

test('DENY-19 routing away between two attempts leaves the first one’s failure to the caller', () => {
  const machine = callingCall();
  machine.respond(500);
  machine.take({ kind: 'unavailable', what: 'routing', text: 'away' });
  assert.equal(machine.end, '500 Rejected callee');
});

test('CALL-10 outcomes that nobody waits for mean nothing, in any phase', () => {
  const final = { kind: 'refusal', reason: 'NoRate' } as const;
  const machine = callingCall();
  for (const input of [
    { kind: 'routed', response: routedTo([candidateOf('a')]) },
    { kind: 'switched', response: nextIs('carrier-b') },
    { kind: 'recorded' },
    { kind: 'unavailable', what: 'routing', text: 'late' },
    { kind: 'answer-stored', response: carrierResponse(200), event },
    { kind: 'end-stored', final, event },
  ] as const) {
    assert.deepEqual(machine.take(input), [], input.kind);
  }
  assert.deepEqual(machine.claim(), []);
  assert.equal(machine.call.phase, 'calling');
});

test('CALL-02 a call whose branches have no number left goes to no other carrier', () => {
  const full = callingCall();
  full.call.sequence = MOST_SEQUENCES;
  full.respond(503, { sequence: 1 });
  assert.equal(full.end, '500 Rejected callee');
  const asked = callingCall([candidateOf('a', { username: 'tandem' })]);
  asked.call.sequence = MOST_SEQUENCES;
  asked.respond(401, { sequence: 1, headers: challengeHeaders });
  assert.equal(asked.end, '502 BadGateway switch');
});

test('edge.md §5: a call that another pod has adopted says nothing more, whatever phase it is in', () => {
  const calling = callingCall();
  assert.deepEqual(calling.take({ kind: 'lost' }), ['drop']);
  assert.deepEqual(recordingCall().take({ kind: 'lost' }), ['drop']);
  assert.deepEqual(new MachineCall().take({ kind: 'lost' }), ['drop']);
  const answered = callingCall();
  answered.respond(200);
  answered.take({ kind: 'answer-stored', response: carrierResponse(200), event });
  assert.deepEqual(answered.take({ kind: 'lost' }), []);
});
