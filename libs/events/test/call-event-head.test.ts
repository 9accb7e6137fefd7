import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CallEvent } from '@tandem/proto/events';
import {
  decodeCallEvent,
  encodeCallEvent,
  readCallAttempts,
  readCallEventHead,
} from '../src/index.ts';

const leg = {
  peerAddress: '127.0.0.1:5060',
  transport: 'udp',
  userAgent: 'x',
  codecs: ['PCMA/8000'],
};
const attempt = { account: 'v', address: 'a', startedMs: 1, endedMs: 2, code: 503, reason: 'Rejected', text: 'busy' }; // prettier-ignore

const event = CallEvent.fromPartial({
  eventId: 'call-1.ended.1',
  callId: 'call-1',
  type: 'ended',
  startedMs: 1_795_262_400_000,
  ringingMs: 1_795_262_400_500,
  answeredMs: 1_795_262_403_000,
  endedMs: 1_795_262_413_000,
  origin: { kind: 'phone', name: 'Zoë', account: 'demo' },
  a: { ...leg, sipCallId: 'a@b', caller: '1001', callee: '44207' },
  b: { ...leg, sipCallId: 'b@c', caller: '1002', callee: '44208' },
  attempts: [
    { ...attempt, gateway: 'carrier-a' },
    { ...attempt, gateway: 'carrier-b' },
  ],
  termination: { reason: 'NormalClearing', code: 200, by: 'callee', text: 'bye' },
  customerTerms: Buffer.from([1, 2, 3]),
  vendorTerms: Buffer.from([4]),
  decisions: [{ service: 'auth', facts: [{ name: 'n', value: 'v' }], atMs: 1 }],
  traceParent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  edge: 'edge-0',
  aliveMs: 1_795_262_412_000,
  partial: true,
  chargedToAlive: true,
});

test('BILL-04 the head of an event is what the whole event says', () => {
  const { customerTerms, vendorTerms, ...head } = readCallEventHead(encodeCallEvent(event));
  assert.deepEqual([...customerTerms, ...vendorTerms], [1, 2, 3, 4]);
  assert.deepEqual(head, {
    eventId: 'call-1.ended.1',
    callId: 'call-1',
    type: 'ended',
    startedMs: 1_795_262_400_000,
    ringingMs: 1_795_262_400_500,
    answeredMs: 1_795_262_403_000,
    endedMs: 1_795_262_413_000,
    originKind: 'phone',
    originName: 'Zoë',
    originAccount: 'demo',
    aSipCallId: 'a@b',
    aPeerAddress: '127.0.0.1:5060',
    caller: '1001',
    callee: '44207',
    bSipCallId: 'b@c',
    gateway: 'carrier-b',
    reason: 'NormalClearing',
    code: 200,
    traceParent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    aliveMs: 1_795_262_412_000,
    partial: 1,
    chargedToAlive: 1,
  });
});

test('BILL-04 an event is read back as it was written, the next one too', () => {
  for (const written of [event, CallEvent.create({ callId: 'x' }), event]) {
    const read = decodeCallEvent(encodeCallEvent(written));
    assert.deepEqual(CallEvent.toJSON(read), CallEvent.toJSON(written));
  }
});

test('BILL-04 an event that cannot be written does not spoil the next one', () => {
  const impossible = CallEvent.create({ callId: 'x', attempts: [{ ...attempt, gateway: 'g', code: -1 }] }); // prettier-ignore
  assert.throws(() => encodeCallEvent(impossible));
  assert.equal(readCallEventHead(encodeCallEvent(event)).callId, 'call-1');
});

test('BILL-04 an event cut at any byte is refused or has all its ids, and nothing else is thrown than errors', () => {
  const bytes = encodeCallEvent(event);
  for (let length = 0; length < bytes.length; length += 1) {
    try {
      assert.equal(readCallEventHead(bytes.subarray(0, length)).callId, 'call-1');
    } catch (error) {
      assert.ok(error instanceof Error);
    }
  }
});

test('BILL-04 bytes without the ids, or without an end, are refused', () => {
  assert.throws(() => readCallEventHead(Buffer.alloc(0)), /event id, call id or type is missing/);
  assert.throws(() => readCallEventHead(Buffer.from('no protobuf')), Error);
  // Field 4 as a number that goes on and on; field 8 longer than the message.
  assert.throws(() => readCallEventHead(Buffer.from([0x20, ...Array<number>(11).fill(0xff)])), /without an end/); // prettier-ignore
  assert.throws(() => readCallEventHead(Buffer.from([0x42, 100, 0x0a, 1, 0x41])), /too early/);
  assert.throws(() => readCallEventHead(Buffer.from([0x42, 2, 0x0a, 4, 65, 65, 65, 65])), /overlap/); // prettier-ignore
});

test('OPS-06 the attempts of an event are those of the whole event, and what is cut off is refused', () => {
  const bytes = encodeCallEvent(event);
  const { answeredMs, attempts, endedMs, ringingMs } = decodeCallEvent(bytes);
  assert.deepEqual(readCallAttempts(bytes), { answeredMs, attempts, endedMs, ringingMs });
  assert.deepEqual(readCallAttempts(Buffer.alloc(0)), { answeredMs: 0, attempts: [], endedMs: 0, ringingMs: 0 }); // prettier-ignore
  assert.throws(() => readCallAttempts(bytes.subarray(0, bytes.length - 1)), RangeError);
});
