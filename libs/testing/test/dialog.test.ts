import assert from 'node:assert/strict';
import test from 'node:test';
import { Headers, SipRequest, SipResponse } from '@tandem/sip';
import { Dialog } from '../src/dialog.ts';

const fallback = { address: '10.0.0.9', port: 5060 };
const local = { address: '10.0.0.1', port: 5060 };

function dialog(remoteTarget: string): Dialog {
  return new Dialog({
    callId: 'c',
    localParty: '<sip:a@a.example>;tag=a',
    remoteParty: '<sip:b@b.example>',
    remoteTarget,
    localSequence: 1,
    fallback,
  });
}

function answer(...routes: string[]): SipResponse {
  const headers = new Headers([
    ['To', '<sip:b@b.example>;tag=b'],
    ['Contact', '<sip:b@10.0.0.2:5070>'],
    ...routes.map((route): [string, string] => ['Record-Route', route]),
  ]);
  return new SipResponse(200, 'OK', headers);
}

test('CALL-02 requests go to the target when it is an address, else where the dialog began', () => {
  assert.deepEqual(dialog('sip:b@10.0.0.2').nextHop, { address: '10.0.0.2', port: 5060 });
  assert.deepEqual(dialog('sip:b@[::1]:5080').nextHop, { address: '::1', port: 5080 });
  assert.deepEqual(dialog('sip:b@b.example').nextHop, fallback);
});

test('CALL-02 a recorded route is taken in reverse and leads the way', () => {
  const made = dialog('sip:b@b.example');
  assert.equal(made.remoteTag, undefined);
  made.confirm(answer('<sip:10.0.0.3;lr>', '<sip:10.0.0.4;lr>'));
  assert.equal(made.remoteTag, 'b');
  assert.deepEqual(made.nextHop, { address: '10.0.0.4', port: 5060 });
  const bye = made.request('BYE', local, 'z9hG4bK1');
  assert.deepEqual(bye.headers.getAll('Route'), ['<sip:10.0.0.4;lr>', '<sip:10.0.0.3;lr>']);
  assert.equal(bye.uri, 'sip:b@10.0.0.2:5070');
  assert.equal(bye.headers.get('CSeq'), '2 BYE');
  assert.equal(made.request('ACK', local, 'z9hG4bK2').headers.get('CSeq'), '2 ACK');
});

test('CALL-02 a request belongs to the dialog by Call-ID and both tags', () => {
  const made = dialog('sip:b@b.example');
  made.confirm(answer());
  const request = (from: string, to: string, callId = 'c'): SipRequest =>
    new SipRequest(
      'BYE',
      'sip:a',
      new Headers([
        ['From', `<sip:b@b.example>;tag=${from}`],
        ['To', `<sip:a@a.example>;tag=${to}`],
        ['Call-ID', callId],
      ]),
    );
  assert.ok(made.holds(request('b', 'a')));
  assert.equal(made.holds(request('x', 'a')), false);
  assert.equal(made.holds(request('b', 'x')), false);
  assert.equal(made.holds(request('b', 'a', 'd')), false);
});
