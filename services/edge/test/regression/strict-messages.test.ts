import assert from 'node:assert/strict';
import test from 'node:test';
import { Headers } from '@tandem/sip';
import { tokenForCaller } from '../../src/core/dialog/dialog-tokens.ts';
import { callerTag } from '../../src/core/messages/carrier-invite.ts';
import { copyPassingHeaders } from '../../src/core/messages/header-policy.ts';
import { localUriB } from '../../src/core/messages/identity.ts';
import { routeRequest } from '../../src/core/messages/route-set.ts';
import { CALL_ID, carrierResponse, inviteOf, local, source } from '../support/messages.ts';

test('CALL-02 a strict router finds itself in the Request-URI and the target in the last Route', () => {
  const target = 'sip:gw@203.0.113.5';
  assert.deepEqual(routeRequest(target, []), { uri: target, routes: [] });
  for (const loose of [
    '<sip:p1.example;lr>',
    '<sip:p1.example ; LR=on>;x=1',
    '<sip:p1;a=b;lr;c>',
  ]) {
    const routes = [loose, '<sip:p2.example>'];
    assert.deepEqual(routeRequest(target, routes), { uri: target, routes }, loose);
  }
  assert.deepEqual(routeRequest(target, ['<sip:p1.example;method=BYE;x=1?a=b>', '<sip:p2;lr>']), {
    uri: 'sip:p1.example;x=1',
    routes: ['<sip:p2;lr>', `<${target}>`],
  });
  for (const broken of ['nonsense', '<http://p1>', '<sip:p 1>', '']) {
    assert.deepEqual(routeRequest(target, [broken]), { uri: target, routes: [broken] }, broken);
  }
});

test('CALL-01 headers that name hosts of the other network stay there; ringing tones by name pass', () => {
  const to = new Headers();
  const from = new Headers([
    ['Organization', 'secret.example'],
    ['Referred-By', '<sip:boss@secret.example>'],
    ['Error-Info', '<sip:busy@secret.example>'],
    ['Alert-Info', '<http://secret.example/ring.wav>, <urn:alert:source:internal>'],
    ['Subject', 'lunch'],
  ]);
  const passedBody = Buffer.alloc(0);
  copyPassingHeaders(from, to, { name: 'invite', method: 'INVITE', passedBody });
  assert.equal(to.toText(), 'Subject: lunch\r\nAlert-Info: <urn:alert:source:internal>\r\n');
});

test('CALL-10 control characters of a display name do not reach a carrier', () => {
  const invite = inviteOf({ From: '"A\x00B\\\x07 \xc3\xbc" <sip:1001@office.example>;tag=1' });
  const parts = { invite, caller: '1001', local };
  assert.equal(localUriB(parts), '"A B  \xc3\xbc" <sip:1001@198.51.100.1>');
});

test('CALL-10 a tag that is no token does not reach a carrier', () => {
  for (const [tag, expected] of [
    ['a1.B-_*', 'a1.B-_*'],
    ['', CALL_ID],
    ['a b', CALL_ID],
    ['"a;lr"', CALL_ID],
    ['\x00', CALL_ID],
  ] as const) {
    const invite = inviteOf({ From: `<sip:1001@office.example>;tag=${tag}` });
    assert.equal(callerTag(invite, CALL_ID), expected, tag);
  }
});

test('CALL-10 a next hop that no datagram can reach from here is the address that is known to work', () => {
  const known = { address: '203.0.113.5', port: 5070 };
  const hopOf = (headers: Readonly<Record<string, string>>) =>
    tokenForCaller(
      { callId: CALL_ID, invite: inviteOf(), source, switchTag: 'switch' },
      {
        response: carrierResponse(200, headers),
        address: known,
        localUri: '<sip:1@198.51.100.1>',
        remoteUri: '<sip:44@203.0.113.5>',
        localTag: 'alice',
        cseqOffset: 0,
        fallbackTarget: 'sip:44@203.0.113.5',
      },
    ).nextHop;
  for (const uri of ['sip:gw@[2001:db8::1]', 'sip:0.0.0.0', 'sip:255.255.255.255', 'sip:gw:0']) {
    assert.deepEqual(hopOf({ Contact: `<${uri}>` }), known, uri);
    assert.deepEqual(hopOf({ 'Record-Route': `<${uri};lr>` }), known, uri);
  }
  assert.deepEqual(hopOf({ Contact: '<sip:gw@203.0.113.6>' }), {
    address: '203.0.113.6',
    port: 5060,
  });
});
