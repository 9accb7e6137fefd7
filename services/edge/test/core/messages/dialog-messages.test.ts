import assert from 'node:assert/strict';
import test from 'node:test';
import { SipRequest, serialize } from '@tandem/sip';
import type { SipResponse } from '@tandem/sip';
import type { RelayedHop } from '../../../src/core/dialog/dialog-branch.ts';
import type { DialogToken } from '../../../src/core/dialog/dialog-token.ts';
import { isTargetRefresh, relayedRequest } from '../../../src/core/messages/dialog-request.ts';
import { ledReferTo } from '../../../src/core/messages/refer.ts';
import { relayedDialogResponse } from '../../../src/core/messages/dialog-response.ts';
import { passingBody } from '../../../src/core/messages/passing-body.ts';
import {
  blindCseq,
  endingCseq,
  probeFloor,
  requestInAnsweredDialog,
  switchRequest,
} from '../../../src/core/messages/switch-requests.ts';
import { plainTerms } from '../../../src/core/dialog/token-terms.ts';
import { CALL_ID, carrierResponse, inviteOf, local } from '../../support/messages.ts';

const token: DialogToken = {
  callId: CALL_ID,
  holder: 'a',
  holderAddresses: ['192.0.2.10'],
  callerAddresses: [],
  target: 'sip:gw@203.0.113.5:5071',
  nextHop: { address: '203.0.113.5', port: 5071 },
  routes: ['<sip:203.0.113.9;lr>', '<sip:203.0.113.8;lr>'],
  callIdHeader: CALL_ID,
  localUri: '<sip:1001@198.51.100.1>',
  remoteUri: '<sip:442079460000@203.0.113.5:5070>',
  localTag: 'alice',
  remoteTag: 'carrier',
  cseqOffset: 2,
  firstCseq: 17,
  isRouted: false,
  isStored: false,
  terms: plainTerms,
};

function requestOf(method: string, extra: Readonly<Record<string, string>> = {}): SipRequest {
  const { headers } = inviteOf({
    CSeq: `18 ${method}`,
    To: '<sip:442079460000@198.51.100.1>;tag=switch',
    ...extra,
  });
  return new SipRequest(method, 'sip:TOKEN@198.51.100.1:5060', headers, Buffer.from('body'));
}

const relayed = (request: SipRequest, extra: Partial<DialogToken> = {}): SipRequest =>
  relayedRequest({
    request,
    passedBody: passingBody(request, { callId: CALL_ID, from: token.holder }).bytes,
    token: { ...token, ...extra },
    branch: 'z9hG4bK-sX',
    local,
  });

test('CALL-04 a request in the dialog leaves with the other leg’s names, route set and CSeq', () => {
  const request = relayed(requestOf('INFO', { 'Content-Type': 'application/dtmf-relay' }));
  assert.equal(request.uri, 'sip:gw@203.0.113.5:5071');
  assert.deepEqual(request.headers.getAll('Route'), token.routes);
  assert.equal(request.headers.get('From'), '<sip:1001@198.51.100.1>;tag=alice');
  assert.equal(request.headers.get('To'), '<sip:442079460000@203.0.113.5:5070>;tag=carrier');
  assert.equal(request.headers.get('Call-ID'), CALL_ID);
  assert.equal(request.headers.get('CSeq'), '20 INFO');
  assert.equal(request.headers.get('Max-Forwards'), '69');
  assert.equal(request.headers.get('Content-Type'), 'application/dtmf-relay');
  assert.equal(request.body.toString(), 'body');
  assert.ok(!request.headers.has('Contact'));
  assert.ok(!serialize(request).toString('latin1').includes('192.0.2.10'));
});

test('CALL-04 a peer of RFC 2543 has no tag and gets none', () => {
  const request = relayed(requestOf('BYE', { 'Max-Forwards': '' }), { remoteTag: '' });
  assert.equal(request.headers.get('To'), '<sip:442079460000@203.0.113.5:5070>');
  assert.equal(request.headers.get('Max-Forwards'), '70');
});

test('CALL-04 PRACK names the INVITE by the other leg’s number', () => {
  const shifted = relayed(requestOf('PRACK', { RAck: '776 17 INVITE' }));
  assert.equal(shifted.headers.get('RAck'), '776 19 INVITE');
  const same = relayed(requestOf('PRACK', { RAck: '776 17 INVITE' }), { cseqOffset: 0 });
  assert.equal(same.headers.get('RAck'), '776 17 INVITE');
  const broken = relayed(requestOf('PRACK', { RAck: '776' }));
  assert.equal(broken.headers.get('RAck'), '776');
});

test('CALL-04 a target refresh is a re-INVITE or UPDATE with Contact; it leaves with ours', () => {
  assert.ok(isTargetRefresh(requestOf('INVITE')));
  assert.ok(isTargetRefresh(requestOf('UPDATE')));
  assert.ok(!isTargetRefresh(requestOf('UPDATE', { Contact: '' })));
  assert.ok(!isTargetRefresh(requestOf('INFO')));
  const request = relayedRequest({
    request: requestOf('INVITE'),
    passedBody: Buffer.alloc(0),
    token,
    branch: 'z9hG4bK-sX',
    local,
    contactToken: 'NEW',
  });
  assert.equal(request.headers.get('Contact'), '<sip:NEW@198.51.100.1:5060>');
});

const hop: RelayedHop = {
  callId: CALL_ID,
  from: 'a',
  source: { address: '192.0.2.10', port: 5062 },
  vias: ['SIP/2.0/UDP 192.0.2.10:5062;branch=z9hG4bKx', 'SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKy'],
  callIdHeader: 'call@office.example',
  fromHeader: '<sip:1001@office.example>;tag=alice',
  toHeader: '<sip:442079460000@198.51.100.1>;tag=switch',
  cseqNumber: 18,
  terms: plainTerms,
  cseqOffset: 2,
  firstCseq: 17,
  isRouted: false,
  isOtherRouted: true,
  holderAddresses: ['192.0.2.10'],
  callerAddresses: [],
};

test('CALL-04 a response goes back with the sender’s own Via stack, names and number', () => {
  const response = carrierResponse(200, { CSeq: '20 INVITE', 'X-Node': '10.9.9.9' });
  const back = relayedDialogResponse({
    response,
    passedBody: response.body,
    method: 'INVITE',
    hop,
    local,
    contactToken: 'NEW',
  });
  assert.deepEqual(back.headers.getAll('Via'), hop.vias);
  assert.equal(back.headers.get('From'), hop.fromHeader);
  assert.equal(back.headers.get('To'), hop.toHeader);
  assert.equal(back.headers.get('Call-ID'), 'call@office.example');
  assert.equal(back.headers.get('CSeq'), '18 INVITE');
  assert.equal(back.headers.get('Contact'), '<sip:NEW@198.51.100.1:5060>');
  const text = serialize(back).toString('latin1');
  for (const hidden of ['203.0.113.5', '10.9.9.9']) assert.ok(!text.includes(hidden));
});

test('CALL-04 a response that moves no target has no Contact', () => {
  const back = relayedDialogResponse({
    response: carrierResponse(200),
    passedBody: Buffer.alloc(0),
    method: 'BYE',
    hop,
    local,
  });
  assert.ok(!back.headers.has('Contact'));
  assert.equal(back.headers.get('CSeq'), '18 BYE');
});

test('CALL-02 ACK and BYE of the switch go to the callee’s Contact along its route set, BYE far above in CSeq', () => {
  const answer = carrierResponse(200, {
    'Record-Route': '<sip:203.0.113.8;lr>, <sip:203.0.113.9;lr>',
  });
  const parts = { answer, local, branch: 'z9hG4bKnew', fallbackTarget: 'sip:203.0.113.5:5070' };
  const ack = requestInAnsweredDialog('ACK', parts);
  assert.equal(ack.uri, 'sip:gw@203.0.113.5:5071');
  assert.equal(ack.headers.get('CSeq'), '17 ACK');
  assert.equal(ack.headers.get('From'), answer.headers.get('From'));
  assert.equal(ack.headers.get('To'), '<sip:442079460000@203.0.113.5:5070>;tag=carrier');
  assert.equal(ack.headers.get('Call-ID'), CALL_ID);
  assert.deepEqual(ack.headers.getAll('Route'), ['<sip:203.0.113.9;lr>', '<sip:203.0.113.8;lr>']);
  const bye = requestInAnsweredDialog('BYE', { ...parts, reason: 'SIP;cause=487' });
  assert.equal(bye.headers.get('CSeq'), '1000017 BYE');
  assert.equal(bye.headers.get('Reason'), 'SIP;cause=487');
});

test('CALL-10 an answer without To or Contact is hung up where the INVITE was sent', () => {
  const answer = carrierResponse(200, { To: '', Contact: '' });
  const fallbackTarget = 'sip:203.0.113.5:5070';
  const parts = { answer, local, branch: 'z9hG4bKnew', fallbackTarget };
  const bye = requestInAnsweredDialog('BYE', parts);
  assert.equal(bye.uri, fallbackTarget);
  assert.equal(bye.headers.get('To'), '');
});

test('edge.md §2: the switch’s own BYE goes along the route set with a number far above, over the peer’s transport', () => {
  const request = switchRequest('BYE', {
    token: { ...token, nextHop: { ...token.nextHop, transport: 'tcp' } },
    local,
    branch: 'z9hG4bK-e1',
    cseq: endingCseq(token),
    reason: 'SIP;cause=408',
  });
  assert.equal(request.uri, 'sip:gw@203.0.113.5:5071');
  assert.equal(request.headers.get('Via'), 'SIP/2.0/TCP 198.51.100.1:5060;branch=z9hG4bK-e1');
  assert.equal(request.headers.get('CSeq'), '1073741824 BYE');
  assert.equal(request.headers.get('From'), '<sip:1001@198.51.100.1>;tag=alice');
  assert.equal(request.headers.get('To'), '<sip:442079460000@203.0.113.5:5070>;tag=carrier');
  assert.deepEqual(request.headers.getAll('Route'), token.routes);
  assert.equal(request.headers.get('Reason'), 'SIP;cause=408');
});

test('CALL-02 numbers of the switch stay within 2³¹, above what the caller counts to, wherever it begins', () => {
  assert.equal(endingCseq({ ...token, firstCseq: 2 ** 31 - 5 }), 2 ** 31 - 1);
  assert.equal(probeFloor(token), 17 + 2 + 65_536);
  assert.equal(probeFloor({ ...token, firstCseq: 2 ** 31 - 5 }), 2 ** 31 - 1 - 65_536);
  assert.equal(blindCseq(20), 2 ** 30 + 20);
  assert.equal(blindCseq(2 ** 30), 2 ** 31 - 1);
});

test('CALL-04 REFER leads to the number at the switch, and to nothing of the sender’s network', () => {
  const referTo = (value: string): string | undefined =>
    ledReferTo(requestOf('REFER', { 'Refer-To': value }), local);
  assert.equal(
    referTo('"Bob" <sip:3001@192.0.2.10:5062;user=phone>'),
    '<sip:3001@198.51.100.1:5060>',
  );
  assert.equal(referTo('<tel:+442079460000>'), '<sip:+442079460000@198.51.100.1:5060>');
  assert.equal(referTo('<sip:%33001;x=y@192.0.2.10>'), '<sip:3001@198.51.100.1:5060>');
  // RFC 5627: that device, and no other.
  assert.equal(
    referTo('<sip:3001@office.example;gr=urn:uuid:ab>'),
    '<sip:3001@198.51.100.1:5060;gr=urn:uuid:ab>',
  );
  assert.equal(
    referTo('<sip:c2-VhbGVk@office.example;gr>'),
    '<sip:c2-VhbGVk@198.51.100.1:5060;gr>',
  );
  assert.equal(
    referTo('<tel:7700900123;phone-context=+44>'),
    '<sip:+447700900123@198.51.100.1:5060>',
  );
  for (const value of [
    '<tel:7700900123;phone-context=example.com>',
    '<sip:30%zz@192.0.2.10>',
    '<sip:3001@192.0.2.10?Replaces=x%3Bto-tag%3D1%3Bfrom-tag%3D2>',
    '<sip:192.0.2.10>',
    '<https://example.org/>',
    'nonsense',
  ]) {
    assert.equal(referTo(value), undefined, value);
  }
  const passed = relayed(requestOf('REFER', { 'Refer-To': '<sip:3001@192.0.2.10>' }));
  assert.equal(passed.headers.get('Refer-To'), '<sip:3001@198.51.100.1:5060>');
});

test('CALL-01 of the response that a NOTIFY reports the status line passes alone', () => {
  const { headers } = requestOf('NOTIFY', { 'Content-Type': 'message/sipfrag;version=2.0' });
  const body = 'SIP/2.0 200 OK\r\nContact: <sip:3001@192.0.2.77>\r\n';
  const request = new SipRequest('NOTIFY', 'sip:x@198.51.100.1', headers, Buffer.from(body));
  assert.equal(relayed(request).body.toString(), 'SIP/2.0 200 OK\r\n');
});

test('CALL-05 a re-INVITE offers a session interval; its 2xx without one makes the caller refresh, of a caller that can', () => {
  const terms = { ...plainTerms, sessionSeconds: 600, hasCallerTimer: true };
  assert.equal(relayed(requestOf('INVITE'), { terms }).headers.get('Session-Expires'), '600');
  assert.ok(!relayed(requestOf('INFO'), { terms }).headers.has('Session-Expires'));
  const back = (extra: Partial<RelayedHop>, se = ''): string =>
    [
      relayedDialogResponse({
        response: withSecondVia(se),
        passedBody: Buffer.alloc(0),
        method: 'UPDATE',
        hop: { ...hop, terms, ...extra },
        local,
      }).headers,
    ]
      .map((headers) => `${headers.get('Session-Expires') ?? ''} ${headers.get('Require') ?? ''}`)
      .join();
  assert.equal(back({}), '600;refresher=uac timer');
  assert.equal(back({ terms: { ...terms, hasCallerTimer: false } }), ' ');
  // Of the callee nothing is known but what its request has brought there and back.
  assert.equal(back({ from: 'b' }), ' ');
  assert.equal(back({ from: 'b' }, ';se=121'), '121;refresher=uac timer');
  assert.equal(back({}, ';se=0'), ' ');
  assert.equal(back({}, ';se=90'), '90;refresher=uac timer');
});

/** A 2xx to a request that went out with a second Via of ours. */
function withSecondVia(se: string): SipResponse {
  const response = carrierResponse(200);
  response.headers.append('Via', `SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK-v1${se}`);
  return response;
}

test('ROUTE-02 a gateway that wants it so gets the token in a parameter of the Contact', () => {
  const terms = { ...plainTerms, contactForm: 'param' as const };
  const request = relayedRequest({
    request: requestOf('INVITE'),
    passedBody: Buffer.alloc(0),
    token: { ...token, terms },
    branch: 'z9hG4bK-sX',
    local,
    contactToken: 'NEW',
  });
  assert.equal(request.headers.get('Contact'), '<sip:198.51.100.1:5060;tt=NEW>');
});
