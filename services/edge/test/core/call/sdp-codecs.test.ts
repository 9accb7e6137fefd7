import assert from 'node:assert/strict';
import test from 'node:test';
import { audioCodecs, isSdp } from '../../../src/core/call/sdp-codecs.ts';

const lines = (...text: string[]): Buffer => Buffer.from([...text, ''].join('\r\n'));

test('BILL-03 codecs come in the order of the media line, named by rtpmap or by RFC 3551', () => {
  const body = lines(
    'v=0',
    'm=audio 4000 RTP/AVP 18 96 0 77',
    'a=rtpmap:96 opus/48000/2',
    'a=sendrecv',
  );
  assert.deepEqual(audioCodecs(body), ['G729/8000', 'opus/48000/2', 'PCMU/8000', '77']);
});

test('BILL-03 the first audio stream counts, not what other streams map', () => {
  const body = lines(
    'm=video 4002 RTP/AVP 97',
    'a=rtpmap:97 H264/90000',
    'm=audio 4000 RTP/AVP 97',
    'm=text 4004 RTP/AVP 97',
    'a=rtpmap:97 t140/1000',
  );
  assert.deepEqual(audioCodecs(body), ['97']);
});

test('CALL-10 a body without audio, without end of line or empty has no codecs or what can be read', () => {
  assert.deepEqual(audioCodecs(Buffer.alloc(0)), []);
  assert.deepEqual(audioCodecs(Buffer.from('v=0')), []);
  assert.deepEqual(audioCodecs(Buffer.from('m=audio 1 RTP/AVP 8')), ['PCMA/8000']);
  assert.deepEqual(audioCodecs(Buffer.from('m=audio 1 RTP/AVP 96\na=rtpmap:96 opus/48000')), [
    'opus/48000',
  ]);
});

test('CALL-08 a description is known by its Content-Type, in any case and with parameters', () => {
  assert.ok(isSdp('application/sdp'));
  assert.ok(isSdp(' Application/SDP;charset=x'));
  assert.ok(!isSdp('multipart/mixed'));
  assert.ok(!isSdp(undefined));
});
