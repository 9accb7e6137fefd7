import assert from 'node:assert/strict';
import test from 'node:test';
import type { MessageOutline } from '@tandem/sip';
import { formatMark, markedBranch } from '../../src/core/marks/call-mark.ts';
import { workerByCallId, workerFor } from '../../src/network/worker-choice.ts';
import type { WorkerView } from '../../src/network/worker-choice.ts';
import type { PodsView } from '../../src/core/pods/locate.ts';
import type { Pod } from '../../src/ports.ts';
import { sealer } from '../support/messages.ts';

function pod(slot: number, changes: Partial<Pod> = {}): Pod {
  const address = `10.0.0.${String(slot)}:7000`;
  const role = 'worker' as const;
  return {
    name: `pod-${String(slot)}`,
    slot,
    epoch: 7,
    role,
    address,
    isDraining: false,
    ...changes,
  };
}

const view: PodsView & WorkerView = {
  pods: [pod(1), pod(2), pod(3)],
  place: undefined,
  own: '10.0.0.9:7000',
  isSilent: () => false,
  has: () => false,
};
const mark = { slot: 2, epoch: 7, callId: 'AAAAAAAAAAAAAAAA', sequence: 0 };

function outline(changes: Partial<MessageOutline> = {}): MessageOutline {
  const request = {
    method: 'INVITE',
    uri: 'sip:1@10.0.0.1',
    status: 0,
    callId: 'a',
    branch: 'z9hG4bK1',
    toTag: undefined,
  };
  return { ...request, cseqNumber: '1', cseqMethod: 'INVITE', ...changes };
}

const response = outline({
  method: undefined,
  status: 180,
  branch: markedBranch(formatMark(sealer, mark)),
});
const ack = outline({ method: 'ACK', toTag: formatMark(sealer, mark) });

test('edge.md §3: a response goes to the owner in its branch, a request to the one in its To tag', () => {
  assert.equal(workerFor(response, view)?.slot, 2);
  assert.equal(workerFor(ack, view)?.slot, 2);
});

test('edge.md §3: is the owner dead, silent, or another boot of its slot, the Call-ID decides', () => {
  const byCallId = workerByCallId('a', { ...view, pods: [pod(1), pod(3)] })?.slot;
  assert.equal(workerFor(response, { ...view, pods: [pod(1), pod(3)] })?.slot, byCallId);
  const isSilent = (address: string): boolean => address === '10.0.0.2:7000';
  assert.equal(workerFor(ack, { ...view, isSilent })?.slot, byCallId);
  const reborn = { ...view, pods: [pod(2, { epoch: 8 })] };
  assert.equal(workerFor(response, reborn)?.epoch, 8);
  const front = { ...view, pods: [pod(1), pod(2, { role: 'front' })] };
  assert.equal(workerFor(response, front)?.slot, 1);
});

test('edge.md §3: all messages of a Call-ID go to one worker, whatever front asks', () => {
  for (const callId of ['a', 'b', 'c', 'd']) {
    const chosen = workerFor(outline({ callId }), view);
    const other = { ...view, pods: view.pods.toReversed() };
    assert.equal(workerFor(outline({ callId, method: 'CANCEL' }), other), chosen);
    assert.equal(workerFor(outline({ callId, toTag: 'foreign' }), other), chosen);
  }
});

test('edge.md §5: one that drains gets no new calls, and what is in a dialog only as the owner', () => {
  const drains = { ...view, pods: [pod(1), pod(2, { isDraining: true })] };
  assert.equal(workerFor(outline(), drains)?.slot, 1);
  assert.equal(workerFor(response, drains)?.slot, 2);
  const all = { ...view, pods: [pod(2, { isDraining: true })] };
  assert.equal(workerFor(outline(), all)?.slot, 2);
  assert.equal(workerFor(outline(), { ...view, pods: [pod(1, { role: 'front' })] }), undefined);
});
