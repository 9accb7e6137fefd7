/** What a PASSporT says (RFC 8225, RFC 8588), not yet verified. */
export interface Passport {
  readonly alg: string;
  /** '' where it has none: the base form. */
  readonly ppt: string;
  readonly x5u: string;
  /** Seconds since the epoch. */
  readonly iat: number;
  /** Numbers as they stand there; of URIs none. */
  readonly orig: string;
  readonly dest: readonly string[];
  /** Of SHAKEN; '' where it has none. */
  readonly attest: string;
  readonly origid: string;
  /** Every claim, for what a certificate says of them. */
  readonly claims: Readonly<Record<string, unknown>>;
}

type Json = Readonly<Record<string, unknown>>;

/** Reads the token of an Identity header. @returns in words what is wrong with it, where it is none */
export function readPassport(token: string): Passport | string {
  const parts = token.split('.');
  const [header = '', payload = ''] = parts;
  if (parts.length !== 3) return 'it is no signed token';
  // RFC 8224 §4.1 allows it, RFC 8588 §6 does not.
  if (payload === '') return 'it is in the compact form, which SHAKEN does not use';
  const said = jsonOf(header);
  const claims = jsonOf(payload);
  if (said === undefined || claims === undefined) return 'its token is no JSON';
  const { iat } = claims;
  if (said['typ'] !== 'passport') return 'its token is no PASSporT';
  if (typeof iat !== 'number' || !Number.isFinite(iat)) return 'it does not say when it was signed';
  const orig = asJson(claims['orig'])?.['tn'];
  const dest = asJson(claims['dest'])?.['tn'];
  return {
    alg: textOf(said['alg']),
    ppt: textOf(said['ppt']),
    x5u: textOf(said['x5u']),
    iat,
    orig: textOf(orig),
    dest: (Array.isArray(dest) ? dest : [dest]).filter((each) => typeof each === 'string'),
    attest: textOf(claims['attest']),
    origid: textOf(claims['origid']),
    claims,
  };
}

function jsonOf(part: string): Json | undefined {
  try {
    return asJson(JSON.parse(Buffer.from(part, 'base64url').toString('utf8')));
  } catch {
    return undefined; // Whoever reads it says so.
  }
}

function asJson(value: unknown): Json | undefined {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? (value as Json) : undefined;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
