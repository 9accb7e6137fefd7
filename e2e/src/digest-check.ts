import { createHash } from 'node:crypto';
import { type TracedMessage, header } from './sip-trace.ts';

/**
 * Whether a request carries the right MD5 digest with qop=auth in this header. Written from RFC 2617 alone,
 * so that it does not share a mistake with the code that is tested.
 */
export function hasRightDigest(
  request: TracedMessage,
  headerName: string,
  credentials: { readonly username: string; readonly password: string },
): boolean {
  const value = header(request, headerName) ?? '';
  const field = (name: string): string => {
    const match = new RegExp(`[ ,]${name}=(?:"([^"]*)"|([^, ]+))`).exec(value);
    return match?.[1] ?? match?.[2] ?? '';
  };
  const { username, password } = credentials;
  const ha1 = md5(`${username}:${field('realm')}:${password}`);
  const ha2 = md5(`${request.method ?? ''}:${field('uri')}`);
  const session = [field('nonce'), field('nc'), field('cnonce'), field('qop')].join(':');
  return field('username') === username && field('response') === md5(`${ha1}:${session}:${ha2}`);
}

function md5(text: string): string {
  return createHash('md5').update(text, 'latin1').digest('hex');
}
