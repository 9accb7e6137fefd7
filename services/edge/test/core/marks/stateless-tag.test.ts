import assert from 'node:assert/strict';
import test from 'node:test';
import { parseMessage, SipRequest } from '@tandem/sip';
import { formatMark } from '../../../src/core/marks/call-mark.ts';
import { acknowledgesStateless, statelessTag } from '../../../src/core/marks/stateless-tag.ts';
import { CALL_ID, sealer } from '../../support/messages.ts';

const mark = { slot: 3, epoch: 77, callId: CALL_ID, sequence: 0 };

function request(method: string, toTag = '', branch = 'z9hG4bK1'): SipRequest {
  const lines = [
    `${method} sip:442079460000@192.0.2.1 SIP/2.0`,
    `Via: SIP/2.0/UDP 192.0.2.7:5060;branch=${branch}`,
    'From: <sip:1001@192.0.2.1>;tag=a',
    `To: <sip:442079460000@192.0.2.1>${toTag === '' ? '' : `;tag=${toTag}`}`,
    'Call-ID: one',
    `CSeq: 1 ${method}`,
    'Max-Forwards: 70',
    'Content-Length: 0',
  ];
  const message = parseMessage(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`));
  assert.ok(message instanceof SipRequest);
  return message;
}

test('RFC 3261 §8.2.7: a repeated request gets the same To tag of any pod, another one another', () => {
  const tag = statelessTag(request('INVITE'));
  assert.equal(statelessTag(request('INVITE')), tag);
  assert.notEqual(statelessTag(request('INVITE', '', 'z9hG4bK2')), tag);
});

test('RFC 3261 §17.1.1.3: the ACK of a challenge is known by any pod, one of anything else is not', () => {
  const tag = statelessTag(request('INVITE'));
  assert.equal(acknowledgesStateless(request('ACK', tag)), true);
  assert.equal(acknowledgesStateless(request('ACK', 'another')), false);
  assert.equal(acknowledgesStateless(request('ACK', formatMark(sealer, mark))), false);
  assert.equal(acknowledgesStateless(request('ACK')), false);
});
