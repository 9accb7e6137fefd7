import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseMessage, SipRequest, SipResponse } from '@tandem/sip';
import {
  judgeDerived,
  judgeInitialInvite,
  judgeRepetition,
  judgeRequest,
} from '../../src/load/request-judge.ts';
import { judgeResponse } from '../../src/load/response-judge.ts';

const target = { address: '127.0.0.1', port: 5060 };
const local = { address: '127.0.0.1', port: 5070 };
const setting = { target, transport: 'udp', supported: [] } as const;

const invite = `INVITE sip:442079460000@127.0.0.1:5070 SIP/2.0
Via: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bKabc;rport
Max-Forwards: 69
From: <sip:1001@127.0.0.1>;tag=f1
To: <sip:442079460000@127.0.0.1:5070>
Call-ID: call-1
CSeq: 2 INVITE
Contact: <sip:token@127.0.0.1:5060>
Content-Type: application/sdp
Content-Length: 3

v=0`;
const answer = `SIP/2.0 200 OK
Via: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bKabc;rport
From: <sip:1001@127.0.0.1>;tag=f1
To: <sip:442079460000@127.0.0.1:5070>;tag=t1
Call-ID: call-1
CSeq: 2 INVITE
Contact: <sip:token@127.0.0.1:5060>
Content-Type: application/sdp
Content-Length: 3

v=0`;

function request(text: string): SipRequest {
  const message = parseMessage(Buffer.from(text.replaceAll('\n', '\r\n')));
  assert.ok(message instanceof SipRequest);
  return message;
}

function response(text: string): SipResponse {
  const message = parseMessage(Buffer.from(text.replaceAll('\n', '\r\n')));
  assert.ok(message instanceof SipResponse);
  return message;
}

describe('a strict called side', () => {
  test('RFC 3261 §8.2: takes an INVITE without a fault', () => {
    assert.deepEqual(judgeRequest(request(invite), setting), []);
    assert.deepEqual(judgeInitialInvite(request(invite), local), []);
  });

  test('RFC 3263 §4: takes an INVITE to its name where it has one, and to no other', () => {
    const named = request(invite.replace('127.0.0.1:5070 SIP', 'carriers.example SIP'));
    assert.deepEqual(judgeInitialInvite(named, local, 'carriers.example'), []);
    assert.notDeepEqual(judgeInitialInvite(named, local), []);
    assert.notDeepEqual(judgeInitialInvite(named, local, 'others.example'), []);
  });

  const wrong: readonly (readonly [string, string, string])[] = [
    ['a branch without the cookie', 'z9hG4bKabc', 'abc'],
    ['another sent-by than the switch', 'UDP 127.0.0.1:5060', 'UDP 127.0.0.9:5060'],
    ["two Vias, one of the other side's path", 'Via: ', 'Via: SIP/2.0/UDP 10.0.0.1\nVia: '],
    ['no Max-Forwards', 'Max-Forwards: 69\n', ''],
    ['Max-Forwards 0', 'Max-Forwards: 69', 'Max-Forwards: 0'],
    ['no From tag', ';tag=f1', ''],
    ['a CSeq of another method', '2 INVITE', '2 BYE'],
    ['a Contact that leads elsewhere', 'token@127.0.0.1:5060', 'token@10.0.0.1:5060'],
    ['no Contact', 'Contact: <sip:token@127.0.0.1:5060>\n', ''],
    ['an extension that it does not know', 'Max-Forwards', 'Require: timer\nMax-Forwards'],
    ['TCP in its Via', 'SIP/2.0/UDP', 'SIP/2.0/TCP'],
    ['a body of no type', 'Content-Type: application/sdp\n', ''],
  ];
  for (const [what, from, to] of wrong) {
    test(`RFC 3261 §8.2: notes an INVITE with ${what}`, () => {
      assert.notDeepEqual(judgeRequest(request(invite.replace(from, to)), setting), []);
    });
  }

  test('RFC 3261 §17.1.1.2: notes a repetition that is not the same message', () => {
    const first = request(invite);
    assert.deepEqual(judgeRepetition(request(invite), first), []);
    for (const [from, to] of [
      ['token@', 'another@'],
      ['v=0', 'v=1'],
      ['442079460000@127.0.0.1:5070 SIP', '442079460001@127.0.0.1:5070 SIP'],
    ] as const) {
      assert.notDeepEqual(judgeRepetition(request(invite.replace(from, to)), first), []);
    }
  });

  test('RFC 3261 §17.1.1.3: notes an ACK of a refusal that does not belong to its INVITE', () => {
    const ack = invite.replaceAll('INVITE', 'ACK').replace('5070>', '5070>;tag=t1');
    assert.deepEqual(judgeDerived(request(ack), request(invite), 't1'), []);
    assert.notDeepEqual(judgeDerived(request(ack), request(invite), 't2'), []);
    const later = ack.replace('CSeq: 2', 'CSeq: 3');
    assert.notDeepEqual(judgeDerived(request(later), request(invite), 't1'), []);
  });
});

describe('a strict calling side', () => {
  const expected = {
    request: request(invite),
    target,
    transport: 'udp',
    toTag: undefined,
  } as const;

  test('RFC 3261 §8.1.3: takes an answer without a fault', () => {
    assert.deepEqual(judgeResponse(response(answer), expected), []);
  });

  const wrong: readonly (readonly [string, string, string])[] = [
    ['a Via of another transaction', 'z9hG4bKabc', 'z9hG4bKabd'],
    ['another sent-by', 'UDP 127.0.0.1:5060', 'UDP 127.0.0.1:5061'],
    ['another CSeq number', '2 INVITE', '3 INVITE'],
    ['another Call-ID', 'call-1', 'call-2'],
    ['another From tag', 'tag=f1', 'tag=f2'],
    ['no To tag', ';tag=t1', ''],
    ['no Contact', 'Contact: <sip:token@127.0.0.1:5060>\n', ''],
    ['a Contact that leads elsewhere', 'token@127.0.0.1:5060', 'token@127.0.0.1:5070'],
    ['an extension that was not offered', 'Call-ID', 'Require: timer\nCall-ID'],
  ];
  for (const [what, from, to] of wrong) {
    test(`RFC 3261 §8.1.3: notes an answer with ${what}`, () => {
      assert.notDeepEqual(judgeResponse(response(answer.replace(from, to)), expected), []);
    });
  }

  test('RFC 3261 §12.1: notes a To tag that changes', () => {
    assert.deepEqual(judgeResponse(response(answer), { ...expected, toTag: 't1' }), []);
    assert.notDeepEqual(judgeResponse(response(answer), { ...expected, toTag: 't0' }), []);
  });
});
