import type { Challenge } from '@tandem/proto/auth';
import { formatChallenge, toWire } from '@tandem/sip';
import type { ChallengeAlgorithm } from './auth-configuration.ts';
import type { ChallengeMode } from './session-terms.ts';

/** What a challenge is made of. */
export interface ChallengeParts {
  readonly mode: ChallengeMode;
  readonly method: string;
  readonly realm: string;
  readonly nonce: string;
  readonly isStale: boolean;
  readonly algorithms: readonly ChallengeAlgorithm[];
}

/**
 * AUTH-02: mode 1 is 401, mode 2 is 407, mode 3 goes by the method and carries both headers, so that an
 * endpoint that knows only one of them can answer. One nonce serves all values.
 */
export function buildChallenge(parts: ChallengeParts): Challenge {
  const { mode, method } = parts;
  const values = parts.algorithms.map((algorithm) => challengeValue(parts, algorithm));
  return {
    code: challengeCode(mode, method),
    wwwAuthenticate: mode === 2 ? [] : values,
    proxyAuthenticate: mode === 1 ? [] : values,
  };
}

/** AUTH-02 */
export function challengeCode(mode: ChallengeMode, method: string): 401 | 407 {
  return mode === 1 || (mode === 3 && method === 'REGISTER') ? 401 : 407;
}

/** In which header each mode expects the answer. */
export const challengeHeaders: Readonly<Record<ChallengeMode, string>> = {
  1: 'Authorization',
  2: 'Proxy-Authorization',
  3: 'Authorization or Proxy-Authorization',
};

function challengeValue(
  { realm, nonce, isStale }: ChallengeParts,
  algorithm: ChallengeAlgorithm,
): string {
  // AUTH-04: only `auth` is offered; an answer with auth-int is checked all the same.
  const parts = { realm: toWire(realm), nonce, algorithm, qop: ['auth'], stale: isStale };
  return formatChallenge(parts);
}
