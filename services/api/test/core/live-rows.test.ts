import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LiveRows } from '../../src/core/live-rows.ts';

test('OPS-02 after the first telling only what is otherwise is told', () => {
  const rows = new LiveRows('id,at');
  assert.deepEqual(rows.take({ rows: [{ id: 'a', at: 1, x: 1 }, { id: 'b', at: 1 }], total: 9 }), {
    isWhole: false,
    key: 'id,at',
    rows: [{ id: 'a', at: 1, x: 1 }, { id: 'b', at: 1 }],
    removed: [],
    total: 9,
  }); // prettier-ignore
  assert.equal(rows.take({ rows: [{ id: 'b', at: 1 }, { id: 'a', at: 1, x: 1 }], total: 9 }), undefined); // prettier-ignore
  const change = rows.take({
    rows: [
      { id: 'a', at: 1, x: 2 },
      { id: 'b', at: 2 },
    ],
    total: 9,
  });
  assert.deepEqual(change?.rows, [{ id: 'a', at: 1, x: 2 }, { id: 'b', at: 2 }]); // prettier-ignore
  assert.deepEqual(change.removed, ['b\n1']);
  assert.deepEqual(rows.whole().rows.length, 2);
  // There are more now, beyond those that are shown.
  const total = rows.take({
    rows: [
      { id: 'a', at: 1, x: 2 },
      { id: 'b', at: 2 },
    ],
    total: 10,
  });
  assert.deepEqual([total?.rows, total?.total], [[], 10]);
});
