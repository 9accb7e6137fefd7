import assert from 'node:assert/strict';
import test from 'node:test';
import {
  ackForFailure,
  cancelledTransactionKey,
  cancelOf,
  clientKeyOf,
  clientTransactionKey,
  Headers,
  responseTo,
  serverTransactionKey,
  SipRequest,
} from '../../src/index.ts';

interface Parts {
  readonly method?: string;
  readonly via?: string;
  readonly to?: string;
  readonly cseq?: number;
  readonly uri?: string;
}

const newVia = 'SIP/2.0/UDP a.example:5062;branch=z9hG4bKabc;rport';
const oldVia = 'SIP/2.0/UDP a.example;branch=1';

function request({ method = 'INVITE', via = newVia, to, cseq = 7, uri }: Parts = {}): SipRequest {
  const headers = new Headers([
    ['Via', via],
    ['Via', 'SIP/2.0/UDP further.example;branch=z9hG4bKzzz'],
    ['Route', '<sip:p1.example;lr>'],
    ['Route', '<sip:p2.example;lr>'],
    ['From', '<sip:a@a.example>;tag=from'],
    ['To', to ?? '<sip:b@b.example>'],
    ['Call-ID', 'call@a.example'],
    ['CSeq', `${String(cseq)} ${method}`],
    ['Contact', '<sip:a@a.example:5062>'],
  ]);
  return new SipRequest(method, uri ?? 'sip:b@b.example', headers);
}

test('CALL-02 a retransmission and the ACK of a refusal have the key of their INVITE', () => {
  const key = serverTransactionKey(request());
  assert.equal(serverTransactionKey(request()), key);
  assert.equal(
    serverTransactionKey(request({ method: 'ACK', to: '<sip:b@b.example>;tag=b' })),
    key,
  );
});

test('CALL-02 branch, sent-by and method tell transactions apart', () => {
  const keys = new Set([
    serverTransactionKey(request()),
    serverTransactionKey(request({ method: 'BYE' })),
    serverTransactionKey(request({ via: newVia.replace('abc', 'ABC') })),
    serverTransactionKey(request({ via: newVia.replace('5062', '5063') })),
    serverTransactionKey(request({ via: newVia.replace('a.example', 'c.example') })),
  ]);
  assert.equal(keys.size, 5);
});

test('CALL-02 the sent-by is compared without case, its port by default that of the transport', () => {
  const at = (via: string): string => serverTransactionKey(request({ via }));
  const branch = ';branch=z9hG4bKabc';
  assert.equal(at(`SIP/2.0/UDP A.Example${branch}`), at(`SIP/2.0/UDP a.example:5060${branch}`));
  assert.equal(at(`SIP/2.0/TLS a.example${branch}`), at(`SIP/2.0/TLS a.example:5061${branch}`));
  assert.equal(at(`SIP/2.0/WSS a.example${branch}`), at(`SIP/2.0/WSS a.example:5061${branch}`));
});

test('CALL-02 a CANCEL finds its INVITE, and is a transaction of its own', () => {
  const invite = request();
  const cancel = cancelOf(invite);
  assert.equal(cancelledTransactionKey(cancel), serverTransactionKey(invite));
  assert.notEqual(serverTransactionKey(cancel), serverTransactionKey(invite));
});

test('CALL-02 a client of RFC 2543 is told by URI, tags, Call-ID, CSeq and Via', () => {
  const key = serverTransactionKey(request({ via: oldVia }));
  const withTag = { to: '<sip:b@b.example>;tag=b', via: oldVia };
  assert.equal(serverTransactionKey(request({ via: oldVia })), key);
  assert.equal(serverTransactionKey(request({ method: 'ACK', ...withTag })), key);
  assert.equal(cancelledTransactionKey(request({ method: 'CANCEL', via: oldVia })), key);
  const others = new Set([
    key,
    serverTransactionKey(request({ via: oldVia, cseq: 8 })),
    serverTransactionKey(request({ via: oldVia, uri: 'sip:c@b.example' })),
    serverTransactionKey(request({ via: 'SIP/2.0/UDP a.example' })),
    serverTransactionKey(request({ via: oldVia, method: 'BYE' })),
    serverTransactionKey(request({ method: 'BYE', ...withTag })),
  ]);
  assert.equal(others.size, 6);
});

test('CALL-02 a magic cookie counts in any case', () => {
  const key = serverTransactionKey(request({ via: 'SIP/2.0/UDP a.example;branch=Z9HG4BKabc' }));
  assert.equal(key, 'Z9HG4BKabc|a.example:5060|INVITE');
});

test('CALL-02 a response finds its client transaction by branch and CSeq method', () => {
  const invite = request();
  assert.equal(
    clientTransactionKey(responseTo(invite, 200, 'OK')),
    clientKeyOf('z9hG4bKabc', 'INVITE'),
  );
  const cancel = responseTo(cancelOf(invite), 200, 'OK');
  assert.equal(clientTransactionKey(cancel), clientKeyOf('z9hG4bKabc', 'CANCEL'));
  const without = responseTo(request({ via: 'SIP/2.0/UDP a.example' }), 200, 'OK');
  assert.equal(clientTransactionKey(without), clientKeyOf('', 'INVITE'));
});

test('CALL-02 the ACK of a refusal copies the INVITE and takes the To of the response', () => {
  const ack = ackForFailure(request(), responseTo(request(), 486, 'Busy', { toTag: 'b' }));
  assert.equal(ack.method, 'ACK');
  assert.equal(ack.uri, 'sip:b@b.example');
  assert.deepEqual(ack.headers.entries(), [
    ['Via', newVia],
    ['Route', '<sip:p1.example;lr>'],
    ['Route', '<sip:p2.example;lr>'],
    ['Max-Forwards', '70'],
    ['From', '<sip:a@a.example>;tag=from'],
    ['To', '<sip:b@b.example>;tag=b'],
    ['Call-ID', 'call@a.example'],
    ['CSeq', '7 ACK'],
  ]);
});

test('CALL-02 the CANCEL copies the INVITE, To included', () => {
  const { method, headers, body } = cancelOf(request());
  assert.equal(method, 'CANCEL');
  assert.equal(headers.get('To'), '<sip:b@b.example>');
  assert.equal(headers.get('CSeq'), '7 CANCEL');
  assert.equal(headers.count('Via'), 1);
  assert.equal(body.length, 0);
});

test('CALL-10 an ACK or CANCEL is made even of an INVITE that lacks headers', () => {
  const bare = new SipRequest('INVITE', 'sip:b', new Headers([['CSeq', '1 INVITE']]));
  assert.equal(cancelOf(bare).headers.get('To'), '');
  assert.equal(cancelOf(bare).headers.has('From'), false);
});
