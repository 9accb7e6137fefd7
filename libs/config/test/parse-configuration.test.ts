import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { formatMistake } from '../src/mistake.ts';
import { checkConfiguration, parseConfiguration } from '../src/parse-configuration.ts';
import { mistakesOf, rightDocument } from './configurations.ts';

const example = readFileSync(new URL('../../../examples/first-call.yaml', import.meta.url), 'utf8');

test('OPS-01 the example of the first call is right and complete', () => {
  const result = parseConfiguration(example, 'yaml');
  assert.equal(result.kind, 'valid');
  const { accounts, phones, mappingGateways, routingGateways, rateGroups } = result.configuration;
  assert.deepEqual(
    accounts.map(({ name, openingBalance }) => [name, openingBalance]),
    [['demo', '100']],
  );
  assert.deepEqual(
    phones.map(({ username, password, account }) => [username, password, account]),
    [['1001', 'tandem-demo', 'demo']],
  );
  assert.deepEqual(mappingGateways[0]?.authentication, {
    mode: 'ip',
    addresses: ['127.0.0.2/32'],
  });
  assert.deepEqual(
    routingGateways.map(({ name, addresses, prefixes }) => [name, addresses, prefixes]),
    [
      ['carrier-a', ['127.0.0.1:5070'], ['44']],
      ['carrier-b', ['127.0.0.1:5071'], ['44']],
    ],
  );
  const [rate] = rateGroups[0]?.rates ?? [];
  assert.equal(rate?.pricePerMinute, '0.0123');
  assert.deepEqual([rate.firstIncrement, rate.nextIncrement], [60, 60]);
});

test('OPS-01 defaults are filled in', () => {
  const result = checkConfiguration(rightDocument());
  assert.equal(result.kind, 'valid');
  const [gateway] = result.configuration.routingGateways;
  assert.equal(result.configuration.realm, 'tandem');
  assert.equal(gateway?.prefixMode, 'extension');
  assert.equal(gateway.switchUntilConnect, true);
  assert.deepEqual(gateway.stopCodes, [480, 486, 487, 600, 603, 604, 606]);
  assert.equal(result.configuration.rateGroups[0]?.rates[0]?.connectionFee, '0');
});

test('OPS-01 an empty document is a mistake that says what a document is', () => {
  const empty = ['', ' \n', '# nothing yet\n', 'null', '{}', '[]', '---\n...\n'];
  for (const format of ['yaml', 'json'] as const) {
    for (const text of empty) {
      const result = parseConfiguration(text, format);
      assert.equal(result.kind, 'invalid', text);
      const [{ path, message } = { path: '-', message: '' }, ...more] = result.mistakes;
      assert.deepEqual([path, more], ['', []]);
      const isNoJson = format === 'json' && /^[#-]/.test(text);
      assert.match(message, isNoJson ? /^is no JSON/ : /^is empty: .*at least one entry/, text);
    }
  }
  assert.equal(parseConfiguration('realm: tandem', 'yaml').kind, 'valid');
});

test('OPS-01 another kind of file, and one that was cut off, are mistakes in words', () => {
  const wrong: readonly (readonly [string, RegExp])[] = [
    ['Dear Sir or Madam', /^is "Dear Sir or Madam", must be a block of keys and values$/],
    ['services:\n  web: { image: x }\n', /^is not known; known here: parameters, realm/],
    ['realm: tandem\nphones:', /^is null, must be a list$/],
    ["phones:\n  - { username: '1001', pas", /^is no YAML: Flow map/],
    ['realm: a\n---\nrealm: b\n', /^is no YAML: Source contains multiple documents/],
  ];
  for (const [text, message] of wrong) {
    const result = parseConfiguration(text, 'yaml');
    assert.equal(result.kind, 'invalid', text);
    assert.match(result.mistakes[0]?.message ?? '', message);
  }
});

test('OPS-01 YAML with ten mistakes names all ten, each with its path and line', () => {
  const text = `
parameters: { SS_SIP_AUTHENTICATION_RETRY: 0 }
rateGroups:
  - name: standard
    currency: usd
    rates:
      - { prefix: 44, pricePerMinute: '0.0123' }
      - { prefix: '45', pricePerMinute: '1.23.4' }
accounts:
  - { name: demo, rateGroup: standrd }
phones:
  - { username: '1001', password: x, account: dem }
  - { username: '1001', password: y, account: demo }
mappingGateways:
  - { name: t, account: demo, authentication: { mode: ip, addresses: [10.0.0.1/8] } }
routingGateways:
  - { name: a, addresses: ['127.0.0.1:5070'], prefixs: ['44'], prefixes: ['44'], protocol: h323 }
`;
  const result = parseConfiguration(text, 'yaml');
  assert.equal(result.kind, 'invalid');
  assert.deepEqual(result.mistakes.map(formatMistake), [
    'parameters.SS_SIP_AUTHENTICATION_RETRY (line 2): is 0, must be 1 to 100',
    'rateGroups[0].currency (line 5): is "usd", must be a currency code of three capital letters, such as USD',
    "rateGroups[0].rates[0].prefix (line 7): is a number, must be text: write it in quotes, '44'",
    'rateGroups[0].rates[1].pricePerMinute (line 8): is "1.23.4", must be a decimal in quotes with at most 9 digits after the point, such as "0.0123"',
    'accounts[0].rateGroup (line 10): names rate group "standrd", which does not exist; did you mean "standard"?',
    'phones[0].account (line 12): names customer account "dem", which does not exist; did you mean "demo"?',
    'phones[1].username (line 13): "1001" is there already, at phones[0].username',
    'mappingGateways[0].authentication.addresses[0] (line 15): "10.0.0.1/8" has bits set behind its prefix length: write 10.0.0.1/32 for this one address, or the first address of the block',
    'routingGateways[0].protocol (line 17): is "h323": only SIP is spoken here, H.323 is not supported; remove it or write sip',
    'routingGateways[0].prefixs (line 17): is not known; did you mean "prefixes"?',
  ]);
});

test('OPS-01 text that is no YAML or no JSON is refused with the place', () => {
  const yaml = parseConfiguration('realm: a\nrealm: b\n', 'yaml');
  assert.equal(yaml.kind, 'invalid');
  assert.match(formatMistake(yaml.mistakes[0] ?? { path: '', message: '' }), /no YAML.*\(line 2\)/);
  const json = parseConfiguration('{"realm": ', 'json');
  assert.equal(json.kind, 'invalid');
  assert.match(json.mistakes[0]?.message ?? '', /^is no JSON/);
});

test('OPS-01 a document that grows by aliases is refused', () => {
  const levels = Array.from(
    { length: 12 },
    (_, level) =>
      `a${String(level + 1)}: &a${String(level + 1)} [*a${String(level)}, *a${String(level)}, *a${String(level)}]`,
  );
  const result = parseConfiguration(['a0: &a0 [x]', ...levels].join('\n'), 'yaml');
  assert.equal(result.kind, 'invalid');
  assert.match(result.mistakes[0]?.message ?? '', /^is no YAML: .*alias/);
});

test('OPS-01 a list, a number or text in place of the document is refused', () => {
  assert.deepEqual(mistakesOf([]), [': is a list, must be a block of keys and values']);
  assert.deepEqual(mistakesOf(5), [': is 5, must be a block of keys and values']);
});

test('AUTH-12 no message holds a password', () => {
  const secret = 'very-secret-text';
  const shapes = [
    { phones: [{ username: '1001', password: 12345678, account: 'demo' }] },
    { phones: { username: '1001', password: secret, account: 'demo' } },
    { phones: [{ username: { password: secret }, password: [secret], account: 'demo' }] },
    { phones: [{ username: '1001', password: secret.repeat(20), account: 'demo' }] },
    { routingGateways: [{ name: 'x', password: { a: secret } }] },
  ];
  for (const shape of shapes) {
    const mistakes = mistakesOf(rightDocument(shape));
    assert.notDeepEqual(mistakes, []);
    assert.doesNotMatch(mistakes.join('\n'), /very-secret|12345678/);
  }
});
