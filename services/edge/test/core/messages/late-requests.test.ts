import assert from 'node:assert/strict';
import test from 'node:test';
import { ackForFailure, cancelOf, serialize } from '@tandem/sip';
import { Candidate } from '@tandem/proto/routing';
import { carrierInvite } from '../../../src/core/messages/carrier-invite.ts';
import { lateRequest, pathOf } from '../../../src/core/messages/late-requests.ts';
import { CALL_ID, carrierResponse, inviteOf, local } from '../../support/messages.ts';

const path = ['<sip:near.example;lr>', '<sip:far.example;lr>'];
const invite = carrierInvite({
  invite: inviteOf(),
  callId: CALL_ID,
  local,
  caller: '442070000000',
  target: { uri: 'sip:442079460000@203.0.113.5:5070', path },
  branch: 'z9hG4bKours',
  cseqOffset: 0,
  passedBody: Buffer.alloc(0),
  contactToken: 'token',
});
const said = {
  Via: invite.headers.get('Via') ?? '',
  From: invite.headers.get('From') ?? '',
  To: `${invite.headers.get('To') ?? ''};tag=carrier`,
  'Call-ID': CALL_ID,
  CSeq: invite.headers.get('CSeq') ?? '',
};

test('edge.md §4.4: CANCEL and ACK made of the response alone are those that the INVITE calls for, byte for byte', () => {
  const ringing = carrierResponse(180, said);
  assert.deepEqual(
    serialize(lateRequest('CANCEL', ringing, path)).toString('latin1'),
    serialize(cancelOf(invite)).toString('latin1'),
  );
  const busy = carrierResponse(486, said);
  assert.deepEqual(
    serialize(lateRequest('ACK', busy, path)).toString('latin1'),
    serialize(ackForFailure(invite, busy)).toString('latin1'),
  );
});

test('CALL-02 REG-01 the route of a phone behind proxies is that of its target, of several the one by whose proxy it answers', () => {
  const uri = 'sip:442079460000@203.0.113.5:5070';
  const by = (addresses: string[], route: string[]) => ({ uri, addresses, path: route });
  const candidates = [
    Candidate.fromPartial({
      targets: [{ uri: 'sip:other@203.0.113.6', path: ['<sip:no.example>'] }],
    }),
    Candidate.fromPartial({
      targets: [by(['10.0.0.8:5060'], path.slice(1)), by(['10.0.0.9:5060'], path)],
    }),
  ];
  const ringing = carrierResponse(180, said);
  const from = (address: string) => ({ address, port: 5060, transport: 'udp' }) as const;
  assert.deepEqual(pathOf(ringing, from('10.0.0.9'), candidates), path);
  assert.deepEqual(pathOf(ringing, from('10.0.0.7'), candidates), path.slice(1));
  assert.deepEqual(pathOf(ringing, from('10.0.0.9'), []), []);
});
