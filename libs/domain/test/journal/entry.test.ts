import assert from 'node:assert/strict';
import { test } from 'node:test';
import { journalCauses, journalCausesOf, readJournalCause } from '../../src/index.ts';

test('OPS-10 a cause that was kept is read with its facts as they were', () => {
  const facts = [
    { name: 'asked', value: '10' },
    { name: 'SS_ENDPOINT_EXPIRE_MIN', value: '60' },
    { name: 'of-a-later-version', value: 'yes' },
  ];
  assert.deepEqual(readJournalCause('expiry-too-short', facts), {
    cause: 'expiry-too-short',
    facts: { asked: 10, SS_ENDPOINT_EXPIRE_MIN: 60 },
  });
});

test('OPS-10 what this version does not know is told in its own words', () => {
  assert.equal(readJournalCause('of-a-later-version', []), undefined);
  assert.equal(readJournalCause('constructor', []), undefined);
  assert.equal(readJournalCause('expiry-too-short', [{ name: 'asked', value: '10' }]), undefined);
});

test('REG-11 causes are found by kind and outcome', () => {
  assert.ok(journalCausesOf('registration', 'refused').includes('bindings-full'));
  assert.ok(!journalCausesOf('registration', 'refused').includes('expired'));
  assert.deepEqual(journalCausesOf('registration-end', 'refused'), []);
  assert.equal(journalCausesOf('', '').length, Object.keys(journalCauses).length);
});
