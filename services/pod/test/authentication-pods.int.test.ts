import assert from 'node:assert/strict';
import { test } from 'node:test';
import { authDefaults, createAuthApp } from '@tandem/auth';
import { checkConfiguration, memorySnapshots, sealPasswords, secretKeyFrom } from '@tandem/config';
import {
  createEdgeApp,
  edgeDefaults,
  localAuthClient,
  memoryCallStore,
  soloPodRegistry,
  systemClock,
} from '@tandem/edge';
import { silentJournal } from '@tandem/events';
import { memoryLimits } from '@tandem/limits';
import { RouteReply } from '@tandem/proto/edge-replies';
import { KeepalivesResponse, RegisterResponse } from '@tandem/proto/registrar';
import { silentLogger } from '@tandem/service';
import { answerChallenge, parseChallenge } from '@tandem/sip';
import type { Endpoint, SipResponse } from '@tandem/sip';
import { ScriptedPeer, redisForTest } from '@tandem/testing';

const logger = silentLogger();
const secretKey = secretKeyFrom(Buffer.alloc(32, 7).toString('base64'));
const algorithms = ['SHA-512-256', 'SHA-256', 'MD5'] as const;
const password = 'tandem-demo';
/** One way in so many is played: each value of each part comes up. */
const THINNED = 17;

interface Way {
  readonly mode: 1 | 2 | 3;
  readonly method: 'INVITE' | 'REGISTER';
  readonly header: 'Authorization' | 'Proxy-Authorization' | 'both';
  readonly algorithm: (typeof algorithms)[number];
  readonly qop: 'auth' | 'auth-int' | 'none';
}

const ways: readonly Way[] = ([1, 2, 3] as const).flatMap((mode) =>
  (['INVITE', 'REGISTER'] as const).flatMap((method) =>
    (['Authorization', 'Proxy-Authorization', 'both'] as const).flatMap((header) =>
      algorithms.flatMap((algorithm) =>
        (['auth', 'auth-int', 'none'] as const).map((qop) => ({
          mode,
          method,
          header,
          algorithm,
          qop,
        })),
      ),
    ),
  ),
);

/** What is other than right in an answer. */
interface Answer {
  readonly password?: string;
  readonly realm?: string;
  readonly nonce?: string;
}

type Play = (call: PlayedCall) => Promise<SipResponse>;

/** What happens, and what comes of it at the edge that the answer reaches. */
const situations: Readonly<Record<string, { readonly expected: string; readonly play: Play }>> = {
  right: { expected: 'let in', play: (call) => call.answered({}) },
  wrong: { expected: 'challenged', play: (call) => call.answered({ password: 'no' }) },
  unknown: { expected: 'challenged', play: (call) => call.asStranger().answered({}) },
  'foreign realm': {
    expected: 'challenged',
    play: (call) => call.answered({ realm: 'other.example' }),
  },
  stale: {
    expected: 'challenged afresh',
    play: (call) => call.answered({ nonce: 'of-another-time' }),
  },
  replayed: {
    expected: 'challenged afresh',
    play: async (call) => {
      const challenge = await call.asked();
      assert.equal(described(await call.answer(challenge, {}), call.way), 'let in');
      return call.answer(challenge, {});
    },
  },
  suspended: {
    expected: 'refused',
    play: async (call) => {
      for (let guess = 1; guess <= 6; guess += 1)
        await call.answered({ password: `no ${String(guess)}` });
      return call.answered({});
    },
  },
};

/** One user, who asks one edge and answers at the other. */
class PlayedCall {
  readonly way: Way;
  readonly #user: string;
  readonly #edges: readonly [Endpoint, Endpoint];

  constructor(way: Way, user: string, edges: readonly [Endpoint, Endpoint]) {
    this.way = way;
    this.#user = user;
    this.#edges = edges;
  }

  /** Request-URI and To: whom it calls, or who it registers. */
  get #uri(): string {
    return `sip:${this.way.method === 'INVITE' ? '442079460000' : this.#user}@127.0.0.1`;
  }

  /** By a name that nobody has, and nobody else guesses at. */
  asStranger(): PlayedCall {
    return new PlayedCall(this.way, `no-${this.#user}`, this.#edges);
  }

  async asked(): Promise<SipResponse> {
    return this.#send(this.#edges[0], {});
  }

  async answered(answer: Answer): Promise<SipResponse> {
    return this.answer(await this.asked(), answer);
  }

  answer({ headers, status }: SipResponse, answer: Answer): Promise<SipResponse> {
    const { algorithm, header, method, qop } = this.way;
    // Nothing is challenged any more where the user is suspended.
    if (status !== 401 && status !== 407) return this.#send(this.#edges[1], {});
    const offered = [...headers.getAll('WWW-Authenticate'), ...headers.getAll('Proxy-Authenticate')]
      .map((value) => parseChallenge(value))
      .find((each) => each.algorithm === algorithm);
    assert.ok(offered);
    const { nonce = offered.nonce, realm = offered.realm } = answer;
    const challenge = { ...offered, nonce, realm, qop: qop === 'none' ? [] : [qop] };
    const value = answerChallenge({
      challenge,
      username: this.#user,
      password: answer.password ?? password,
      method,
      uri: this.#uri,
      body: Buffer.alloc(0),
      cnonce: 'cnonce',
    });
    return this.#send(this.#edges[1], {
      ...(header !== 'Proxy-Authorization' && { Authorization: value }),
      ...(header !== 'Authorization' && { 'Proxy-Authorization': value }),
    });
  }

  async #send(to: Endpoint, headers: Record<string, string>): Promise<SipResponse> {
    const peer = await ScriptedPeer.onUdp({ user: this.#user });
    const contact = `<sip:${this.#user}@127.0.0.1:${String(peer.local.port)}>`;
    const { method } = this.way;
    const all = { Contact: contact, ...headers };
    const response = await peer.request(method, { to, requestUri: this.#uri, headers: all });
    await peer.close();
    return response;
  }
}

function described({ headers, status }: SipResponse, { method, mode }: Way): string {
  // Whoever is let in finds no gateway, or has its binding.
  if (status === (method === 'INVITE' ? 503 : 200)) return 'let in';
  if (status === 403) return 'refused';
  // AUTH-02
  const is401 = mode === 1 || (mode === 3 && method === 'REGISTER');
  assert.equal(status, is401 ? 401 : 407);
  const challenges = [headers.getAll('WWW-Authenticate'), headers.getAll('Proxy-Authenticate')];
  assert.deepEqual(
    challenges.map(({ length }) => length),
    { 1: [3, 0], 2: [0, 3], 3: [3, 3] }[mode],
  );
  const isStale = challenges.flat().every((value) => parseChallenge(value).stale);
  return isStale ? 'challenged afresh' : 'challenged';
}

/** Users of their own for all that is played, so that none is suspended for another's guesses. */
function configuration(mode: Way['mode'], users: readonly string[]) {
  const checked = checkConfiguration({
    realm: 'tandem',
    rateGroups: [{ name: 'standard', currency: 'USD', rates: [] }],
    accounts: [{ name: 'demo', rateGroup: 'standard' }],
    phones: users.map((username) => ({ username, password, account: 'demo' })),
    parameters: { SS_AUTHCHALLENGEMODE: mode, SS_BLACKLIST_MAX_FAILURES: 0 },
  });
  assert.equal(checked.kind, 'valid', JSON.stringify(checked));
  return sealPasswords(checked.configuration, secretKey);
}

test('AUTH-02 AUTH-04 AUTH-05 AUTH-07 what comes of an answer is the same where one edge has asked one auth, and another is answered and asks another', async (t) => {
  const redis = await redisForTest();
  const snapshots = memorySnapshots();
  const store = memoryCallStore(systemClock, memoryLimits().lines);
  const publisher = { publish: () => Promise.resolve(), close: () => Promise.resolve() };
  const open = async (name: string): Promise<Endpoint> => {
    const auth = await createAuthApp(
      { ...authDefaults, algorithms, redisUrl: redis.url, redisPrefix: redis.prefix },
      { logger, snapshots, secretKey, publisher, journal: silentJournal },
    );
    const edge = await createEdgeApp(
      {
        ...edgeDefaults,
        name,
        isOverloadOn: false,
        sipListen: [{ transport: 'udp', address: '127.0.0.1', port: 0 }],
      },
      {
        logger,
        secretKey,
        store,
        publisher,
        journal: silentJournal,
        pods: soloPodRegistry(5),
        auth: localAuthClient(auth.handlers),
        routing: {
          route: () =>
            Promise.resolve(
              RouteReply.fromPartial({
                outcome: { $case: 'deny', value: { reason: 'NoAvailableRouter' } },
              }),
            ),
          nextCandidate: () => Promise.reject(new Error('nobody is called')),
          rest: () => Promise.resolve(),
        },
        registrar: {
          register: () =>
            Promise.resolve(
              RegisterResponse.fromPartial({
                outcome: { $case: 'registered', value: { contacts: [] } },
              }),
            ),
          keepalives: () => Promise.resolve(KeepalivesResponse.fromPartial({})),
          endFlows: () => Promise.resolve({ ended: 0 }),
        },
      },
    );
    t.after(async () => {
      await edge.stop();
      await auth.stop();
    });
    await auth.start();
    await edge.start();
    const [address = '', port = ''] = (edge.advertised ?? '').split(':');
    return { address, port: Number(port) };
  };
  t.after(() => redis.close());
  const edges = [await open('edge-1'), await open('edge-2')] as const;
  const plays = Object.entries(situations).flatMap(([name, situation], at) =>
    ways
      .filter((_, index) => index % THINNED === at)
      .map((way, nth) => ({ ...situation, name, way, user: `u${String(at)}${String(nth)}` })),
  );
  const users = plays.map(({ user }) => user);
  for (const mode of [1, 2, 3] as const) {
    snapshots.set(configuration(mode, users));
    const ofMode = plays.filter(({ way }) => way.mode === mode);
    const rows = await Promise.all(
      ofMode.map(async ({ name, play, user, way }) => {
        const response = await play(new PlayedCall(way, user, edges));
        return `${name}: ${Object.values(way).join(' ')}: ${described(response, way)}`;
      }),
    );
    const expected = ofMode.map(
      ({ expected: what, name, way }) => `${name}: ${Object.values(way).join(' ')}: ${what}`,
    );
    assert.deepEqual(rows, expected);
  }
});
