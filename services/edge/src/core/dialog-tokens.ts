import { contact, from, parseUri, to } from '@tandem/sip';
import type { SipRequest, SipResponse } from '@tandem/sip';
import type { DialogToken } from './dialog-token.ts';
import { ipLiteral, parsePeerAddress } from './peer-address.ts';
import type { PeerAddress } from './peer-address.ts';

/** A peer that moves with every request fills no record. */
const MOST_ADDRESSES = 8;

/** What both tokens of a call are made from. */
export interface DialogParts {
  readonly callId: string;
  readonly invite: SipRequest;
  readonly source: PeerAddress;
  /** To tag that the caller sees. */
  readonly switchTag: string;
}

/** The token that the carrier holds: how to reach the caller. */
export function tokenForCarrier(
  parts: DialogParts,
  carrier: {
    /** The one that the INVITE goes to, then the gateway's others: it may hang up from any. */
    readonly addresses: readonly PeerAddress[];
    readonly isStored: boolean;
  },
): DialogToken {
  const { invite, source } = parts;
  const holderAddresses = [...new Set(carrier.addresses.map(({ address }) => address))];
  const caller = from(invite);
  const callee = to(invite);
  return {
    callId: parts.callId,
    holder: 'b',
    holderAddresses: holderAddresses.slice(0, MOST_ADDRESSES),
    target: contact(invite)?.uri ?? caller.uri,
    // CALL-07: requests to the mapping side go to the socket that the INVITE came from.
    nextHop: source,
    // RFC 3261 §12.1.1: the callee's route set is the Record-Route in its order.
    routes: invite.headers.list('Record-Route'),
    callIdHeader: invite.headers.get('Call-ID') ?? '',
    localUri: `<${callee.uri}>`,
    remoteUri: `<${caller.uri}>`,
    localTag: parts.switchTag,
    remoteTag: caller.tag ?? '',
    cseqOffset: 0,
    isStored: carrier.isStored,
  };
}

/** The token that the caller holds, once a response of the carrier says how to reach the callee. */
export function tokenForCaller(
  parts: DialogParts,
  carrier: {
    readonly response: SipResponse;
    readonly address: PeerAddress;
    readonly localUri: string;
    readonly remoteUri: string;
    readonly localTag: string;
    readonly cseqOffset: number;
    readonly fallbackTarget: string;
  },
): DialogToken {
  const { response, address } = carrier;
  const target = contact(response)?.uri ?? carrier.fallbackTarget;
  // RFC 3261 §12.1.2: the caller's route set is the Record-Route in reverse order.
  const routes = response.headers.list('Record-Route').reverse();
  const callerContact = contact(parts.invite)?.uri;
  const contactAddress = callerContact === undefined ? undefined : addressOf(callerContact);
  return {
    callId: parts.callId,
    holder: 'a',
    holderAddresses: [
      ...new Set([parts.source.address, contactAddress?.address ?? parts.source.address]),
    ],
    target,
    nextHop: nextHop(routes[0], target, address),
    routes,
    callIdHeader: parts.callId,
    localUri: carrier.localUri,
    remoteUri: carrier.remoteUri,
    localTag: carrier.localTag,
    remoteTag: to(response).tag ?? '',
    cseqOffset: carrier.cseqOffset,
    isStored: false,
  };
}

/** A token after a target refresh of the other side moved its Contact. */
export function refreshedToken(token: DialogToken, target: string): DialogToken {
  if (target === token.target) return token;
  const moved =
    token.holder === 'a' ? nextHop(token.routes[0], target, token.nextHop) : token.nextHop;
  return { ...token, target, nextHop: moved };
}

/** A token whose holder may send from the addresses too that its Contact and its first route name. */
export function widenedToken(
  token: DialogToken,
  ...addresses: readonly (PeerAddress | undefined)[]
): DialogToken {
  const known = new Set(token.holderAddresses);
  for (const each of addresses) {
    if (each !== undefined && known.size < MOST_ADDRESSES) known.add(each.address);
  }
  return known.size === token.holderAddresses.length
    ? token
    : { ...token, holderAddresses: [...known] };
}

/** RFC 3261 §12.2.1.1: the first route, else the target; where its host is a name, the address known to work. */
function nextHop(route: string | undefined, target: string, known: PeerAddress): PeerAddress {
  const uri = route === undefined ? target : /<([^>]*)>/.exec(route)?.[1];
  const address = uri === undefined ? undefined : addressOf(uri);
  return address !== undefined && isReachableAs(known, address) ? address : known;
}

const unusable = new Set(['0.0.0.0', '255.255.255.255', '::']);

/** A socket speaks one IP version, and nobody is at an address that is none. */
function isReachableAs(known: PeerAddress, { address }: PeerAddress): boolean {
  return address.includes(':') === known.address.includes(':') && !unusable.has(address);
}

/** Address and port that a URI names, where its host is an IP address. */
export function addressOf(uri: string): PeerAddress | undefined {
  try {
    const { host, port } = parseUri(uri);
    const address = ipLiteral(host);
    return address === undefined ? undefined : parsePeerAddress(`${host}:${String(port ?? 5060)}`);
  } catch {
    return undefined; // A target that is no SIP URI: the address the peer is known by still works.
  }
}
