import assert from 'node:assert/strict';
import test from 'node:test';
import { CallRecord } from '@tandem/proto/edge';
import { serialize } from '@tandem/sip';
import { callRecord } from '../../../src/core/call/call-record.ts';
import type { CallState } from '../../../src/core/call/call-state.ts';
import { candidateOf, decisionOf, origin } from '../../support/call-samples.ts';
import { attemptState, branchState, callOf } from '../../support/machine-call.ts';
import { CALL_ID, inviteOf, sealer } from '../../support/messages.ts';

const inviteBytes = serialize(inviteOf());
const recordOf = (call: CallState): CallRecord =>
  CallRecord.decode(callRecord(call, { traceParent: '00-1-2-01', sealer, owner: '3.77' }));

function callInProgress(): CallState {
  const call = callOf();
  const candidate = candidateOf('carrier-a', { username: 'tandem', password: 'secret-word' });
  call.origin = origin;
  call.candidates = [candidate, candidateOf('carrier-b')];
  call.nextCandidate = 1;
  call.lines = ['account:demo'];
  call.sequence = 2;
  call.customerTerms = Buffer.from('terms');
  call.maxDurationSeconds = 3600;
  const attempt = attemptState(candidate, { gateway: 'carrier-a', address: '203.0.113.5:5070' });
  call.attempts.push(attempt);
  call.branches.push(
    branchState({
      attempt,
      sequence: 2,
      challenges: 1,
      authorizations: [{ header: 'Proxy-Authorization', value: 'Digest x' }],
      cseqOffset: 1,
    }),
  );
  return call;
}

test('CALL-06 the record holds all that another pod needs to send the same INVITE again', () => {
  const record = recordOf(callInProgress());
  assert.deepEqual(Buffer.from(record.invite), inviteBytes);
  assert.equal(record.callId, CALL_ID);
  assert.equal(record.source, '192.0.2.10:5062');
  assert.equal(record.sequence, 2);
  assert.equal(record.cseqOffset, 1);
  assert.equal(record.attempt, 1);
  assert.equal(record.authorizationHeader, 'Proxy-Authorization');
  assert.equal(record.authorization, 'Digest x');
  assert.deepEqual(record.lines, ['account:demo']);
  assert.equal(record.origin?.account, 'demo');
  assert.equal(record.maxDurationSeconds, 3600);
  assert.equal(Buffer.from(record.customerTerms).toString(), 'terms');
  assert.deepEqual(
    record.candidates.map(({ gateway }) => gateway),
    ['carrier-a', 'carrier-b'],
  );
});

test('AUTH-12 carriers’ passwords lie sealed in the record and open with the key alone', () => {
  const call = callInProgress();
  const bytes = callRecord(call, { traceParent: '', sealer, owner: '3.77' });
  assert.ok(!bytes.includes('secret-word'));
  const [first, second] = recordOf(call).candidates;
  assert.equal(sealer.open('secret', first?.password ?? '')?.toString(), 'secret-word');
  assert.equal(second?.password, '');
  assert.equal(call.candidates[0]?.password, 'secret-word');
});

test('CALL-06 a stub is written before anything is known of the route', () => {
  const record = recordOf(callOf());
  assert.equal(record.sequence, 0);
  assert.equal(record.candidates.length, 0);
  assert.equal(record.authorization, '');
});

test('OPS-09 the record keeps decisions as they came', () => {
  const call = callInProgress();
  const decision = decisionOf({ service: 'auth', check: 'digest', atMs: 1000 });
  call.decisions.push(decision);
  assert.deepEqual(
    recordOf(call).decisions.map((bytes) => Buffer.from(bytes)),
    [decision],
  );
});
