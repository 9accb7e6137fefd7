import { contact, cseq, from, isSameTransport, parseUri, to, transportOf } from '@tandem/sip';
import type { SipRequest, SipResponse } from '@tandem/sip';
import type { DialogTerms } from '@tandem/proto/routing';
import { isAmong, nearestFirst } from '../network/caller-addresses.ts';
import type { RelayedHop } from './dialog-branch.ts';
import { MOST_ADDRESSES } from './dialog-token.ts';
import type { DialogToken } from './dialog-token.ts';
import type { MediaTerms } from '../media/media-terms.ts';
import { ipLiteral } from '../network/peer-address.ts';
import type { PeerAddress } from '../network/peer-address.ts';
import type { ReplyMode } from '../network/reply-address.ts';
import { servedTransportOf } from '../network/served-transports.ts';
import { evenSeconds, hasTimer } from './session-timers.ts';
import { plainTerms } from './token-terms.ts';
import type { TokenTerms } from './token-terms.ts';

/** What both tokens of a call are made from. */
export interface DialogParts {
  readonly callId: string;
  readonly invite: SipRequest;
  readonly source: PeerAddress;
  /** The list of the gateway that calls, where it is known by its address. @default none: the source alone */
  readonly callerAddresses?: readonly string[] | undefined;
  /** To tag that the caller sees. */
  readonly switchTag: string;
  /** What the carrier's candidate says of its dialogs. */
  readonly terms?: DialogTerms | undefined;
  /** When the call began. @default 0 */
  readonly startedMs?: number | undefined;
  /** Where the caller takes answers. @default its socket */
  readonly replyMode?: ReplyMode | undefined;
  /** @default media is not anchored */
  readonly media?: MediaTerms | undefined;
}

/** Clocks of pods and store differ by less than this. */
const CLOCK_SLACK_S = 15;

/** The token that the carrier holds: how to reach the caller. */
export function tokenForCarrier(
  parts: DialogParts,
  carrier: {
    /** Where the INVITE goes, then the gateway's other places: it may hang up from any. */
    readonly addresses: readonly (PeerAddress | undefined)[];
    readonly isStored: boolean;
  },
): DialogToken {
  const { invite, source } = parts;
  const caller = from(invite);
  const callee = to(invite);
  const callerContact = contact(invite)?.uri;
  return {
    callId: parts.callId,
    holder: 'b',
    holderAddresses: distinct(carrier.addresses),
    callerAddresses: listOf(parts).slice(0, MOST_ADDRESSES),
    target: callerContact ?? caller.uri,
    nextHop: callerHop(source, callerContact),
    // RFC 3261 §12.1.1: the callee's route set is the Record-Route in its order.
    routes: invite.headers.list('Record-Route'),
    callIdHeader: invite.headers.get('Call-ID') ?? '',
    localUri: `<${callee.uri}>`,
    remoteUri: `<${caller.uri}>`,
    localTag: parts.switchTag,
    remoteTag: caller.tag ?? '',
    cseqOffset: 0,
    firstCseq: 0,
    isRouted: false,
    isStored: carrier.isStored,
    terms: tokenTerms(parts),
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
    /** As in `TokenTerms`. @default false */
    readonly mayChallenge?: boolean | undefined;
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
    holderAddresses: callerPlaces(parts, contactAddress),
    callerAddresses: [],
    target,
    nextHop: nextHop(routes[0], target, address),
    routes,
    callIdHeader: parts.callId,
    localUri: carrier.localUri,
    remoteUri: carrier.remoteUri,
    localTag: carrier.localTag,
    remoteTag: to(response).tag ?? '',
    cseqOffset: carrier.cseqOffset,
    firstCseq: cseq(parts.invite).number,
    isRouted: parts.invite.headers.has('Record-Route'),
    isStored: false,
    terms: { ...tokenTerms(parts), mayChallenge: carrier.mayChallenge ?? false },
  };
}

/** The gateway's list, what holds the source first. One of the source alone says nothing new. */
function listOf({ callerAddresses = [], source }: DialogParts): readonly string[] {
  const list = nearestFirst(callerAddresses, source.address);
  return list.every((each) => each === source.address) ? [] : list;
}

/** Where else the caller may speak from, by its own token. */
function listedBy({ holderAddresses }: DialogToken, source: PeerAddress): string[] {
  return holderAddresses.filter((each) => each !== source.address).slice(0, MOST_ADDRESSES);
}

/** Where the caller may speak from: what of its list holds its source stands for that. */
function callerPlaces(parts: DialogParts, contactAddress: PeerAddress | undefined): string[] {
  const [near, ...others] = listOf(parts);
  // What is sent in the dialog comes over the proxy that asked for it last (RFC 3261 §12.2), or past all of them.
  const [route] = parts.invite.headers.list('Record-Route');
  const proxy = route === undefined ? undefined : addressOfRoute(route);
  const peers = [parts.source, contactAddress, proxy];
  const called = distinct(peers, near === undefined ? [] : [near]);
  return [...called, ...others];
}

function tokenTerms(parts: DialogParts): TokenTerms {
  const { invite, media, terms, startedMs = 0, replyMode = 'socket' } = parts;
  const asked = {
    ...(replyMode === 'socket' ? undefined : { replyMode }),
    ...(media === undefined ? undefined : { media }),
  };
  if (terms === undefined) return { ...plainTerms, ...asked };
  const hasCallerTimer = hasTimer(invite.headers);
  const probeSeconds = hasCallerTimer ? 0 : terms.probeIntervalSeconds;
  const startedS = Math.floor(startedMs / 1000);
  return {
    sessionSeconds: evenSeconds(terms.sessionIntervalSeconds),
    speaksFromS: probeSeconds === 0 ? 0 : Math.max(1, startedS + probeSeconds - CLOCK_SLACK_S),
    hasCallerTimer,
    relaysRefer: terms.relaysRefer,
    contactForm: terms.contact === 'param' ? 'param' : 'user',
    mayChallenge: false,
    ...asked,
    identityA: terms.identityA,
    identityB: terms.identityB,
  };
}

/** A callee's token where the caller's To tag of its dialog is known. */
export function spokenIn(token: DialogToken, toTag: string): DialogToken {
  return token.localTag === toTag ? token : { ...token, localTag: toTag };
}

/**
 * CALL-07: requests to the mapping side go to the socket that it was heard by. A connection that is gone is made again to
 * where the Contact says, for nobody listens where it came from.
 */
function callerHop(source: PeerAddress, target: string | undefined): PeerAddress {
  if (!transportOf(source).isConnectionBound) return source;
  const listening = target === undefined ? undefined : addressOf(target);
  return listening?.address === source.address ? { ...source, port: listening.port } : source;
}

/**
 * A token after a target refresh of the other side moved its Contact, or its socket.
 * @param source where the other side was heard
 */
export function refreshedToken(
  token: DialogToken,
  target: string,
  source?: PeerAddress,
): DialogToken {
  const hop = movedHop(token, target, source);
  return target === token.target && isSamePeer(hop, token.nextHop)
    ? token
    : { ...token, target, nextHop: hop };
}

function movedHop(token: DialogToken, target: string, source?: PeerAddress): PeerAddress {
  if (token.holder === 'b') return callerHop(source ?? token.nextHop, target);
  const hop = nextHop(token.routes[0], target, token.nextHop);
  // The connection it came by is open.
  if (source?.address !== hop.address || !isSameTransport(source, hop)) return hop;
  return transportOf(hop).isConnectionBound ? { ...hop, flow: source.flow } : hop;
}

function isSamePeer(one: PeerAddress, other: PeerAddress): boolean {
  return (
    one.address === other.address &&
    one.port === other.port &&
    one.listener === other.listener &&
    one.certificate === other.certificate &&
    isSameTransport(one, other) &&
    (!transportOf(one).isConnectionBound ||
      (one.flow?.gate === other.flow?.gate && one.flow?.connection === other.flow?.connection))
  );
}

/**
 * The token that the other side holds, made of a request in the dialog and of the sender's own token: all that is wanted
 * where the store is away. Undefined where the sender has a route set, which no request repeats.
 */
export function rebuiltToken(
  request: SipRequest,
  token: DialogToken,
  source: PeerAddress,
): DialogToken | undefined {
  if (token.isRouted) return undefined;
  const sender = from(request);
  const switchName = to(request);
  const target = contact(request)?.uri ?? sender.uri;
  return {
    callId: token.callId,
    holder: token.holder === 'a' ? 'b' : 'a',
    holderAddresses: distinct([token.nextHop, addressOf(token.target)], token.callerAddresses),
    callerAddresses: token.holder === 'a' ? listedBy(token, source) : [],
    target,
    nextHop: token.holder === 'a' ? callerHop(source, target) : nextHop(undefined, target, source),
    routes: [],
    callIdHeader: request.headers.get('Call-ID') ?? '',
    localUri: `<${switchName.uri}>`,
    remoteUri: `<${sender.uri}>`,
    localTag: switchName.tag ?? '',
    remoteTag: sender.tag ?? '',
    cseqOffset: 0,
    firstCseq: 0,
    isRouted: token.routes.length > 0,
    isStored: false,
    terms: token.terms,
  };
}

/**
 * The token that the sender of a request holds, made of the response to it and of the hop that our branch kept; as
 * `rebuiltToken`.
 * @param source where the response came from
 */
export function rebuiltFromResponse(
  response: SipResponse,
  hop: RelayedHop,
  source: PeerAddress,
): DialogToken | undefined {
  const target = contact(response)?.uri;
  if (hop.isOtherRouted || target === undefined) return undefined;
  const switchName = from(response);
  const sender = to(response);
  return {
    callId: hop.callId,
    holder: hop.from,
    holderAddresses: distinct([hop.source], hop.holderAddresses),
    callerAddresses: hop.callerAddresses,
    target,
    nextHop: hop.from === 'b' ? callerHop(source, target) : nextHop(undefined, target, source),
    routes: [],
    callIdHeader: response.headers.get('Call-ID') ?? '',
    localUri: `<${switchName.uri}>`,
    remoteUri: `<${sender.uri}>`,
    localTag: switchName.tag ?? '',
    remoteTag: sender.tag ?? '',
    cseqOffset: hop.cseqOffset,
    firstCseq: hop.firstCseq,
    isRouted: hop.isRouted,
    isStored: false,
    terms: hop.terms,
  };
}

/** A token whose holder may send from the addresses too that its Contact and its first route name. */
export function widenedToken(
  token: DialogToken,
  ...addresses: readonly (PeerAddress | undefined)[]
): DialogToken {
  const holderAddresses = distinct(addresses, token.holderAddresses);
  return holderAddresses.length === token.holderAddresses.length
    ? token
    : { ...token, holderAddresses };
}

/** The addresses of peers behind those `known` before, each once: as many as a token may have. */
function distinct(
  peers: readonly (PeerAddress | undefined)[],
  known: readonly string[] = [],
): string[] {
  const addresses = known.slice();
  for (const peer of peers) {
    const isNew = peer !== undefined && !isAmong(addresses, peer.address);
    if (isNew && addresses.length < MOST_ADDRESSES) addresses.push(peer.address);
  }
  return addresses;
}

/** RFC 3261 §12.2.1.1: the first route, else the target; where its host is a name, the address known to work. */
function nextHop(route: string | undefined, target: string, known: PeerAddress): PeerAddress {
  const address = route === undefined ? addressOf(target, known) : addressOfRoute(route);
  if (address === undefined || !isReachableAs(known, address)) return known;
  // What a peer was reached by holds where its URI names no transport: a gateway's setting counts for more than a default.
  const transport = isNamedBy(address, known) ? known.transport : address.transport;
  // RFC 7118 §5: nobody listens there.
  if (transportOf({ transport }).unit === 'frame') return known;
  const { certificate, flow, listener } = known;
  // The leg keeps the address that the peer knows the switch by, and what the peer has to prove.
  const heard = {
    ...(listener === undefined ? {} : { listener }),
    ...(certificate === undefined || !transportOf({ transport }).isSecure ? {} : { certificate }),
  };
  if (!transportOf({ transport }).isConnectionBound) {
    return { address: address.address, port: address.port, ...heard };
  }
  const isSame = isSameTransport(known, { transport }) && known.address === address.address;
  return isSame && flow !== undefined
    ? { ...address, transport, flow, ...heard }
    : { ...address, transport, ...heard };
}

/** Whether the transport that a URI names is one by which the peer was reached: it says `ws` for two, and nothing for one. */
function isNamedBy({ transport }: PeerAddress, known: PeerAddress): boolean {
  return (
    transport === undefined ||
    transportOf({ transport }).uriParameter === transportOf(known).uriParameter
  );
}

function addressOfRoute(route: string): PeerAddress | undefined {
  const uri = /<([^>]*)>/.exec(route)?.[1];
  return uri === undefined ? undefined : addressOf(uri);
}

const unusable = new Set(['0.0.0.0', '255.255.255.255', '::']);
/** RFC 5771, RFC 4291 §2.7: many are there, and none of them is in the call. */
const multicast = /^(?:22[4-9]|23\d)\.|^ff/i;

/** A socket speaks one IP version, and nobody is at an address that is none. */
function isReachableAs(known: PeerAddress, { address }: PeerAddress): boolean {
  return (
    address.includes(':') === known.address.includes(':') &&
    !unusable.has(address) &&
    !multicast.test(address)
  );
}

/**
 * Address, port and transport that a URI names, where its host, or `maddr` (RFC 3263 §4), is an IP address.
 * @param known by which its transport goes where it names none
 */
export function addressOf(uri: string, known?: PeerAddress): PeerAddress | undefined {
  try {
    const parsed = parseUri(uri);
    const { host, params, port } = parsed;
    // RFC 5627: the registrar's host, which may be ours. Its device is where it was heard.
    if (params.has('gr')) return undefined;
    const address = ipLiteral(String(params.get('maddr') ?? host));
    // Nobody listens at port 0.
    if (address === undefined || port === 0) return undefined;
    const named = servedTransportOf(parsed);
    return named === undefined
      ? { address, port: port ?? transportOf(known ?? {}).defaultPort }
      : { address, port: port ?? named.defaultPort, transport: named.name };
  } catch {
    return undefined; // A target that is no SIP URI: the address the peer is known by still works.
  }
}
