import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alarmRulesOf, builtInAlarmRules, checkConfiguration } from '../src/index.ts';
import { mistakesOf, rightDocument } from './configurations.ts';

test('OPS-11 rules measure what there is, and tell channels that there are', () => {
  const alarmRules = [
    { name: 'own' },
    { name: 'both', figure: 'calls-up', above: 1, below: 2 },
    { name: 'ends-never', figure: 'calls-up', above: 10, clear: 11 },
    { name: 'no-window', figure: 'gateway-asr', below: 30 },
    { name: 'short', figure: 'gateway-asr', below: 30, windowSeconds: 60 },
    { name: 'of-nobody', figure: 'gateway-offline', above: 0, subjects: ['carier'], group: 'x', channels: ['nocc'] }, // prettier-ignore
    { name: 'TandemLinesFull', above: 80, windowSeconds: 600 },
    { name: 'own' },
  ];
  const alarmChannels = [
    { name: 'noc', kind: 'webhook' },
    { name: 'mail', kind: 'email', to: ['a@example.com'], url: 'https://a.example' },
  ];
  assert.deepEqual(mistakesOf(rightDocument({ alarmRules, alarmChannels })), [
    'alarmRules[7].name: "own" is there already, at alarmRules[0].name',
    'alarmRules[0].figure: is needed: there is no built-in rule of this name',
    'alarmRules[1].below: cannot be set with above: write two rules',
    'alarmRules[2].clear: is 11: must be at most 10, or it would end while it is raised',
    'alarmRules[3].windowSeconds: is needed: this figure is measured over time',
    'alarmRules[4].windowSeconds: is 60, must be from 300 to 7200 for this figure',
    'alarmRules[5].subjects[0]: names gateway "carier", which is not in routingGateways',
    'alarmRules[5].channels[0]: names channel "nocc", which is not in alarmChannels; did you mean "noc"?',
    'alarmRules[5].group: names gateway group "x", which is not in gatewayGroups',
    'alarmRules[6].windowSeconds: has no effect: this figure is as it is at the moment',
    'alarmRules[7].figure: is needed: there is no built-in rule of this name',
    'alarmChannels[0].url: is needed by a channel of kind webhook',
    'alarmChannels[1].url: has no effect at a channel of kind email',
  ]);
});

test('OPS-11 an entry of the name of a built-in rule says what is different; others are rules of their own', () => {
  const document = { realm: 'r', alarmRules: [{ name: 'TandemLinesFull', above: 80 }, { name: 'busy', figure: 'calls-up', above: 500 }] }; // prettier-ignore
  const read = checkConfiguration(document);
  assert.ok(read.kind === 'valid');
  const rules = alarmRulesOf(read.configuration.alarmRules);
  assert.equal(rules.length, builtInAlarmRules.length + 1);
  const lines = rules.find(({ name }) => name === 'TandemLinesFull');
  const builtIn = builtInAlarmRules.find(({ name }) => name === 'TandemLinesFull');
  assert.deepEqual(lines, { ...builtIn, threshold: 80, clear: 80 });
  const own = rules.at(-1);
  assert.deepEqual([own?.severity, own?.isBuiltIn, own?.endingSeconds], ['ticket', false, 60]);
  assert.deepEqual(alarmRulesOf(undefined), builtInAlarmRules);
});

test('OPS-11 the built-in rules are such as an operator may write', () => {
  const alarmRules = builtInAlarmRules.map((rule) => ({
    name: `copy-of-${rule.name}`,
    figure: rule.figure,
    [rule.comparison]: rule.threshold,
    clear: rule.clear,
    ...(rule.windowSeconds === undefined ? {} : { windowSeconds: rule.windowSeconds }),
    ...(rule.least === 0 ? {} : { least: rule.least }),
  }));
  assert.deepEqual(mistakesOf(rightDocument({ alarmRules })), []);
});
