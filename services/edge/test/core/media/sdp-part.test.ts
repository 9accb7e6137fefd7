import assert from 'node:assert/strict';
import test from 'node:test';
import {
  familyOf,
  lostProtocol,
  mayHoldSdp,
  sdpPlace,
  withSdp,
} from '../../../src/core/media/sdp-part.ts';

const SDP = 'v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\nc=IN IP4 192.0.2.1\r\n';
const TYPE = 'multipart/mixed;boundary="--x1"';
const multipart = Buffer.from(
  [
    '----x1',
    'Content-Type: application/isup;version=itu-t92+',
    '',
    'AB',
    '----x1',
    'content-type : application/sdp',
    'Content-Disposition: session',
    '',
    SDP,
    '----x1--',
    '',
  ].join('\r\n'),
  'latin1',
);

test('CALL-08 a body that is a session description is one from end to end', () => {
  const bytes = Buffer.from(SDP);
  assert.deepEqual(sdpPlace('application/sdp', bytes), { start: 0, end: bytes.length });
  assert.equal(sdpPlace('application/dtmf-relay', bytes), undefined);
});

test('CALL-08 the session description among several parts is replaced, and the others stay as they are', () => {
  const place = sdpPlace(TYPE, multipart);
  assert.ok(place !== undefined);
  assert.equal(multipart.toString('latin1', place.start, place.end), SDP);
  const changed = withSdp(multipart, place, Buffer.from('v=0\r\n')).toString('latin1');
  assert.equal(changed, multipart.toString('latin1').replace(SDP, 'v=0\r\n'));
});

test('CALL-10 a multipart body that is cut short, or has no description, holds none', () => {
  for (let length = 0; length < multipart.length; length++) {
    const place = sdpPlace(TYPE, multipart.subarray(0, length));
    assert.ok(place === undefined || place.end <= length);
  }
  assert.equal(sdpPlace('multipart/mixed', multipart), undefined);
  assert.ok(mayHoldSdp(TYPE) && mayHoldSdp('Application/SDP') && !mayHoldSdp('text/plain'));
});

test('CALL-08 the IP version of a description is that of its first connection line', () => {
  assert.equal(familyOf(SDP), 'ipv4');
  assert.equal(familyOf(SDP.replaceAll('IP4 192.0.2.1', 'IP6 2001:db8::1')), 'ipv6');
  assert.equal(familyOf('v=0\r\n'), undefined);
});

test('CALL-08 RTP that has become something else on its way is told, with the protocol that it had', () => {
  const offered = 'm=audio 4000 RTP/SAVP 0\r\nm=image 4002 udptl t38\r\n';
  assert.equal(lostProtocol(offered, offered), undefined);
  assert.equal(lostProtocol(offered, offered.replace('RTP/SAVP', 'RTP/AVP')), undefined);
  const spoilt = 'm=audio 5000 udptl t38\r\nm=image 5002 udptl t38\r\n';
  assert.equal(lostProtocol(offered, spoilt), 'RTP/SAVP');
  assert.equal(lostProtocol(offered, ''), undefined);
});
