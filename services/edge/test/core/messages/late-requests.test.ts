import assert from 'node:assert/strict';
import test from 'node:test';
import { ackForFailure, cancelOf, serialize } from '@tandem/sip';
import { carrierInvite } from '../../../src/core/messages/carrier-invite.ts';
import { lateRequest } from '../../../src/core/messages/late-requests.ts';
import { CALL_ID, carrierResponse, inviteOf, local } from '../../support/messages.ts';

const invite = carrierInvite({
  invite: inviteOf(),
  callId: CALL_ID,
  local,
  caller: '442070000000',
  target: { uri: 'sip:442079460000@203.0.113.5:5070', path: [] },
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
    serialize(lateRequest('CANCEL', ringing)).toString('latin1'),
    serialize(cancelOf(invite)).toString('latin1'),
  );
  const busy = carrierResponse(486, said);
  assert.deepEqual(
    serialize(lateRequest('ACK', busy)).toString('latin1'),
    serialize(ackForFailure(invite, busy)).toString('latin1'),
  );
});
