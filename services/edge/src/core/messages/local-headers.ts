import { transportOf } from '@tandem/sip';
import type { TransportName } from '@tandem/sip';
import type { LocalIdentity } from '../network/local-identity.ts';

/** Where the token stands in a Contact: `user`: in the user part; `param`: in a URI parameter. */
export type ContactForm = 'user' | 'param';

/** Name of the URI parameter that holds a token (edge.md §2). */
export const TOKEN_PARAMETER = 'tt';

/** Value of the Via of what the switch sends; `rport` has a meaning over UDP alone (RFC 3581 §3). */
export function viaValue(local: LocalIdentity, branch: string, transport?: TransportName): string {
  const { viaName, isConnectionBound } = transportOf({ transport });
  const rport = isConnectionBound ? '' : ';rport';
  return `SIP/2.0/${viaName} ${local.hostPort};branch=${branch}${rport}`;
}

/** Value of the Contact that a peer gets: it names the transport that the peer is to come back by. */
export function contactValue(
  local: LocalIdentity,
  token: string,
  options: {
    readonly transport?: TransportName | undefined;
    /** @default 'user' */
    readonly form?: ContactForm | undefined;
  } = {},
): string {
  const address =
    options.form === 'param'
      ? `${local.hostPort};${TOKEN_PARAMETER}=${token}`
      : `${token}@${local.hostPort}`;
  const { uriParameter } = transportOf(options);
  return uriParameter === undefined
    ? `<sip:${address}>`
    : `<sip:${address};transport=${uriParameter}>`;
}
