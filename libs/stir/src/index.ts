export { CertificateCache } from './certificate-cache.ts';
export type { CertificateCacheOptions, Fetched, FetchCertificates } from './certificate-cache.ts';
export { readCertificates } from './certificate-chain.ts';
export { signCall, signedAtMs } from './sign-call.ts';
export type { Attestation, CallClaims, SigningKey } from './sign-call.ts';
export { signedNumber } from './signed-number.ts';
export { verifyCall } from './verify-call.ts';
export type { CallFacts, FoundCertificates, Verdict, VerdictKind } from './verify-call.ts';
