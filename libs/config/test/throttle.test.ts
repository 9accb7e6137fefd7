import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configurationSchema } from '../src/document.ts';
import { crossCheck } from '../src/cross-check.ts';

function mistakes(throttle: unknown, parameters: object = {}): string[] {
  const gateway = { name: 'a', prefixes: ['1'], addresses: ['192.0.2.1'], throttle };
  return crossCheck({ parameters, routingGateways: [gateway] })
    .filter(({ path }) => /throttle|THROTTLE/.test(path))
    .map(({ message, path }) => `${path}: ${message}`);
}

test('ROUTE-16 nobody is let back in at a share of failures at which he is throttled', () => {
  assert.deepEqual(mistakes({}), []);
  assert.deepEqual(mistakes({ failureShare: 26 }), []);
  assert.deepEqual(mistakes({ failureShare: 0, recoveryShare: 90 }), []);
  assert.deepEqual(mistakes({ failureShare: 25 }), [
    'routingGateways[0].throttle.failureShare: a gateway is throttled from 25 % failures on (failureShare, SS_GATEWAY_THROTTLE_FAILURE_SHARE), and cannot be let back in at 25 % (recoveryShare, SS_GATEWAY_THROTTLE_RECOVERY_SHARE): set that to less',
  ]);
  assert.match(String(mistakes({ recoveryShare: 40 })[0]), /^routingGateways\[0\]\.throttle\.recoveryShare: /); // prettier-ignore
  assert.match(
    String(mistakes({}, { SS_GATEWAY_THROTTLE_FAILURE_SHARE: 20 })[0]),
    /^parameters\.SS_GATEWAY_THROTTLE_RECOVERY_SHARE: .*from 20 %.*at 25 %/,
  );
});

test('ROUTE-16 a setting that is out of range, or unknown, is refused with its path', () => {
  const gateway = { name: 'a', prefixes: ['1'], addresses: ['192.0.2.1'] };
  const read = (throttle: object) =>
    configurationSchema.safeParse({ routingGateways: [{ ...gateway, throttle }] });
  assert.equal(read({ least: 1, calls: 1, step: 1, window: 1, lastResort: false }).success, true);
  for (const wrong of [
    { least: 0 },
    { calls: 0 },
    { failureShare: 101 },
    { failureCodes: [] },
    { failureCodes: [200] },
    { steps: 3 },
  ]) {
    // prettier-ignore
    const [issue] = read(wrong).error?.issues ?? [];
    assert.deepEqual(issue?.path.slice(0, 3), ['routingGateways', 0, 'throttle'], JSON.stringify(wrong)); // prettier-ignore
  }
});
