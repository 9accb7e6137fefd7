import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { ClientTransaction, ServerTransaction, timerValues } from '../../src/index.ts';
import { FakeTimers } from './fake-timers.ts';

/* A client and a server transaction over a link that loses, doubles and delays. */

interface Wire {
  readonly method: string;
  readonly status: number;
}

interface Fate {
  readonly isLost: boolean;
  readonly isDoubled: boolean;
  readonly delayMs: number;
}

interface Script {
  readonly kind: 'invite' | 'non-invite';
  /** What happens to each datagram in turn; after the last they all arrive. */
  readonly fates: readonly Fate[];
  readonly finalStatus: number;
  readonly answerMs: number;
  readonly hasProvisional: boolean;
}

interface Outcome {
  readonly requests: number;
  readonly finals: readonly number[];
  readonly provisionalAfterFinal: boolean;
  readonly clientFailures: readonly string[];
  readonly serverFailures: readonly string[];
  readonly terminations: number;
  readonly clockIsEmpty: boolean;
  readonly elapsedMs: number;
}

const timers = timerValues();

function encode(wire: Wire): Buffer {
  return Buffer.from(JSON.stringify(wire));
}

function play(script: Script): Outcome {
  const { kind } = script;
  const method = kind === 'invite' ? 'INVITE' : 'BYE';
  const clock = new FakeTimers();
  let datagrams = 0;
  const carry = (bytes: Buffer, arrive: (wire: Wire) => void): void => {
    const fate = script.fates[datagrams++] ?? { isLost: false, isDoubled: false, delayMs: 1 };
    const deliver = (): void => {
      arrive(JSON.parse(bytes.toString()) as Wire);
    };
    if (!fate.isLost) clock.start(fate.delayMs, deliver);
    if (fate.isDoubled) clock.start(fate.delayMs + 7, deliver);
  };

  const finals: number[] = [];
  const clientFailures: string[] = [];
  const serverFailures: string[] = [];
  let requests = 0;
  let terminations = 0;
  let provisionalAfterFinal = false;
  let server: ServerTransaction<Wire> | undefined;
  let serverIsOver = false;

  const toServer = (wire: Wire): void => {
    if (serverIsOver) return;
    if (server !== undefined) {
      server.receive(wire);
      return;
    }
    if (wire.method === 'ACK') return;
    server = new ServerTransaction<Wire>({
      kind,
      request: wire,
      timers,
      clock,
      user: {
        send: (bytes) => {
          carry(bytes, (response) => {
            client.receive(response);
          });
        },
        trying: () => encode({ method, status: 100 }),
        onRequest: () => {
          requests++;
          if (script.hasProvisional) server?.respond(180, encode({ method, status: 180 }));
          clock.start(script.answerMs, () => {
            const { finalStatus: status } = script;
            server?.respond(status, encode({ method, status }));
          });
        },
        onFailure: (failure) => serverFailures.push(failure),
        onTerminated: () => {
          terminations++;
          serverIsOver = true;
        },
      },
    });
    server.start();
  };

  const client = new ClientTransaction<Wire>({
    kind,
    request: encode({ method, status: 0 }),
    timers,
    clock,
    user: {
      send: (bytes) => {
        carry(bytes, toServer);
      },
      acknowledge: () => encode({ method: 'ACK', status: 0 }),
      onResponse: ({ status }) => {
        if (status >= 200) finals.push(status);
        else provisionalAfterFinal ||= finals.length > 0;
      },
      onFailure: (failure) => clientFailures.push(failure),
      onTerminated: () => {
        terminations++;
      },
    },
  });
  client.start();
  clock.runAll();
  return {
    requests,
    finals,
    provisionalAfterFinal,
    clientFailures,
    serverFailures,
    terminations: terminations + (server === undefined ? 1 : 0),
    clockIsEmpty: clock.pending === 0,
    elapsedMs: clock.nowMs,
  };
}

const fate = fc.record({
  isLost: fc.boolean(),
  isDoubled: fc.boolean(),
  delayMs: fc.integer({ min: 0, max: 400 }),
});

function scriptOf(kind: Script['kind']): fc.Arbitrary<Script> {
  return fc.record({
    kind: fc.constant(kind),
    fates: fc.array(fate, { maxLength: 40 }),
    finalStatus: kind === 'invite' ? fc.integer({ min: 300, max: 699 }) : fc.constant(200),
    answerMs: fc.integer({ min: 0, max: 5000 }),
    hasProvisional: fc.boolean(),
  });
}

for (const kind of ['invite', 'non-invite'] as const) {
  test(`CALL-02 over any loss the two ends of ${kind === 'invite' ? 'an INVITE' : 'another'} transaction terminate, with one final response or one failure`, () => {
    fc.assert(
      fc.property(scriptOf(kind), (drawn) => {
        const outcome = play(drawn);
        assert.ok(outcome.requests <= 1, 'the request is delivered once');
        assert.equal(outcome.finals.length + outcome.clientFailures.length, 1);
        assert.equal(outcome.provisionalAfterFinal, false);
        assert.equal(outcome.terminations, 2);
        assert.ok(outcome.clockIsEmpty);
        assert.ok(outcome.elapsedMs < 200_000);
      }),
      { numRuns: 500 },
    );
  });
}

test('CALL-02 a link that loses less than every retransmission delivers the final response', () => {
  const few = fc.array(fate, { maxLength: 3 });
  fc.assert(
    fc.property(scriptOf('invite'), few, (drawn, fates) => {
      const outcome = play({ ...drawn, fates });
      assert.deepEqual(outcome.finals, [drawn.finalStatus]);
      assert.deepEqual(outcome.serverFailures, []);
    }),
    { numRuns: 300 },
  );
});

test('CALL-02 each 2xx of an INVITE reaches the user, the transaction sends none by itself', () => {
  const drawn = { kind: 'invite', fates: [], answerMs: 10, hasProvisional: true } as const;
  const outcome = play({ ...drawn, finalStatus: 200 });
  assert.deepEqual(outcome.finals, [200]);
  assert.equal(outcome.terminations, 2);
});
