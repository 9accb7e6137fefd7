import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allowedName, challengeOf, decisionOf, denialOf, Scene, type Call } from '../scene.ts';

const password = 'tandem-demo';
const unlimited = { SS_AUTHENTICATION_MAX_RETRY: 0 };

function wrong(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `guess-${String(index)}`);
}

test('AUTH-06 the seventh wrong answer within 10 s ends the session with 403', async () => {
  const scene = new Scene({ parameters: unlimited });
  const responses = await scene.guess({}, wrong(8));
  const kinds = responses.map(({ outcome }) => outcome?.$case);
  assert.deepEqual(kinds, [...Array.from({ length: 6 }, () => 'challenge'), 'deny']);
  const [last] = responses.slice(-1);
  assert.ok(last);
  // Nobody has proved to be the phone, so it begins no call and has no CDR (behaviour section 2).
  assert.deepEqual(denialOf(last), {
    reason: 'AuthenticationFailed',
    origin: undefined,
    unrecorded: true,
    unanswered: false,
  });
  const { decision, facts } = decisionOf(last);
  assert.equal(decision.reason, 'AuthenticationFailed');
  assert.equal(facts['decided-by'], 'SS_SIP_AUTHENTICATION_RETRY');
  assert.equal(facts['SS_SIP_AUTHENTICATION_RETRY'], '6');
  assert.equal(facts['wrong-answers'], '7');
  assert.equal(facts['cause'], 'wrong password');
  assert.equal(facts['source'], '203.0.113.50:5060');
});

test('AUTH-06 the retry limit is SS_SIP_AUTHENTICATION_RETRY', async () => {
  const scene = new Scene({ parameters: { ...unlimited, SS_SIP_AUTHENTICATION_RETRY: 2 } });
  assert.equal((await scene.guess({}, wrong(9))).length, 3);
});

test('AUTH-06 a wrong answer later than 10 s after the first ends the session with 403', async () => {
  const scene = new Scene({ parameters: unlimited });
  const [first] = await scene.guess({}, ['no']);
  assert.ok(first);
  scene.clock.advance(10_000);
  const second = await scene.answer({ cseq: 3 }, challengeOf(first), { password: 'no' });
  scene.clock.advance(1);
  const third = await scene.answer({ cseq: 4 }, challengeOf(second), { password: 'no' });
  assert.equal(denialOf(third).reason, 'AuthenticationFailed');
  assert.equal(decisionOf(third).facts['decided-by'], 'SS_SIP_AUTHENTICATION_TIMEOUT');
  assert.equal(decisionOf(third).facts['SS_SIP_AUTHENTICATION_TIMEOUT'], '10 s');
});

test('AUTH-06 after a success a new session begins under the same Call-ID', async () => {
  const scene = new Scene({ parameters: { ...unlimited, SS_SIP_AUTHENTICATION_RETRY: 1 } });
  const [first] = await scene.guess({}, ['no']);
  assert.ok(first);
  const success = await scene.answer({ cseq: 3 }, challengeOf(first), { password });
  assert.equal(allowedName(success), 'phone 1001');
  assert.equal((await scene.guess({ cseq: 20 }, wrong(9))).length, 2);
});

test('AUTH-06 sessions are counted each by itself', async () => {
  const scene = new Scene({ parameters: unlimited });
  for (const sipCallId of ['a', 'b', 'c']) {
    assert.equal((await scene.guess({ sipCallId }, wrong(5))).at(-1)?.outcome?.$case, 'challenge');
  }
});

test('AUTH-07 the sixth failure suspends the terminal, whatever sessions they were in', async () => {
  const scene = new Scene();
  for (const sipCallId of ['a', 'b', 'c', 'd', 'e']) await scene.guess({ sipCallId }, wrong(1));
  const [sixth] = await scene.guess({ sipCallId: 'f' }, wrong(1));
  assert.ok(sixth);
  assert.equal(denialOf(sixth).reason, 'Suspended');
  const { decision, facts } = decisionOf(sixth);
  assert.deepEqual(
    [decision.check, decision.result, decision.reason, decision.subject],
    ['suspension', 'refused', 'Suspended', 'phone 1001 at 203.0.113.50'],
  );
  assert.deepEqual(facts, {
    SS_AUTHENTICATION_MAX_RETRY: '6',
    failures: '6',
    SS_AUTHENTICATION_FAILED_SUSPEND: '180 s',
    'suspended-since': new Date(scene.clock.now()).toISOString(),
    'suspended-until': new Date(scene.clock.now() + 180_000).toISOString(),
    cause: 'wrong password',
    'last-source': '203.0.113.50:5060',
  });
});

test('AUTH-07 a suspended terminal is refused with the right password and without credentials, until the end', async () => {
  const scene = new Scene({ parameters: { SS_AUTHENTICATION_MAX_RETRY: 1 } });
  const other = await scene.challengeFor({ sipCallId: 'other' });
  await scene.guess({}, ['no']);
  const requests: (() => Promise<Awaited<ReturnType<Scene['send']>>>)[] = [
    () => scene.answer({ sipCallId: 'other', cseq: 2 }, other, { password }),
    () => scene.answer({ sipCallId: 'other', cseq: 3 }, other, { password: 'no' }),
    () => scene.send({ sipCallId: 'third', sourcePort: 5099 }),
    () => scene.send({ method: 'REGISTER' }),
  ];
  for (const request of requests) assert.equal(denialOf(await request()).reason, 'Suspended');
  scene.clock.advance(179_999);
  assert.equal(denialOf(await scene.send({})).reason, 'Suspended');
  scene.clock.advance(1);
  const challenge = await scene.challengeFor({});
  const response = await scene.answer({ cseq: 2 }, challenge, { password });
  assert.equal(allowedName(response), 'phone 1001');
});

test('AUTH-07 only the terminal that failed is suspended, a user name at a source', async () => {
  const scene = new Scene({ parameters: { SS_AUTHENTICATION_MAX_RETRY: 1 } });
  await scene.guess({ fromUser: '1001' }, ['no']);
  assert.equal((await scene.send({ fromUser: '2001' })).outcome?.$case, 'challenge');
  const elsewhere = { fromUser: '1001', sourceAddress: '203.0.113.66', sipCallId: 'b' };
  const challenge = await scene.challengeFor(elsewhere);
  const response = await scene.answer({ ...elsewhere, cseq: 2 }, challenge, { password });
  assert.equal(allowedName(response), 'phone 1001');
});

test('AUTH-07 a burst of one Call-ID is one failure, and ends with 403 all the same', async () => {
  // baresip answers one wrong password fifteen times in some ten milliseconds.
  const scene = new Scene();
  const responses = await scene.guess({}, wrong(15));
  assert.equal(responses.length, 7);
  assert.deepEqual(await scene.store.listSuspensions(), []);
  const late = await scene.challengeFor({ cseq: 40 });
  // Whoever goes on without waiting is not looked at, the right password neither.
  const right = await scene.answer({ cseq: 41 }, late, { password });
  assert.equal(denialOf(right).reason, 'AuthenticationFailed');
  scene.clock.advance(1000);
  const again = await scene.challengeFor({ cseq: 50 });
  assert.equal(allowedName(await scene.answer({ cseq: 51 }, again, { password })), 'phone 1001');
});

test('AUTH-07 strangers who guess lock nobody out who has proved himself', async () => {
  const scene = new Scene({ parameters: { SS_BLACKLIST_MAX_FAILURES: 0 } });
  const home = { sourceAddress: '198.51.100.20', sipCallId: 'home' };
  const first = await scene.challengeFor(home);
  await scene.answer({ ...home, cseq: 2 }, first, { password });
  for (let at = 0; at < 200; at += 1) {
    const sourceAddress = `203.0.113.${String(1 + (at % 40))}`;
    await scene.call({ sourceAddress, sipCallId: `guess-${String(at)}` }, { password: 'no' });
  }
  const terminals = (await scene.store.listSuspensions()).map(({ terminal }) => terminal);
  assert.ok(terminals.includes('phone 1001 at any other place'), terminals.join(', '));
  const challenge = await scene.challengeFor({ ...home, cseq: 10 });
  const response = await scene.answer({ ...home, cseq: 11 }, challenge, { password });
  assert.equal(allowedName(response), 'phone 1001');
  const roaming = await scene.send({ sourceAddress: '203.0.113.250', sipCallId: 'roaming' });
  assert.equal(denialOf(roaming).reason, 'Suspended');
  assert.equal(decisionOf(roaming).facts['decided-by'], 'SS_AUTHENTICATION_USER_MAX_RETRY');
});

test('DENY-08 a refusal where the user has proved itself has a CDR and says whose it is', async () => {
  const scene = new Scene({ parameters: { SS_AUTHENTICATION_MAX_RETRY: 1 } });
  const challenge = await scene.challengeFor({});
  await scene.answer({ cseq: 2 }, challenge, { password });
  const [refused] = await scene.guess({ sipCallId: 'b' }, ['no']);
  assert.ok(refused);
  assert.deepEqual(denialOf(refused), {
    reason: 'Suspended',
    origin: { kind: 'phone', name: '1001', account: 'demo' },
    unrecorded: false,
    unanswered: false,
  });
});

test('AUTH-07 guesses at a name that nobody has lock out their own address, not a gateway that calls with it', async () => {
  const scene = new Scene({ parameters: { SS_AUTHENTICATION_MAX_RETRY: 1 } });
  const call = { fromUser: 'anonymous' };
  const [refused] = await scene.guess({ ...call, sourceAddress: '203.0.113.66' }, ['no']);
  assert.ok(refused);
  assert.equal(denialOf(refused).origin, undefined);
  assert.equal(decisionOf(refused).decision.subject, 'unknown-user anonymous at 203.0.113.66');
  const again = await scene.send({ ...call, sourceAddress: '203.0.113.66' });
  assert.equal(denialOf(again).reason, 'Suspended');
  const challenge = await scene.challengeFor(call);
  const answer = { username: 'office-user', password: 'office-pass' };
  const response = await scene.answer({ ...call, cseq: 2 }, challenge, answer);
  assert.equal(allowedName(response), 'mapping-gateway office');
});

test('AUTH-07 an operator sees a suspension, its cause and its end, and lifts it', async () => {
  const scene = new Scene({ parameters: { SS_AUTHENTICATION_MAX_RETRY: 2 } });
  await scene.guess({ sipCallId: 'a' }, ['no']);
  await scene.guess({ sipCallId: 'b', sourcePort: 5066 }, ['no']);
  const terminal = 'phone 1001 at 203.0.113.50';
  assert.deepEqual(await scene.store.listSuspensions(), [
    {
      terminal,
      sinceMs: scene.clock.now(),
      untilMs: scene.clock.now() + 180_000,
      failures: 2,
      maxFailures: 2,
      cause: 'wrong password',
      explanation: '',
      lastSource: '203.0.113.50:5066',
    },
  ]);
  assert.equal(await scene.store.liftSuspension(terminal), true);
  assert.equal(await scene.store.liftSuspension(terminal), false);
  assert.deepEqual(await scene.store.listSuspensions(), []);
  // The failures are forgotten too: the next wrong answer is the first.
  const [again] = await scene.guess({ sipCallId: 'c' }, ['no']);
  assert.equal(again?.outcome?.$case, 'challenge');
});

test('AUTH-07 0 never suspends', async () => {
  const scene = new Scene({ parameters: unlimited });
  for (let index = 0; index < 20; index += 1) {
    await scene.guess({ sipCallId: String(index) }, wrong(5));
  }
  assert.deepEqual(await scene.store.listSuspensions(), []);
});

test('AUTH-07 a success clears the failures, and so does a time without any', async () => {
  const scene = new Scene({ parameters: { SS_AUTHENTICATION_MAX_RETRY: 3 } });
  const twoFailures = async (sipCallId: string): Promise<void> => {
    for (const part of ['1', '2']) {
      const [response] = await scene.guess({ sipCallId: sipCallId + part }, ['no']);
      assert.equal(response?.outcome?.$case, 'challenge');
    }
  };
  await twoFailures('a');
  const challenge = await scene.challengeFor({ sipCallId: 'b' });
  await scene.answer({ sipCallId: 'b', cseq: 2 }, challenge, { password });
  await twoFailures('c');
  scene.clock.advance(180_000);
  await twoFailures('d');
});

test('AUTH-10 concurrent guesses cannot pass the limit', async () => {
  const scene = new Scene();
  const challenges = await Promise.all(
    wrong(50).map((_, index) => scene.challengeFor({ sipCallId: String(index) })),
  );
  const guesses = challenges.map((challenge, index) => {
    const guess = index === 30 ? password : `guess-${String(index)}`;
    return scene.answer({ sipCallId: String(index), cseq: 2 }, challenge, { password: guess });
  });
  const kinds = (await Promise.all(guesses)).map(({ outcome }) => outcome?.$case);
  assert.equal(kinds.filter((kind) => kind === 'challenge').length, 5);
  assert.equal(kinds.filter((kind) => kind === 'deny').length, 45);
});

test('AUTH-03 a changed parameter holds for new sessions, a running one keeps the old value', async () => {
  const parameters = { ...unlimited, SS_AUTHCHALLENGEMODE: 1, SS_SIP_AUTHENTICATION_RETRY: 3 };
  const scene = new Scene({ parameters });
  const running: Call = { sipCallId: 'running' };
  const [first] = await scene.guess(running, ['no']);
  const begun = await scene.challengeFor({ sipCallId: 'begun' });
  scene.apply({
    parameters: { ...unlimited, SS_AUTHCHALLENGEMODE: 2, SS_SIP_AUTHENTICATION_RETRY: 1 },
  });
  assert.ok(first);
  let challenge = challengeOf(first);
  for (const cseq of [3, 4]) {
    challenge = challengeOf(
      await scene.answer({ ...running, cseq }, challenge, { password: 'no' }),
    );
    assert.equal(challenge.code, 401);
  }
  const fourth = await scene.answer({ ...running, cseq: 5 }, challenge, { password: 'no' });
  assert.equal(decisionOf(fourth).facts['SS_SIP_AUTHENTICATION_RETRY'], '3');
  const other = await scene.answer({ sipCallId: 'begun', cseq: 2 }, begun, { password: 'no' });
  assert.equal(decisionOf(other).facts['SS_SIP_AUTHENTICATION_RETRY'], '3');
  const fresh = await scene.guess({ sipCallId: 'new' }, wrong(9));
  assert.equal(fresh.length, 2);
  assert.equal((await scene.challengeFor({ sipCallId: 'new' })).code, 407);
});
