import assert from 'node:assert/strict';
import test from 'node:test';
import { StreamRepeats } from '../../src/index.ts';
import { FakeTimers } from '../transaction/fake-timers.ts';

interface Bench {
  readonly timers: FakeTimers;
  readonly repeats: StreamRepeats;
  /** What was given again, with its time. */
  readonly again: string[];
  readonly unanswered: string[];
}

function open(): Bench {
  const timers = new FakeTimers();
  const again: string[] = [];
  const unanswered: string[] = [];
  const repeats = new StreamRepeats({
    clock: {
      now: () => timers.nowMs,
      start: (ms, fire) => timers.start(ms, fire),
      stop: (handle) => {
        timers.stop(handle);
      },
    },
    onAgain: (bytes, connection) =>
      again.push(`${String(timers.nowMs)} ${nameOf(bytes)} ${String(connection)}`),
    onUnanswered: (bytes, connection) => unanswered.push(`${nameOf(bytes)} ${String(connection)}`),
  });
  return { timers, repeats, again, unanswered };
}

function nameOf(bytes: Buffer): string {
  return (
    bytes
      .toString()
      .slice(0, bytes.toString().indexOf(' sip:') >>> 0)
      .split('\r\n')[0] ?? ''
  );
}

function request(method: string, branch = 'z9hG4bK1', cseqMethod = method): Buffer {
  return message(`${method} sip:b@b.example SIP/2.0`, branch, cseqMethod);
}

function response(status: number, cseqMethod: string, branch = 'z9hG4bK1'): Buffer {
  return message(`SIP/2.0 ${String(status)} Text`, branch, cseqMethod);
}

function message(startLine: string, branch: string, cseqMethod: string): Buffer {
  const lines = [startLine, `Via: SIP/2.0/TCP a.example;branch=${branch}`, 'Call-ID: 1'];
  return Buffer.from([...lines, `CSeq: 1 ${cseqMethod}`, '', ''].join('\r\n'));
}

const isOpen = (): boolean => true;

test('edge.md §3: an INVITE that came by TCP is given again until any response passes, every T1 first, then as by timer A', () => {
  const { timers, repeats, again } = open();
  repeats.received(request('INVITE'), 7);
  timers.advance(10_000);
  assert.deepEqual(
    again,
    [500, 1000, 1500, 2000, 3000, 5000, 9000].map((ms) => `${String(ms)} INVITE 7`),
  );
  assert.equal(repeats.isToSend(response(100, 'INVITE'), isOpen), true);
  timers.advance(60_000);
  assert.equal(again.length, 7);
});

test('edge.md §3: another request is given again until a final response passes, as by timer E', () => {
  const { timers, repeats, again } = open();
  repeats.received(request('BYE'), 7);
  timers.advance(600);
  repeats.isToSend(response(100, 'BYE'), isOpen);
  timers.advance(12_000);
  assert.deepEqual(
    again.map((text) => text.split(' ')[0]),
    ['500', '1000', '5000', '9000'],
  );
  repeats.isToSend(response(200, 'BYE'), isOpen);
  timers.advance(60_000);
  assert.equal(again.length, 4);
});

test('edge.md §3: what nobody answers is given up after 64 × T1, and an ACK is not repeated', () => {
  const { timers, repeats, again } = open();
  repeats.received(request('OPTIONS'), 7);
  repeats.received(request('ACK', 'z9hG4bK2'), 7);
  timers.advance(200_000);
  const last = Number(again.at(-1)?.split(' ')[0]);
  assert.ok(last < 32_500, again.at(-1));
  assert.ok(again.every((text) => text.includes('OPTIONS')));
  assert.equal(timers.pending, 0);
});

test('edge.md §3: a request that is repeated towards an open connection is not sent, its answer is given again', () => {
  const { timers, repeats, again } = open();
  const invite = request('INVITE');
  assert.equal(repeats.isToSend(invite, isOpen), true);
  repeats.sent(invite, 9);
  assert.equal(repeats.isToSend(invite, isOpen), false);
  timers.advance(1);
  assert.deepEqual(again, []);
  repeats.received(response(180, 'INVITE'), 9);
  assert.equal(repeats.isToSend(invite, isOpen), false);
  timers.advance(1);
  assert.deepEqual(again, ['1 SIP/2.0 180 Text 9']);
  assert.equal(
    repeats.isToSend(invite, () => false),
    true,
  );
});

test('edge.md §3: ACK and CANCEL of an INVITE are transactions of their own', () => {
  const { repeats } = open();
  repeats.sent(request('INVITE'), 9);
  assert.equal(repeats.isToSend(request('CANCEL'), isOpen), true);
  const ackOfAnswer = request('ACK', 'z9hG4bK2');
  assert.equal(repeats.isToSend(ackOfAnswer, isOpen), true);
  repeats.sent(ackOfAnswer, 9);
  assert.equal(repeats.isToSend(ackOfAnswer, isOpen), true);
});

test('edge.md §3: a refusal that came by TCP is given again until its ACK is written, once', () => {
  const { timers, repeats, again } = open();
  repeats.sent(request('INVITE'), 9);
  repeats.received(response(486, 'INVITE'), 9);
  timers.advance(8000);
  assert.deepEqual(
    again.map((text) => text.split(' ')[0]),
    ['500', '1500', '3500', '7500'],
  );
  assert.equal(repeats.isToSend(request('ACK'), isOpen), true);
  assert.equal(repeats.isToSend(request('ACK'), isOpen), false);
  repeats.received(response(486, 'INVITE'), 9);
  timers.advance(60_000);
  assert.equal(again.length, 4);
  assert.equal(timers.pending, 0);
});

test('edge.md §3: a refusal that nobody acknowledges is given up after 64 × T1', () => {
  const { timers, repeats, again } = open();
  repeats.sent(request('INVITE'), 9);
  repeats.received(response(503, 'INVITE'), 9);
  timers.advance(200_000);
  assert.ok(Number(again.at(-1)?.split(' ')[0]) < 36_500);
  assert.equal(timers.pending, 0);
});

test('edge.md §3: a provisional response is given again once, where nothing newer has come; a 2xx and others are not', () => {
  const { timers, repeats, again } = open();
  repeats.sent(request('INVITE'), 9);
  repeats.received(response(100, 'INVITE'), 9);
  timers.advance(100);
  repeats.received(response(180, 'INVITE'), 9);
  timers.advance(20_000);
  assert.deepEqual(again, ['600 SIP/2.0 180 Text 9']);
  repeats.received(response(183, 'INVITE'), 9);
  repeats.received(response(200, 'INVITE'), 9);
  repeats.sent(request('BYE', 'z9hG4bK5'), 9);
  repeats.received(response(481, 'BYE', 'z9hG4bK5'), 9);
  timers.advance(20_000);
  assert.equal(again.length, 1);
});

test('edge.md §3: a final response is written once, and the ACK of a refusal is given again to who repeats it', () => {
  const { timers, repeats, again } = open();
  repeats.received(request('INVITE'), 7);
  assert.equal(repeats.isToSend(response(486, 'INVITE'), isOpen), true);
  assert.equal(repeats.isToSend(response(486, 'INVITE'), isOpen), false);
  repeats.received(request('ACK', 'z9hG4bK1', 'ACK'), 7);
  assert.equal(repeats.isToSend(response(486, 'INVITE'), isOpen), false);
  timers.advance(1);
  assert.deepEqual(again, ['0 ACK 7']);
  repeats.received(request('BYE', 'z9hG4bK2'), 7);
  assert.equal(repeats.isToSend(response(200, 'BYE', 'z9hG4bK2'), isOpen), true);
  assert.equal(repeats.isToSend(response(200, 'BYE', 'z9hG4bK2'), isOpen), false);
});

test('edge.md §3: a 2xx to an INVITE is repeated end to end and passes each time', () => {
  const { repeats } = open();
  repeats.received(request('INVITE'), 7);
  assert.equal(repeats.isToSend(response(200, 'INVITE'), isOpen), true);
  assert.equal(repeats.isToSend(response(200, 'INVITE'), isOpen), true);
});

test('DENY-16 requests that a closed connection left without any answer are told', () => {
  const { timers, repeats, again, unanswered } = open();
  repeats.sent(request('INVITE', 'z9hG4bK1'), 9);
  repeats.sent(request('INVITE', 'z9hG4bK2'), 9);
  repeats.sent(request('INVITE', 'z9hG4bK3'), 10);
  repeats.received(response(180, 'INVITE', 'z9hG4bK2'), 9);
  repeats.received(request('BYE', 'z9hG4bK4'), 9);
  repeats.closed(9);
  assert.deepEqual(unanswered, ['INVITE 9']);
  timers.advance(60_000);
  assert.deepEqual(again, []);
});

test('edge.md §3: nothing is remembered for ever, and nothing runs after the end', () => {
  const { timers, repeats } = open();
  repeats.sent(request('BYE', 'z9hG4bK1'), 9);
  timers.advance(33_000);
  repeats.received(request('OPTIONS', 'z9hG4bK9'), 9);
  assert.equal(repeats.isToSend(request('BYE', 'z9hG4bK1'), isOpen), true);
  repeats.received(request('BYE', 'z9hG4bK5'), 9);
  repeats.close();
  assert.equal(timers.pending, 0);
});

test('CALL-10 what cannot be told apart passes', () => {
  const { timers, repeats, again } = open();
  repeats.received(Buffer.from('OPTIONS sip:b SIP/2.0\r\n\r\n'), 7);
  repeats.received(response(200, 'INVITE'), 7);
  assert.equal(repeats.isToSend(Buffer.from('\r\n'), isOpen), true);
  assert.equal(repeats.isToSend(response(200, 'INVITE'), isOpen), true);
  repeats.sent(Buffer.from('\r\n'), 7);
  timers.advance(1000);
  assert.deepEqual(again, []);
});
