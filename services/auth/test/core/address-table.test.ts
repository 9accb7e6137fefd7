import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AddressTable } from '../../src/core/address-table.ts';
import { addressKey, parseIpAddress } from '../../src/core/ip-address.ts';

function find(table: AddressTable<string>, text: string): string | undefined {
  const address = parseIpAddress(text);
  assert.ok(address, text);
  return table.find(address);
}

test('AUTH-01 the most specific of several blocks is found', () => {
  const table = new AddressTable<string>();
  table.add('0.0.0.0/0', 'all');
  table.add('10.0.0.0/8', 'eight');
  table.add('10.1.0.0/16', 'sixteen');
  table.add('10.1.2.3', 'one');
  table.add('10.1.2.3/32', 'late');
  assert.equal(find(table, '10.1.2.3'), 'one');
  assert.equal(find(table, '10.1.2.4'), 'sixteen');
  assert.equal(find(table, '10.255.255.255'), 'eight');
  assert.equal(find(table, '11.0.0.0'), 'all');
  assert.equal(find(table, '255.255.255.255'), 'all');
});

test('AUTH-01 IPv6 blocks of any length are found, and are apart from IPv4', () => {
  const table = new AddressTable<string>();
  table.add('2001:db8::/32', 'short');
  table.add('2001:db8:0:1::/64', 'half');
  table.add('2001:db8:0:1:8000::/65', 'long');
  table.add('2001:db8::5', 'one');
  assert.equal(find(table, '2001:db8::5'), 'one');
  assert.equal(find(table, '2001:DB8:0:0:0:0:0:6'), 'short');
  assert.equal(find(table, '2001:db8:0:1::1'), 'half');
  assert.equal(find(table, '2001:db8:0:1:ffff::1'), 'long');
  assert.equal(find(table, '2001:db9::1'), undefined);
  assert.equal(find(table, '0.0.0.5'), undefined);
});

test('AUTH-01 what is no block is not taken', () => {
  const table = new AddressTable<string>();
  for (const text of ['example.org', '10.0.0.0/33', '10.0.0.0/x', '10.0.0.0/-1', '']) {
    table.add(text, text);
  }
  assert.equal(find(table, '10.0.0.0'), undefined);
});

test('AUTH-01 one address is one key, however it is written', () => {
  const same = [
    ['192.0.2.1', '::ffff:192.0.2.1', '0:0:0:0:0:ffff:c000:201'],
    ['2001:db8::1', '2001:0DB8:0:0:0:0:0:1', '2001:db8::1%eth0'],
    ['::', '0:0:0:0:0:0:0:0'],
    ['64:ff9b::c000:201', '64:ff9b::192.0.2.1'],
  ];
  for (const texts of same) {
    const keys = texts.map((text) => {
      const address = parseIpAddress(text);
      assert.ok(address, text);
      return addressKey(address);
    });
    assert.equal(new Set(keys).size, 1, texts.join(' '));
  }
});

test('AUTH-01 what is no address is told from one', () => {
  const wrong = ['', '1.2.3', '1.2.3.4.5', '256.1.1.1', '1..2.3', '.1.2.3', 'a.b.c.d', '1.2.3.4x'];
  const wrongV6 = [':', ':::', '1::2::3', '1:2:3:4:5:6:7', '1:2:3:4:5:6:7:8:9', 'g::', '12345::', '::1.2.3', '1:2:3:4::5:6:7:8']; // prettier-ignore
  for (const text of [...wrong, ...wrongV6]) assert.equal(parseIpAddress(text), undefined, text);
});

test('AUTH-01 among 10,000 gateways an address is found in a few microseconds', () => {
  const table = new AddressTable<string>();
  for (let index = 0; index < 10_000; index += 1) {
    const block = `10.${String(index >> 8)}.${String(index & 255)}.0/${String(24 + (index % 4))}`;
    table.add(block, block);
  }
  const address = parseIpAddress('10.39.15.0');
  assert.ok(address);
  const started = performance.now();
  for (let round = 0; round < 10_000; round += 1) table.find(address);
  // A scan of the list would need a hundred times as long; the bound is wide for a busy machine.
  assert.ok(performance.now() - started < 1000);
  assert.equal(table.find(address), '10.39.15.0/27');
});
