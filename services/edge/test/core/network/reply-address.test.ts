import assert from 'node:assert/strict';
import test from 'node:test';
import { replyAddress, replyModeOf } from '../../../src/core/network/reply-address.ts';
import { formatPeerAddress } from '../../../src/core/network/peer-address.ts';
import { inviteOf } from '../../support/messages.ts';

const source = { address: '192.0.2.10', port: 40_000 };

function answered(via: string, mode: 'socket' | 'via' | 'via-port', from = source): string {
  const request = inviteOf({ Via: `SIP/2.0/UDP ${via};branch=z9hG4bKcaller` });
  return formatPeerAddress(replyAddress(request, from, mode));
}

test('CALL-07 answers go to the socket, to the Via, or to the socket’s address at the Via’s port', () => {
  assert.equal(answered('192.0.2.77:5062', 'socket'), '192.0.2.10:40000');
  assert.equal(answered('192.0.2.77:5062', 'via'), '192.0.2.77:5062');
  assert.equal(answered('192.0.2.77:5062', 'via-port'), '192.0.2.10:5062');
  assert.equal(answered('192.0.2.77', 'via-port'), '192.0.2.10:5060');
});

test('CALL-07 of a Via that cannot be reached as it says only the port is taken', () => {
  assert.equal(answered('pbx.example.org:5062', 'via'), '192.0.2.10:5062');
  assert.equal(answered('[2001:db8::1]:5062', 'via'), '192.0.2.10:5062');
  assert.equal(
    answered('[2001:db8::1]:5062', 'via', { address: '2001:db8::2', port: 1 }),
    '[2001:db8::1]:5062',
  );
});

test('CALL-07 over a connection answers go back by it, whatever is set', () => {
  const tcp = { ...source, transport: 'tcp' } as const;
  assert.equal(answered('192.0.2.77:5062', 'via', tcp), '192.0.2.10:40000');
});

test('CALL-07 a mode that a later version names is the socket', () => {
  assert.equal(replyModeOf('via-port'), 'via-port');
  assert.equal(replyModeOf('moon'), 'socket');
  assert.equal(replyModeOf(''), 'socket');
});
