import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { sipParseErrorCodes } from '../../src/index.ts';

test('CALL-02 the README lists every code of SipParseError and no other', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const rows = readme.matchAll(/^\| `(SIP_[A-Z_]+)` /gm);
  assert.deepEqual(
    Array.from(rows, ([, code]) => code),
    [...sipParseErrorCodes],
  );
});
