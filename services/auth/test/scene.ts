import { sealPasswords, checkConfiguration, secretKeyFrom, openSecret } from '@tandem/config';
import { atOnce } from '@tandem/domain';
import type { AuthenticateResponse, Challenge, Deny } from '@tandem/proto/auth';
import { AuthenticateRequest } from '@tandem/proto/auth';
import type { Decision } from '@tandem/proto/decision';
import { answerChallenge, parseChallenge } from '@tandem/sip';
import type { SipName } from '@tandem/sip-names';
import { FakeClock } from '@tandem/testing';
import assert from 'node:assert/strict';
import { MemoryAuthStore } from '../src/adapters/memory-auth-store.ts';
import { Authenticator } from '../src/authenticator.ts';
import { configurationInSteps, type ChallengeAlgorithm } from '../src/core/auth-configuration.ts';
import type { AuthStore, CallVerifier, NonceSource } from '../src/ports.ts';
import type { ConcludedChallenge } from '../src/core/unanswered-call.ts';

export const secretKey = secretKeyFrom(Buffer.alloc(32, 7).toString('base64'));

/** A configuration with one of each kind of origin. */
export const exampleDocument = {
  realm: 'tandem',
  rateGroups: [{ name: 'standard', currency: 'USD', rates: [] }],
  accounts: [{ name: 'demo', rateGroup: 'standard' }],
  phones: [
    { username: '1001', password: 'tandem-demo', account: 'demo' },
    { username: '2001', password: 'other', account: 'demo', realm: 'branch.example.org' },
  ],
  mappingGateways: [
    { name: 'trunk', account: 'demo', authentication: { mode: 'ip', addresses: ['192.0.2.0/24'] } },
    {
      name: 'pbx',
      account: 'demo',
      authentication: { mode: 'ip-port', addresses: ['198.51.100.7:5062'] },
    },
    {
      name: 'office',
      account: 'demo',
      authentication: { mode: 'password', username: 'office-user', password: 'office-pass' },
    },
  ],
};

const unknownName: SipName = {
  text: '',
  servers: undefined,
  isAsked: false,
  isStale: false,
  failure: '',
};

export interface SceneOptions {
  readonly parameters?: Readonly<Record<string, number | boolean | string>>;
  readonly algorithms?: readonly ChallengeAlgorithm[];
  readonly store?: AuthStore;
  /** What time it is to the pod. @default a clock that stands still */
  readonly now?: () => number;
  /** Pods that share a store draw nonces of their own. @default 0 */
  readonly pod?: number;
  /** @default none is asked */
  readonly verifier?: CallVerifier;
}

/** Who calls, in what way; the rest of the request is filled in. */
export type Call = Parameters<typeof AuthenticateRequest.fromPartial>[0];

/** Somebody's answer to a challenge. */
export interface Answer {
  readonly password: string;
  readonly username?: string;
  readonly nc?: number;
  readonly cnonce?: string;
  readonly algorithm?: string;
  readonly header?: 'authorization' | 'proxyAuthorization';
}

/** Auth with a store in memory and a clock that stands still, and a phone that knows how to answer. */
export class Scene {
  /** What names of gateways stand for. */
  readonly names = new Map<string, { -readonly [Key in keyof SipName]: SipName[Key] }>();
  readonly clock = new FakeClock();
  readonly store: AuthStore;
  readonly #authenticator: Authenticator;
  readonly #algorithms: readonly ChallengeAlgorithm[];
  #version = 0;

  constructor({
    parameters = {},
    algorithms = ['MD5'],
    store,
    pod = 0,
    now = () => this.clock.now(),
    verifier,
  }: SceneOptions = {}) {
    this.store = store ?? new MemoryAuthStore({ nowMs: () => this.clock.now() });
    this.#algorithms = algorithms;
    this.#authenticator = new Authenticator({
      store: this.store,
      clock: { nowMs: now },
      nonces: countedNonces(pod),
      verifier: verifier ?? {
        verify: () => Promise.reject(new Error('no signature is looked at')),
      },
    });
    this.apply({ parameters });
  }

  apply(change: Readonly<Record<string, unknown>>): void {
    const result = checkConfiguration({ ...exampleDocument, ...change });
    assert.equal(result.kind, 'valid', JSON.stringify(result));
    this.#version += 1;
    const configuration = sealPasswords(result.configuration, secretKey);
    this.#authenticator.use(
      atOnce(
        configurationInSteps(
          { version: this.#version, configuration },
          {
            algorithms: this.#algorithms,
            nonceLifetimeMs: 60_000,
            openPassword: (sealed) => openSecret(secretKey, sealed),
          },
          { name: ({ host }) => this.names.get(host) ?? unknownName },
        ),
      ),
    );
  }

  /** A name of a gateway has another answer. */
  lookedUp(host: string, addresses: readonly string[]): void {
    const server = { priority: 0, weight: 0, transport: 'udp', record: '', addresses } as const;
    const known = this.names.get(host);
    if (known === undefined) this.names.set(host, { ...unknownName, servers: [server] });
    else known.servers = [server];
    this.#authenticator.renewNames();
  }

  send(call: Call): Promise<AuthenticateResponse> {
    return this.#authenticator.authenticate(requestOf(call));
  }

  whyNotBlacklisted(address: string): string | undefined {
    return this.#authenticator.whyNotBlacklisted(address);
  }

  /** What nobody has answered in its time. */
  unanswered(): Promise<readonly ConcludedChallenge[]> {
    return this.#authenticator.concludeUnanswered();
  }

  /** The value of the header that answers the challenge. */
  credentials(call: Call, challenge: Challenge, answer: Answer): string {
    const { authorization = [], proxyAuthorization = [] } = credentialsFor(call, challenge, answer);
    const [value = ''] = [...authorization, ...proxyAuthorization];
    return value;
  }

  /** Sends without credentials and gives the challenge. */
  async challengeFor(call: Call): Promise<Challenge> {
    return challengeOf(await this.send(call));
  }

  /** Sends the call again with an answer to the challenge. */
  answer(call: Call, challenge: Challenge, answer: Answer): Promise<AuthenticateResponse> {
    return this.send({ ...call, ...credentialsFor(call, challenge, answer) });
  }

  /** Sends without credentials, and where that is challenged the answer to it. */
  async call(call: Call, answer: Answer): Promise<AuthenticateResponse> {
    const response = await this.send(call);
    const { outcome } = response;
    if (outcome?.$case !== 'challenge') return response;
    return this.answer({ ...call, cseq: (call.cseq ?? 1) + 1 }, outcome.value, answer);
  }

  /** As a client that guesses: answers each challenge of one call with the next password. */
  async guess(call: Call, passwords: readonly string[]): Promise<AuthenticateResponse[]> {
    const responses: AuthenticateResponse[] = [];
    let challenge = await this.challengeFor(call);
    for (const [index, password] of passwords.entries()) {
      const response = await this.answer({ ...call, cseq: index + 2 }, challenge, { password });
      responses.push(response);
      if (response.outcome?.$case !== 'challenge') break;
      challenge = response.outcome.value;
    }
    return responses;
  }
}

/** An INVITE of phone 1001 from an address that belongs to nobody, unless said otherwise. */
export function requestOf(call: Call): AuthenticateRequest {
  return AuthenticateRequest.fromPartial({
    method: 'INVITE',
    requestUri: 'sip:442079460000@203.0.113.1',
    sourceAddress: '203.0.113.50',
    sourcePort: 5060,
    transport: 'udp',
    fromUser: '1001',
    fromHost: 'tandem',
    toUser: '442079460000',
    toHost: '203.0.113.1',
    sipCallId: 'call-1',
    cseq: 1,
    ...call,
  });
}

/** The header of a request that answers a challenge. */
export function credentialsFor(call: Call, challenge: Challenge, answer: Answer): Call {
  const { method, requestUri, fromUser } = requestOf(call);
  const values = [...challenge.proxyAuthenticate, ...challenge.wwwAuthenticate];
  const parsed = values.map((value) => parseChallenge(value));
  const wanted = parsed.find(({ algorithm }) => algorithm === (answer.algorithm ?? algorithm));
  assert.ok(wanted);
  const value = answerChallenge({
    challenge: wanted,
    username: answer.username ?? fromUser,
    password: answer.password,
    method,
    uri: requestUri,
    cnonce: answer.cnonce ?? 'c1',
    nc: answer.nc ?? 1,
  });
  const header = answer.header ?? (challenge.code === 401 ? 'authorization' : 'proxyAuthorization');
  return { [header]: [value] };
}

export function challengeOf(response: AuthenticateResponse): Challenge {
  assert.equal(response.outcome?.$case, 'challenge', JSON.stringify(response));
  return response.outcome.value;
}

export function denialOf(response: AuthenticateResponse): Deny {
  assert.equal(response.outcome?.$case, 'deny', JSON.stringify(response));
  return response.outcome.value;
}

export function allowedName(response: AuthenticateResponse): string {
  assert.equal(response.outcome?.$case, 'allow', JSON.stringify(response));
  return `${response.outcome.value.kind} ${response.outcome.value.name}`;
}

export function isStale(challenge: Challenge): boolean {
  const [value] = [...challenge.wwwAuthenticate, ...challenge.proxyAuthenticate];
  return parseChallenge(value ?? '').stale;
}

/** The only decision of a response, its facts as an object. */
export function decisionOf(response: AuthenticateResponse): {
  readonly decision: Decision;
  readonly facts: Readonly<Record<string, string>>;
} {
  const [decision] = response.decisions;
  assert.equal(response.decisions.length, 1);
  assert.ok(decision);
  const facts = Object.fromEntries(decision.facts.map(({ name, value }) => [name, value]));
  return { decision, facts };
}

function countedNonces(pod: number): NonceSource {
  let count = pod * 1_000_000;
  return {
    draw: () => {
      count += 1;
      return `nonce-${String(count).padStart(16, '0')}`;
    },
  };
}
