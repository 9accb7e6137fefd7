import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import test from 'node:test';
import { authenticateRequest } from '../../../src/core/call/authenticate-request.ts';
import { inviteOf, SDP, source } from '../../support/messages.ts';

const parts = { source, traceParent: '00-1-2-01', isSourceHidden: false };

test('AUTH-01 auth is told method, source, both users and the caller’s Call-ID and CSeq', () => {
  const asked = authenticateRequest(inviteOf({ 'User-Agent': 'phone/1' }), parts);
  assert.deepEqual(
    { ...asked },
    {
      traceParent: '00-1-2-01',
      method: 'INVITE',
      requestUri: 'sip:442079460000@198.51.100.1:5060',
      sourceAddress: '192.0.2.10',
      sourcePort: 5062,
      transport: 'udp',
      fromUser: '1001',
      fromHost: 'office.example',
      toUser: '442079460000',
      toHost: '198.51.100.1',
      sipCallId: 'call@office.example',
      cseq: 17,
      authorization: [],
      proxyAuthorization: [],
      userAgent: 'phone/1',
      bodyDigests: {},
      sourceHidden: false,
      sentBy: undefined,
      certificate: '',
      identity: [],
      assertedIdentity: [],
      fromUri: '',
      date: '',
    },
  );
});

test('CALL-12 of a signed INVITE auth is told what its signature is held against', () => {
  const headers = {
    Identity: 'a.b.c;info=<https://x>',
    'P-Asserted-Identity': '<tel:+441632960123>',
    'Remote-Party-ID': '<sip:1001@office.example>',
    Date: 'Mon, 01 Jun 2026 12:00:00 GMT',
  };
  const asked = authenticateRequest(inviteOf(headers), parts);
  assert.deepEqual(asked.identity, ['a.b.c;info=<https://x>']);
  assert.deepEqual(asked.assertedIdentity, ['<tel:+441632960123>', '<sip:1001@office.example>']);
  assert.equal(asked.fromUri, 'sip:1001@office.example');
  assert.equal(asked.date, 'Mon, 01 Jun 2026 12:00:00 GMT');
});

test('AUTH-01 users are named without the escapes and parameters of their URIs', () => {
  const asked = authenticateRequest(
    inviteOf({
      From: '<sip:%31001;x=y@office.example>;tag=1',
      To: '<tel:%2B44;phone-context=+1>',
    }),
    parts,
  );
  assert.deepEqual(
    [asked.fromUser, asked.fromHost, asked.toUser],
    ['1001', 'office.example', '+44'],
  );
});

test('CALL-07 auth is told the transport, and that the network hides where clients send from', () => {
  const overTcp = { ...parts, source: { ...source, transport: 'tcp' } as const };
  const asked = authenticateRequest(inviteOf(), { ...overTcp, isSourceHidden: true });
  assert.deepEqual([asked.transport, asked.sourceHidden], ['tcp', true]);
});

test('AUTH-02 credentials of both headers are passed on as received', () => {
  const asked = authenticateRequest(
    inviteOf({
      Authorization: 'Digest username="a"',
      'Proxy-Authorization': 'Digest username="b"',
    }),
    parts,
  );
  assert.deepEqual(asked.authorization, ['Digest username="a"']);
  assert.deepEqual(asked.proxyAuthorization, ['Digest username="b"']);
});

test('AUTH-04 digests of the body go along only where auth-int asks for them', () => {
  const invite = inviteOf({ Authorization: 'Digest username="a", qop=auth-int' }, SDP);
  const md5 = createHash('md5').update(SDP).digest('hex');
  const asked = authenticateRequest(invite, parts);
  assert.equal(asked.bodyDigests['MD5'], md5);
  assert.deepEqual(Object.keys(asked.bodyDigests), ['MD5', 'SHA-256', 'SHA-512-256']);
  const plain = authenticateRequest(inviteOf({ Authorization: 'Digest qop=auth' }, SDP), parts);
  assert.deepEqual(plain.bodyDigests, {});
});

test('CALL-10 a From that is no SIP URI is nobody we know', () => {
  const asked = authenticateRequest(inviteOf({ From: '<sip:@@@>;tag=x' }), parts);
  assert.equal(asked.fromUser, '');
  const bare = authenticateRequest(inviteOf({ From: '<sip:office.example>;tag=x' }), parts);
  assert.deepEqual([bare.fromUser, bare.fromHost], ['', 'office.example']);
});

test('CALL-07 auth is told the address of the Via of an INVITE or REGISTER where it came from another one', () => {
  const heard = (address: string, sentBy: string): string | undefined => {
    const invite = inviteOf({ Via: `SIP/2.0/UDP ${sentBy};branch=z9hG4bK1` });
    return authenticateRequest(invite, { ...parts, source: { address, port: 5060 } }).sentBy;
  };
  assert.equal(heard('10.0.0.1', '192.0.2.10:5062'), '192.0.2.10');
  assert.equal(heard('192.0.2.10', '192.0.2.10:5062'), undefined);
  assert.equal(heard('10.0.0.1', '[2001:db8::1]'), '2001:db8::1');
  assert.equal(heard('10.0.0.1', 'pbx.example'), undefined);
});
