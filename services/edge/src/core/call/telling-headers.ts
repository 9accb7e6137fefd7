import { readableText } from '@tandem/sip';
import type { SipResponse } from '@tandem/sip';

/** RFC 3261 §21, RFC 4028 §7.3: where a refusal says what would do in place of what was sent. */
const headersByCode: Readonly<Record<number, string>> = {
  300: 'Contact',
  301: 'Contact',
  302: 'Contact',
  305: 'Contact',
  380: 'Contact',
  405: 'Allow',
  406: 'Accept',
  415: 'Accept',
  420: 'Unsupported',
  421: 'Require',
  422: 'Min-SE',
  423: 'Min-Expires',
  480: 'Retry-After',
  486: 'Retry-After',
  494: 'Security-Server',
  500: 'Retry-After',
  600: 'Retry-After',
  603: 'Retry-After',
};
const LONGEST = 200;

/** "Unsupported: 100rel"; undefined where the answer says nothing of that kind. */
export function whatWouldDo({ headers, status }: SipResponse): string | undefined {
  const name = headersByCode[status];
  const values = name === undefined ? [] : headers.getAll(name);
  if (name === undefined || values.length === 0) return undefined;
  return `${name}: ${readableText(values.join(', ')).slice(0, LONGEST)}`;
}

/** AUTH-11: scheme, realm and algorithm of what a 401 or 407 asks for, without its nonce; undefined where it asks for nothing. */
export function whatIsAsked({ headers }: SipResponse): string | undefined {
  const asked = ['Proxy-Authenticate', 'WWW-Authenticate'].flatMap((name) => headers.getAll(name));
  const told = asked.map((value) => {
    const scheme = /^\s*([\w-]+)/.exec(value)?.[1] ?? 'nothing';
    const terms = ['realm', 'algorithm', 'qop'].flatMap((term) => {
      const found = new RegExp(`\\b${term}\\s*=\\s*(?:"([^"]*)"|([^\\s,]+))`, 'i').exec(value);
      const set = found?.[1] ?? found?.[2];
      return set === undefined ? [] : [`${term} ${set}`];
    });
    return [scheme, ...terms].join(', ');
  });
  return told.length === 0 ? undefined : readableText(told.join('; ')).slice(0, LONGEST);
}
