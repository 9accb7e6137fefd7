import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { SwitchError, switchErrorCodes } from '@tandem/domain';

const page = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');

test('OPS-09 docs/errors.md describes every error code and no other', () => {
  const described = [...page.matchAll(/^## (SWITCH_\w+)$/gm)].map(([, code]) => code);
  assert.deepEqual(described.toSorted(), [...switchErrorCodes].sort());
});

test('OPS-09 each code is followed by what to do', () => {
  for (const section of page.split(/^## /m).slice(1)) assert.match(section, /_Do:_ \S/, section);
});

test('OPS-09 a SwitchError has its code, its message and its cause', () => {
  const cause = new Error('ECONNREFUSED');
  const error = new SwitchError('SWITCH_STORE_UNAVAILABLE', 'redis is away', { cause });
  assert.equal(error.code, 'SWITCH_STORE_UNAVAILABLE');
  assert.equal(error.name, 'SwitchError');
  assert.equal(error.cause, cause);
});
