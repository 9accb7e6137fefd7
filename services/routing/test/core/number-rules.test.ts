import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configurationSchema } from '@tandem/config';
import { listContent, NumberList } from '@tandem/domain';
import { applyRules, ruleSet } from '../../src/core/number-rules.ts';
import type { Numbers, RuleSurroundings } from '../../src/core/number-rules.ts';

const around: RuleSurroundings = {
  origin: { kind: 'mapping-gateway', name: 'trunk', account: 'demo' },
  callType: (callee) => (callee.startsWith('447') ? 'mobile' : 'none'),
  lists: new Map([['vip', new NumberList(listContent(['442079460000']), 'exact')]]),
};

/** What sets of these rules make of numbers. */
function rewrite(
  sets: readonly (readonly object[])[],
  numbers: Partial<Numbers>,
  surroundings = around,
) {
  const { numberRules = [] } = configurationSchema.parse({
    numberRules: sets.map((rules, at) => ({
      name: `set-${String(at)}`,
      rules: rules.map((rule) => ({ number: 'callee', ...rule })),
    })),
  });
  return applyRules(numberRules.map(ruleSet), { caller: '', callee: '', ...numbers }, surroundings);
}

function calleeBy(rule: object, number: string, surroundings = around): string {
  return rewrite([[rule]], { callee: number }, surroundings).callee;
}

test('ROUTE-10 digits are stripped and put before, and a + stands for what is international', () => {
  const cases: readonly (readonly [object, string, string])[] = [
    [{ strip: 1 }, '02079460000', '2079460000'],
    [{ strip: 2 }, '+442079460000', '2079460000'],
    [{ strip: 1, prepend: '+44' }, '02079460000', '+442079460000'],
    [{ stripPrefix: '00', prepend: '+' }, '00442079460000', '+442079460000'],
    [{ stripPrefix: '00', prepend: '+' }, '02079460000', '02079460000'],
    [{ stripPrefix: '44', prepend: '0' }, '+442079460000', '02079460000'],
    [{ stripPrefix: '+44', prepend: '0' }, '+442079460000', '02079460000'],
    [{ stripPrefix: '+44', prepend: '0' }, '442079460000', '442079460000'],
    [{ stripPrefix: '+' }, '+442079460000', '442079460000'],
    [{ prepend: '+' }, '+442079460000', '+442079460000'],
    [{ prepend: '1234' }, '+442079460000', '1234442079460000'],
    [{ stripPrefix: '#31#' }, '#31#442079460000', '442079460000'],
    [{ replace: { pattern: '^\\+?44(\\d{3})', by: '00$1' } }, '+442079460000', '002079460000'],
  ];
  for (const [rule, received, expected] of cases) {
    assert.equal(calleeBy(rule, received), expected, `${JSON.stringify(rule)} of ${received}`);
  }
});

test('ROUTE-10 a rule is for what all of its conditions hold of', () => {
  const cases: readonly (readonly [object, string, boolean])[] = [
    [{ callee: { prefixes: ['33', '+44'] } }, '442079460000', true],
    [{ callee: { prefixes: ['33', '44'] } }, '+442079460000', true],
    [{ callee: { prefixes: ['33'] } }, '442079460000', false],
    [{ callee: { minLength: 12, maxLength: 12 } }, '+442079460000', true],
    [{ callee: { minLength: 13 } }, '+442079460000', false],
    [{ callee: { maxLength: 11 } }, '442079460000', false],
    [{ callee: { plus: true } }, '+442079460000', true],
    [{ callee: { plus: false } }, '+442079460000', false],
    [{ callee: { list: 'vip' } }, '+442079460000', true],
    [{ callee: { list: 'vip' } }, '442079460001', false],
    [{ callee: { list: 'other' } }, '442079460000', false],
    [{ caller: { prefixes: [''] } }, '442079460000', false],
    [{ mappingGateways: ['trunk'], accounts: ['demo'] }, '442079460000', true],
    [{ mappingGateways: ['other', 'trunk'], accounts: ['other'] }, '442079460000', false],
    [{ phones: ['trunk'] }, '442079460000', false],
    [{ routingGateways: ['carrier'] }, '442079460000', false],
    [{ callTypes: ['mobile'] }, '447700900123', true],
    [{ callTypes: ['mobile'] }, '442079460000', false],
  ];
  for (const [when, number, isFor] of cases) {
    const { steps } = rewrite([[{ when, prepend: '9' }]], { callee: number });
    assert.equal(steps.length === 1, isFor, `${JSON.stringify(when)} ${number}`);
  }
  const phone = { ...around, gateway: 'carrier', origin: { kind: 'phone', name: '1001', account: 'demo' } }; // prettier-ignore
  assert.equal(calleeBy({ when: { phones: ['1001'], routingGateways: ['carrier'] }, prepend: '9' }, '1', phone), '91'); // prettier-ignore
});

test('ROUTE-10 rules go by what those before have left; last ends the set, for its number alone', () => {
  const made = rewrite(
    [
      [
        { when: { callee: { prefixes: ['0'] } }, strip: 1, prepend: '44', last: true },
        { number: 'caller', when: { callee: { prefixes: ['44'] } }, prepend: '+' },
        { prepend: '9' },
      ],
      [{ when: { callee: { prefixes: ['44'] } }, prepend: '1234' }],
    ],
    { caller: '331', callee: '020' },
  );
  assert.deepEqual([made.caller, made.callee], ['+331', '12344420']);
  assert.deepEqual(
    made.steps.map(({ rule, before, after }) => `${rule.set} ${String(rule.position)}: ${before} ${after} (${rule.action})`), // prettier-ignore
    [
      'set-0 1: 020 4420 (strip 1, prepend 44)',
      'set-0 2: 331 +331 (prepend +)',
      'set-1 1: 4420 12344420 (prepend 1234)',
    ],
  );
  const kept = rewrite([[{ when: { callee: { prefixes: ['10'] } }, last: true }, { prepend: '44' }]], { callee: '1001' }); // prettier-ignore
  assert.equal(kept.callee, '1001');
});

test('ROUTE-10 a rule that leaves no number, or none that can be dialled, has failed, and no further one is tried', () => {
  for (const [rule, after] of [
    [{ strip: 3 }, ''],
    [{ replace: { pattern: '^(\\d)', by: 'x$1' } }, 'x020'],
    [{ replace: { pattern: '2', by: '+' } }, '0+0'],
    [{ replace: { pattern: '.*', by: '0'.repeat(60) + '$0$0' } }, `${'0'.repeat(60)}020020`],
  ] as const) {
    const { callee: left, failed, steps } = rewrite([[rule, { prepend: '9' }]], { callee: '020' });
    assert.equal(failed.callee?.after, after);
    assert.deepEqual([left, steps], ['020', []]);
  }
});

test('ROUTE-10 names, and callers that have no number, are left alone', () => {
  const rules = [[{ prepend: '9' }, { number: 'caller', replace: { pattern: '.*', by: '9' } }]];
  for (const name of ['alice', '', 'anonymous', '10a']) {
    const made = rewrite(rules, { caller: name, callee: name });
    assert.deepEqual([made.caller, made.callee, made.steps], [name, name, []]);
  }
});
