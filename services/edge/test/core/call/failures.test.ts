import assert from 'node:assert/strict';
import test from 'node:test';
import { Decision } from '@tandem/proto/decision';
import {
  attemptFailed,
  attemptTimedOut,
  betterFailure,
  carrierRefused,
  refused,
  restOf,
} from '../../../src/core/call/failures.ts';
import type { BranchState, CallState } from '../../../src/core/call/call-state.ts';
import { candidateOf } from '../../support/call-samples.ts';
import { attemptState, branchState, callOf } from '../../support/machine-call.ts';
import { carrierResponse } from '../../support/messages.ts';

const decisionsOf = (call: CallState): Decision[] =>
  call.decisions.map((decision) => Decision.decode(decision));

function branchOf(username = ''): BranchState {
  return branchState({
    attempt: attemptState(candidateOf('carrier-a', { username }), {
      address: '203.0.113.5:5070',
      startedMs: 1000,
    }),
    challenges: 1,
  });
}

test('DENY-18 the callee’s own answer is kept with phrase, headers and its Reason', () => {
  const call = callOf(1000);
  const response = carrierResponse(486, { Reason: 'Q.850;cause=17' });
  const failure = attemptFailed(call, branchOf(), response, 2000);
  assert.equal(failure.reason, 'Rejected');
  assert.equal(failure.text, 'Q.850;cause=17');
  assert.deepEqual(failure.final, {
    kind: 'rejection',
    code: 486,
    phrase: 'Busy Here',
    response,
    sequence: 1,
  });
  const [decision] = decisionsOf(call);
  assert.equal(decision?.subject, 'routing-gateway carrier-a');
  assert.deepEqual(
    decision.facts.map(({ name, value }) => `${name}=${value}`),
    ['code=486', 'phrase=Busy Here', 'address=203.0.113.5:5070', 'reason-header=Q.850;cause=17'],
  );
});

test('DENY-16 a redirection is not followed: 502, with the phrase as text', () => {
  const failure = attemptFailed(callOf(0), branchOf(), carrierResponse(302), 2000);
  assert.equal(failure.reason, 'BadGateway');
  assert.equal(failure.code, 302);
  assert.equal(failure.text, 'Whatever');
  assert.deepEqual(failure.final, { kind: 'refusal', reason: 'BadGateway' });
});

test('AUTH-11 a carrier that refuses us is a bad gateway, and the decision says why', () => {
  const call = callOf(0);
  const causes = ['the gateway refused our username or password', 'none are configured'];
  for (const [at, cause] of causes.entries()) {
    const response = carrierResponse(at === 0 ? 407 : 401);
    const failure = carrierRefused(call, branchOf('tandem'), { response, cause }, 2000);
    assert.deepEqual(failure.final, { kind: 'refusal', reason: 'BadGateway' });
    assert.equal(failure.text, cause);
  }
  assert.deepEqual(
    decisionsOf(call).map(({ check, result }) => `${check} ${result}`),
    ['digest failed', 'digest failed'],
  );
});

test('DENY-14 DENY-15 DENY-16 silence is named by the timer that ran out, with how long it was waited for', () => {
  const cases = [
    ['invite', 'InviteTimeout', 408, 'SS_SIP_TIMEOUT_INVITE'],
    ['ringing', 'GatewayTimeout', 408, 'SS_SIP_TIMEOUT_RINGING'],
    ['session-progress', 'GatewayTimeout', 408, 'SS_SIP_TIMEOUT_SESSION_PROGRESS'],
    ['session-progress-sdp', 'GatewayTimeout', 408, 'SS_SIP_TIMEOUT_SESSION_PROGRESS_SDP'],
    ['transport-error', 'BadGateway', 502, undefined],
  ] as const;
  for (const [cause, reason, code, timer] of cases) {
    const call = callOf(0);
    const failure = attemptTimedOut(call, branchOf(), { cause }, 11_000);
    assert.equal(failure.reason, reason);
    assert.equal(failure.code, code);
    const facts = new Map(decisionsOf(call)[0]?.facts.map(({ name, value }) => [name, value]));
    assert.equal(facts.get('timer'), timer);
    assert.equal(facts.get('waited-ms'), timer === undefined ? undefined : '10000');
  }
});

test('ROUTE-06 T2-20 for how long a carrier wants to be left alone stands in its 503, comments and parameters aside', () => {
  const of = (value: string, status = 503): number | undefined =>
    restOf(carrierResponse(status, { 'Retry-After': value }));
  for (const [value, seconds] of [
    ['120', 120],
    ['300 (maintenance)', 300],
    ['18000;duration=3600', 18_000],
    ['60 (I (we) are away; back "soon");duration=5', 60],
    [' 7 ', 7],
    ['0', 0],
    ['-1', undefined],
    ['soon', undefined],
    ['12x', undefined],
    ['', undefined],
  ] as const) {
    assert.equal(of(value), seconds, value);
  }
  // Of the callee, not of the gateway.
  assert.equal(of('120', 486), undefined);
});

test('CALL-02 ROUTE-06 of several failures a 6xx goes back, else one of the lowest class, in it what tells the caller most', () => {
  const said = (status: number) =>
    attemptFailed(callOf(0), branchOf(), carrierResponse(status), 2000);
  const better = (...failures: ReturnType<typeof said>[]): number => {
    const [first = refused('AllGatewayBusy'), ...rest] = failures;
    return rest.reduce<ReturnType<typeof said>>((best, each) => betterFailure(best, each), first)
      .code;
  };
  assert.equal(better(said(404), said(603), said(486)), 603);
  assert.equal(better(said(404), said(500)), 404);
  assert.equal(better(said(500), said(404)), 404);
  assert.equal(better(said(484), said(404)), 484);
  assert.equal(better(said(404), said(420)), 420);
  assert.equal(better(said(404), said(480)), 480);
  assert.equal(better(said(480), refused('InviteTimeout')), 480);
  assert.equal(better(refused('InviteTimeout'), said(500)), 408);
  assert.equal(better(said(503), said(500)), 500);
  assert.equal(better(said(500), said(503)), 500);
  assert.equal(better(said(503), refused('BadGateway')), 502);
});
