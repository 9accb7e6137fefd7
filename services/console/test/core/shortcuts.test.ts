import assert from 'node:assert/strict';
import { test } from 'node:test';
import { actionOf, pageKeys, type PressedKey } from '../../src/core/shortcuts.ts';

const press = (key: string, more: Partial<PressedKey> = {}) =>
  actionOf({
    key,
    isCommand: false,
    isTyping: false,
    isAfterG: false,
    areOn: true,
    ...more,
  });

test('OPS-01 keys open the search box, the help, and pages; none does while one types', () => {
  assert.deepEqual(press('/'), { kind: 'search' });
  assert.deepEqual(press('?'), { kind: 'help' });
  assert.deepEqual(press('g'), { kind: 'wait' });
  assert.deepEqual(press('c', { isAfterG: true }), { kind: 'go', path: '/calls' });
  assert.equal(press('c'), undefined);
  assert.equal(press('z', { isAfterG: true }), undefined);
  assert.equal(press('/', { isTyping: true }), undefined);
  assert.deepEqual(press('k', { isCommand: true, isTyping: true }), { kind: 'search' });
  assert.equal(press('c', { isCommand: true, isAfterG: true }), undefined);
});

test('OPS-01 single keys that are turned off do nothing; Ctrl-K still does', () => {
  for (const key of ['/', '?', 'g']) assert.equal(press(key, { areOn: false }), undefined);
  assert.deepEqual(press('k', { isCommand: true, areOn: false }), { kind: 'search' });
  assert.equal(new Set(pageKeys.map(([key]) => key)).size, pageKeys.length);
});
