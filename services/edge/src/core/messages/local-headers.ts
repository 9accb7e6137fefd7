import { parseUri, transportOf, transportOfUri } from '@tandem/sip';
import type { TransportName, Via } from '@tandem/sip';
import type { LocalName } from '../network/local-addresses.ts';

/** Where the token stands in a Contact: `user`: in the user part; `param`: in a URI parameter. */
export type ContactForm = 'user' | 'param';

/** Name of the URI parameter that holds a token (edge.md §2). */
const TOKEN_PARAMETER = 'tt';

/** Value of the Via of what the switch sends; `rport` has a meaning over UDP alone (RFC 3581 §3). */
export function viaValue(local: LocalName, branch: string, transport?: TransportName): string {
  const { viaName, isConnectionBound } = transportOf({ transport });
  const rport = isConnectionBound ? '' : ';rport';
  return `SIP/2.0/${viaName} ${local.hostPort};branch=${branch}${rport}`;
}

/**
 * Name of the parameter of our second Via that says, with a request that refreshes a session, what its 2xx is completed with
 * where the token alone would say otherwise. The topmost Via cannot hold it: CANCEL and ACK have the same.
 */
const SESSION_PARAMETER = 'se';

/** @param seconds 0 = nothing is completed; undefined = as the token says */
export function sessionVia(via: string, seconds: number | undefined): string {
  return seconds === undefined ? via : `${via};${SESSION_PARAMETER}=${String(seconds)}`;
}

/** What `sessionVia` wrote. */
export function sessionOfVia(via: Pick<Via, 'params'> | undefined): number | undefined {
  const value = via?.params.get(SESSION_PARAMETER);
  return typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : undefined;
}

/**
 * Value of the Contact that a peer gets: it names the transport that the peer is to come back by. A sips URI says of itself that
 * it is TLS (RFC 5630 §5.1.1).
 */
export function contactValue(
  local: LocalName,
  token: string,
  options: {
    readonly transport?: TransportName | undefined;
    /** @default 'user' */
    readonly form?: ContactForm | undefined;
    /** The request that it stands in, or that is answered, went to a sips URI (RFC 3261 §8.1.1.8, §12.1.1). @default false */
    readonly isSips?: boolean | undefined;
  } = {},
): string {
  const address =
    options.form === 'param'
      ? `${local.hostPort};${TOKEN_PARAMETER}=${token}`
      : `${token}@${local.hostPort}`;
  const transport = transportOf(options);
  const { uriParameter } = transport;
  const scheme = options.isSips === true ? 'sips' : 'sip';
  const isImplied = transportOfUri(scheme, undefined) === transport;
  return uriParameter === undefined || isImplied
    ? `<${scheme}:${address}>`
    : `<${scheme}:${address};transport=${uriParameter}>`;
}

/** Where a token stands in a Request-URI: in a parameter, or in the user part. */
export function tokenText(uri: string): string {
  try {
    const { params, user } = parseUri(uri);
    const value = params.get(TOKEN_PARAMETER);
    return typeof value === 'string' ? value : (user ?? '');
  } catch {
    return ''; // No SIP URI, so no token of ours.
  }
}
