import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mistakesOf, rightDocument } from './configurations.ts';

const carrier = { name: 'a', addresses: ['192.0.2.1:5060'], prefixes: ['44'] };

function withCarrier(credentials: { username: string; password: string }): string[] {
  return mistakesOf(rightDocument({ routingGateways: [{ ...carrier, ...credentials }] }));
}

/** What carriers give their customers as user names. */
const usernames = [
  '4412345@sip.carrier.example',
  '+44 20 7946 0000',
  'sip:4412345@carrier.example;user=phone',
  'ACME\\trunk-1',
  'the "big" one',
  'Zweigstelle Köln',
  'a:b,c=d',
  'x'.repeat(128),
];

for (const username of usernames) {
  test(`AUTH-11 T2-31 a carrier’s user name may be ${JSON.stringify(username).slice(0, 50)}`, () => {
    assert.deepEqual(withCarrier({ username, password: username }), []);
    const authentication = { mode: 'password', username, password: username, realm: username };
    const mappingGateways = [{ name: 'b', account: 'demo', authentication }];
    assert.deepEqual(mistakesOf(rightDocument({ realm: username, mappingGateways })), []);
  });
}

/** What no quoted string can hold, or nobody means, and what is said of it. */
const wrong: readonly (readonly [string, RegExp])[] = [
  ['', /is empty, must be /],
  ['a\tb', /holds a tab \(U\+0009\) at character 2, which no header can carry: remove it/],
  ['user\r\n', /holds a carriage return \(U\+000D\) at character 5/],
  ['\nuser', /holds a line break \(U\+000A\) at character 1/],
  ['a\0', /holds a zero byte \(U\+0000\) at character 2/],
  ['a\u007f', /holds a control character \(U\+007F\) at character 2/],
  ['a\u0085', /holds a control character \(U\+0085\) at character 2/],
  ['a\u2028', /holds a control character \(U\+2028\) at character 2/],
  ['\ud800', /holds half a character \(a lone surrogate\)/],
  ['x'.repeat(129), /has 129 characters, must be .* 1 to 128/],
];

for (const [value, message] of wrong) {
  test(`AUTH-11 T2-31 ${JSON.stringify(value).slice(0, 30)} is no user name, realm or password`, () => {
    const said = [
      withCarrier({ username: value, password: 'right' }),
      withCarrier({ username: 'right', password: value }),
      mistakesOf(rightDocument({ realm: value })),
    ];
    for (const mistakes of said) {
      assert.equal(mistakes.length, 1, mistakes.join('\n'));
      assert.match(mistakes[0] ?? '', message);
    }
  });
}

test('AUTH-11 T2-31 a blank that was copied along is named; in a password it may be meant', () => {
  const [mistake] = withCarrier({ username: 'user ', password: ' pass ' });
  assert.match(mistake ?? '', /username: is "user ", with blanks at its ends: remove them/);
  assert.deepEqual(withCarrier({ username: 'user', password: ' pass ' }), []);
});

test('AUTH-12 no message about a password repeats it', () => {
  for (const password of ['hush\thush', 'hush'.repeat(40), 'hush\ud800']) {
    assert.doesNotMatch(withCarrier({ username: 'user', password }).join(), /hush/);
  }
});

test('ROUTE-01 a phone is dialled by its user name, which stays the user part of an address', () => {
  const phones = [{ username: 'a@b', password: 'x', account: 'demo' }];
  assert.match(mistakesOf(rightDocument({ phones })).join(), /must be the user part of a SIP/);
});
