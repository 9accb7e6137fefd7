import { generateKeyPairSync, sign } from 'node:crypto';
import type { Signing } from '../../src/core/call/call-steps.ts';
import type { CallSigner, SigningRequest } from '../../src/ports.ts';
import type { FakeClock } from '@tandem/testing';

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });

/**
 * Signs with ES256 within the turn, or after as many milliseconds of simulated time as a test says. No two signatures are the
 * same, since the algorithm draws a random number for each: what is the same to the byte was made once.
 */
export class TestSigner implements CallSigner {
  readonly asked: SigningRequest[] = [];
  /** How long the next ones take. */
  readonly delays: number[] = [];
  readonly #clock: FakeClock;

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  sign(request: SigningRequest): Promise<Signing> {
    this.asked.push(request);
    const { callee, nowMs, signature } = request;
    const part = (value: object): string =>
      Buffer.from(JSON.stringify(value)).toString('base64url');
    const { attestation: attest, number, origid, x5u } = signature;
    const said = {
      attest,
      dest: { tn: [callee] },
      iat: nowMs / 1000,
      orig: { tn: number },
      origid,
    };
    const text = `${part({ alg: 'ES256', ppt: 'shaken', typ: 'passport', x5u })}.${part(said)}`;
    const key = { key: privateKey, dsaEncoding: 'ieee-p1363' } as const;
    const token = `${text}.${sign('sha256', Buffer.from(text), key).toString('base64url')}`;
    const signing: Signing = {
      kind: 'signed',
      identity: `${token};info=<${x5u}>;alg=ES256;ppt=shaken`,
    };
    const ms = this.delays.shift() ?? 0;
    if (ms === 0) return Promise.resolve(signing);
    return new Promise((resolve) => {
      this.#clock.start(ms, () => {
        resolve(signing);
      });
    });
  }
}
