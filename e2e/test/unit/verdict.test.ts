import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { planOne } from '../../src/load/call-plan.ts';
import { newCallRecord, type CallRecord } from '../../src/load/call-record.ts';
import type { CdrView } from '../../src/switch-api.ts';
import { callFaults } from '../../src/verdict/call-faults.ts';
import { cdrFaults } from '../../src/verdict/cdr-faults.ts';

const T = Date.parse('2026-01-01T12:00:00Z');

function at(ms: number): string {
  return new Date(T + ms).toISOString();
}

/** A call that was answered after 1 s and hung up by the caller after 4 s. */
function answeredCall(): CallRecord {
  const record = newCallRecord(planOne({ number: '441' }));
  Object.assign(record.caller, {
    sipCallId: 'a',
    invitedMs: [T],
    heardMs: T + 10,
    answeredMs: T + 1005,
    byeSentMs: T + 4000,
    endedMs: T + 4010,
    finalCode: 200,
  });
  record.carriers.push({
    gateway: 'carrier-a',
    sipCallId: 'b',
    invitedMs: T + 8,
    answeredMs: T + 1000,
    acknowledgedMs: T + 1010,
    byeReceivedMs: T + 4005,
    endedMs: T + 4005,
    finalCode: 200,
  });
  return record;
}

const cdr: CdrView = {
  callId: 'c',
  startedAt: at(3),
  answeredAt: at(1002),
  endedAt: at(4003),
  origin: null,
  a: { sipCallId: 'a', caller: '1001', callee: '441', from: '' },
  b: { sipCallId: 'b', caller: '1001', callee: '441', asserted: '' },
  signature: null,
  attempts: [{ contact: '', gateway: 'carrier-a', code: 200, reason: '' }],
  reason: 'NormalClearing',
  code: 200,
  endedBy: 'caller',
  durationMs: 3001,
  billedSeconds: 60,
  price: '0.0123',
  currency: 'USD',
  traceId: '',
  media: null,
};

describe('BILL-03 a CDR is held against what both ends saw', () => {
  test('BILL-03 one that says the same has no fault', () => {
    assert.deepEqual(cdrFaults(answeredCall(), [cdr]), []);
    assert.deepEqual(callFaults(answeredCall()), []);
  });

  test('BILL-03 none and two are faults', () => {
    assert.deepEqual(cdrFaults(answeredCall(), []), ['has no CDR']);
    assert.deepEqual(cdrFaults(answeredCall(), [cdr, cdr]), ['has 2 CDRs']);
  });

  const wrong: readonly (readonly [string, Partial<CdrView>])[] = [
    ['a start 1.5 s late', { startedAt: at(1500) }],
    ['an answer 1.5 s late', { answeredAt: at(2510) }],
    ['an answer 1.5 s early', { answeredAt: at(-500) }],
    ['no answer', { answeredAt: null }],
    ['an end 1.5 s late', { endedAt: at(5600) }],
    ['an end 1.5 s early', { endedAt: at(2500) }],
    ['another reason', { reason: 'SessionExpired' }],
    ['another end that hung up', { endedBy: 'callee' }],
    ['two minutes', { billedSeconds: 120 }],
    ['another duration', { durationMs: 3000 }],
    ['no price', { price: '0' }],
    ['an attempt that no carrier saw', { attempts: [...cdr.attempts, ...cdr.attempts] }],
  ];
  for (const [what, change] of wrong) {
    test(`BILL-03 ${what} is a fault`, () => {
      assert.notDeepEqual(cdrFaults(answeredCall(), [{ ...cdr, ...change }]), []);
    });
  }

  test('BILL-03 a start may be that of any sending of the INVITE', () => {
    const record = answeredCall();
    record.caller.invitedMs.push(T + 1500);
    assert.deepEqual(cdrFaults(record, [{ ...cdr, startedAt: at(1503) }]), []);
  });

  test('BILL-03 a call that no end thinks answered must not be answered in its CDR', () => {
    const record = newCallRecord(planOne({ number: '442', reception: 'busy' }));
    Object.assign(record.caller, {
      invitedMs: [T],
      heardMs: T + 1,
      endedMs: T + 500,
      finalCode: 486,
    });
    record.carriers.push({
      gateway: 'carrier-a',
      sipCallId: 'b',
      invitedMs: T + 8,
      endedMs: T + 490,
    });
    const refused = {
      ...cdr,
      answeredAt: null,
      endedAt: at(495),
      reason: 'Rejected',
      code: 486,
      billedSeconds: 0,
      price: '0',
    };
    assert.deepEqual(cdrFaults(record, [refused]), []);
    assert.notDeepEqual(cdrFaults(record, [{ ...refused, answeredAt: at(400) }]), []);
    assert.notDeepEqual(cdrFaults(record, [{ ...refused, reason: 'GatewayTimeout' }]), []);
    assert.deepEqual(callFaults(record), []);
  });

  test('CALL-06 an end that never hears of the end is a fault', () => {
    const record = answeredCall();
    delete record.carriers[0]?.endedMs;
    assert.deepEqual(callFaults(record), ['is not over for carrier-a']);
  });
});
