import assert from 'node:assert/strict';
import test from 'node:test';
import { callEventMessage } from '@tandem/events';
import { memoryLimits } from '@tandem/limits';
import { CallRecord, GetStatusResponse, ListCallsRequest } from '@tandem/proto/edge';
import { CallEvent } from '@tandem/proto/events';
import { FakeClock } from '@tandem/testing';
import { memoryCallStore } from '../../src/adapters/memory-call-store.ts';
import { edgeHandlers } from '../../src/api/grpc-handlers.ts';
import type { EdgeHandlers } from '../../src/api/grpc-handlers.ts';
import type { CallStore } from '../../src/ports.ts';
import { candidateOf } from '../support/call-samples.ts';
import {
  answerOf,
  decoded,
  endOf,
  newCallId,
  writeAheadOf,
} from '../support/call-store-contract.ts';

const status = GetStatusResponse.fromPartial({ edge: 'edge-1', calls: 3 });
const telling = {
  status: () => Promise.resolve(status),
  pods: () => ({ pods: [] }),
  testNetwork: () => Promise.resolve({ edge: 'edge-1', findings: [] }),
};

const tests = { testAddresses: () => Promise.resolve({ edge: 'edge-1', tests: [] }) };

function open(): { readonly store: CallStore; readonly handlers: EdgeHandlers } {
  const clock = new FakeClock();
  const { lines } = memoryLimits({ now: () => clock.now() });
  const store = memoryCallStore(clock, lines);
  const hangUp = () => Promise.resolve('no-such-call' as const);
  return { store, handlers: edgeHandlers(store, telling, hangUp, tests) };
}

const all = ListCallsRequest.create();

function recordOf(callId: string, parts: Partial<CallRecord> = {}): Buffer {
  const record = CallRecord.fromPartial({ callId, startedMs: 1000 });
  return Buffer.from(CallRecord.encode({ ...record, ...parts }).finish());
}

/** A call that carrier-a's attempt is under way for. */
async function calling(store: CallStore, account = 'demo'): Promise<string> {
  const callId = newCallId();
  const record = recordOf(callId, {
    origin: { kind: 'phone', name: '1001', account },
    candidates: [candidateOf('carrier-a')],
    attempts: CallEvent.fromPartial({ attempts: [{ gateway: 'carrier-a' }] }).attempts,
  });
  await store.writeAhead({ ...writeAheadOf(callId), record });
  return callId;
}

test('OPS-02 a call that is being set up is shown with numbers, gateway and owner', async () => {
  const { store, handlers } = open();
  const callId = await calling(store);
  const { call } = await handlers.getCall({ callId });
  assert.equal(call?.state, 'calling');
  assert.equal(call.caller, '442070000000');
  assert.equal(call.callee, '442079460000');
  assert.equal(call.gateway, 'carrier-a');
  assert.equal(call.edge, '3.77');
  assert.equal(call.startedMs, 1000);
});

test('OPS-02 a call that waits for its route is shown as routing, one that is unknown not at all', async () => {
  const { store, handlers } = open();
  const callId = newCallId();
  await store.writeAhead({ ...writeAheadOf(callId), record: recordOf(callId) });
  const { call } = await handlers.getCall({ callId });
  assert.equal(call?.state, 'routing');
  assert.equal(call.gateway, '');
  assert.equal((await handlers.getCall({ callId: newCallId() })).call, undefined);
});

test('OPS-02 an answered call is shown with its time of answer, an ended one is gone', async () => {
  const { store, handlers } = open();
  const callId = newCallId();
  await store.writeAhead(writeAheadOf(callId));
  const write = answerOf(callId);
  const event = CallEvent.fromPartial({
    ...decoded(write.event),
    a: { caller: '1001', callee: '44' },
    attempts: [{ gateway: 'carrier-a' }, { gateway: 'carrier-b' }],
    edge: 'edge-1',
  });
  await store.answer({ ...write, event: callEventMessage(event) });
  const { call } = await handlers.getCall({ callId });
  assert.equal(call?.state, 'answered');
  assert.ok(call.answeredMs > 0);
  assert.deepEqual(
    [call.caller, call.callee, call.gateway, call.edge],
    ['1001', '44', 'carrier-b', 'edge-1'],
  );
  await store.end(endOf(callId));
  assert.equal((await handlers.getCall({ callId })).call, undefined);
});

test('OPS-02 the list is filtered by account and by either gateway, and counts what matches beyond its limit', async () => {
  const { store, handlers } = open();
  for (const account of ['demo', 'demo', 'other']) await calling(store, account);
  assert.equal((await handlers.listCalls(all)).total, 3);
  const limited = await handlers.listCalls({ ...all, limit: 2 });
  assert.deepEqual([limited.calls.length, limited.total], [2, 3]);
  const ofDemo = await handlers.listCalls({ ...all, account: 'demo', limit: 1 });
  assert.deepEqual([ofDemo.calls.length, ofDemo.total], [1, 2]);
  assert.equal((await handlers.listCalls({ ...all, gateway: 'carrier-a' })).total, 3);
  assert.equal((await handlers.listCalls({ ...all, gateway: '1001' })).total, 3);
  assert.equal((await handlers.listCalls({ ...all, gateway: 'carrier-z' })).total, 0);
});

test('OPS-02 an answered call is read once for all who look at lists; it goes from them as it ends', async () => {
  const { store, handlers } = open();
  const answered = await calling(store);
  const event = CallEvent.fromPartial({
    ...decoded(answerOf(answered).event),
    origin: { kind: 'phone', name: '1001', account: 'demo' },
    attempts: [{ gateway: 'carrier-a' }],
  });
  await store.answer({ ...answerOf(answered), event: callEventMessage(event) });
  await calling(store);
  const asked: string[] = [];
  const read = store.get.bind(store);
  store.get = (callId) => {
    asked.push(callId);
    return read(callId);
  };
  const brief = { ...all, brief: true };
  for (const request of [
    brief,
    { ...brief, account: 'demo' },
    { ...brief, gateway: 'carrier-a' },
  ]) {
    const { calls, total } = await handlers.listCalls(request);
    assert.equal(total, 2);
    assert.deepEqual(calls.map(({ attempts }) => attempts.length), [0, 0]); // prettier-ignore
  }
  // What is being set up changes, and is read each time.
  assert.deepEqual([asked.length, asked.filter((id) => id === answered).length], [4, 1]);
  // Who wants all of it gets all of it.
  const { calls } = await handlers.listCalls({ ...all, gateway: 'carrier-a' });
  assert.deepEqual(calls.map(({ attempts }) => attempts.length), [1, 1]); // prettier-ignore
  await store.end(endOf(answered));
  assert.equal((await handlers.listCalls(brief)).total, 1);
});

test('OPS-02 the status is the edge’s own', async () => {
  assert.equal(await open().handlers.getStatus({}), status);
});
