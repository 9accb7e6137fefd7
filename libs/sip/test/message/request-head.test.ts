import assert from 'node:assert/strict';
import test from 'node:test';
import {
  callId,
  from,
  parseMessage,
  readRequestHead,
  serverTransactionKey,
  to,
} from '../../src/index.ts';
import type { SipRequest } from '../../src/index.ts';

const invite = [
  'INVITE sip:b@b.example SIP/2.0',
  'Via: SIP/2.0/UDP A.example:5062;branch=z9hG4bKtop;rport',
  'v: SIP/2.0/UDP d.example;branch=z9hG4bKsecond',
  'f: <sip:a@a.example>;tag=from',
  'To: <sip:b@b.example;tag=uri>',
  'i:  call-1@a.example ',
  'CSeq: 17 INVITE',
  'Proxy-Authorization: Digest username="a"',
  '',
  'v=0\r\nCall-ID: body',
].join('\r\n');

test('CALL-11 the head of a request has what an answer is made of, and the key of its transaction', () => {
  const head = readRequestHead(Buffer.from(invite));
  const parsed = parseMessage(Buffer.from(invite)) as SipRequest;
  assert.deepEqual(head, {
    method: 'INVITE',
    vias: [
      'SIP/2.0/UDP A.example:5062;branch=z9hG4bKtop;rport',
      'SIP/2.0/UDP d.example;branch=z9hG4bKsecond',
    ],
    from: '<sip:a@a.example>;tag=from',
    to: '<sip:b@b.example;tag=uri>',
    hasToTag: to(parsed).tag !== undefined,
    callId: callId(parsed),
    cseq: '17 INVITE',
    hasCredentials: true,
    transactionKey: serverTransactionKey(parsed),
  });
  assert.equal(from(parsed).tag, 'from');
});

test('CALL-11 an ACK has the key of its INVITE, and a To tag', () => {
  const ack = invite
    .replaceAll('INVITE', 'ACK')
    .replace('To: <sip:b@b.example;tag=uri>', 'To: <sip:b@b.example>;tag=ours');
  const head = readRequestHead(Buffer.from(ack));
  assert.equal(head?.hasToTag, true);
  assert.equal(head.transactionKey, readRequestHead(Buffer.from(invite))?.transactionKey);
});

test('CALL-10 CALL-11 what is written in any other way is left to be parsed', () => {
  const unusual = {
    'a response': invite.replace('INVITE sip:b@b.example SIP/2.0', 'SIP/2.0 200 OK'),
    'bare line feeds': invite.replaceAll('\r\n', '\n'),
    'a folded header': invite.replace('To: ', 'To:\r\n '),
    'a carriage return alone': invite.replace('from', 'from\rX: y'),
    'two Vias in the first': invite.replace(';rport', ';rport, SIP/2.0/UDP c.example'),
    'a branch of RFC 2543': invite.replace('z9hG4bKtop', 'top'),
    'a Via that cannot be read': invite.replace('A.example:5062', 'A.example:port'),
    'two To': invite.replace('CSeq', 'To: <sip:c@c.example>\r\nCSeq'),
    'two From': invite.replace('CSeq', 'From: <sip:c@c.example>\r\nCSeq'),
    'two Call-IDs': invite.replace('CSeq', 'Call-ID: 2\r\nCSeq'),
    'two CSeqs': invite.replace('CSeq', 'CSeq: 18 INVITE\r\nCSeq'),
    'no CSeq': invite.replace('CSeq', 'X'),
    'no Call-ID': invite.replace('i:  call-1@a.example ', 'i:'),
    'another method in CSeq': invite.replace('17 INVITE', '17 ACK'),
    'a line without a colon': invite.replace('CSeq', 'nonsense\r\nCSeq'),
    'no end of the head': invite.slice(0, invite.indexOf('\r\n\r\n')),
  };
  for (const [name, text] of Object.entries(unusual)) {
    assert.equal(readRequestHead(Buffer.from(text)), undefined, name);
  }
});
