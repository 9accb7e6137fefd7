import assert from 'node:assert/strict';
import test from 'node:test';
import { CallRecord } from '@tandem/proto/edge';
import type { Routed } from '@tandem/proto/routing';
import { callRecord } from '../../../src/core/call/call-record.ts';
import { step } from '../../../src/core/call/call-machine.ts';
import { destinationOf } from '../../../src/core/call/call-state.ts';
import type { Call } from '../../../src/core/call/call-state.ts';
import { adoptedCall, resume } from '../../../src/core/call/recovery.ts';
import { MOST_SEQUENCES } from '../../../src/core/marks/call-mark.ts';
import { phoneOf } from '../../support/call-samples.ts';
import type { MachineCall } from '../../support/machine-call.ts';
import { callingCall, recordingCall, surroundings } from '../../support/machine-call.ts';
import { carrierResponse, sealer } from '../../support/messages.ts';

const desk = { flows: ['192.0.2.1:5060'] };
const mobile = { flows: ['192.0.2.2:5060'] };
const soft = { flows: ['192.0.2.3:5060', '192.0.2.4:5060'] };
const mailbox = { flows: ['192.0.2.9:5060'], rank: 1 };

function ringing(
  devices: Parameters<typeof phoneOf>[0] = [desk, mobile, soft],
  settings: Partial<Routed> = {},
): MachineCall {
  return callingCall([phoneOf(devices)], settings);
}

/** `address code` of every attempt. */
function attemptsOf({ call }: MachineCall): string[] {
  return call.attempts.map(({ attempt }) => `${attempt.address} ${String(attempt.code)}`);
}

/** What each carrier gets after the end, or the answer, is stored. */
function storedEnd(machine: MachineCall): readonly string[] {
  machine.storeEnd();
  return [machine.end, `cancelled ${machine.cancelled.join(' ')}`];
}

test('REG-03 all devices of a phone ring at once: one record, a branch and an attempt each, which names its contact', () => {
  const machine = recordingCall([phoneOf([desk, mobile, soft])]);
  assert.equal(machine.count('record'), 1);
  assert.deepEqual(machine.take({ kind: 'recorded' }).slice(2), ['invite', 'invite', 'invite']);
  assert.deepEqual(
    machine.call.attempts.map(({ attempt }) => [attempt.gateway, attempt.address, attempt.contact]),
    [
      ['phone 1002', '192.0.2.1:5060', 'sip:0-0@10.9.9.9'],
      ['phone 1002', '192.0.2.2:5060', 'sip:1-0@10.9.9.9'],
      ['phone 1002', '192.0.2.3:5060', 'sip:2-0@10.9.9.9'],
    ],
  );
  assert.equal(new Set(machine.call.attempts.map(({ tagNumber }) => tagNumber)).size, 3);
});

test('REG-03 a phone at one place is called as any gateway is, and its attempt says nothing more', () => {
  const machine = ringing([soft]);
  assert.equal(machine.call.attempts.length, 1);
  assert.equal(machine.call.attempts[0]?.attempt.contact, undefined);
});

test('REG-03 busy at one device waits for the others: whoever answers has the call', () => {
  const machine = ringing();
  machine.respond(180, { sequence: 2 });
  assert.deepEqual(machine.respond(486, { sequence: 1 }), ['stop-timer', 'record']);
  assert.deepEqual(machine.take({ kind: 'recorded' }), ['acknowledge']);
  machine.respond(180, { sequence: 3 });
  assert.deepEqual(machine.respond(200, { sequence: 2 }), ['stop-timer', 'record', 'store-answer']);
  assert.deepEqual(machine.storeAnswer(), ['relay', 'cancel-invite']);
  assert.deepEqual(machine.cancelled, [3]);
  assert.deepEqual(attemptsOf(machine), [
    '192.0.2.1:5060 486',
    '192.0.2.2:5060 200',
    '192.0.2.3:5060 487',
  ]);
});

test('REG-03 of two that answer at once the first has the call, the second is hung up as often as it repeats its 200', () => {
  const machine = ringing([desk, mobile]);
  machine.respond(200, { sequence: 2 });
  assert.deepEqual(machine.respond(200, { sequence: 1 }), []);
  machine.storeAnswer();
  assert.deepEqual(machine.respond(200, { sequence: 1 }), ['hang-up', 'forget']);
  assert.deepEqual(machine.respond(200, { sequence: 1 }), ['hang-up']);
  assert.deepEqual(machine.respond(200, { sequence: 2 }), ['relay-again']);
  assert.equal(machine.call.winner?.sequence, 2);
  assert.deepEqual(machine.cancelled, []);
});

test('REG-03 edge.md §5 an answered call stays its pod’s until all others have been told, where there are any that may ring', () => {
  const machine = ringing();
  machine.respond(180, { sequence: 1 });
  machine.respond(486, { sequence: 2 });
  machine.respond(200, { sequence: 3 });
  assert.equal(machine.call.isOthersDue, true);
  machine.storeAnswer();
  machine.respond(487, { sequence: 1 });
  assert.equal(machine.count('forget'), 0);
  assert.deepEqual(machine.take({ kind: 'cancel-over', sequence: 1 }), ['forget']);
  const alone = ringing([desk, mobile]);
  alone.respond(486, { sequence: 2 });
  alone.respond(200, { sequence: 1 });
  assert.equal(alone.call.isOthersDue, false);
  assert.deepEqual(alone.storeAnswer(), ['relay', 'acknowledge']);
});

test('REG-03 a 200 that crosses its CANCEL is hung up, a 487 acknowledged', () => {
  const machine = ringing();
  for (const sequence of [1, 2, 3]) machine.respond(180, { sequence });
  machine.respond(200, { sequence: 1 });
  machine.storeAnswer();
  assert.deepEqual(machine.cancelled, [2, 3]);
  assert.deepEqual(machine.respond(200, { sequence: 2 }), ['hang-up']);
  assert.deepEqual(machine.respond(487, { sequence: 3 }), ['acknowledge']);
  assert.deepEqual(machine.respond(180, { sequence: 3 }), []);
});

test('REG-03 who declines for all ends it for all: the others are cancelled, 603 goes back, the next rank is not called', () => {
  const machine = ringing([desk, mobile, soft, mailbox]);
  machine.respond(180, { sequence: 2 });
  assert.deepEqual(machine.respond(603, { sequence: 1 }), ['stop-timer', 'store-end']);
  assert.deepEqual(storedEnd(machine), ['603 Rejected callee', 'cancelled 2']);
  // RFC 3261 §9.1: no CANCEL before a provisional response.
  assert.deepEqual(machine.respond(100, { sequence: 3 }), ['cancel-invite']);
  assert.equal(machine.count('invite'), 3);
});

test('REG-03 when all have failed the best answer goes back (RFC 3261 §16.7)', () => {
  const cases = [
    [[480, 480], '480 Rejected callee'],
    [[486, 404], '486 Rejected callee'],
    [[500, 486], '486 Rejected callee'],
    [[430, 486], '486 Rejected callee'],
    [[408, 486], '486 Rejected callee'],
  ] as const;
  for (const [statuses, expected] of cases) {
    const machine = ringing([desk, mobile]);
    statuses.forEach((status, at) => machine.respond(status, { sequence: at + 1 }));
    assert.equal(machine.end, expected);
  }
});

test('REG-03 DENY-17 the caller’s CANCEL ends all: the ringing are cancelled, the silent with their first response, the refused not', () => {
  const machine = ringing();
  machine.respond(180, { sequence: 1 });
  machine.respond(486, { sequence: 2 });
  machine.take({ kind: 'recorded' });
  assert.deepEqual(machine.take({ kind: 'cancel' }), ['stop-timer', 'store-end']);
  assert.deepEqual(storedEnd(machine), ['487 CallerCancelled caller', 'cancelled 1']);
  assert.deepEqual(machine.respond(180, { sequence: 3 }), ['cancel-invite']);
  assert.deepEqual(machine.respond(200, { sequence: 3 }), ['hang-up']);
  assert.deepEqual(attemptsOf(machine), [
    '192.0.2.1:5060 487',
    '192.0.2.2:5060 486',
    '192.0.2.3:5060 487',
  ]);
});

test('REG-03 CALL-03 a device that rings for too long is cancelled alone', () => {
  const machine = ringing([desk, mobile]);
  machine.respond(180, { sequence: 1 });
  machine.take({ kind: 'timer', name: 'ringing', sequence: 1 });
  assert.deepEqual(machine.take({ kind: 'recorded' }), ['cancel-invite']);
  assert.deepEqual(machine.cancelled, [1]);
  assert.equal(machine.call.phase, 'calling');
});

test('REG-03 a flow that is gone fails at once; its device is called over the next one, beside the others', () => {
  for (const lost of [
    { kind: 'response', sequence: 3, response: carrierResponse(430), hasSdp: false },
    { kind: 'no-response', sequence: 3, failure: 'transport-error' },
  ] as const) {
    const machine = ringing();
    machine.take(lost);
    assert.ok(machine.take({ kind: 'recorded' }).includes('invite'));
    const { branch } = machine.last('invite');
    assert.equal(branch.attempt.attempt.address, '192.0.2.4:5060');
    assert.equal(machine.count('invite'), 4);
    assert.equal(machine.call.phase, 'calling');
  }
});

test('REG-03 no caller hears of a flow that failed: 502, as where a connection breaks', () => {
  const machine = ringing([desk, mobile]);
  machine.respond(430, { sequence: 1 });
  machine.take({ kind: 'no-response', sequence: 2, failure: 'transport-error' });
  assert.equal(machine.end, '502 BadGateway switch');
  assert.deepEqual(attemptsOf(machine), ['192.0.2.1:5060 430', '192.0.2.2:5060 502']);
});

test('REG-03 devices of a lower q are called once all of the higher have failed, by one record, and nobody asks routing', () => {
  const machine = ringing([desk, mobile, mailbox, { ...soft, rank: 1 }, { ...desk, rank: 2 }]);
  machine.respond(486, { sequence: 1 });
  machine.take({ kind: 'recorded' });
  assert.deepEqual(machine.respond(480, { sequence: 2 }), ['stop-timer', 'record']);
  assert.deepEqual(machine.take({ kind: 'recorded' }), ['acknowledge', 'invite', 'invite']);
  assert.deepEqual([...machine.sentSequences], [1, 2, 3, 4]);
  machine.respond(404, { sequence: 3 });
  machine.take({ kind: 'recorded' });
  // The second flow of the same device comes first.
  machine.take({ kind: 'no-response', sequence: 4, failure: 'timeout' });
  machine.take({ kind: 'recorded' });
  assert.equal(machine.last('invite').branch.attempt.attempt.address, '192.0.2.4:5060');
  machine.respond(480, { sequence: 5 });
  machine.take({ kind: 'recorded' });
  machine.respond(200, { sequence: 6 });
  machine.storeAnswer();
  assert.equal(machine.call.winner?.attempt.attempt.address, '192.0.2.1:5060');
  assert.equal(machine.count('switch'), 0);
});

test('REG-03 once the caller has heard a device no other rank is called (SS_SIP_STOP_SWITCH_AFTER_SDP)', () => {
  for (const [stopSwitchAfterSdp, invites] of [
    [true, 2],
    [false, 3],
  ] as const) {
    const machine = ringing([desk, mobile, mailbox], { stopSwitchAfterSdp });
    machine.respond(183, { sequence: 1, hasSdp: true });
    for (const sequence of [1, 2]) {
      machine.respond(486, { sequence });
      machine.take({ kind: 'recorded' });
    }
    assert.equal(machine.count('invite'), invites);
  }
});

test('REG-03 a cancel while the next rank is recorded calls none of it', () => {
  const machine = ringing([desk, mailbox]);
  machine.respond(486, { sequence: 1 });
  assert.deepEqual(machine.take({ kind: 'cancel' }), []);
  assert.deepEqual(machine.take({ kind: 'recorded' }), ['stop-timer', 'store-end']);
  assert.equal(machine.count('invite'), 1);
  assert.equal(machine.end, '487 CallerCancelled caller');
});

test('REG-03 no more devices are called than a call has numbers for', () => {
  const devices = Array.from({ length: MOST_SEQUENCES + 5 }, () => desk);
  assert.equal(ringing(devices).count('invite'), MOST_SEQUENCES);
});

/** The call as another pod finds it, which goes on with it. */
function adopted({ call }: MachineCall): { call: Call; kinds: string[] } {
  const facts = { traceParent: '', sealer, owner: '3.77' };
  const found = adoptedCall(CallRecord.decode(callRecord(call, facts)), { sealer, isEnded: false });
  assert.ok(found !== undefined);
  const adoption = { by: 'edge-2', from: '3.77', cause: 'sweep' } as const;
  const effects = resume(found, surroundings(2000), { adoption });
  return { call: found, kinds: effects.map(({ kind }) => kind) };
}

test('REG-03 edge.md §5 whoever adopts the call knows each branch by its place, though all are behind one address', () => {
  const proxy = { flows: ['192.0.2.99:5060'] };
  const machine = ringing([proxy, proxy, { ...proxy, rank: 1 }, { ...proxy, rank: 1 }]);
  machine.respond(486, { sequence: 1 });
  machine.take({ kind: 'recorded' });
  const { call, kinds } = adopted(machine);
  assert.deepEqual(kinds, ['invite']);
  const uris = (): string[] =>
    call.branches
      .filter(({ isLive }) => isLive)
      .map(({ attempt }) => destinationOf(attempt).target.uri);
  assert.deepEqual(uris(), ['sip:1-0@10.9.9.9']);
  const busy = {
    kind: 'response',
    sequence: 2,
    response: carrierResponse(480),
    hasSdp: false,
  } as const;
  step(call, busy, surroundings(2100));
  assert.deepEqual(uris(), ['sip:2-0@10.9.9.9', 'sip:3-0@10.9.9.9']);
  for (const sequence of [3, 4]) {
    step(call, { kind: 'recorded' }, surroundings(2200));
    step(call, { ...busy, sequence }, surroundings(2200));
  }
  assert.equal(call.phase, 'ending');
  assert.equal(call.failure?.code, 480);
});
