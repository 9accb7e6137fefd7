import assert from 'node:assert/strict';
import test from 'node:test';
import { ClientTransaction, timerValues, type TimerOptions } from '../../src/index.ts';
import { FakeTimers } from './fake-timers.ts';

interface Reply {
  readonly status: number;
}

interface Run {
  readonly clock: FakeTimers;
  readonly events: string[];
  readonly transaction: ClientTransaction<Reply>;
}

function run(kind: 'invite' | 'non-invite', options: TimerOptions = {}): Run {
  const clock = new FakeTimers();
  const events: string[] = [];
  const transaction = new ClientTransaction<Reply>({
    kind,
    request: Buffer.from('REQUEST'),
    timers: timerValues(options),
    clock,
    user: {
      send: (bytes) => events.push(`send ${bytes.toString()}`),
      acknowledge: ({ status }) => Buffer.from(`ACK of ${String(status)}`),
      onResponse: ({ status }) => events.push(`response ${String(status)}`),
      onFailure: (failure) => events.push(failure),
      onTerminated: () => events.push('terminated'),
    },
  });
  return { clock, events, transaction };
}

test('CALL-02 a refused INVITE is acknowledged, a repeated refusal by the same ACK', () => {
  const { clock, events, transaction } = run('invite');
  assert.equal(transaction.stateName, undefined);
  transaction.start();
  transaction.receive({ status: 100 });
  transaction.receive({ status: 486 });
  transaction.receive({ status: 487 });
  assert.equal(transaction.stateName, 'Completed');
  clock.runAll();
  assert.deepEqual(events, [
    'send REQUEST',
    'response 100',
    'send ACK of 486',
    'response 486',
    'send ACK of 486',
    'terminated',
  ]);
  assert.equal(clock.nowMs, 32_000);
});

test('CALL-03 an INVITE that nobody answers is repeated, doubling, until its timeout', () => {
  const { clock, events, transaction } = run('invite', { t1Ms: 500, inviteTimeoutMs: 10_000 });
  transaction.start();
  clock.advance(9999);
  assert.equal(events.filter((event) => event === 'send REQUEST').length, 5);
  clock.advance(1);
  assert.deepEqual(events.slice(-2), ['timeout', 'terminated']);
  assert.equal(clock.pending, 0);
});

test('CALL-02 a request is repeated every T2 at most, and its timers end with the response', () => {
  const { clock, events, transaction } = run('non-invite');
  transaction.start();
  clock.advance(10_000);
  assert.equal(events.length, 5);
  transaction.receive({ status: 100 });
  transaction.receive({ status: 200 });
  transaction.receive({ status: 200 });
  clock.runAll();
  assert.deepEqual(events.slice(5), ['response 100', 'response 200', 'terminated']);
});

test('CALL-02 a transport error ends either client transaction', () => {
  for (const kind of ['invite', 'non-invite'] as const) {
    const { clock, events, transaction } = run(kind);
    transaction.transportError();
    assert.deepEqual(events, []);
    transaction.start();
    transaction.transportError();
    assert.deepEqual(events, ['send REQUEST', 'transport-error', 'terminated']);
    assert.equal(clock.pending, 0);
  }
});

test('CALL-06 an abandoned client transaction stops its timers and says nothing', () => {
  const { clock, events, transaction } = run('invite');
  transaction.start();
  transaction.abandon();
  transaction.receive({ status: 200 });
  clock.runAll();
  assert.deepEqual(events, ['send REQUEST']);
  assert.equal(transaction.stateName, 'Terminated');
});
