import { quote } from '../message/characters.ts';
import { SipParseError } from '../message/parse-error.ts';
import { parseDigestParams } from './auth-params.ts';

/** What Authorization or Proxy-Authorization carries. Text is one character per byte. */
export interface Credentials {
  readonly username: string;
  readonly realm: string;
  readonly nonce: string;
  readonly uri: string;
  readonly response: string;
  /** As written; undefined means MD5. */
  readonly algorithm?: string | undefined;
  readonly opaque?: string | undefined;
  readonly cnonce?: string | undefined;
  /** Lower case; undefined for the old form without qop. */
  readonly qop?: string | undefined;
  /** Eight hexadecimal digits. */
  readonly nc?: string | undefined;
}

/**
 * Reads credentials.
 * @throws SipParseError SIP_BAD_CREDENTIALS, or SIP_UNKNOWN_AUTH_SCHEME when they are not Digest
 */
export function parseCredentials(value: string): Credentials {
  const params = parseDigestParams(value, 'SIP_BAD_CREDENTIALS');
  const qop = params.get('qop')?.toLowerCase();
  const nc = params.get('nc');
  const cnonce = params.get('cnonce');
  if (qop !== undefined) {
    // RFC 7616 §3.4: with qop both are there.
    required(params, 'cnonce');
    if (!isNonceCount(required(params, 'nc'))) {
      throw new SipParseError('SIP_BAD_CREDENTIALS', 'nc is not of eight hexadecimal digits');
    }
  }
  return {
    username: required(params, 'username'),
    realm: required(params, 'realm'),
    nonce: required(params, 'nonce'),
    uri: required(params, 'uri'),
    response: required(params, 'response'),
    algorithm: params.get('algorithm'),
    opaque: params.get('opaque'),
    cnonce,
    qop,
    nc,
  };
}

/** The value of the header. */
export function formatCredentials(credentials: Credentials): string {
  const { username, realm, nonce, uri, response, algorithm, opaque, cnonce, qop, nc } = credentials;
  let text = `Digest username=${quote(username)},realm=${quote(realm)},nonce=${quote(nonce)}`;
  text += `,uri=${quote(uri)},response=${quote(response)}`;
  if (algorithm !== undefined) {
    text += `,algorithm=${algorithm}`;
  }
  if (cnonce !== undefined) {
    text += `,cnonce=${quote(cnonce)}`;
  }
  if (opaque !== undefined) {
    text += `,opaque=${quote(opaque)}`;
  }
  if (qop !== undefined) {
    text += `,qop=${qop}`;
  }
  return nc === undefined ? text : `${text},nc=${nc}`;
}

function required(params: ReadonlyMap<string, string>, name: string): string {
  const value = params.get(name);
  if (value === undefined) {
    throw new SipParseError('SIP_BAD_CREDENTIALS', `${name} is missing`);
  }
  return value;
}

function isNonceCount(nc: string): boolean {
  return /^[0-9a-f]{8}$/i.test(nc);
}
