import assert from 'node:assert/strict';
import test from 'node:test';
import { skimRequest } from '../../src/index.ts';

function request(to: string, more = ''): Buffer {
  return Buffer.from(
    `INVITE sip:b@example.com SIP/2.0\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK1\r\n${to}${more}Call-ID: 1\r\n\r\nv=0\r\nTo: <sip:c>;tag=2\r\n\r\n`,
  );
}

test('a request that begins something is told from one in a dialog, and from one with credentials', () => {
  const fresh = skimRequest(request('To: "B" <sip:b@example.com;tag=1>\r\n'));
  assert.deepEqual(fresh, {
    to: '"B" <sip:b@example.com;tag=1>',
    hasToTag: false,
    mayHaveCredentials: false,
  });
  assert.equal(skimRequest(request('To: <sip:b@example.com> ; Tag = 7\r\n'))?.hasToTag, true);
  for (const name of ['Authorization', 'proxy-authorization', 'PROXY-AUTHORIZATION']) {
    const skim = skimRequest(request('To: <sip:b>\r\n', `${name}: Digest a="b"\r\n`));
    assert.equal(skim?.mayHaveCredentials, true, name);
  }
});

test('a request that is written otherwise is to be read', () => {
  const others = [
    't: <sip:b>\r\n',
    'TO: <sip:b>\r\n',
    'To: <sip:b>\r\n ;tag=1\r\n',
    'To:<sip:b>\r\n',
    '',
  ];
  for (const to of others) assert.equal(skimRequest(request(to)), undefined, to);
  assert.equal(skimRequest(Buffer.from('INVITE sip:b SIP/2.0\r\nTo: <sip:b>')), undefined);
  assert.equal(skimRequest(Buffer.alloc(0)), undefined);
});
