import type { AuthenticateResponse, Challenge } from '@tandem/proto/auth';
import fc from 'fast-check';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allowedName, denialOf, Scene } from '../scene.ts';

const password = 'tandem-demo';
const limits = {
  SS_SIP_AUTHENTICATION_RETRY: 2,
  SS_AUTHENTICATION_MAX_RETRY: 3,
  SS_AUTHENTICATION_USER_MAX_RETRY: 6,
  SS_BLACKLIST_MAX_FAILURES: 9,
};

const step = fc.oneof(
  fc.record({
    kind: fc.constant('pass' as const),
    ms: fc.constantFrom(200, 1100, 30_000, 181_000),
  }),
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('guess' as const),
      observer: fc.nat(1),
      callId: fc.nat(2),
      /** Asks for a challenge, or answers the last one that this observer has, which may be the other's. */
      asks: fc.boolean(),
      method: fc.constantFrom('INVITE', 'REGISTER'),
    }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** All that two observers hear of one name, where nonces are not looked at. */
async function heard(fromUser: string, history: readonly Step[]): Promise<string[]> {
  const scene = new Scene({ parameters: limits });
  if (fromUser === '1001') {
    // The phone itself is somewhere else, and has proved itself there.
    const home = { sourceAddress: '198.51.100.20', sipCallId: 'home' };
    assert.equal(allowedName(await scene.call(home, { password })), 'phone 1001');
  }
  const said: string[] = [];
  let last: Challenge | undefined;
  for (const [at, each] of history.entries()) {
    if (each.kind === 'pass') {
      scene.clock.advance(each.ms);
      continue;
    }
    const { observer, callId, method } = each;
    const sourceAddress = `203.0.113.${String(observer + 1)}`;
    const call = { fromUser, sourceAddress, method, sipCallId: String(callId), cseq: at + 1 };
    const response: AuthenticateResponse =
      each.asks || last === undefined
        ? await scene.send(call)
        : await scene.answer(call, last, { password: `guess-${String(at)}` });
    if (response.outcome?.$case === 'challenge') last = response.outcome.value;
    const { outcome, blockedForMs } = response;
    said.push(JSON.stringify({ outcome, blockedForMs }).replace(/nonce-\d+/g, 'N'));
  }
  return said;
}

test('AUTH-05 AUTH-07 two observers cannot tell a name that is known from one that is not, over any history', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60, size: 'max' }), async (history) => {
      assert.deepEqual(await heard('1001', history), await heard('9999', history));
    }),
    { numRuns: 150 },
  );
});

test('AUTH-10 of a thousand concurrent guesses at one terminal the limit is looked at, the right one in the middle is refused, and it works after the suspension', async () => {
  const scene = new Scene();
  const call = (at: number) => ({ sipCallId: `c${String(at)}` });
  const guesses = Array.from({ length: 1000 }, (_, at) => at);
  const challenges = await Promise.all(guesses.map((at) => scene.challengeFor(call(at))));
  const answers = await Promise.all(
    challenges.map((challenge, at) =>
      scene.answer({ ...call(at), cseq: 2 }, challenge, {
        password: at === 500 ? password : `guess-${String(at)}`,
      }),
    ),
  );
  const kinds = answers.map(({ outcome }) => outcome?.$case);
  assert.equal(kinds.filter((kind) => kind === 'challenge').length, 5);
  assert.equal(kinds.filter((kind) => kind === 'allow').length, 0);
  const [, , , , , sixth] = answers;
  assert.ok(sixth !== undefined);
  assert.equal(denialOf(sixth).reason, 'Suspended');
  const [suspension] = await scene.store.listSuspensions();
  assert.equal(suspension?.failures, 6);
  // All that came after it counted against the source.
  assert.equal(answers.filter(({ blockedForMs }) => blockedForMs > 0).length > 800, true);
  scene.clock.advance(3_600_000);
  assert.equal(allowedName(await scene.call({ sipCallId: 'later' }, { password })), 'phone 1001');
});
