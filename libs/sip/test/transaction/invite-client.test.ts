import assert from 'node:assert/strict';
import test from 'node:test';
import {
  inviteClientStep,
  startInviteClient,
  type InviteClientState,
} from '../../src/transaction/invite-client.ts';
import { timerValues } from '../../src/transaction/timer-values.ts';
import type { ClientInput, TimerName } from '../../src/transaction/transition.ts';
import { received, timer, transitionText, transportError } from './transition-text.ts';

const unreliable = timerValues();
const reliable = timerValues({ isReliable: true });

function step(state: InviteClientState, input: ClientInput, timers = unreliable): string {
  return transitionText(inviteClientStep(state, input, timers));
}

const calling: InviteClientState = { name: 'Calling', retransmitMs: 500 };
const proceeding: InviteClientState = { name: 'Proceeding' };
const completed: InviteClientState = { name: 'Completed' };
const accepted: InviteClientState = { name: 'Accepted' };
const terminated: InviteClientState = { name: 'Terminated' };

test('CALL-02 an INVITE is sent with timers A and B, over a reliable transport with B only', () => {
  assert.equal(
    transitionText(startInviteClient(unreliable)),
    'Calling | send request, start A 500, start B 32000',
  );
  assert.equal(
    transitionText(startInviteClient(reliable)),
    'Calling | send request, start B 32000',
  );
});

test('CALL-03 SS_SIP_RESEND_INTERVAL sets timer A, SS_SIP_TIMEOUT_INVITE timer B', () => {
  const timers = timerValues({ t1Ms: 200, inviteTimeoutMs: 10_000 });
  assert.equal(
    transitionText(startInviteClient(timers)),
    'Calling | send request, start A 200, start B 10000',
  );
});

test('CALL-03 timer A doubles without a ceiling until timer B ends the transaction', () => {
  let state = startInviteClient(unreliable).state;
  const intervals: number[] = [];
  for (let round = 0; round < 6; round++) {
    const next = inviteClientStep(state, timer('A'), unreliable);
    assert.deepEqual(next.effects[0], { kind: 'send', message: 'request' });
    const start = next.effects[1];
    assert.ok(start?.kind === 'start-timer');
    intervals.push(start.ms);
    state = next.state;
  }
  assert.deepEqual(intervals, [1000, 2000, 4000, 8000, 16_000, 32_000]);
  assert.equal(step(state, timer('B')), 'Terminated | stop A, stop B, deliver timeout, terminated');
});

test('CALL-02 each transition out of Calling', () => {
  assert.equal(step(calling, received(100)), 'Proceeding | stop A, stop B, deliver message');
  assert.equal(
    step(calling, received(200)),
    'Accepted | stop A, stop B, start M 32000, deliver message',
  );
  assert.equal(
    step(calling, received(486)),
    'Completed | stop A, stop B, send ack, start D 32000, deliver message',
  );
  assert.equal(
    step(calling, transportError),
    'Terminated | stop A, stop B, deliver transport-error, terminated',
  );
  assert.equal(step(calling, timer('D')), 'Calling | ');
});

test('CALL-02 each transition out of Proceeding', () => {
  assert.equal(step(proceeding, received(180)), 'Proceeding | deliver message');
  assert.equal(step(proceeding, received(299)), 'Accepted | start M 32000, deliver message');
  assert.equal(
    step(proceeding, received(300)),
    'Completed | send ack, start D 32000, deliver message',
  );
  assert.equal(step(proceeding, timer('B')), 'Proceeding | ');
  assert.equal(step(proceeding, transportError), 'Proceeding | ');
});

test('CALL-02 over a reliable transport a refusal is acknowledged and the transaction over', () => {
  assert.equal(
    step(proceeding, received(486), reliable),
    'Terminated | send ack, deliver message, terminated',
  );
});

test('CALL-02 in Completed a repeated refusal is acknowledged again and not delivered', () => {
  assert.equal(step(completed, received(486)), 'Completed | send ack');
  assert.equal(step(completed, received(180)), 'Completed | ');
  assert.equal(step(completed, received(200)), 'Completed | ');
  assert.equal(step(completed, timer('D')), 'Terminated | terminated');
  assert.equal(step(completed, timer('A')), 'Completed | ');
  assert.equal(
    step(completed, transportError),
    'Terminated | stop D, deliver transport-error, terminated',
  );
});

test('CALL-02 in Accepted every 2xx goes to the user until timer M (RFC 6026)', () => {
  assert.equal(step(accepted, received(200)), 'Accepted | deliver message');
  assert.equal(step(accepted, received(180)), 'Accepted | ');
  assert.equal(step(accepted, received(486)), 'Accepted | ');
  assert.equal(step(accepted, transportError), 'Accepted | ');
  assert.equal(step(accepted, timer('B')), 'Accepted | ');
  assert.equal(step(accepted, timer('M')), 'Terminated | terminated');
});

test('CALL-02 nothing moves a terminated INVITE client transaction', () => {
  const names: readonly TimerName[] = ['A', 'B', 'D', 'M'];
  for (const input of [received(200), transportError, ...names.map(timer)]) {
    assert.equal(step(terminated, input), 'Terminated | ');
  }
});
