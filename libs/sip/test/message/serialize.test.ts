import assert from 'node:assert/strict';
import test from 'node:test';
import { Headers, responseTo, serialize, SipRequest, SipResponse } from '../../src/index.ts';

const invite = (): SipRequest =>
  new SipRequest(
    'INVITE',
    'sip:b@y',
    new Headers([
      ['Via', 'SIP/2.0/UDP a;branch=z9hG4bK1'],
      ['Subject', 'none of it'],
      ['v', 'SIP/2.0/UDP b;branch=z9hG4bK2'],
      ['From', '<sip:a@x>;tag=1'],
      ['To', 'Bee <sip:b@y>'],
      ['Call-ID', 'c1'],
      ['CSeq', '1 INVITE'],
      ['Timestamp', '54'],
    ]),
  );

test('CALL-02 Content-Length is what the body has, whatever the headers said', () => {
  const headers = new Headers([
    ['l', '99'],
    ['Content-Length', '7'],
    ['Subject', 'x'],
  ]);
  const message = new SipRequest('MESSAGE', 'sip:b@y', headers, Buffer.from([0, 0xff, 0x0a]));
  assert.equal(
    serialize(message).toString('latin1'),
    'MESSAGE sip:b@y SIP/2.0\r\nSubject: x\r\nContent-Length: 3\r\n\r\n\0\xff\n',
  );
});

test('CALL-02 a response without reason keeps its space', () => {
  assert.equal(
    serialize(new SipResponse(200, '')).toString(),
    'SIP/2.0 200 \r\nContent-Length: 0\r\n\r\n',
  );
});

test('CALL-02 a line break in a start line is refused', () => {
  assert.throws(() => serialize(new SipRequest('A\r\nB', 'sip:b@y')), TypeError);
  assert.throws(() => serialize(new SipRequest('A', 'sip:b\n@y')), TypeError);
  assert.throws(() => serialize(new SipResponse(200, 'O\rK')), TypeError);
});

test('CALL-02 a response copies Via, From, To, Call-ID and CSeq, and a tag goes to To', () => {
  const response = responseTo(invite(), 486, 'Busy Here', { toTag: 't9' });
  assert.deepEqual([response.status, response.reason], [486, 'Busy Here']);
  assert.deepEqual(response.headers.entries(), [
    ['Via', 'SIP/2.0/UDP a;branch=z9hG4bK1'],
    ['v', 'SIP/2.0/UDP b;branch=z9hG4bK2'],
    ['From', '<sip:a@x>;tag=1'],
    ['To', 'Bee <sip:b@y>;tag=t9'],
    ['Call-ID', 'c1'],
    ['CSeq', '1 INVITE'],
  ]);
});

test('CALL-02 a 100 copies Timestamp and has no tag', () => {
  const response = responseTo(invite(), 100, 'Trying');
  assert.equal(response.headers.get('timestamp'), '54');
  assert.equal(response.headers.get('to'), 'Bee <sip:b@y>');
});

test('CALL-02 a tag that To has already stays, as does a To that cannot be read or is missing', () => {
  for (const value of ['<sip:b@y>;tag=theirs', '"broken <sip:b@y>']) {
    const request = invite();
    request.headers.set('To', value);
    assert.equal(responseTo(request, 400, 'Bad', { toTag: 'o' }).headers.get('to'), value);
  }
  const request = invite();
  request.headers.remove('To');
  assert.equal(responseTo(request, 400, 'Bad', { toTag: 'o' }).headers.has('to'), false);
});

test('CALL-02 an answer leaves the request as it was', () => {
  const request = invite();
  responseTo(request, 200, 'OK', { toTag: 't9' });
  assert.equal(request.headers.get('to'), 'Bee <sip:b@y>');
});
