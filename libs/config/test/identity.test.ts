import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mistakesOf, rightDocument, trunk } from './configurations.ts';

const carrier = { name: 'a', addresses: ['127.0.0.1:5070'], prefixes: ['44'] };
const certificate = { name: 'main', x5u: 'https://certificates.example.org/main.pem' };

/** A document with this in it, and what is said of it. */
const wrong: readonly (readonly [Record<string, unknown>, RegExp])[] = [
  [{ routingGateways: [{ ...carrier, identity: { headers: ['ppi'] } }] }, /identity\.headers\[0\]/],
  [
    { routingGateways: [{ ...carrier, identity: { anonymous: 'refuse' } }] },
    /anonymous: is not known/,
  ],
  [{ routingGateways: [{ ...carrier, identity: { uri: 'sips' } }] }, /must be sip or tel or both/],
  [
    { routingGateways: [{ ...carrier, stir: 'sign' }] },
    /^routingGateways\[0\]\.stir: is sign, but there is no certificate in stir\.certificates/,
  ],
  [
    { stir: { certificates: [certificate], certificate: 'mainn' } },
    /^stir\.certificate: names certificate "mainn", .*did you mean "main"\?/,
  ],
  [
    { stir: { certificates: [certificate, certificate] } },
    /^stir\.certificates\[1\]\.name: "main" is there already/,
  ],
  [
    { stir: { certificates: [{ ...certificate, x5u: 'http://certificates.example.org/a' }] } },
    /x5u: is "http:.*must be an https URL/,
  ],
  [
    { stir: { certificates: [{ ...certificate, x5u: 'https://a.example.org/><' }] } },
    /x5u: .*must be an https URL/,
  ],
];

for (const [change, message] of wrong) {
  test(`CALL-12 a document with ${JSON.stringify(change)} is refused`, () => {
    const mistakes = mistakesOf(rightDocument(change));
    assert.equal(mistakes.length, 1, mistakes.join('\n'));
    assert.match(mistakes[0] ?? '', message);
  });
}

test('CALL-12 an account has ranges of numbers and a certificate of the list', () => {
  const [account] = rightDocument()['accounts'] as Record<string, unknown>[];
  const accountsOf = (more: Record<string, unknown>): string[] =>
    mistakesOf(
      rightDocument({ accounts: [{ ...account, ...more }], stir: { certificates: [certificate] } }),
    );
  const right = { numbers: ['+441632960', '44'], callerId: '+441632960000', certificate: 'main' };
  assert.deepEqual(accountsOf(right), []);
  assert.match(accountsOf({ numbers: [''] })[0] ?? '', /numbers\[0\]: is "", must be the leading/);
  assert.match(
    accountsOf({ callerId: 'alice' })[0] ?? '',
    /callerId: is "alice", must be a number/,
  );
  assert.match(accountsOf({ certificate: 'other' })[0] ?? '', /certificate: names certificate/);
});

test('CALL-12 what may be said of both sides is right', () => {
  const identity = { trusted: true, headers: ['rpid', 'pai'], uri: 'both', userPhone: true };
  const document = rightDocument({
    stir: { certificates: [certificate], certificate: 'main' },
    mappingGateways: [
      {
        ...trunk('t', '192.0.2.0/24'),
        identity: { ...identity, anonymous: 'asserted', callerId: '441632960000' },
        stir: { verify: 'refuse', traffic: 'transit' },
      },
    ],
    routingGateways: [{ ...carrier, identity: { ...identity, verstat: true }, stir: 'sign' }],
  });
  assert.deepEqual(mistakesOf(document), []);
});
