import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatHostPort, parseAddress, parseHostPort, parseNetwork } from '../src/network.ts';

test('AUTH-01 IPv4 and IPv6 literals are read as numbers', () => {
  assert.deepEqual(parseAddress('192.0.2.1'), { version: 4, value: 0xc0000201n });
  assert.deepEqual(parseAddress('::1'), { version: 6, value: 1n });
  assert.deepEqual(parseAddress('::'), { version: 6, value: 0n });
  assert.deepEqual(
    parseAddress('1:2:3:4:5:6:7:8')?.value,
    0x0001_0002_0003_0004_0005_0006_0007_0008n,
  );
  assert.deepEqual(parseAddress('2001:DB8::'), { version: 6, value: 0x20010db8n << 96n });
  assert.deepEqual(parseAddress('::ffff:192.0.2.1'), { version: 4, value: 0xc0000201n });
});

test('AUTH-01 what is no address is not taken for one', () => {
  const wrong = [
    '',
    '1.2.3',
    '1.2.3.4.5',
    '256.1.1.1',
    '01.2.3.4',
    '1.2.3.x',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7::8',
    'g::',
    '::1.2.3',
    '::12345',
    '1.2.3.4:5060',
  ];
  for (const text of wrong) assert.equal(parseAddress(text), undefined, text);
});

test('AUTH-01 a block is its first and last address', () => {
  assert.deepEqual(parseNetwork('10.0.0.0/8'), {
    version: 4,
    first: 0x0a000000n,
    last: 0x0affffffn,
  });
  assert.deepEqual(parseNetwork('0.0.0.0/0'), { version: 4, first: 0n, last: 0xffffffffn });
  assert.deepEqual(parseNetwork('::1'), { version: 6, first: 1n, last: 1n });
});

test('AUTH-01 a wrong block says why', () => {
  assert.match(faultOf('x/8'), /is no address block/);
  assert.match(faultOf('10.0.0.0/33'), /not from 0 to 32/);
  assert.match(faultOf('::/129'), /not from 0 to 128/);
  assert.match(faultOf('10.0.0.0/'), /not from 0 to 32/);
  assert.match(faultOf('10.0.0.1/24'), /write 10.0.0.1\/32/);
});

test('CALL-07 hosts and ports are read and written', () => {
  assert.deepEqual(parseHostPort('a.example.org:5061'), { host: 'a.example.org', port: 5061 });
  assert.deepEqual(parseHostPort('[::1]:5060'), { host: '::1', port: 5060 });
  assert.deepEqual(parseHostPort('[::1]', 5060), { host: '::1', port: 5060 });
  assert.deepEqual(parseHostPort('h', 5060), { host: 'h', port: 5060 });
  assert.equal(formatHostPort({ host: '::1', port: 1 }), '[::1]:1');
  assert.equal(formatHostPort({ host: '192.0.2.1', port: 1 }), '192.0.2.1:1');
  for (const text of [
    '[::1]x:1',
    '[1.2.3.4]:1',
    '[',
    'a_b:1',
    '-a:1',
    'a:b',
    'a:',
    ':1',
    '::1',
    '1.2.3:1',
  ]) {
    assert.equal(typeof parseHostPort(text), 'string', text);
  }
});

function faultOf(text: string): string {
  const parsed = parseNetwork(text);
  return typeof parsed === 'string' ? parsed : '';
}
