import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runAgain } from '../second-run.ts';

async function outcome(failed: readonly string[], failsAgain: readonly string[] = []) {
  const ran: string[] = [];
  const files = failed.map((name) => ({ kind: name.charAt(0), file: name }));
  const passed = await runAgain(files, ({ file }) => {
    ran.push(file);
    return Promise.resolve(!failsAgain.includes(file));
  });
  return { ran, passed: [...passed] };
}

test('a kind has passed when each file of it that failed passes by itself', async () => {
  assert.deepEqual(await outcome(['a1']), { ran: ['a1'], passed: ['a'] });
  assert.deepEqual(await outcome(['a1', 'b1']), { ran: ['a1', 'b1'], passed: ['a', 'b'] });
});

test('what fails twice has failed', async () => {
  assert.deepEqual((await outcome(['a1'], ['a1'])).passed, []);
  assert.deepEqual((await outcome(['a1', 'a2'], ['a1'])).passed, []);
  assert.deepEqual((await outcome(['a1', 'b1'], ['b1'])).passed, ['a']);
});

test('more than two files that fail are not run again', async () => {
  assert.deepEqual(await outcome(['a1', 'a2', 'b1']), { ran: [], passed: [] });
});
