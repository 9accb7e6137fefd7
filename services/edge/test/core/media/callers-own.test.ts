import assert from 'node:assert/strict';
import test from 'node:test';
import { sdpBody } from '@tandem/testing';
import { mediaTerms } from '../../../src/core/media/media-terms.ts';
import { relayCommand } from '../../../src/core/media/relay-command.ts';
import { anchoredPlan, sideOf } from '../../support/simulated-relays.ts';

const key =
  'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:o96WXkmyOY5NTShnz0OgpHZV5Wx3NRqXTDH2o5Dy\r\n';
const withKeys = `${sdpBody().replace('RTP/AVP', 'RTP/SAVP')}${key}`;
const withDtls = sdpBody().replace('RTP/AVP', 'UDP/TLS/RTP/SAVPF');
const withIce = `${sdpBody()}a=ice-ufrag:wAkO\r\na=ice-pwd:L5FqUfvJ6vzTFbqZmsk2wQ\r\n`;

function terms(offer: string | undefined, b: Parameters<typeof sideOf>[0], a = {}) {
  const plan = anchoredPlan({ a: sideOf(a), b: sideOf(b) });
  const made = mediaTerms(plan, { relay: 7, attempt: 1, isLateOffer: false, offer: () => offer });
  assert.ok(made !== undefined);
  return made;
}

/** What the caller is offered when the callee re-INVITEs. */
function offeredToCaller(...parts: Parameters<typeof terms>) {
  const media = { terms: terms(...parts), kind: 'offer', calleeTag: 'x', source: '10.0.1.1', exchange: '' } as const; // prettier-ignore
  return relayCommand({ callId: 'c', from: 'b' }, media, sdpBody());
}

test('CALL-08 a caller with SRTP of its own keeps it when the plain callee re-INVITEs', () => {
  const plain = { srtp: 'none' };
  assert.equal(offeredToCaller(withKeys, plain)['transport protocol'], 'RTP/SAVP');
  assert.equal(offeredToCaller(withDtls, plain)['transport protocol'], 'UDP/TLS/RTP/SAVPF');
  assert.equal(offeredToCaller(sdpBody(), plain)['transport protocol'], 'RTP/AVP');
});

test('CALL-08 a caller without SRTP keeps that when a callee with SRTP re-INVITEs', () => {
  const secure = { srtp: 'sdes' };
  assert.equal(offeredToCaller(sdpBody(), secure)['transport protocol'], 'RTP/AVP');
  assert.equal(offeredToCaller(undefined, secure)['transport protocol'], 'RTP/AVP');
});

test('CALL-08 a caller has ICE in the callee’s offers where it had it in its own', () => {
  assert.equal(offeredToCaller(withIce, { ice: 'remove' })['ICE'], 'force');
  assert.equal(offeredToCaller(sdpBody(), { ice: 'force' })['ICE'], 'remove');
});

test('CALL-08 what a caller offers does not matter where its gateway says what it has, or nobody says anything', () => {
  const said = terms(withKeys, { srtp: 'none' }, { srtp: 'dtls' });
  assert.equal(said.a.srtp, 'dtls');
  assert.deepEqual([terms(withKeys, {}).a.srtp, terms(withIce, {}).a.ice], ['', '']);
});

test('CALL-08 keys are padded, and no suite without encryption is offered', () => {
  const toCarrier = { terms: terms(sdpBody(), { srtp: 'sdes' }), kind: 'offer', calleeTag: '', source: '10.0.0.2', exchange: '' } as const; // prettier-ignore
  const { SDES } = relayCommand({ callId: 'c', from: 'a' }, toCarrier, sdpBody());
  assert.ok(Array.isArray(SDES) && SDES.includes('pad') && SDES.includes('no-NULL_HMAC_SHA1_80'));
  const answer = { ...toCarrier, kind: 'answer', calleeTag: 'x' } as const;
  assert.deepEqual(relayCommand({ callId: 'c', from: 'b' }, answer, sdpBody())['SDES'], SDES);
});

test('CALL-08 RFC 8834 who has DTLS is offered RTP and RTCP on one port, and others are not, though it has offered that', () => {
  const media = { kind: 'offer', calleeTag: '', source: '10.0.0.2', exchange: '' } as const;
  const offered = (from: 'a' | 'b', sides: ReturnType<typeof terms>) =>
    relayCommand({ callId: 'c', from }, { ...media, terms: sides }, sdpBody())['rtcp-mux'];
  const calledBrowser = terms(sdpBody(), { srtp: 'dtls' });
  assert.deepEqual([offered('a', calledBrowser), offered('b', calledBrowser)], [['offer'], ['demux']]); // prettier-ignore
  const callingBrowser = terms(withDtls, { srtp: 'none' });
  assert.deepEqual([offered('a', callingBrowser), offered('b', callingBrowser)], [['demux'], ['offer']]); // prettier-ignore
  const secure = terms(withKeys, { srtp: 'sdes' });
  assert.deepEqual([offered('a', secure), offered('b', secure)], [undefined, undefined]);
});
