import assert from 'node:assert/strict';
import test from 'node:test';
import {
  callId,
  contact,
  contacts,
  cseq,
  from,
  Headers,
  maxForwards,
  SipRequest,
  to,
  topVia,
  vias,
  type SipParseErrorCode,
} from '../../src/index.ts';

function request(...entries: [string, string][]): SipRequest {
  return new SipRequest('OPTIONS', 'sip:b@y', new Headers(entries));
}

function refuses(code: SipParseErrorCode, read: () => unknown): void {
  assert.throws(read, { name: 'SipParseError', code });
}

test('CALL-02 the mandatory headers are missed by name', () => {
  for (const read of [callId, cseq, topVia, from, to]) {
    refuses('SIP_MISSING_HEADER', () => read(request()));
  }
  assert.equal(contact(request()), undefined);
  assert.equal(maxForwards(request()), undefined);
  assert.deepEqual([vias(request()), contacts(request())], [[], []]);
});

test('CALL-02 CSeq is a number below 2^31 and a method', () => {
  assert.deepEqual(cseq(request(['CSeq', '2147483647 \t INVITE'])), {
    number: 2 ** 31 - 1,
    method: 'INVITE',
  });
  for (const value of [
    '2147483648 A',
    '-1 A',
    '1',
    '1 ',
    'A',
    'A 1',
    '1 A B',
    '',
    '1e3 A',
    '1\tA,',
  ]) {
    refuses('SIP_BAD_CSEQ', () => cseq(request(['CSeq', value])));
  }
});

test('CALL-02 Max-Forwards is 0 to 255', () => {
  assert.equal(maxForwards(request(['Max-Forwards', '0255'])), 255);
  for (const value of ['256', '-1', '', 'x', '1 2']) {
    refuses('SIP_BAD_MAX_FORWARDS', () => maxForwards(request(['Max-Forwards', value])));
  }
});

test('CALL-02 a Call-ID is one word', () => {
  assert.equal(callId(request(['i', '<odd>:/"id"'])), '<odd>:/"id"');
  for (const value of ['', 'two words', 'a\tb']) {
    refuses('SIP_BAD_CALL_ID', () => callId(request(['Call-ID', value])));
  }
});

test('CALL-02 Vias and contacts are read over lines and commas, in order', () => {
  const message = request(
    ['Via', 'SIP/2.0/UDP a;branch=1, SIP/2.0/TCP b;branch="2,3"'],
    ['v', 'SIP/2.0/WS c'],
    ['Contact', '"A, B" <sip:a@x>, <sip:b@x>;q=0.5'],
    ['m', 'sip:c@x'],
  );
  assert.equal(topVia(message).host, 'a');
  assert.deepEqual(
    vias(message).map(({ host, branch }) => [host, branch]),
    [
      ['a', '1'],
      ['b', '2,3'],
      ['c', undefined],
    ],
  );
  assert.equal(contact(message)?.displayName, 'A, B');
  assert.deepEqual(
    contacts(message).map(({ uri }) => uri),
    ['sip:a@x', 'sip:b@x', 'sip:c@x'],
  );
  assert.equal(contact(request(['Contact', '*']))?.uri, '*');
});

test('CALL-02 an empty Via or a broken second one is found when it is read', () => {
  refuses('SIP_BAD_VIA', () => topVia(request(['Via', ''])));
  refuses('SIP_MISSING_HEADER', () => topVia(request(['Via', ','])));
  refuses('SIP_BAD_VIA', () => vias(request(['Via', 'SIP/2.0/UDP a'], ['Via', 'nonsense'])));
});

test('CALL-02 a typed read gives the same object until its header is set', () => {
  const message = request(['From', '<sip:a@x>;tag=1']);
  assert.equal(from(message), from(message));
  message.headers.set('From', '<sip:a@x>;tag=2');
  assert.equal(from(message).tag, '2');
});
