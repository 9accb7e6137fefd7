import assert from 'node:assert/strict';
import test from 'node:test';
import { ServerTransaction, timerValues, type TimerOptions } from '../../src/index.ts';
import { FakeTimers } from './fake-timers.ts';

interface Asked {
  readonly method: string;
}

interface Run {
  readonly clock: FakeTimers;
  readonly events: string[];
  readonly transaction: ServerTransaction<Asked>;
  readonly respond: (status: number) => void;
}

function run(kind: 'invite' | 'non-invite', options: TimerOptions = {}, answer?: number): Run {
  const clock = new FakeTimers();
  const events: string[] = [];
  const respond = (status: number): void => {
    transaction.respond(status, Buffer.from(String(status)));
  };
  const transaction = new ServerTransaction<Asked>({
    kind,
    request: { method: kind === 'invite' ? 'INVITE' : 'OPTIONS' },
    timers: timerValues(options),
    clock,
    user: {
      send: (bytes) => events.push(`send ${bytes.toString()}`),
      trying: () => Buffer.from('trying'),
      onRequest: ({ method }) => {
        events.push(method);
        if (answer !== undefined && method !== 'ACK') respond(answer);
      },
      onFailure: (failure) => events.push(failure),
      onTerminated: () => events.push('terminated'),
    },
  });
  return { clock, events, transaction, respond };
}

test('CALL-02 a refusal is repeated until the ACK, and the ACK is absorbed', () => {
  const { clock, events, transaction, respond } = run('invite');
  assert.equal(transaction.stateName, undefined);
  transaction.start();
  transaction.receive({ method: 'INVITE' });
  respond(100);
  transaction.receive({ method: 'INVITE' });
  respond(486);
  clock.advance(1600);
  transaction.receive({ method: 'ACK' });
  transaction.receive({ method: 'ACK' });
  assert.equal(transaction.stateName, 'Confirmed');
  clock.runAll();
  assert.deepEqual(events, [
    'INVITE',
    'send 100',
    'send 100',
    'send 486',
    'send 486',
    'send 486',
    'terminated',
  ]);
});

test('CALL-02 a refusal without ACK ends with a timeout after 64 × T1', () => {
  const { clock, events, transaction, respond } = run('invite');
  transaction.start();
  respond(486);
  clock.runAll();
  assert.equal(clock.nowMs, 32_000);
  assert.equal(events.filter((event) => event === 'send 486').length, 11);
  assert.deepEqual(events.slice(-2), ['timeout', 'terminated']);
});

test('CALL-02 the 100 comes by itself after 200 ms, and again for a repeated INVITE', () => {
  const { clock, events, transaction, respond } = run('invite', { tryingMs: 200 });
  transaction.start();
  clock.advance(199);
  assert.deepEqual(events, ['INVITE']);
  clock.advance(1);
  transaction.receive({ method: 'INVITE' });
  respond(180);
  assert.deepEqual(events, ['INVITE', 'send trying', 'send trying', 'send 180']);
});

test('CALL-02 a user who answers from within the delivery leaves no timer of the 100 behind', () => {
  const { clock, events, transaction } = run('invite', { tryingMs: 200 }, 486);
  transaction.start();
  assert.deepEqual(events, ['INVITE', 'send 486']);
  assert.equal(clock.pending, 2);
});

test('CALL-02 after a 2xx each ACK is delivered and the user repeats the 2xx', () => {
  const { clock, events, transaction, respond } = run('invite');
  transaction.start();
  respond(200);
  transaction.receive({ method: 'INVITE' });
  respond(200);
  transaction.receive({ method: 'ACK' });
  clock.runAll();
  assert.deepEqual(events, ['INVITE', 'send 200', 'send 200', 'ACK', 'terminated']);
});

test('CALL-02 a request is answered once by the user and repeated by the transaction', () => {
  const { clock, events, transaction, respond } = run('non-invite');
  transaction.start();
  transaction.receive({ method: 'OPTIONS' });
  respond(200);
  respond(500);
  transaction.receive({ method: 'OPTIONS' });
  transaction.receive({ method: 'ACK' });
  clock.runAll();
  assert.deepEqual(events, ['OPTIONS', 'send 200', 'send 200', 'terminated']);
});

test('CALL-02 a transport error is reported by an INVITE, and ends another transaction', () => {
  const invite = run('invite');
  invite.transaction.transportError();
  invite.transaction.start();
  invite.respond(180);
  invite.transaction.transportError();
  assert.deepEqual(invite.events, ['INVITE', 'send 180', 'transport-error']);
  assert.equal(invite.transaction.stateName, 'Proceeding');

  const other = run('non-invite');
  other.transaction.start();
  other.respond(200);
  other.transaction.transportError();
  assert.deepEqual(other.events, ['OPTIONS', 'send 200', 'transport-error', 'terminated']);
  assert.equal(other.clock.pending, 0);
});

test('CALL-06 an abandoned server transaction stops its timers and says nothing', () => {
  const { clock, events, transaction, respond } = run('invite');
  transaction.start();
  respond(486);
  transaction.abandon();
  transaction.receive({ method: 'ACK' });
  clock.runAll();
  assert.deepEqual(events, ['INVITE', 'send 486']);
});
