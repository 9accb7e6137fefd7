import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decided, decisionKinds, readDecision } from '../../src/index.ts';
import type { Decided, DecisionKind, DecisionRecord } from '../../src/index.ts';
import type { FactShape, Kind } from '../../src/decisions/kind.ts';

const kinds: Readonly<Record<string, Kind>> = decisionKinds;

function valueOf(shape: FactShape): fc.Arbitrary<string | number> {
  if (shape === 'text') return fc.string();
  return shape === 'number' ? fc.nat() : fc.constantFrom(...shape);
}

function valuesOf(shapes: Kind['facts']): fc.Arbitrary<Record<string, string | number>> {
  return fc.record(
    Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, valueOf(shape)])),
  );
}

/** A decision of any kind, as its producer makes it. */
const made = fc.constantFrom(...Object.keys(decisionKinds)).chain((kind) => {
  const { reason, facts, optional = {} } = kinds[kind] ?? assert.fail();
  return fc.record({
    kind: fc.constant(kind),
    subject: fc.string(),
    atMs: fc.nat(),
    reason: fc.constantFrom(...(typeof reason === 'object' ? reason : [reason ?? ''])),
    facts: valuesOf(facts),
    others: fc
      .subarray(Object.keys(optional))
      .chain((names) =>
        valuesOf(Object.fromEntries(names.map((name) => [name, optional[name] ?? 'text']))),
      ),
  });
});

function recordOf({
  kind,
  others,
  ...rest
}: typeof made extends fc.Arbitrary<infer T> ? T : never) {
  const facts = { ...others, ...rest.facts };
  return decided(kind as DecisionKind, { ...rest, facts } as unknown as Decided<DecisionKind>);
}

test('OPS-09 a decision of any kind is read as the one that was written, of whatever order its facts are', () => {
  fc.assert(
    fc.property(made, fc.infiniteStream(fc.nat()), (decision, order) => {
      const record = recordOf(decision);
      record.facts.sort(() => (order.next().value ?? 0) - (order.next().value ?? 0));
      const { kind, subject, atMs, reason, facts, others } = decision;
      assert.deepEqual(readDecision(record), {
        kind,
        subject,
        atMs,
        reason,
        facts: { ...others, ...facts },
      });
    }),
  );
});

test('OPS-09 a record that lacks a fact, has one more or another value is no decision of this version', () => {
  const alien: fc.Arbitrary<(record: DecisionRecord) => void> = fc.constantFrom(
    (record) => (record.check = 'moon-phase'),
    (record) => (record.service = 'registrar'),
    (record) => (record.reason = 'Haunted'),
    (record) => record.facts.push({ name: 'constructor', value: 'x' }),
    (record) => record.facts.push({ name: '__proto__', value: 'x' }),
  );
  fc.assert(
    fc.property(made, alien, (decision, change) => {
      const record = recordOf(decision);
      change(record);
      assert.equal(readDecision(record), undefined);
    }),
  );
});

test('OPS-09 a record whose fact is no number, or no word of its kind, is not taken for one', () => {
  const facts = { 'after-ms': 4200, rang: 'yes' } as const;
  const record = decided('cancelled', { subject: 'caller', facts, atMs: 1 });
  assert.equal(readDecision(record)?.kind, 'cancelled');
  const changed = (name: string, value: string): DecisionRecord => ({
    ...record,
    facts: record.facts.map((fact) => (fact.name === name ? { name, value } : fact)),
  });
  for (const value of ['', 'long', '1e3', '12 s', ' 1']) {
    assert.equal(readDecision(changed('after-ms', value)), undefined, value);
  }
  assert.equal(readDecision(changed('rang', 'perhaps')), undefined);
  assert.equal(readDecision({ ...record, facts: [] }), undefined);
});
