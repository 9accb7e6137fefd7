import assert from 'node:assert/strict';
import test from 'node:test';
import {
  nonInviteClientStep,
  startNonInviteClient,
  type NonInviteClientState,
} from '../../src/transaction/non-invite-client.ts';
import { timerValues } from '../../src/transaction/timer-values.ts';
import type { ClientInput } from '../../src/transaction/transition.ts';
import { received, timer, transitionText, transportError } from './transition-text.ts';

const unreliable = timerValues();
const reliable = timerValues({ isReliable: true });

function step(state: NonInviteClientState, input: ClientInput, timers = unreliable): string {
  return transitionText(nonInviteClientStep(state, input, timers));
}

const trying: NonInviteClientState = { name: 'Trying', retransmitMs: 500 };
const proceeding: NonInviteClientState = { name: 'Proceeding' };
const completed: NonInviteClientState = { name: 'Completed' };
const terminated: NonInviteClientState = { name: 'Terminated' };

test('CALL-02 a request is sent with timers E and F, over a reliable transport with F only', () => {
  assert.equal(
    transitionText(startNonInviteClient(unreliable)),
    'Trying | send request, start E 500, start F 32000',
  );
  assert.equal(
    transitionText(startNonInviteClient(reliable)),
    'Trying | send request, start F 32000',
  );
  assert.equal(
    transitionText(startNonInviteClient(timerValues({ requestTimeoutMs: 4000 }))),
    'Trying | send request, start E 500, start F 4000',
  );
});

test('CALL-03 timer E doubles up to T2', () => {
  let { state } = startNonInviteClient(unreliable);
  const intervals: number[] = [];
  for (let round = 0; round < 5; round++) {
    const next = nonInviteClientStep(state, timer('E'), unreliable);
    assert.deepEqual(next.effects[0], { kind: 'send', message: 'request' });
    const start = next.effects[1];
    assert.ok(start?.kind === 'start-timer');
    intervals.push(start.ms);
    state = next.state;
  }
  assert.deepEqual(intervals, [1000, 2000, 4000, 4000, 4000]);
});

test('CALL-02 each transition out of Trying', () => {
  assert.equal(step(trying, received(100)), 'Proceeding | deliver message');
  assert.equal(
    step(trying, received(200)),
    'Completed | stop E, stop F, start K 5000, deliver message',
  );
  assert.equal(
    step(trying, timer('F')),
    'Terminated | stop E, stop F, deliver timeout, terminated',
  );
  assert.equal(
    step(trying, transportError),
    'Terminated | stop E, stop F, deliver transport-error, terminated',
  );
  assert.equal(step(trying, timer('K')), 'Trying | ');
});

test('CALL-02 each transition out of Proceeding', () => {
  assert.equal(step(proceeding, received(183)), 'Proceeding | deliver message');
  assert.equal(step(proceeding, timer('E')), 'Proceeding | send request, start E 4000');
  assert.equal(
    step(proceeding, received(404)),
    'Completed | stop E, stop F, start K 5000, deliver message',
  );
  assert.equal(
    step(proceeding, timer('F')),
    'Terminated | stop E, stop F, deliver timeout, terminated',
  );
  assert.equal(
    step(proceeding, transportError),
    'Terminated | stop E, stop F, deliver transport-error, terminated',
  );
});

test('CALL-02 over a reliable transport a final response ends the transaction', () => {
  assert.equal(
    step(trying, received(200), reliable),
    'Terminated | stop E, stop F, deliver message, terminated',
  );
});

test('CALL-02 in Completed repeated responses are absorbed until timer K', () => {
  for (const input of [received(100), received(200), timer('E'), timer('F'), transportError]) {
    assert.equal(step(completed, input), 'Completed | ');
  }
  assert.equal(step(completed, timer('K')), 'Terminated | terminated');
});

test('CALL-02 nothing moves a terminated non-INVITE client transaction', () => {
  for (const input of [received(200), timer('E'), timer('F'), timer('K'), transportError]) {
    assert.equal(step(terminated, input), 'Terminated | ');
  }
});
