import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sentenceOf, sentenceOfAttempt } from '../../src/core/wordings/index.ts';
import { attempt, foreign } from '../calls.ts';

test('OPS-09 a decision of another version is told in its own words with all its values', () => {
  const told = (...parts: Parameters<typeof foreign>): string => sentenceOf(foreign(...parts));
  const gateway = { check: 'candidate', subject: 'routing-gateway a' };
  assert.equal(
    told({ ...gateway, result: 'skipped', reason: 'Offline' }, { probes: '3' }),
    'Routing gateway a: candidate skipped (Offline); probes 3.',
  );
  assert.equal(
    told({ ...gateway, check: 'schedule', result: 'passed' }, { zone: 'UTC', note: '' }),
    'Routing gateway a: schedule passed; zone UTC.',
  );
  assert.equal(
    told({ check: 'digest', result: 'failed', reason: 'Strange', service: 'edge' }),
    'Edge: digest failed (Strange).',
  );
});

test('OPS-09 attempts are told with their end', () => {
  assert.equal(
    sentenceOfAttempt(attempt({ code: 200, reason: '' })),
    'carrier-a at 127.0.0.1:5070 answered.',
  );
  assert.equal(
    sentenceOfAttempt(
      attempt({ address: '', endedMs: 0, text: '', code: 408, reason: 'InviteTimeout' }),
    ),
    'carrier-a failed with 408, since it sent nothing at all.',
  );
});
