/**
 * How identity headers are dealt with on one side of a call (CALL-12), as a sum: one number in a candidate and in every token
 * of the call. 0: the side is not trusted, and gets and gives nothing.
 */
export const identityTerms = {
  /** What the side says of who calls is believed, and it may be told what callers want to be kept from others. */
  trusted: 1,
  /** P-Asserted-Identity (RFC 3325) is taken from it and written to it; the same of those that follow. */
  pai: 2,
  /** Remote-Party-ID (draft-ietf-sip-privacy-04). */
  rpid: 4,
  /** RFC 5806. */
  diversion: 8,
  /** RFC 7044. */
  'history-info': 16,
  /** Numbers are written to it as tel URIs; with `both`, as a SIP and a tel URI (RFC 3325 §9.1). */
  tel: 32,
  both: 64,
  /** SIP URIs of numbers get `user=phone`. */
  userPhone: 128,
  /** The verdict on a signed number is written to it: `verstat`, `Attestation-Info`, `Origination-Id`. */
  verstat: 256,
} as const;

export type IdentityTerm = keyof typeof identityTerms;

/** The headers that a side may name. */
export const identityHeaders = ['pai', 'rpid', 'diversion', 'history-info'] as const;

export type IdentityHeader = (typeof identityHeaders)[number];

/** What an operator says of one side. */
export interface IdentitySetting {
  readonly trusted: boolean;
  /** @default of a trusted side: pai, diversion, history-info; of another one: none */
  readonly headers?: readonly IdentityHeader[] | undefined;
  readonly uri: 'sip' | 'tel' | 'both';
  readonly userPhone: boolean;
  readonly verstat?: boolean | undefined;
}

const whereTrusted: readonly IdentityHeader[] = ['pai', 'diversion', 'history-info'];

/** The terms of a side for which this is set. */
export function identityTermsOf(setting: IdentitySetting | undefined): number {
  if (setting === undefined) return 0;
  const { trusted, headers = trusted ? whereTrusted : [], uri, userPhone, verstat } = setting;
  let terms = trusted ? identityTerms.trusted : 0;
  for (const header of headers) terms |= identityTerms[header];
  if (uri !== 'sip') terms |= identityTerms[uri];
  if (userPhone) terms |= identityTerms.userPhone;
  if (verstat === true) terms |= identityTerms.verstat;
  return terms;
}

/** Whether a term is among those of a side. */
export function hasIdentityTerm(terms: number, term: IdentityTerm): boolean {
  return (terms & identityTerms[term]) !== 0;
}
