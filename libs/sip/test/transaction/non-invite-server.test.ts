import assert from 'node:assert/strict';
import test from 'node:test';
import {
  nonInviteServerStep,
  startNonInviteServer,
  type NonInviteServerInput,
  type NonInviteServerState,
} from '../../src/transaction/non-invite-server.ts';
import { timerValues } from '../../src/transaction/timer-values.ts';
import { respond, timer, transitionText, transportError } from './transition-text.ts';

const unreliable = timerValues();
const reliable = timerValues({ isReliable: true });

function step(
  state: NonInviteServerState,
  input: NonInviteServerInput,
  timers = unreliable,
): string {
  return transitionText(nonInviteServerStep(state, input, timers));
}

const request = { kind: 'request' } as const;
const trying: NonInviteServerState = { name: 'Trying' };
const proceeding: NonInviteServerState = { name: 'Proceeding' };
const completed: NonInviteServerState = { name: 'Completed' };
const terminated: NonInviteServerState = { name: 'Terminated' };

test('CALL-02 a request goes to the user', () => {
  assert.equal(transitionText(startNonInviteServer()), 'Trying | deliver message');
});

test('CALL-02 each transition out of Trying', () => {
  assert.equal(step(trying, request), 'Trying | ');
  assert.equal(step(trying, respond(100)), 'Proceeding | send response');
  assert.equal(step(trying, respond(200)), 'Completed | send response, start J 32000');
  assert.equal(step(trying, respond(200), reliable), 'Terminated | send response, terminated');
  assert.equal(step(trying, transportError), 'Trying | ');
  assert.equal(step(trying, timer('J')), 'Trying | ');
});

test('CALL-02 each transition out of Proceeding', () => {
  assert.equal(step(proceeding, request), 'Proceeding | send last-response');
  assert.equal(step(proceeding, respond(183)), 'Proceeding | send response');
  assert.equal(step(proceeding, respond(486)), 'Completed | send response, start J 32000');
  assert.equal(
    step(proceeding, transportError),
    'Terminated | deliver transport-error, terminated',
  );
});

test('CALL-02 in Completed a repeated request is answered again until timer J', () => {
  assert.equal(step(completed, request), 'Completed | send last-response');
  assert.equal(step(completed, respond(500)), 'Completed | ');
  assert.equal(step(completed, timer('F')), 'Completed | ');
  assert.equal(step(completed, timer('J')), 'Terminated | terminated');
  assert.equal(
    step(completed, transportError),
    'Terminated | stop J, deliver transport-error, terminated',
  );
});

test('CALL-02 nothing moves a terminated non-INVITE server transaction', () => {
  for (const input of [request, respond(200), timer('J'), transportError]) {
    assert.equal(step(terminated, input), 'Terminated | ');
  }
});
