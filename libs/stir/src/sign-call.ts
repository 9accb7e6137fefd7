import type { KeyObject } from 'node:crypto';
import { CompactSign } from 'jose';
import { readPassport } from './passport.ts';

/** RFC 8588 §4: full, partial, gateway. */
export type Attestation = 'A' | 'B' | 'C';

/** What is said of a call, and signed. */
export interface CallClaims {
  readonly attestation: Attestation;
  /** RFC 8588 §5: names the origin to those who trace the call back. */
  readonly origid: string;
  /** As {@link signedNumber} writes them. */
  readonly caller: string;
  readonly callee: string;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
}

export interface SigningKey {
  /** Private, on the curve P-256 (RFC 8225 §7). */
  readonly key: KeyObject;
  /** Where the certificates of the key are fetched. */
  readonly x5u: string;
}

/**
 * The value of an Identity header for a call (RFC 8224 §4, RFC 8588).
 * @throws what jose throws where the key is none for ES256
 */
export async function signCall(
  { attestation, origid, caller, callee, atMs }: CallClaims,
  { key, x5u }: SigningKey,
): Promise<string> {
  // RFC 8225 §9: keys in lexicographic order, no white space.
  const payload = JSON.stringify({
    attest: attestation,
    dest: { tn: [callee] },
    iat: Math.floor(atMs / 1000),
    orig: { tn: caller },
    origid,
  });
  const token = await new CompactSign(Buffer.from(payload))
    .setProtectedHeader({ alg: 'ES256', ppt: 'shaken', typ: 'passport', x5u })
    .sign(key);
  return `${token};info=<${x5u}>;alg=ES256;ppt=shaken`;
}

/** When an Identity header was signed, in milliseconds since the epoch; undefined where it does not say. */
export function signedAtMs(identity: string): number | undefined {
  const [token = ''] = identity.split(';', 1);
  const passport = readPassport(token.trim());
  return typeof passport === 'string' ? undefined : passport.iat * 1000;
}
