import assert from 'node:assert/strict';
import test from 'node:test';
import { LocalAddresses } from '../src/core/network/local-addresses.ts';
import {
  advertisedAddresses,
  localAddressesOf,
  placeMistakes,
  sipAddresses,
} from '../src/sip-places.ts';

function addressesOf(listen: string, advertised = '', isAlone = true): LocalAddresses {
  const given = advertised === '' ? [] : advertisedAddresses(advertised);
  assert.ok(given);
  return new LocalAddresses(localAddressesOf(given, sipAddresses(listen) ?? [], isAlone));
}

function told(addresses: LocalAddresses, address: string, transport?: 'udp' | 'tcp'): string {
  return addresses.towards({ address, port: 5060, transport })?.hostPort ?? 'none';
}

function mistakes(listen: string, advertised = '', isAlone = true): string {
  const given = advertised === '' ? [] : (advertisedAddresses(advertised) ?? []);
  const found = placeMistakes(sipAddresses(listen) ?? [], given, isAlone);
  return found.map(({ message }) => message).join('\n');
}

test('CALL-07 behind a listener stands what its peers are told', () => {
  assert.deepEqual(sipAddresses('udp:10.0.0.5:5060=203.0.113.1:5070'), [
    {
      transport: 'udp',
      address: '10.0.0.5',
      port: 5060,
      advertised: { host: '203.0.113.1', port: 5070 },
    },
  ]);
  assert.equal(sipAddresses('10.0.0.5=[2001:db8::1]')?.length, 2);
  const wrong = ['10.0.0.5=', '10.0.0.5=203.0.113.1:0', '10.0.0.5=a=b', '10.0.0.5=0.0.0.0'];
  for (const text of wrong) assert.equal(sipAddresses(text), undefined, text);
});

test('CALL-07 advertised addresses are for all, for one transport, or for a network', () => {
  assert.deepEqual(advertisedAddresses('203.0.113.1, tcp:[2001:db8::1]:5070'), [
    { address: '203.0.113.1', port: 5060 },
    { address: '2001:db8::1', port: 5070, transport: 'tcp' },
  ]);
  assert.deepEqual(advertisedAddresses('10.0.0.0/8=10.0.0.5:5060,udp:fd00::/8=[fd00::5]:5060'), [
    { address: '10.0.0.5', port: 5060, network: '10.0.0.0/8' },
    { address: 'fd00::5', port: 5060, transport: 'udp', network: 'fd00::/8' },
  ]);
  const wrong = [
    '',
    '203.0.113.1:0',
    '0.0.0.0:5060',
    '224.0.0.1',
    '[fe80::1%eth0]:5060',
    '255.255.255.255:5060',
    '10.0.0.1/8=10.0.0.5:5060',
    '10.0.0.0/8=',
    '10.0.0.0/8',
    'a=b=c',
    '224.0.0.0/4=10.0.0.5',
  ];
  for (const text of wrong) assert.equal(advertisedAddresses(text), undefined, text);
});

test('CALL-07 T2-33 each listener is told as it is bound, where nothing else is said', () => {
  const addresses = addressesOf('udp:[::1]:26061,udp:127.0.0.1:26061,tcp:127.0.0.1:26062');
  assert.equal(told(addresses, '127.0.0.1'), '127.0.0.1:26061');
  assert.equal(told(addresses, '::1'), '[::1]:26061');
  assert.equal(told(addresses, '127.0.0.1', 'tcp'), '127.0.0.1:26062');
  assert.equal(told(addresses, '::1', 'tcp'), 'none');
});

test('CALL-07 the listeners of an IP version are told in the order of what is advertised', () => {
  const listen = 'udp:10.0.0.5:5060,udp:10.0.0.6:5060,udp:[fd00::5]:5060';
  const addresses = addressesOf(listen, '203.0.113.1:5060,[2001:db8::1]:5060,203.0.113.2:5060');
  const names = addresses.all.map(({ hostPort, bound }) => [bound?.address, hostPort]);
  assert.deepEqual(names, [
    ['10.0.0.5', '203.0.113.1:5060'],
    ['10.0.0.6', '203.0.113.2:5060'],
    ['fd00::5', '[2001:db8::1]:5060'],
  ]);
});

test('CALL-07 a worker has the addresses of its fronts’ listeners by its setting alone', () => {
  const addresses = addressesOf('', '203.0.113.1:5060,203.0.113.2:5060', false);
  assert.equal(told(addresses, '192.0.2.9'), '203.0.113.1:5060');
  const second = addresses.all[1];
  const heard = { address: '192.0.2.9', port: 1, listener: second?.id };
  assert.equal(addresses.towards(heard)?.hostPort, '203.0.113.2:5060');
});

test('OPS-05 CALL-07 listeners and advertised addresses that do not go together are named', () => {
  assert.equal(mistakes('0.0.0.0:5060', '203.0.113.1'), '');
  assert.equal(mistakes('0.0.0.0:5060,[::]:5060', '203.0.113.1,[2001:db8::1]'), '');
  assert.equal(mistakes('0.0.0.0:5060=203.0.113.1:5060'), '');
  assert.equal(mistakes('0.0.0.0:5060', 'sip.example.org'), '');
  assert.equal(mistakes('udp:192.0.2.1:5060,tcp:192.0.2.1:5070'), '');
  assert.equal(mistakes('0.0.0.0:5060', '203.0.113.1,10.0.0.0/8=10.0.0.5'), '');
  assert.match(mistakes('0.0.0.0:5060'), /^is not set for IPv4 listener 0\.0\.0\.0:5060: peers/);
  assert.match(
    mistakes('[::]:5060,192.0.2.1:5060', '192.0.2.1'),
    /^is not set for IPv6 listener \[::\]:5060: peers cannot reach ::$/,
  );
  assert.match(
    mistakes('192.0.2.1:5060', '[2001:db8::1]:5060'),
    /^has \[2001:db8::1\]:5060, but TANDEM_SIP_LISTEN has no listener of its IP version/,
  );
  assert.equal(mistakes('192.0.2.1:5060', '192.0.2.1,[2001:db8::1]:5060', false), '');
  assert.match(
    mistakes('192.0.2.1:5060', '10.0.0.0/8=10.0.0.5,10.0.0.0/8=10.0.0.6'),
    /tells the peers in 10\.0\.0\.0\/8 10\.0\.0\.6:5060 too: leave one of the two/,
  );
  assert.match(
    mistakes('192.0.2.1:5060', '10.0.0.0/8=[fd00::5]:5060'),
    /10\.0\.0\.0\/8 \[fd00::5\]:5060, which is of the other IP version/,
  );
});
