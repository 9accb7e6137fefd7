import type { AuthenticateResponse, Challenge } from '@tandem/proto/auth';
import { answerChallenge, parseChallenge } from '@tandem/sip';
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { challengeOf, isStale, type Call, type Scene } from './scene.ts';

/** One way to ask and to be asked. All of it together is what the table goes over (AUTH-02, AUTH-04). */
export interface Way {
  readonly method: 'INVITE' | 'REGISTER' | 'MESSAGE';
  readonly mode: 1 | 2 | 3;
  readonly header: 'Authorization' | 'Proxy-Authorization' | 'both';
  readonly algorithm: 'MD5' | 'SHA-256' | 'SHA-512-256';
  readonly qop: 'auth' | 'auth-int' | 'none';
}

/** Every way there is. */
export const ways: readonly Way[] = (['INVITE', 'REGISTER', 'MESSAGE'] as const).flatMap((method) =>
  ([1, 2, 3] as const).flatMap((mode) =>
    (['Authorization', 'Proxy-Authorization', 'both'] as const).flatMap((header) =>
      (['MD5', 'SHA-256', 'SHA-512-256'] as const).flatMap((algorithm) =>
        (['auth', 'auth-int', 'none'] as const).map((qop) => ({
          method,
          mode,
          header,
          algorithm,
          qop,
        })),
      ),
    ),
  ),
);

/** The pods of a deployment: the request is challenged by one, and answered at another. */
export interface Deployment {
  readonly asked: Scene;
  readonly answered: Scene;
  readonly pass: (ms: number) => Promise<void>;
}

/** What comes of an answer. It is the same in every way: that is what the table shows. */
type Expected =
  | 'allowed'
  | 'challenged again, and counted'
  | 'challenged afresh, and not counted'
  | 'refused as suspended'
  | 'not answered'
  | 'gathered as unanswered';

type Play = (deployment: Deployment, way: Way) => Promise<AuthenticateResponse | undefined>;

interface Situation {
  readonly expected: Expected;
  readonly play: Play;
}

const password = 'tandem-demo';
const address = '203.0.113.50';

/** What happens, and what comes of it. */
export const situations: Readonly<Record<string, Situation>> = {
  right: { expected: 'allowed', play: (pods, way) => answered(pods, way, { password }) },
  wrong: {
    expected: 'challenged again, and counted',
    play: (pods, way) => answered(pods, way, { password: 'no' }),
  },
  unknown: {
    expected: 'challenged again, and counted',
    play: (pods, way) => answered(pods, way, { password, user: '9999' }),
  },
  'foreign realm': {
    expected: 'challenged again, and counted',
    play: (pods, way) => answered(pods, way, { password, realm: 'other.example' }),
  },
  stale: {
    expected: 'challenged afresh, and not counted',
    play: async (pods, way) => {
      const challenge = await asked(pods, way);
      await pods.pass(60_000);
      return answer(pods, way, { challenge, password });
    },
  },
  replayed: {
    expected: 'challenged afresh, and not counted',
    play: async (pods, way) => {
      const challenge = await asked(pods, way);
      const first = await answer(pods, way, { challenge, password });
      assert.equal(first.outcome?.$case, 'allow');
      return answer(pods, way, { challenge, password, call: { sipCallId: 'another' } });
    },
  },
  suspended: {
    expected: 'refused as suspended',
    play: async (pods, way) => {
      for (const sipCallId of ['1', '2', '3', '4', '5', '6']) {
        const call = { sipCallId };
        const challenge = await asked(pods, way, call);
        if (sipCallId === '6') await pods.asked.challengeFor({ ...request(way), sipCallId: '7' });
        await answer(pods, way, { challenge, password: `no ${sipCallId}`, call });
      }
      return pods.answered.send({ ...request(way), sipCallId: '8' });
    },
  },
  'black-listed': {
    expected: 'not answered',
    play: async (pods, way) => {
      const challenge = await asked(pods, way);
      await pods.asked.store.addToBlacklist({ place: address, forMs: 60_000, cause: 'test' });
      return answer(pods, way, { challenge, password });
    },
  },
  silent: {
    expected: 'gathered as unanswered',
    play: async (pods, way) => {
      await asked(pods, way);
      await pods.pass(10_000);
      const [failure, ...others] = await pods.answered.unanswered();
      assert.equal(failure?.reason, 'ChallengeUnanswered');
      assert.deepEqual(others, []);
      return undefined;
    },
  },
};

/** Plays a situation in one way, and holds what comes of it against what should. */
export async function holds(deployment: Deployment, name: string, way: Way): Promise<void> {
  const { expected, play } = situations[name] ?? assert.fail(name);
  const row = `${name}: ${Object.values(way).join(' ')}`;
  const response = await play(deployment, way);
  const failures = await deployment.asked.store.listFailures();
  assert.equal(describe(response, failures.length), expected, row);
  if (response?.outcome?.$case === 'challenge') assertShape(response.outcome.value, way, row);
}

function describe(response: AuthenticateResponse | undefined, failures: number): string {
  const outcome = response?.outcome;
  switch (outcome?.$case) {
    case undefined:
      return failures === 1 ? 'gathered as unanswered' : 'not gathered';
    case 'allow':
      return failures === 0 ? 'allowed' : 'allowed, and counted';
    case 'deny':
      return outcome.value.unanswered
        ? 'not answered'
        : `refused as ${outcome.value.reason.toLowerCase()}`;
    case 'challenge':
      return `challenged ${isStale(outcome.value) ? 'afresh' : 'again'}, and ${failures === 0 ? 'not ' : ''}counted`;
  }
}

/** AUTH-02: the code and the headers are those of the mode and the method, whatever was answered. */
function assertShape(challenge: Challenge, { mode, method }: Way, row: string): void {
  const is401 = mode === 1 || (mode === 3 && method === 'REGISTER');
  const headers = [challenge.wwwAuthenticate.length, challenge.proxyAuthenticate.length];
  const expected = { 1: [3, 0], 2: [0, 3], 3: [3, 3] }[mode];
  assert.deepEqual([challenge.code, headers], [is401 ? 401 : 407, expected], row);
}

function request(way: Way): Call {
  return { method: way.method, sourceAddress: address };
}

async function asked({ asked: pod }: Deployment, way: Way, call: Call = {}): Promise<Challenge> {
  const challenge = challengeOf(await pod.send({ ...request(way), ...call }));
  assertShape(challenge, way, `asked: ${Object.values(way).join(' ')}`);
  return challenge;
}

interface Given {
  readonly password: string;
  /** @default the phone's */
  readonly user?: string;
  /** @default the challenge's */
  readonly realm?: string;
}

async function answered(pods: Deployment, way: Way, given: Given): Promise<AuthenticateResponse> {
  const call = { fromUser: given.user ?? '1001' };
  return answer(pods, way, { challenge: await asked(pods, way, call), call, ...given });
}

/** Answers as a client does that has but this one way, whatever else was offered. */
function answer(
  { answered: pod }: Deployment,
  way: Way,
  given: Given & { readonly challenge: Challenge; readonly call?: Call },
): Promise<AuthenticateResponse> {
  const { challenge, call = {}, user = '1001' } = given;
  const offered = [...challenge.wwwAuthenticate, ...challenge.proxyAuthenticate]
    .map((value) => parseChallenge(value))
    .find(({ algorithm }) => algorithm === way.algorithm);
  assert.ok(offered);
  const value = (cnonce: string): string =>
    answerChallenge({
      challenge: {
        ...offered,
        qop: way.qop === 'none' ? [] : [way.qop],
        realm: given.realm ?? offered.realm,
      },
      username: user,
      password: given.password,
      method: way.method,
      uri: 'sip:442079460000@203.0.113.1',
      cnonce,
    });
  return pod.send({
    ...request(way),
    ...call,
    cseq: 2,
    // As baresip does: either header is an answer of its own.
    authorization: way.header === 'Proxy-Authorization' ? [] : [value('c1')],
    proxyAuthorization: way.header === 'Authorization' ? [] : [value('c2')],
    bodyDigests: way.qop === 'auth-int' ? digestsOfNothing : {},
  });
}

const digestsOfNothing = {
  MD5: createHash('md5').digest('hex'),
  'SHA-256': createHash('sha256').digest('hex'),
  'SHA-512-256': createHash('sha512-256').digest('hex'),
};
