import assert from 'node:assert/strict';
import test from 'node:test';
import { digestAlgorithm, ha1, parseCredentials, responseTo, verifyCredentials } from '@tandem/sip';
import type { SipResponse } from '@tandem/sip';
import {
  answersTo,
  readAuthorizations,
  realmsOf,
} from '../../../src/core/messages/challenge-answers.ts';
import type {
  Authorization,
  ChallengeOutcome,
} from '../../../src/core/messages/challenge-answers.ts';
import { inviteOf } from '../../support/messages.ts';

const credentials = { gateway: 'carrier-a', username: 'tandem', password: 'secret' };
const body = Buffer.from('v=0');
const uri = 'sip:442079460000@203.0.113.5:5070';

type Asked = readonly (readonly [name: string, value: string])[];

function challengeOf(status: number, asked: Asked): SipResponse {
  const response = responseTo(inviteOf(), status, 'Whatever', { toTag: 'b' });
  for (const [name, value] of asked) response.headers.append(name, value);
  return response;
}

const proxy = (realm: string, more = ''): readonly [string, string] => [
  'Proxy-Authenticate',
  `Digest realm="${realm}",nonce="n-${realm}",qop="auth"${more}`,
];
const server = (realm: string, more = ''): readonly [string, string] => [
  'WWW-Authenticate',
  `Digest realm="${realm}",nonce="n-${realm}",qop="auth"${more}`,
];

function answer(
  status: number,
  asked: Asked,
  before: { authorizations?: readonly Authorization[]; round?: number; username?: string } = {},
): ChallengeOutcome {
  const { authorizations = [], round = 0, username = credentials.username } = before;
  let count = 0;
  return answersTo(challengeOf(status, asked), {
    credentials: { ...credentials, username },
    method: 'INVITE',
    uri,
    passedBody: body,
    authorizations,
    round,
    cnonce: () => `c${String((count += 1))}`,
  });
}

/** The headers of an answer, each of which proves the password. */
function given(outcome: ChallengeOutcome): readonly Authorization[] {
  assert.ok(outcome.kind === 'answered', JSON.stringify(outcome));
  for (const { value } of outcome.authorizations) {
    const said = parseCredentials(value);
    const algorithm = digestAlgorithm(said.algorithm) ?? 'MD5';
    const secret = ha1(algorithm, credentials.username, said.realm, credentials.password);
    assert.ok(verifyCredentials({ credentials: said, ha1: secret, method: 'INVITE', body }), value);
    assert.equal(said.uri, uri);
  }
  return outcome.authorizations;
}

const told = (authorizations: readonly Authorization[]): string[] =>
  authorizations.map(({ header, value }) => {
    const { realm, nc, nonce } = parseCredentials(value);
    return `${header} ${realm} ${nonce} ${nc ?? ''}`;
  });

test('AUTH-11 T2-06 two hops that ask one after the other get both credentials, the first counted on', () => {
  const first = given(answer(407, [proxy('one')]));
  assert.deepEqual(told(first), ['Proxy-Authorization one n-one 00000001']);
  const second = given(answer(401, [server('two')], { authorizations: first, round: 1 }));
  assert.deepEqual(told(second), [
    'Proxy-Authorization one n-one 00000002',
    'Authorization two n-two 00000001',
  ]);
  assert.equal(realmsOf(second), 'one, two');
});

test('AUTH-11 T2-06 two proxies that ask one after the other get both credentials in two lines', () => {
  const first = given(answer(407, [proxy('one')]));
  const second = given(answer(407, [proxy('two')], { authorizations: first, round: 1 }));
  assert.deepEqual(
    second.map(({ header }) => header),
    ['Proxy-Authorization', 'Proxy-Authorization'],
  );
});

test('AUTH-11 T2-06 all realms of one response are answered, of both headers', () => {
  const all = given(answer(401, [server('a'), proxy('b'), proxy('c')]));
  assert.deepEqual(told(all).sort(), [
    'Authorization a n-a 00000001',
    'Proxy-Authorization b n-b 00000001',
    'Proxy-Authorization c n-c 00000001',
  ]);
});

test('AUTH-11 challenges that stand in one line, as in HTTP, are told apart', () => {
  const [name, one] = proxy('a, Digest b=');
  const [, two] = proxy('c');
  assert.deepEqual(told(given(answer(407, [[name, `Negotiate, ${one}, ${two}`]]))).sort(), [
    'Proxy-Authorization a, Digest b= n-a, Digest b= 00000001',
    'Proxy-Authorization c n-c 00000001',
  ]);
});

test('AUTH-11 a realm that stands in both headers is answered in that of the status', () => {
  assert.deepEqual(told(given(answer(407, [server('x'), proxy('x')]))), [
    'Proxy-Authorization x n-x 00000001',
  ]);
  assert.deepEqual(told(given(answer(401, [server('x'), proxy('x')]))), [
    'Authorization x n-x 00000001',
  ]);
});

test('AUTH-11 T2-06 of the algorithms of a realm the best is taken, whatever stands first', () => {
  const [outcome] = given(
    answer(407, [
      proxy('x', ',algorithm=MD5'),
      proxy('x', ',algorithm=SHA-512-256'),
      proxy('x', ',algorithm=SHA-256'),
      proxy('x', ',algorithm=AKAv1-MD5'),
    ]),
  );
  assert.equal(parseCredentials(outcome?.value ?? '').algorithm, 'SHA-512-256');
});

test('AUTH-11 the same realm for the second time is a refusal; stale, it is answered anew', () => {
  const first = given(answer(407, [proxy('one')]));
  const again = answer(407, [proxy('one')], { authorizations: first, round: 1 });
  assert.deepEqual(again, {
    kind: 'refused',
    cause: 'the gateway refused our username or password',
  });
  const stale = [
    'Proxy-Authenticate',
    'Digest realm="one",nonce="n2",qop="auth",stale=TRUE',
  ] as const;
  const renewed = given(answer(407, [stale], { authorizations: first, round: 1 }));
  assert.deepEqual(told(renewed), ['Proxy-Authorization one n2 00000001']);
});

test('AUTH-11 a first hop whose nonce is used up behind a second one is answered again, the second counted on', () => {
  const first = given(answer(407, [proxy('one')]));
  const both = given(answer(401, [server('two')], { authorizations: first, round: 1 }));
  const stale = ['Proxy-Authenticate', 'Digest realm="one",nonce="n2",stale=true'] as const;
  const again = given(answer(407, [stale], { authorizations: both, round: 2 }));
  assert.deepEqual(told(again).sort(), [
    'Authorization two n-two 00000002',
    'Proxy-Authorization one n2 ',
  ]);
});

test('AUTH-11 what goes on without end is given up: three answers for each realm, four realms', () => {
  const stale = proxy('one', ',stale=true');
  assert.equal(answer(407, [stale], { round: 2 }).kind, 'answered');
  assert.equal(answer(407, [stale], { round: 3 }).kind, 'refused');
  const four = given(
    answer(
      407,
      ['a', 'b', 'c', 'd'].map((realm) => proxy(realm)),
    ),
  );
  assert.equal(four.length, 4);
  const fifth = answer(407, [proxy('e')], { authorizations: four, round: 1 });
  assert.deepEqual(fifth, { kind: 'refused', cause: 'the gateway asks again and again' });
});

test('AUTH-11 auth-int counts the body, the old form has neither count nor cnonce', () => {
  const [whole] = given(
    answer(401, [['WWW-Authenticate', 'Digest realm="r",nonce="n",qop="auth-int"']]),
  );
  assert.match(whole?.value ?? '', /qop=auth-int/);
  const [old] = given(answer(401, [['WWW-Authenticate', 'Digest realm="r",nonce="n"']]));
  assert.doesNotMatch(old?.value ?? '', /cnonce|nc=/);
  const second = given(answer(407, [proxy('p')], { authorizations: old ? [old] : [], round: 1 }));
  assert.equal(second[0]?.value, old?.value);
});

test('AUTH-11 nothing is said without credentials, or to what nobody here understands', () => {
  assert.deepEqual(answer(407, [proxy('one')], { username: '' }), {
    kind: 'refused',
    cause: 'the gateway wants credentials and none are configured',
  });
  for (const asked of [[], [['Proxy-Authenticate', 'Negotiate']], [proxy('x', ',algorithm=X')]]) {
    assert.deepEqual(answer(407, asked as Asked), {
      kind: 'refused',
      cause: 'the gateway asks in a way that is not known here',
    });
  }
});

test('AUTH-11 what another version has stored is kept as it is, what is no such header is left out', () => {
  const stored = [
    { header: 'Proxy-Authorization', value: 'Digest x' },
    { header: 'X', value: 'y' },
  ];
  const [known, ...others] = readAuthorizations(stored);
  assert.deepEqual(others, []);
  assert.ok(known);
  assert.equal(realmsOf([known]), '?');
  const outcome = answer(401, [server('two')], { authorizations: [known], round: 1 });
  assert.equal(outcome.kind === 'answered' && outcome.authorizations[0]?.value, 'Digest x');
});
