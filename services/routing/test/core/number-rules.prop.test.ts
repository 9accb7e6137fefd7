import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configurationSchema } from '@tandem/config';
import fc from 'fast-check';
import { applyRules, ruleSet } from '../../src/core/number-rules.ts';

const digits = fc.string({ unit: fc.constantFrom('0', '1', '4', '#'), maxLength: 4 });
const some = fc.string({ unit: fc.constantFrom('0', '1', '4', '#'), minLength: 1, maxLength: 4 });
const plus = fc.constantFrom('', '+');
const dialled = fc.tuple(plus, some).map((parts) => parts.join(''));
const number = fc.oneof(
  fc.tuple(plus, digits, digits).map((parts) => parts.join('')),
  fc.constantFrom('alice', '10a'),
);
const condition = fc.record(
  {
    prefixes: fc.array(fc.tuple(plus, digits).map(([, text]) => text), { minLength: 1, maxLength: 2 }), // prettier-ignore
    minLength: fc.integer({ min: 1, max: 4 }),
    maxLength: fc.integer({ min: 4, max: 8 }),
    plus: fc.boolean(),
  },
  { requiredKeys: [] },
);
const when = fc.record({ caller: condition, callee: condition }, { requiredKeys: [] });
const action = fc.oneof(
  fc.record({ strip: fc.integer({ min: 1, max: 4 }), prepend: fc.option(dialled, { nil: undefined }) }), // prettier-ignore
  fc.record({ stripPrefix: fc.oneof(dialled, fc.constant('+')), prepend: fc.option(fc.oneof(dialled, fc.constant('+')), { nil: undefined }) }), // prettier-ignore
  fc.record({ prepend: dialled }),
  fc.record({
    replace: fc.record({
      pattern: fc.constantFrom('^0', '(1)(4)', '4+$', '^\\+?(\\d*)$', '(0|1)*#', '[14]{2,3}'),
      by: fc.constantFrom('', '1', '+0', 'x'),
    }),
  }),
);
const rule = fc
  .tuple(fc.constantFrom('caller' as const, 'callee' as const), when, action, fc.boolean())
  .map(([side, conditions, done, last]) => ({ number: side, when: conditions, ...done, last }));

type Side = 'caller' | 'callee';
interface Condition {
  readonly prefixes?: readonly string[];
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly plus?: boolean;
}
interface Rule {
  readonly number: Side;
  readonly when: Partial<Readonly<Record<Side, Condition>>>;
  readonly strip?: number;
  readonly stripPrefix?: string;
  readonly prepend?: string | undefined;
  readonly replace?: { readonly pattern: string; readonly by: string };
  readonly last: boolean;
}

const isNumber = (text: string) => /^\+?[0-9*#]{1,64}$/.test(text);

/** What the rules must make, as the documentation says it. */
function naive(sets: readonly (readonly Rule[])[], given: Readonly<Record<Side, string>>) {
  const numbers = { ...given };
  const isLost = { caller: false, callee: false };
  for (const set of sets) {
    const isOver = { caller: false, callee: false };
    for (const each of set) {
      const side = each.number;
      if (isOver[side] || isLost[side] || !isNumber(numbers[side])) continue;
      const isFor = (['caller', 'callee'] as const).every((of) => fits(each.when[of], numbers[of]));
      const made = isFor ? act(each, numbers[side]) : undefined;
      if (made === undefined) continue;
      if (each.last) isOver[side] = true;
      if (isNumber(made)) numbers[side] = made;
      else isLost[side] = true;
    }
  }
  return { numbers, isLost };
}

function fits(terms: Condition | undefined, text: string): boolean {
  if (terms === undefined) return true;
  if (!isNumber(text)) return false;
  const bare = text.replace('+', '');
  const { prefixes = [''], minLength = 0, maxLength = 99, plus: wantsPlus } = terms;
  return (
    prefixes.some((prefix) => bare.startsWith(prefix)) &&
    bare.length >= minLength &&
    bare.length <= maxLength &&
    (wantsPlus === undefined || wantsPlus === (bare !== text))
  );
}

function act({ strip, stripPrefix, prepend, replace }: Rule, text: string): string | undefined {
  if (replace !== undefined) {
    const pattern = new RegExp(replace.pattern);
    return pattern.test(text) ? text.replace(pattern, () => replace.by) : undefined;
  }
  const bare = text.replace('+', '');
  let left = text;
  if (strip !== undefined) left = bare.slice(strip);
  if (stripPrefix !== undefined) {
    const from = stripPrefix.includes('+') ? text : bare;
    if (!from.startsWith(stripPrefix)) return undefined;
    left = from.slice(stripPrefix.length);
  }
  return prepend === undefined ? left : prepend + left.replace('+', '');
}

test('ROUTE-10 rules make of numbers what a plain reading of the documentation makes of them', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(rule, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 3 }),
      fc.record({ caller: number, callee: number }),
      (sets, numbers) => {
        const { numberRules = [] } = configurationSchema.parse({
          numberRules: sets.map((rules, at) => ({ name: `s${String(at)}`, rules })),
        });
        const made = applyRules(numberRules.map(ruleSet), numbers, {
          origin: { kind: 'phone', name: '1001', account: 'demo' },
          callType: () => 'none',
          lists: new Map(),
        });
        const expected = naive(sets, numbers);
        assert.deepEqual({ caller: made.caller, callee: made.callee }, expected.numbers);
        for (const side of ['caller', 'callee'] as const) {
          assert.equal(made.failed[side] !== undefined, expected.isLost[side]);
          // The steps lead from one number to the next.
          let at = numbers[side];
          for (const step of made.steps.filter((each) => each.side === side)) {
            assert.equal(step.before, at);
            at = step.after;
          }
          assert.equal(at, made[side]);
        }
      },
    ),
    { numRuns: 2000 },
  );
});
