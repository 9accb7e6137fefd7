import assert from 'node:assert/strict';
import test from 'node:test';
import { ackForFailure, cancelOf, numberUri, serialize } from '@tandem/sip';
import type { SipRequest } from '@tandem/sip';
import { callerTag, carrierInvite } from '../../../src/core/messages/carrier-invite.ts';
import type { CarrierInvite } from '../../../src/core/messages/carrier-invite.ts';
import { localUriB } from '../../../src/core/messages/identity.ts';
import { CALL_ID, carrierResponse, inviteOf, local, SDP } from '../../support/messages.ts';

const partsOf = (invite: SipRequest, extra: Partial<CarrierInvite> = {}): CarrierInvite => ({
  invite,
  callId: CALL_ID,
  local,
  caller: '442070000000',
  target: { uri: 'sip:00442079460000@203.0.113.5:5070', path: [] },
  branch: 'z9hG4bKours',
  cseqOffset: 0,
  passedBody: invite.body,
  contactToken: 'TOKEN',
  ...extra,
});

const noTerms = {
  sessionIntervalSeconds: 0,
  probeIntervalSeconds: 0,
  relaysRefer: false,
  contact: 'user',
  identityA: 0,
  identityB: 0,
};

test('CALL-01 leg B’s INVITE names our address, our Call-ID and the carrier’s numbers', () => {
  const invite = carrierInvite(partsOf(inviteOf({ 'Content-Type': 'application/sdp' }, SDP)));
  assert.equal(invite.uri, 'sip:00442079460000@203.0.113.5:5070');
  const { headers } = invite;
  assert.deepEqual(headers.getAll('Via'), [
    'SIP/2.0/UDP 198.51.100.1:5060;branch=z9hG4bKours;rport',
  ]);
  assert.equal(headers.get('From'), 'Alice <sip:442070000000@198.51.100.1>;tag=alice');
  assert.equal(headers.get('To'), '<sip:00442079460000@203.0.113.5:5070>');
  assert.equal(headers.get('Call-ID'), CALL_ID);
  assert.equal(headers.get('CSeq'), '17 INVITE');
  assert.equal(headers.get('Contact'), '<sip:TOKEN@198.51.100.1:5060>');
  assert.equal(headers.get('Max-Forwards'), '69');
  assert.equal(invite.body.toString('latin1'), SDP);
});

test('CALL-12 numbers are written with just the escapes that a URI needs', () => {
  const target = { uri: numberUri('+*100#', '203.0.113.5:5070'), path: [] };
  const invite = carrierInvite(partsOf(inviteOf(), { caller: 'josé@x', target }));
  assert.equal(invite.uri, 'sip:+*100%23@203.0.113.5:5070');
  assert.equal(invite.headers.get('To'), '<sip:+*100%23@203.0.113.5:5070>');
  assert.equal(invite.headers.get('From'), 'Alice <sip:jos%C3%A9%40x@198.51.100.1>;tag=alice');
});

test('CALL-01 nothing of the caller’s network reaches the carrier, nor headers nobody here knows', () => {
  const invite = inviteOf({
    'Record-Route': '<sip:proxy.office.example;lr>',
    Route: '<sip:198.51.100.1;lr>',
    'X-Internal': 'pbx.office.example',
    Authorization: 'Digest username="1001"',
    'Proxy-Authorization': 'Digest username="1001"',
    'P-Asserted-Identity': '<sip:1001@office.example>',
    'User-Agent': 'office-phone',
    Supported: '100rel, gruu, timer',
    Subject: 'hello',
  });
  const text = serialize(carrierInvite(partsOf(invite))).toString('latin1');
  for (const hidden of ['office', '192.0.2.10', 'call@', 'X-Internal', 'Authorization', 'gruu']) {
    assert.ok(!text.includes(hidden), hidden);
  }
  assert.match(text, /Supported: 100rel, timer\r\n/);
  assert.match(text, /Subject: hello\r\n/);
});

test('CALL-06 the same arguments give the same bytes: a repeated INVITE is a retransmission', () => {
  const parts = partsOf(inviteOf({}, SDP));
  assert.deepEqual(serialize(carrierInvite(parts)), serialize(carrierInvite(parts)));
});

test('AUTH-11 the answers to challenges go in their headers, on a CSeq of its own', () => {
  const invite = carrierInvite(
    partsOf(inviteOf(), {
      cseqOffset: 1,
      authorizations: [
        { header: 'Proxy-Authorization', value: 'Digest x' },
        { header: 'Authorization', value: 'Digest y' },
      ],
    }),
  );
  assert.equal(invite.headers.get('Proxy-Authorization'), 'Digest x');
  assert.equal(invite.headers.get('Authorization'), 'Digest y');
  assert.equal(invite.headers.get('CSeq'), '18 INVITE');
});

test('CALL-02 a caller without Max-Forwards, number or tag gets 70, anonymous and the call id', () => {
  const invite = inviteOf({ 'Max-Forwards': '', From: '<sip:office.example>' });
  const sent = carrierInvite(partsOf(invite, { caller: '' }));
  assert.equal(sent.headers.get('Max-Forwards'), '70');
  assert.equal(
    sent.headers.get('From'),
    `Anonymous <sip:anonymous@anonymous.invalid>;tag=${CALL_ID}`,
  );
  assert.equal(callerTag(invite, CALL_ID), CALL_ID);
  assert.equal(localUriB({ invite: inviteOf(), caller: '1', local }), 'Alice <sip:1@198.51.100.1>');
});

test('CALL-02 T2-23 an Allow of the caller passes with what is carried, and none says nothing', () => {
  const own = carrierInvite(partsOf(inviteOf({ Allow: 'INVITE, ACK' })));
  assert.deepEqual(own.headers.getAll('Allow'), ['INVITE, ACK']);
  const many = inviteOf({ Allow: 'INVITE, PUBLISH, REFER, UPDATE, FOO' });
  assert.equal(carrierInvite(partsOf(many)).headers.get('Allow'), 'INVITE, UPDATE');
  const terms = { ...noTerms, relaysRefer: true };
  const referring = carrierInvite(partsOf(many, { terms })).headers.get('Allow');
  assert.equal(referring, 'INVITE, REFER, UPDATE');
  assert.equal(carrierInvite(partsOf(inviteOf())).headers.get('Allow'), undefined);
});

test('CALL-01 a path stands in Route headers, in its order, also of CANCEL and ACK (RFC 3327 §5.3)', () => {
  const path = ['<sip:edge.example;lr>', '<sip:p2.example;lr;x=1>'];
  const target = { uri: 'sip:1002@10.1.1.1:33000;ob', path };
  const invite = carrierInvite(partsOf(inviteOf(), { target }));
  assert.equal(invite.uri, target.uri);
  assert.equal(invite.headers.get('To'), `<${target.uri}>`);
  assert.deepEqual(invite.headers.getAll('Route'), path);
  assert.deepEqual(cancelOf(invite).headers.getAll('Route'), path);
  assert.deepEqual(ackForFailure(invite, carrierResponse(486)).headers.getAll('Route'), path);
});
