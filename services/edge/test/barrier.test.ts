import assert from 'node:assert/strict';
import test from 'node:test';
import { createLogger } from '@tandem/service';
import { SipRequest, parseMessage } from '@tandem/sip';
import { FakeClock } from '@tandem/testing';
import { Barrier } from '../src/barrier.ts';

const from = { address: '10.0.0.2', port: 5060, transport: 'udp' } as const;

interface Line {
  readonly where: string;
  readonly unlogged: number;
  readonly error: { readonly name: string; readonly message: string; readonly stack: string[] };
}

function opened() {
  const clock = new FakeClock();
  const written: string[] = [];
  const logger = createLogger('edge', { destination: { write: (line) => written.push(line) } });
  const refused: string[] = [];
  const barrier = new Barrier({
    clock,
    logger,
    refuse: (request) => {
      if (request.method === 'INFO') throw new Error('cannot be answered');
      refused.push(request.method);
    },
  });
  const lines = (): Line[] => written.map((line) => JSON.parse(line) as Line);
  return { barrier, clock, lines, refused, written };
}

function requestOf(method: string): SipRequest {
  const head = `${method} sip:1@10.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.2;branch=z9hG4bK1\r\n`;
  const rest = `From: <sip:1@x>;tag=1\r\nTo: <sip:2@x>\r\nCall-ID: 1\r\nCSeq: 1 ${method}\r\n\r\n`;
  const message = parseMessage(Buffer.from(head + rest));
  assert.ok(message instanceof SipRequest);
  return message;
}

function fail(): never {
  throw new TypeError('cannot read "Digest response=0123" of undefined');
}

test('CALL-10 an unexpected error is logged once a minute for each kind, with its stack and without what it quotes', () => {
  const { barrier, clock, lines, written } = opened();
  for (let times = 0; times < 5; times += 1) barrier.run(fail, { from });
  barrier.run(() => {
    throw new RangeError('another');
  }, {});
  assert.equal(lines().length, 2);
  const [first] = lines();
  assert.equal(first?.where, 'message');
  assert.equal(first.error.name, 'TypeError');
  assert.match(first.error.stack[0] ?? '', /barrier\.test\.ts/);
  assert.ok(first.error.stack.length > 1);
  assert.doesNotMatch(written.join(''), /Digest|0123/);
  clock.advance(60_000);
  barrier.run(fail, { from });
  assert.deepEqual(
    lines().map(({ unlogged }) => unlogged),
    [0, 0, 4],
  );
});

test('CALL-10 a request that fails is refused, unless it is an ACK or cannot be answered', () => {
  const { barrier, refused } = opened();
  for (const method of ['OPTIONS', 'ACK', 'INFO', 'BYE']) {
    barrier.run(fail, { message: requestOf(method), from });
  }
  barrier.run(fail, { message: requestOf('OPTIONS') });
  assert.deepEqual(refused, ['OPTIONS', 'BYE']);
});

test('CALL-10 what goes on later ends at the barrier too: promises and timers', async () => {
  const { barrier, clock, lines, refused } = opened();
  const inHand = { message: requestOf('UPDATE'), from };
  barrier.settled(Promise.resolve(1), { done: fail }, inHand);
  barrier.settled(Promise.reject(new Error('away')), { done: fail, failed: fail }, inHand);
  barrier.settled(Promise.reject(new Error('never')), { done: () => undefined }, inHand);
  let heard: unknown;
  const failed = (error: unknown): void => {
    heard = error;
  };
  barrier.settled(Promise.reject(new Error('store')), { done: fail, failed }, inHand);
  barrier.clock().start(100, fail);
  await clock.advanceSettled(200);
  assert.deepEqual(refused, ['UPDATE', 'UPDATE', 'UPDATE']);
  assert.equal((heard as Error).message, 'store');
  assert.deepEqual(new Set(lines().map(({ where }) => where)), new Set(['continuation', 'timer']));
});
