import assert from 'node:assert/strict';
import test from 'node:test';
import { CallEvent } from '@tandem/proto/events';
import { callEvent, callEventBytes } from '../../../src/core/call/call-event.ts';
import { newCall } from '../../../src/core/call/call-state.ts';
import type { CallState } from '../../../src/core/call/call-state.ts';
import { candidateOf, decisionOf, origin } from '../../support/call-samples.ts';
import { attemptState, branchState, callOf } from '../../support/machine-call.ts';
import { CALL_ID, carrierResponse, inviteOf, SDP, source } from '../../support/messages.ts';

const sdpHeaders = { 'Content-Type': 'application/sdp' };
const invite = inviteOf({ ...sdpHeaders, 'User-Agent': 'phone/1' }, SDP);
const facts = {
  edge: 'edge-1',
  traceParent: '00-1-2-01',
};

function callInProgress(): CallState {
  const call = newCall({ callId: CALL_ID, startedMs: 1000, invite, source });
  call.origin = origin;
  call.ringingMs = 1500;
  call.customerTerms = Buffer.from('customer');
  const candidate = candidateOf('carrier-a', { vendorTerms: Buffer.from('vendor') });
  const answered = { gateway: 'carrier-a', address: '203.0.113.5:5070', code: 200 };
  call.attempts.push(attemptState(candidate, answered));
  return call;
}

test('BILL-03 an event names both legs as received and as sent, with codecs of offer and answer', () => {
  const answer = carrierResponse(200, { ...sdpHeaders, Server: 'gw/2' }, SDP);
  const event = callEvent(callInProgress(), { ...facts, answer });
  assert.deepEqual(
    { ...event.a },
    {
      sipCallId: 'call@office.example',
      peerAddress: '192.0.2.10:5062',
      transport: 'udp',
      caller: '1001',
      callee: '442079460000',
      userAgent: 'phone/1',
      codecs: ['PCMA/8000', 'telephone-event/8000'],
      from: '',
      asserted: '',
    },
  );
  assert.deepEqual(
    { ...event.b },
    {
      sipCallId: CALL_ID,
      peerAddress: '203.0.113.5:5070',
      transport: 'udp',
      caller: '442070000000',
      callee: '442079460000',
      userAgent: 'gw/2',
      codecs: ['PCMA/8000', 'telephone-event/8000'],
      from: '',
      asserted: '',
    },
  );
  assert.equal(event.startedMs, 1000);
  assert.equal(event.ringingMs, 1500);
  assert.equal(Buffer.from(event.customerTerms).toString(), 'customer');
  assert.equal(Buffer.from(event.vendorTerms).toString(), 'vendor');
  assert.deepEqual(
    event.attempts.map(({ code }) => code),
    [200],
  );
  assert.equal(event.edge, 'edge-1');
});

test('CALL-12 the number that a trusted side asserts is the caller’s, with that of From beside it', () => {
  const call = { ...callInProgress(), asserted: '+441632960123' };
  const { a } = callEvent(call, facts);
  assert.deepEqual([a?.caller, a?.from, a?.asserted], ['+441632960123', '1001', '+441632960123']);
});

test('BILL-03 a call that reached no carrier has no leg B and no vendor’s terms', () => {
  const event = callEvent(callOf(1000), facts);
  assert.equal(event.b, undefined);
  assert.equal(event.vendorTerms.length, 0);
});

test('BILL-03 of several branches the one that won is leg B, at its vendor’s terms', () => {
  const call = callInProgress();
  const other = attemptState(candidateOf('carrier-b', { vendorTerms: Buffer.from('other') }), {
    gateway: 'carrier-b',
    address: '203.0.113.6:5070',
    code: 487,
  });
  const [attempt] = call.attempts;
  assert.ok(attempt !== undefined);
  call.attempts.push(other);
  call.winner = branchState({ attempt });
  const event = callEvent(call, facts);
  assert.equal(event.b?.peerAddress, '203.0.113.5:5070');
  assert.equal(Buffer.from(event.vendorTerms).toString(), 'vendor');
  assert.deepEqual(
    event.attempts.map(({ gateway }) => gateway),
    ['carrier-b', 'carrier-a'],
  );
});

test('BILL-03 a carrier’s User-Agent stands in where it sends no Server, an unanswered leg has neither', () => {
  const answer = carrierResponse(200, { 'User-Agent': 'gw/3' });
  const event = callEvent(callInProgress(), { ...facts, answer });
  assert.equal(event.b?.userAgent, 'gw/3');
  assert.deepEqual(event.b.codecs, []);
  const unanswered = callEvent(callInProgress(), facts);
  assert.equal(unanswered.b?.userAgent, '');
});

test('BILL-03 numbers are kept as rates and routes know them, and what is none as received', () => {
  const legA = (uri: string, from: string) => {
    const named = inviteOf({ From: `${from};tag=alice` });
    named.uri = uri;
    const call = newCall({ callId: CALL_ID, startedMs: 1, invite: named, source });
    const { a } = callEvent(call, facts);
    return [a?.callee, a?.caller];
  };
  assert.deepEqual(
    legA('sip:%38%38%32123;npdi;rn=+1@198.51.100.1', '<tel:7700900123;phone-context=+44>'),
    ['882123', '+447700900123'],
  );
  assert.deepEqual(legA('sip:198.51.100.1', '<sip:office.example>'), ['', '']);
  assert.deepEqual(legA('tel:77;phone-context=a.example', '<nonsense:x>'), [
    '77;phone-context=a.example',
    '',
  ]);
});

test('OPS-09 decisions stand in the event as they came, beside all that is known', () => {
  const call = callInProgress();
  const decisions = [{ service: 'auth', check: 'digest', atMs: 1000 }, { service: 'edge' }];
  call.decisions.push(...decisions.map(decisionOf));
  const identity = { eventId: `${CALL_ID}.answered.1`, type: 'answered' };
  const event = CallEvent.decode(callEventBytes(call, { ...facts, identity }));
  assert.deepEqual(
    CallEvent.toJSON(event),
    CallEvent.toJSON(CallEvent.fromPartial({ ...callEvent(call, facts), ...identity, decisions })),
  );
});
