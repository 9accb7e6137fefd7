import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { ManagedProcess } from '../src/managed-process.ts';
import type { NatCall } from '../src/nat/nat-call.ts';

const PROGRAM = join(import.meta.dirname, '../src/nat/main.ts');
const canMake = spawnSync('unshare', ['--net', 'iptables', '-t', 'nat', '-L']).status === 0;

test(
  'CALL-08 a phone behind a NAT hears and is heard, before and after holds of both sides; either hangs up',
  { skip: canMake ? false : 'needs root, and iptables' },
  async (t) => {
    const calls = new ManagedProcess({
      name: 'calls behind a NAT',
      command: 'unshare',
      args: ['--net', process.execPath, PROGRAM],
    });
    t.after(() => calls.stop());
    assert.equal(await calls.exit(60_000), 0, calls.output);
    const seen = calls.output
      .split('\n')
      .filter((line) => line.startsWith('{"hangsUp"'))
      .map((line) => JSON.parse(line) as NatCall);
    assert.deepEqual(
      seen.map(({ hangsUp, endedBy }) => [hangsUp, endedBy]),
      [
        ['phone', 'caller'],
        ['carrier', 'callee'],
      ],
    );
    for (const { phone, carrier, fromPhone, fromCarrier } of seen) {
      const counts = JSON.stringify({ phone, carrier, fromPhone, fromCarrier });
      assert.ok(fromPhone > 100 && fromCarrier > 100, counts);
      assert.ok(carrier.received > fromPhone - 50, counts);
      // Until the phone has sent something, nobody knows where it is.
      assert.ok(phone.received > fromCarrier - 50, counts);
    }
  },
);
