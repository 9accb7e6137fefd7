import assert from 'node:assert/strict';
import { test } from 'node:test';
import { journalCauses, journalCauseOf, operationCauses } from '@tandem/domain';
import type { JournalCause } from '@tandem/domain';
import { journalWording } from '../../src/core/wordings/index.ts';
import { entryOf } from '../journal-port.ts';

/** Every fact of a cause, told or not, with a value that can be found again. */
function factsOf(cause: JournalCause) {
  const { facts, optional = {} } = journalCauseOf(cause);
  return Object.entries({ ...facts, ...optional }).map(([name, shape], at) => ({
    name,
    value: shape === 'number' ? String(70 + at) : shape === 'text' ? `value-${String(at)}` : String(shape[0]), // prettier-ignore
  }));
}

/** Facts that a sentence tells in other words, or leaves out. */
const untold: readonly string[] = [
  'agent-habit',
  'behind-nat',
  'source-hidden',
  'wrong-answers',
  'SS_SIP_AUTHENTICATION_RETRY',
  'allowed',
  'after-ms',
  'waited-ms',
];

/** Nobody has read who sent these, or they are of no terminal. */
const nameless: readonly JournalCause[] = [
  'unreadable',
  'tls-failed',
  'source-black-listed',
  'turned-away',
  'part-away',
  'part-back',
  'name-changed',
  'name-lost',
  ...(Object.keys(operationCauses) as JournalCause[]),
];

test('REG-11 every cause is a sentence that names its values; what is refused or has ended has a remedy', () => {
  for (const cause of Object.keys(journalCauses) as JournalCause[]) {
    const facts = factsOf(cause);
    const { change, why } = journalWording(entryOf({ cause, facts, caller: '1001' }));
    for (const { name, value } of facts) {
      if (!untold.includes(name)) assert.ok(why.includes(value), `${cause}: ${name} in "${why}"`);
    }
    assert.ok(nameless.includes(cause) || why.includes('1001'), `${cause}: ${why}`);
    assert.ok(!why.endsWith('.'), `${cause}: ${why}`);
    const { outcome } = journalCauseOf(cause);
    assert.equal(change === null, outcome === 'accepted', `${cause}: ${String(change)}`);
    if (change !== null) assert.match(change, /^[A-Z].*[^.]$|^[A-Z].*\.$/, cause);
    assert.doesNotMatch(`${why}${change ?? ''}`, /undefined|null|NaN/, cause);
  }
});

test('REG-11 sentences of strangers that are gathered name nobody', () => {
  const gathered = entryOf({
    cause: 'unknown-user',
    terminal: '',
    source: '',
    facts: [],
    count: 9,
  });
  assert.equal(
    journalWording(gathered).why,
    'no phone of these names is configured: a registration was refused, 9 times within a minute',
  );
});

test('OPS-10 what another version has written is told in its own words', () => {
  const entry = entryOf({ cause: 'of-a-later-version', facts: [{ name: 'limit', value: '7' }] });
  assert.deepEqual(journalWording(entry), { why: 'of a later version: limit 7', change: null });
});
