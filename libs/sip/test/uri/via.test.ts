import assert from 'node:assert/strict';
import test from 'node:test';
import { formatVia, Params, parseVia, SipParseError } from '../../src/index.ts';

test('CALL-02 a Via falls into protocol, transport, sent-by and parameters', () => {
  const cases: [string, string, string, string, number | undefined, string | undefined][] = [
    ['SIP/2.0/UDP h:5060;branch=z9hG4bK1;rport', 'SIP/2.0', 'UDP', 'h', 5060, 'z9hG4bK1'],
    ['SIP/2.0/UDP   h', 'SIP/2.0', 'UDP', 'h', undefined, undefined],
    ['SIP / 2.0 / tls \t [::1] : 7 ; branch = b', 'SIP/2.0', 'tls', '[::1]', 7, 'b'],
    ['sip/2.0/WSS h ;branch', 'sip/2.0', 'WSS', 'h', undefined, undefined],
    ['SIP/3.1/X h', 'SIP/3.1', 'X', 'h', undefined, undefined],
  ];
  for (const [text, protocol, transport, host, port, branch] of cases) {
    const via = parseVia(text);
    assert.deepEqual(
      [via.protocol, via.transport, via.host, via.port, via.branch],
      [protocol, transport, host, port, branch],
      text,
    );
  }
  const { params } = parseVia('SIP/2.0/UDP h;rport=5;received=192.0.2.1');
  assert.deepEqual([params.get('rport'), params.get('received')], ['5', '192.0.2.1']);
});

test('CALL-02 what is no Via is refused', () => {
  for (const text of [
    ...['', 'h', 'SIP/2.0 h', 'SIP/2.0/UDP', 'SIP/2.0/UDP ', 'SIP/2.0/UDP ;branch=1', 'SIP/2.0/ h'],
    ...['/2.0/UDP h', 'SIP//UDP h', 'SIP/2.0/U@P h', 'SIP/2.0/UDP h:', 'SIP/2.0/UDP h:99999', ';;'],
    ...['SIP/2.0/UDP h h', 'SIP/2.0/UDP h;a="', 'SIP/2.0/UDP 2001:db8::1'],
  ]) {
    assert.throws(() => parseVia(text), SipParseError, text);
  }
});

test('CALL-02 a Via is written with its branch first, unless the parameters have it', () => {
  assert.equal(
    formatVia({ transport: 'UDP', host: '2001:db8::1', port: 5060, branch: 'b' }),
    'SIP/2.0/UDP [2001:db8::1]:5060;branch=b',
  );
  const params = new Params([
    ['rport', true],
    ['branch', 'c'],
  ]);
  assert.equal(formatVia({ transport: 'TCP', host: 'h', params }), 'SIP/2.0/TCP h;rport;branch=c');
  assert.equal(formatVia({ transport: 'TCP', host: 'h' }), 'SIP/2.0/TCP h');
});
