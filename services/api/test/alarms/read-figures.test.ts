import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  alarmRulesOf,
  checkConfiguration,
  type AlarmRule,
  type ConfiguredAlarmRule,
} from '@tandem/config';
import { CallFigures } from '@tandem/proto/billing';
import { GatewayState } from '@tandem/proto/health';
import { readFigures } from '../../src/alarms/figures/read-figures.ts';
import { Samples } from '../../src/core/alarms/samples.ts';
import type { ServicePorts } from '../../src/ports.ts';
import { emptyPorts } from '../api-under-test.ts';

const NOON_MS = Date.parse('2026-11-21T12:00:00Z');

/** Reads one figure after the other, over counters of its own. */
function reader(ports: Partial<ServicePorts>, document: object = {}) {
  const read = checkConfiguration({ realm: 'r', ...document });
  assert.ok(read.kind === 'valid', JSON.stringify(read));
  const known = new Map<string, Samples>();
  const series = (name: string): Samples => {
    const samples = known.get(name) ?? new Samples(7_200_000);
    known.set(name, samples);
    return samples;
  };
  return async (rules: readonly AlarmRule[], nowMs = NOON_MS) => {
    const all = { ...emptyPorts(), ...ports };
    const found = await readFigures(rules, { ports: all, configuration: read.configuration, nowMs, series }); // prettier-ignore
    return rules.map((rule) => found.get(rule));
  };
}

function ruleOf(terms: Partial<ConfiguredAlarmRule>): AlarmRule {
  const rule = alarmRulesOf([{ name: 'own', enabled: true, above: 0, ...terms }]).at(-1);
  assert.ok(rule?.name === 'own');
  return rule;
}

test('OPS-11 gateways are asked once for each window, and those that are locked raise nothing', async () => {
  const asked: number[] = [];
  const quality = { windowSeconds: 900, attempts: 40, answered: 10, failed: 24, answerSeizureRatio: 0.25, averageCallSeconds: 30, postDialSeconds: 2 }; // prettier-ignore
  const gateways = [
    GatewayState.fromPartial({ name: 'a', group: 'uk', state: 'online', quality }),
    GatewayState.fromPartial({ name: 'b', state: 'offline' }),
    GatewayState.fromPartial({ name: 'c', state: 'offline', isLocked: true }),
  ];
  const routing = {
    ...emptyPorts().routing,
    listGateways: ({ windowSeconds }: { readonly windowSeconds: number }) => {
      asked.push(windowSeconds);
      return Promise.resolve({ gateways, nextAfter: '' });
    },
  };
  const rules = [
    ruleOf({ figure: 'gateway-asr', windowSeconds: 900 }),
    ruleOf({ figure: 'gateway-failed', windowSeconds: 900 }),
    ruleOf({ figure: 'gateway-offline' }),
  ];
  const found = await reader({ routing })(rules);
  const values = found.map((each) => each?.kind === 'known' && each.readings.map(({ of, subject, value }) => [subject, value, of])); // prettier-ignore
  assert.deepEqual(values, [
    [['a', 25, 40]],
    [['a', 60, 40]],
    [['a', 0, undefined], ['b', 1, undefined]],
  ]); // prettier-ignore
  assert.deepEqual(asked.toSorted(), [0, 900]);
});

test('OPS-11 BILL-10 the minimum balance is compared as money', async () => {
  const accounts = [
    { name: 'low', type: 'vendor', currency: 'USD', minimumBalance: '5.000000001' },
    { name: 'enough', type: 'vendor', currency: 'USD', minimumBalance: '4.999999999' },
    { name: 'unwatched', type: 'vendor', currency: 'USD' },
  ];
  const billing = {
    ...emptyPorts().billing,
    listBalances: ({ accounts: names }: { readonly accounts: readonly string[] }) =>
      Promise.resolve({ balances: names.map((account) => ({ account, currency: 'USD', balance: '5', ledgerEntries: 1 })) }), // prettier-ignore
  };
  const [found] = await reader({ billing }, { accounts })([ruleOf({ figure: 'balance-reached' })]);
  assert.deepEqual(found, {
    kind: 'known',
    readings: [
      { subject: 'low', value: 1, text: 'balance 5 USD, minimum 5.000000001' },
      { subject: 'enough', value: 0, text: 'balance 5 USD, minimum 4.999999999' },
    ],
  });
});

test('OPS-11 calls are those that were booked within the window, by sums of hours', async () => {
  let rows: CallFigures[] = [];
  const billing = {
    ...emptyPorts().billing,
    analyseCalls: () => Promise.resolve({ rows, fromMs: 0, untilMs: 0, more: false }),
  };
  const read = reader({ billing });
  const rules = [ruleOf({ figure: 'account-asr', windowSeconds: 600 })];
  const row = (hour: string, calls: number, answered: number) =>
    CallFigures.fromPartial({ keys: [hour, 'demo'], calls, answered, figures: true });
  rows = [row('11', 1000, 900)];
  await read(rules, NOON_MS);
  rows = [row('11', 1010, 905), row('12', 10, 0)];
  const [found] = await read(rules, NOON_MS + 60_000);
  assert.deepEqual(found, { kind: 'known', readings: [{ subject: 'demo', value: 25, of: 20 }] });
});

test('OPS-11 who does not answer leaves his figures unknown, and is an alarm himself', async () => {
  const ports = emptyPorts();
  const away = () => Promise.reject(new Error('edge at 10.0.0.1 does not answer'));
  const rules = [ruleOf({ figure: 'calls-up' }), ruleOf({ figure: 'suspended' }), ruleOf({ figure: 'service-away' })]; // prettier-ignore
  const [calls, suspended, services] = await reader({ edge: { ...ports.edge, getStatus: away } })(rules); // prettier-ignore
  assert.deepEqual(calls, { kind: 'unknown', cause: 'edge at 10.0.0.1 does not answer' });
  assert.equal(suspended?.kind, 'known');
  assert.ok(services?.kind === 'known');
  assert.deepEqual(services.readings.map(({ subject, value }) => [subject, value]).toSorted(), [['auth', 0], ['edge', 1]]); // prettier-ignore
});
