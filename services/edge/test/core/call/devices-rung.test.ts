import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Candidate, Target } from '@tandem/proto/routing';
import { devicesRung } from '../../../src/core/call/devices-rung.ts';
import { attemptState } from '../../support/machine-call.ts';

function attemptsAt(gateway: string, devices: readonly (number | undefined)[]) {
  const targets = devices.map((device, at) =>
    Target.fromPartial({
      uri: `sip:${String(at)}@192.0.2.7`,
      transport: 'udp',
      addresses: [`192.0.2.7:${String(5060 + at)}`],
      ...(device !== undefined && { device }),
    }),
  );
  const attempt = attemptState(Candidate.fromPartial({ gateway, targets }));
  return devices.map((_, position) => ({ ...attempt, position }));
}

test('REG-03 OPS-06 devices that a call rang are counted once each, of phones alone', () => {
  for (const [attempts, devices] of [
    [[], undefined],
    [attemptsAt('carrier', [undefined, undefined]), undefined],
    [attemptsAt('phone 1002', [undefined]), 1],
    [attemptsAt('phone 1002', [undefined, 1, 2]), 3],
    // Two flows of one device, and another device.
    [attemptsAt('phone 1002', [undefined, undefined, 1]), 2],
  ] as const) {
    assert.equal(devicesRung({ attempts: [...attempts] }), devices);
  }
});
