import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ladderOf, type LadderMessage } from '../../src/core/ladder.ts';

const second = (of: number): string => new Date(of * 1000).toISOString();
const message = (
  direction: LadderMessage['direction'],
  remote: string,
  pod = 'edge-0',
  at = 1,
): LadderMessage => ({ direction, remote, pod, at: second(at) });

test('OPS-09 who called stands left of the pods, who was called right of them', () => {
  const { lanes, rungs } = ladderOf([
    message('received', '192.0.2.1:5060'),
    message('sent', '192.0.2.9:5060', 'edge-0', 2),
    message('received', '192.0.2.9:5060', 'edge-1', 3),
    message('sent', '192.0.2.1:5060', 'edge-1', 3),
  ]);
  assert.deepEqual(
    lanes.map(({ name }) => name),
    ['192.0.2.1:5060', 'edge-0', 'edge-1', '192.0.2.9:5060'],
  );
  assert.deepEqual(
    rungs.map(({ from, to, afterMs }) => [from, to, afterMs]),
    [
      [0, 1, 0],
      [1, 3, 1000],
      [3, 2, 2000],
      [2, 0, 2000],
    ],
  );
});

test('OPS-09 a peer that is named as a pod is another one, and no message makes no ladder', () => {
  const { lanes, rungs } = ladderOf([message('received', 'edge-0')]);
  assert.deepEqual(lanes, [
    { name: 'edge-0', isPod: false },
    { name: 'edge-0', isPod: true },
  ]);
  assert.deepEqual([rungs[0]?.from, rungs[0]?.to], [0, 1]);
  assert.deepEqual(ladderOf([]), { lanes: [], rungs: [] });
});
