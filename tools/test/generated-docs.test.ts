import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkDocs } from '../generated-docs.ts';

test('OPS-05 the references of docs/ are what the code makes of them', async () => {
  assert.deepEqual(await checkDocs(), [], 'run make docs');
});
