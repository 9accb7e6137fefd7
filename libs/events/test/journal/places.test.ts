import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deviceType, placeOf } from '../../src/journal/places.ts';

test('REG-06 a network is the /24 of IPv4 and the /48 of IPv6', () => {
  const networks = [
    ['192.0.2.77:5060', '192.0.2.0/24'],
    ['[2001:db8:1:2::9]:5061', '2001:db8:1::/48'],
    ['[::ffff:192.0.2.77]:5060', '192.0.2.0/24'],
    ['', ''],
    ['somewhere', ''],
  ];
  for (const [source = '', network] of networks) assert.equal(placeOf(source).network, network);
});

test('REG-06 a device type is what a User-Agent calls itself without versions and serial numbers', () => {
  const devices = [
    ['Yealink SIP-T46S 66.85.0.5', 'Yealink SIP-T46S'],
    ['Yealink SIP-T21P_E2 52.84.0.15 805ec0123456', 'Yealink SIP-T21P_E2'],
    ['baresip v1.0.0 (x86_64/linux)', 'baresip'],
    ['Grandstream GXP2170 1.0.9.121', 'Grandstream GXP2170'],
    ['Linphone-Desktop/5.1.65 (host) (belle-sip/5.3)', 'Linphone-Desktop'],
    ['JsSIP 3.13.8', 'JsSIP'],
    ['friendly-scanner', 'friendly-scanner'],
    ['one two three four five', 'one two three'],
    ['', 'unknown'],
    ['1.2.3', 'unknown'],
    ['x'.repeat(500), 'x'.repeat(40)],
  ];
  for (const [agent = '', device] of devices) assert.equal(deviceType(agent), device);
});
