import { parameters } from '@tandem/config';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { challengeEnds } from '../src/core/unanswered.ts';

const page = readFileSync(new URL('../../../docs/authentication.md', import.meta.url), 'utf8');

test('OPS-05 docs/authentication.md names every parameter of authentication, and every way in which a challenge leads nowhere', () => {
  const named = Object.entries(parameters).filter(([, { spec }]) => spec.startsWith('AUTH-'));
  assert.ok(named.length > 10);
  for (const [name] of named) assert.ok(page.includes(name), name);
  for (const cause of Object.values(challengeEnds)) assert.ok(page.includes(`| ${cause} `), cause);
});
