import { issueCertificate } from '@tandem/testing';
import type { CertificateOptions, IssuedCertificate } from '@tandem/testing';
import { readCertificates, signCall, verifyCall } from '../src/index.ts';
import type { CallClaims, CallFacts, Verdict } from '../src/index.ts';

export const NOON = Date.parse('2026-06-01T12:00:00Z');
export const X5U = 'https://certificates.example.org/carrier.pem';
export const years = {
  validFrom: new Date('2020-01-01T00:00:00Z'),
  validTo: new Date('2040-01-01T00:00:00Z'),
};

export const root = issueCertificate({ name: 'Root', ...years });

/** A certificate for calls that the root has issued. */
export function issued(options: Partial<CertificateOptions> = {}): IssuedCertificate {
  const numbers = [{ spc: '1234' }];
  return issueCertificate({ name: 'Carrier', issuer: root, numbers, ...years, ...options });
}

export const carrier = issued();

export const claims: CallClaims = {
  attestation: 'A',
  origid: '3a47ca23-d7b0-446b-821d-33c2a9a5c0ff',
  caller: '441632960123',
  callee: '442079460000',
  atMs: NOON,
};

export const facts: Omit<CallFacts, 'identity'> = {
  callers: ['+441632960123'],
  callees: ['442079460000'],
  date: '',
  nowMs: NOON,
};

/** A call signed with a certificate, as one who trusts the root finds it. */
export async function verified(
  parts: {
    readonly by?: IssuedCertificate;
    readonly chain?: readonly IssuedCertificate[];
    readonly claims?: Partial<CallClaims>;
    readonly facts?: Partial<CallFacts>;
    readonly authorities?: readonly IssuedCertificate[];
    readonly mend?: (identity: string) => string;
  } = {},
): Promise<Verdict> {
  const {
    by = carrier,
    chain = [by],
    authorities = [root],
    mend = (identity: string) => identity,
  } = parts;
  const identity = await signCall({ ...claims, ...parts.claims }, { key: by.key, x5u: X5U });
  const pem = chain.map((each) => each.pem).join('');
  return verifyCall(
    { identity: [mend(identity)], ...facts, ...parts.facts },
    {
      authorities: authorities.flatMap((each) => readCertificates(Buffer.from(each.pem))),
      certificates: (url) =>
        Promise.resolve(url === X5U ? readCertificates(Buffer.from(pem)) : `${url}: not found`),
    },
  );
}
