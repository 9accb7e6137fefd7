import type { LocalIdentity } from '../network/local-identity.ts';
import type { PeerAddress } from '../network/peer-address.ts';

/** Where the token stands in a Contact: `user`: in the user part; `param`: in a URI parameter. */
export type ContactForm = 'user' | 'param';

/** Name of the URI parameter that holds a token (edge.md §2). */
export const TOKEN_PARAMETER = 'tt';

type TransportName = NonNullable<PeerAddress['transport']>;

/** Value of the Via of what the switch sends; `rport` has a meaning over UDP alone (RFC 3581 §3). */
export function viaValue(
  local: LocalIdentity,
  branch: string,
  transport: TransportName = 'udp',
): string {
  return transport === 'tcp'
    ? `SIP/2.0/TCP ${local.hostPort};branch=${branch}`
    : `SIP/2.0/UDP ${local.hostPort};branch=${branch};rport`;
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
  return options.transport === 'tcp' ? `<sip:${address};transport=tcp>` : `<sip:${address}>`;
}
