import assert from 'node:assert/strict';
import test from 'node:test';
import {
  inviteServerStep,
  startInviteServer,
  type InviteServerInput,
  type InviteServerState,
} from '../../src/transaction/invite-server.ts';
import { timerValues } from '../../src/transaction/timer-values.ts';
import { respond, timer, transitionText, transportError } from './transition-text.ts';

const unreliable = timerValues();
const reliable = timerValues({ isReliable: true });
const tryingItself = timerValues({ tryingMs: 200 });

function step(state: InviteServerState, input: InviteServerInput, timers = unreliable): string {
  return transitionText(inviteServerStep(state, input, timers));
}

const request = { kind: 'request' } as const;
const ack = { kind: 'ack' } as const;
const unanswered: InviteServerState = { name: 'Proceeding', hasResponse: false };
const answering: InviteServerState = { name: 'Proceeding', hasResponse: true };
const completed: InviteServerState = { name: 'Completed', retransmitMs: 500 };
const confirmed: InviteServerState = { name: 'Confirmed' };
const accepted: InviteServerState = { name: 'Accepted' };
const terminated: InviteServerState = { name: 'Terminated' };

test('CALL-02 an INVITE goes to the user, who owes the 100 unless the transaction is to send it', () => {
  assert.equal(transitionText(startInviteServer(unreliable)), 'Proceeding | deliver message');
  assert.equal(
    transitionText(startInviteServer(tryingItself)),
    'Proceeding | start Trying 200, deliver message',
  );
});

test('CALL-02 the transaction answers 100 by itself after 200 ms, once', () => {
  assert.equal(step(unanswered, timer('Trying'), tryingItself), 'Proceeding | send trying');
  assert.equal(step(answering, timer('Trying'), tryingItself), 'Proceeding | ');
  assert.equal(
    step(unanswered, respond(180), tryingItself),
    'Proceeding | stop Trying, send response',
  );
  assert.equal(
    step(unanswered, respond(200), tryingItself),
    'Accepted | stop Trying, send response, start L 32000',
  );
});

test('CALL-02 a repeated INVITE in Proceeding is answered with the last response, if there is one', () => {
  assert.equal(step(unanswered, request), 'Proceeding | ');
  assert.equal(step(answering, request), 'Proceeding | send last-response');
  assert.equal(step(answering, ack), 'Proceeding | ');
});

test('CALL-02 each response of the user in Proceeding', () => {
  assert.equal(step(answering, respond(180)), 'Proceeding | send response');
  assert.equal(step(answering, respond(200)), 'Accepted | send response, start L 32000');
  assert.equal(
    step(answering, respond(486)),
    'Completed | send response, start G 500, start H 32000',
  );
  assert.equal(step(answering, respond(486), reliable), 'Completed | send response, start H 32000');
});

test('CALL-02 in Completed the refusal is repeated until the ACK comes', () => {
  assert.equal(step(completed, request), 'Completed | send last-response');
  assert.equal(step(completed, respond(200)), 'Completed | ');
  assert.equal(step(completed, ack), 'Confirmed | stop G, stop H, start I 5000');
  assert.equal(step(completed, ack, reliable), 'Terminated | stop G, stop H, terminated');
  assert.equal(step(completed, timer('H')), 'Terminated | stop G, deliver timeout, terminated');
  assert.equal(step(completed, timer('I')), 'Completed | ');
});

test('CALL-03 timer G doubles up to T2', () => {
  let state: InviteServerState = completed;
  const intervals: number[] = [];
  for (let round = 0; round < 5; round++) {
    const next = inviteServerStep(state, timer('G'), unreliable);
    const start = next.effects[1];
    assert.ok(start?.kind === 'start-timer');
    intervals.push(start.ms);
    state = next.state;
  }
  assert.deepEqual(intervals, [1000, 2000, 4000, 4000, 4000]);
});

test('CALL-02 in Confirmed whatever comes is absorbed until timer I', () => {
  for (const input of [request, ack, respond(486), timer('G')]) {
    assert.equal(step(confirmed, input), 'Confirmed | ');
  }
  assert.equal(step(confirmed, timer('I')), 'Terminated | terminated');
});

test('CALL-02 in Accepted an INVITE is absorbed, an ACK delivered, a 2xx sent (RFC 6026)', () => {
  assert.equal(step(accepted, request), 'Accepted | ');
  assert.equal(step(accepted, ack), 'Accepted | deliver message');
  assert.equal(step(accepted, respond(200)), 'Accepted | send response');
  assert.equal(step(accepted, respond(486)), 'Accepted | ');
  assert.equal(step(accepted, respond(180)), 'Accepted | ');
  assert.equal(step(accepted, timer('H')), 'Accepted | ');
  assert.equal(step(accepted, timer('L')), 'Terminated | terminated');
});

test('CALL-02 a transport error is told to the user and changes no state (RFC 6026)', () => {
  for (const state of [unanswered, answering, completed, confirmed, accepted]) {
    assert.equal(step(state, transportError), `${state.name} | deliver transport-error`);
  }
  assert.equal(step(terminated, transportError), 'Terminated | ');
});

test('CALL-02 nothing moves a terminated INVITE server transaction', () => {
  for (const input of [request, ack, respond(200), timer('H'), timer('L')]) {
    assert.equal(step(terminated, input), 'Terminated | ');
  }
});
