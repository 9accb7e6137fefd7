import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { checkConfiguration, parseConfiguration } from '../src/index.ts';

const gateway = { name: 'carrier', addresses: ['192.0.2.1'], prefixes: ['44'] };
const trunk = {
  name: 'trunk',
  account: 'demo',
  authentication: { mode: 'ip', addresses: ['192.0.2.9/32'] },
};
const document = {
  rateGroups: [{ name: 'r', currency: 'USD' }],
  accounts: [
    { name: 'demo', rateGroup: 'r' },
    { name: 'vendor', type: 'vendor' },
  ],
  callTypes: [{ name: 'national', prefixes: ['44'] }],
  mappingGateways: [trunk],
  routingGateways: [gateway],
};

function mistakes(changes: object): string[] {
  const result = checkConfiguration({ ...document, ...changes });
  return result.kind === 'valid'
    ? []
    : result.mistakes.map(({ path, message }) => `${path} ${message}`);
}

function ruleMistakes(rule: object): string[] {
  return mistakes({ numberRules: [{ name: 'set', rules: [{ number: 'callee', ...rule }] }] });
}

test('ROUTE-10 rules, lists and pools that are right are taken', () => {
  const when = {
    caller: { prefixes: ['44'], plus: true, list: 'vip' },
    callee: { minLength: 10, maxLength: 11 },
    mappingGateways: ['trunk'],
    accounts: ['demo'],
    callTypes: ['national', 'internal'],
  };
  const found = mistakes({
    numberRules: [
      {
        name: 'in',
        rules: [
          { number: 'callee', when, strip: 1, prepend: '+44' },
          { number: 'callee', stripPrefix: '00', prepend: '+', last: true },
          { number: 'caller', replace: { pattern: '^0(\\d+)$', by: '44$1' } },
        ],
      },
      { name: 'out', rules: [{ number: 'callee', when: { routingGateways: ['carrier'] }, stripPrefix: '+' }] }, // prettier-ignore
    ],
    numberLists: [{ name: 'vip' }, { name: 'premium', match: 'prefix' }],
    numberPools: [{ name: 'pool', numbers: ['+12025550100'], pick: 'round-robin' }],
    lists: { denyCallees: ['premium'] },
    mappingGateways: [{ ...trunk, numberRules: ['in'], lists: { allowCallers: ['vip'] } }],
    routingGateways: [{ ...gateway, numberRules: ['out'], callerPool: 'pool' }],
  });
  assert.deepEqual(found, []);
});

test('ROUTE-10 a mistake in a rule is refused with its path and what would be right', () => {
  const at = 'numberRules[0].rules[0]';
  const cases: readonly (readonly [object, string])[] = [
    [{}, `${at} does nothing: it needs strip, stripPrefix, prepend, replace, or last: true`],
    [{ strip: 1, stripPrefix: '0' }, `${at}.stripPrefix does not go with strip: make two rules of it`],
    [{ strip: 0 }, `${at}.strip is 0, must be from 1 to 64`],
    [{ stripPrefix: '' }, `${at}.stripPrefix is "", must be digits, * or # as text in quotes, with or without a + before them, such as "44", or "+"`],
    [{ prepend: '0+' }, `${at}.prepend is "0+", must be digits, * or # as text in quotes, with or without a + before them, such as "44", or "+"`],
    [{ replace: { pattern: '^(0', by: '' } }, `${at}.replace.pattern is no regular expression of RE2 (missing closing ): \`^(0\`): no look-around, no back references, counts to 1000`],
    [{ replace: { pattern: '^0', by: '$1' } }, `${at}.replace.by names $1, but the pattern has no group`],
    [{ replace: { pattern: '^0', by: '' }, prepend: '4' }, `${at}.replace does not go with strip, stripPrefix and prepend: make two rules of it`],
    [{ strip: 1, when: { callee: { minLength: 9, maxLength: 8 } } }, `${at}.when.callee.minLength is 9, above maxLength, 8: no number is both`],
    [{ strip: 1, when: { callee: { list: 'vip' } } }, `${at}.when.callee.list names list "vip", which is not in numberLists`],
    [{ strip: 1, when: { mappingGateways: ['trunc'] } }, `${at}.when.mappingGateways[0] names mapping gateway "trunc", which is not in mappingGateways; did you mean "trunk"?`],
    [{ strip: 1, when: { callTypes: ['premium'] } }, `${at}.when.callTypes[0] names type of call "premium", which is not in callTypes`],
    [{ strip: 1, when: { callee: { prefix: '0' } } }, `${at}.when.callee.prefix is not known; did you mean "prefixes"?`],
  ]; // prettier-ignore
  for (const [rule, message] of cases) assert.deepEqual(ruleMistakes(rule), [message]);
});

test('ROUTE-10 what refers to a set, list or pool that is not there, or cannot have it, is refused', () => {
  const numberRules = [
    {
      name: 'out',
      rules: [{ number: 'callee', when: { routingGateways: ['carrier'] }, strip: 1 }],
    },
  ];
  assert.deepEqual(
    mistakes({
      numberRules,
      numberPools: [{ name: 'pool', numbers: ['+4420', '4420'] }],
      accounts: [{ name: 'demo', rateGroup: 'r' }, { name: 'vendor', type: 'vendor', numberRules: ['out'] }], // prettier-ignore
      lists: { denyCallees: ['premium'] },
      mappingGateways: [{ ...trunk, numberRules: ['out', 'in'] }],
      routingGateways: [{ ...gateway, callerPool: 'pol' }],
    }),
    [
      'numberPools[0].numbers[1] "4420" is there already, at numberPools[0].numbers[0]',
      'lists.denyCallees[0] names list "premium", which is not in numberLists',
      'mappingGateways[0].numberRules[0] names rule set "out", which has rules for routingGateways: where a call goes is not known yet here',
      'mappingGateways[0].numberRules[1] names rule set "in", which is not in numberRules',
      'accounts[1].numberRules[0] names rule set "out", which has rules for routingGateways: where a call goes is not known yet here',
      'accounts[1].numberRules has no effect on a vendor: set it for its routing gateways',
      'routingGateways[0].callerPool names pool "pol", which is not in numberPools; did you mean "pool"?',
    ],
  );
});

test('OPS-01 the example of rules, lists and pools is right', () => {
  const file = new URL('../../../examples/numbers.yaml', import.meta.url);
  assert.equal(parseConfiguration(readFileSync(file, 'utf8'), 'yaml').kind, 'valid');
});
