import assert from 'node:assert/strict';
import test from 'node:test';
import {
  Headers,
  noteSource,
  responseAddress,
  SipRequest,
  viaWithSource,
} from '../../src/index.ts';

const source = { address: '192.0.2.7', port: 4711 };

function viasAfter(...values: string[]): string[] {
  const headers = new Headers([
    ['Max-Forwards', '70'],
    ...values.map((value): [string, string] => ['v', value]),
  ]);
  noteSource(new SipRequest('OPTIONS', 'sip:b', headers), source);
  return headers.getAll('Via');
}

test('CALL-02 a Via that names its source, and asks for nothing, stays as it is (RFC 3261 §18.2.1)', () => {
  for (const via of [
    'SIP/2.0/UDP 192.0.2.7;branch=z9hG4bK1',
    'SIP/2.0/UDP 192.0.2.7:5060 ; branch=z9hG4bK1',
    'SIP/2.0/UDP 192.0.2.7:4711;x=reported',
  ]) {
    assert.deepEqual(viasAfter(via), [via]);
  }
});

test('CALL-02 a Via that names another host gets received', () => {
  assert.deepEqual(viasAfter('SIP/2.0/UDP pc.example;branch=z9hG4bK1'), [
    'SIP/2.0/UDP pc.example;branch=z9hG4bK1;received=192.0.2.7',
  ]);
  assert.deepEqual(viasAfter('SIP/2.0/UDP\t10.0.0.1:5070'), [
    'SIP/2.0/UDP\t10.0.0.1:5070;received=192.0.2.7',
  ]);
});

test('CALL-02 rport is filled and received added, even when the address is right (RFC 3581 §4)', () => {
  assert.deepEqual(viasAfter('SIP/2.0/UDP 192.0.2.7:5060;rport;branch=z9hG4bK1'), [
    'SIP/2.0/UDP 192.0.2.7:5060;rport=4711;branch=z9hG4bK1;received=192.0.2.7',
  ]);
  assert.deepEqual(viasAfter('SIP/2.0/UDP 192.0.2.7 ; RPORT ;branch=z9hG4bK1'), [
    'SIP/2.0/UDP 192.0.2.7 ;rport=4711;branch=z9hG4bK1;received=192.0.2.7',
  ]);
});

test('CALL-10 received and rport that the client made up are overwritten', () => {
  assert.deepEqual(
    viasAfter('SIP/2.0/UDP 192.0.2.7;received=203.0.113.1;rport=53;rport=54;branch=z9hG4bK1'),
    ['SIP/2.0/UDP 192.0.2.7;rport=4711;branch=z9hG4bK1;received=192.0.2.7'],
  );
  assert.deepEqual(viasAfter('SIP/2.0/UDP 192.0.2.7;received=203.0.113.1'), [
    'SIP/2.0/UDP 192.0.2.7',
  ]);
});

test('CALL-02 only the top Via is changed, on a line of its own or before a comma', () => {
  const next = 'SIP/2.0/UDP p.example;rport;branch=z9hG4bK2';
  assert.deepEqual(viasAfter('SIP/2.0/UDP 192.0.2.7;rport', next), [
    'SIP/2.0/UDP 192.0.2.7;rport=4711;received=192.0.2.7',
    next,
  ]);
  assert.deepEqual(viasAfter(`SIP/2.0/UDP 192.0.2.7;rport , ${next}`), [
    `SIP/2.0/UDP 192.0.2.7;rport=4711;received=192.0.2.7 , ${next}`,
  ]);
  assert.deepEqual(viasAfter(`SIP/2.0/UDP 192.0.2.7, ${next}`), [`SIP/2.0/UDP 192.0.2.7, ${next}`]);
});

test('CALL-10 a missing or empty Via is left for the parser to refuse', () => {
  assert.deepEqual(viasAfter(), []);
  assert.deepEqual(viasAfter(', ,'), [', ,']);
  assert.deepEqual(viasAfter(''), [';received=192.0.2.7']);
});

test('CALL-02 IPv6 is compared without brackets', () => {
  const six = { address: '2001:db8::9', port: 5060 };
  const via = 'SIP/2.0/UDP [2001:db8::9]:5070;branch=z9hG4bK1';
  assert.equal(viaWithSource(via, six), via);
  assert.equal(
    viaWithSource('SIP/2.0/UDP [2001:db8::1];rport', six),
    'SIP/2.0/UDP [2001:db8::1];rport=5060;received=2001:db8::9',
  );
  assert.equal(viaWithSource('SIP/2.0/UDP [;x', six), 'SIP/2.0/UDP [;x;received=2001:db8::9');
});

test('CALL-07 a response goes to received and rport, else to the sent-by (RFC 3261 §18.2.2)', () => {
  const to = (via: string): string => {
    const { address, port } = responseAddress(
      new SipRequest('OPTIONS', 'sip:b', new Headers([['Via', via]])),
    );
    return `${address} ${String(port)}`;
  };
  assert.equal(to('SIP/2.0/UDP a.example;rport=4711;received=192.0.2.7'), '192.0.2.7 4711');
  assert.equal(to('SIP/2.0/UDP a.example:5070;received=192.0.2.7'), '192.0.2.7 5070');
  assert.equal(to('SIP/2.0/UDP 192.0.2.7'), '192.0.2.7 5060');
  assert.equal(to('SIP/2.0/UDP [2001:db8::9]:5070'), '2001:db8::9 5070');
  assert.equal(to('SIP/2.0/UDP 192.0.2.7;maddr=203.0.113.1;rport'), '192.0.2.7 5060');
});
