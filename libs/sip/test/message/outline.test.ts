import assert from 'node:assert/strict';
import test from 'node:test';
import { readOutline } from '../../src/index.ts';

const request = [
  'INVITE sip:b@b.example;tag=uri SIP/2.0',
  'v: SIP/2.0/TCP a.example;rport;branch=z9hG4bKtop ;x=y, SIP/2.0/UDP c.example;branch=z9hG4bKsecond',
  'Via: SIP/2.0/UDP d.example;branch=z9hG4bKthird',
  'f: <sip:a@a.example>;tag=from',
  't: "B;tag=name" <sip:b@b.example;tag=uri> ;q=1;TAG=ours',
  'i:  call-1@a.example ',
  'CSeq: 17   INVITE',
  '',
  'v=0\nCall-ID: body',
].join('\r\n');

test('CALL-02 the outline of a request is read from its head, in the compact form too', () => {
  assert.deepEqual(readOutline(Buffer.from(request)), {
    method: 'INVITE',
    uri: 'sip:b@b.example;tag=uri',
    status: 0,
    callId: 'call-1@a.example',
    branch: 'z9hG4bKtop',
    toTag: 'ours',
    cseqNumber: '17',
    cseqMethod: 'INVITE',
  });
});

test('CALL-02 the outline of a response has its status and no method', () => {
  const bytes = Buffer.from(`\r\nSIP/2.0 180 Ringing\r\n${request.slice(request.indexOf('v:'))}`);
  const outline = readOutline(bytes);
  assert.deepEqual([outline?.method, outline?.uri, outline?.status], [undefined, '', 180]);
});

test('CALL-10 what is no SIP, or has no Call-ID, has no outline', () => {
  for (const text of [
    '',
    'GET / HTTP/1.1\r\nCall-ID: 1\r\n\r\n',
    'SIP/2.0\r\n',
    'INVITE sip:b SIP/2.0\r\n\r\n',
  ]) {
    assert.equal(readOutline(Buffer.from(text)), undefined, text);
  }
  const poor = readOutline(Buffer.from('BYE sip:b SIP/2.0\r\nCall-ID: 1\r\n\r\n'));
  assert.deepEqual([poor?.branch, poor?.toTag, poor?.cseqNumber], ['', undefined, '']);
});

test('CALL-10 a long head without line ends is read in time that grows with its length', () => {
  const tab = '\t'.repeat(60_000);
  const bytes = Buffer.from(
    `INVITE sip:b SIP/2.0\r\nCall-ID: 1\r\nCSeq:${tab}x\r\nTo:${tab};tag${tab}\r\nVia:${tab}\r\n\r\n`,
  );
  assert.equal(readOutline(bytes)?.callId, '1');
});
