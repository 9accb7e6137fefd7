/** A value of Identity taken apart (RFC 8224 §4). */
export interface IdentityHeader {
  readonly token: string;
  /** Where the certificates are. */
  readonly info: string;
  /** In upper case. */
  readonly alg: string;
  /** In lower case; '' where there is none. */
  readonly ppt: string;
}

const PARAM = /;\s*([\w-]+)\s*=\s*(<[^>]*>|"[^"]*"|[^;\s]*)/g;
const LONGEST = 8192;

/** @returns undefined where it is too long to be one */
export function readIdentityHeader(value: string): IdentityHeader | undefined {
  if (value.length > LONGEST) return undefined;
  const params = new Map<string, string>();
  for (const [, name = '', given = ''] of value.matchAll(PARAM)) {
    params.set(name.toLowerCase(), given.replace(/^[<"]|[>"]$/g, ''));
  }
  const [token = ''] = value.split(';', 1);
  return {
    token: token.trim(),
    info: params.get('info') ?? '',
    // RFC 8224 §4: ES256 where it is not said.
    alg: (params.get('alg') ?? 'ES256').toUpperCase(),
    ppt: (params.get('ppt') ?? '').toLowerCase(),
  };
}
