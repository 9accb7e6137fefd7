import { readUsername } from '@tandem/domain';
import type { RegisterRequest, RequestedContact } from '@tandem/proto/registrar';
import {
  bareHost,
  cseq,
  parseNameAddr,
  parseUri,
  readableText,
  SipParseError,
  to,
  topVia,
  transportOf,
  userOf,
  vias,
} from '@tandem/sip';
import type { NameAddr, SipRequest } from '@tandem/sip';
import { formatFlow } from '../network/flow-address.ts';
import { formatPeerAddress } from '../network/peer-address.ts';
import type { PeerAddress } from '../network/peer-address.ts';

/** What is known of a REGISTER besides its text. */
export interface ReceivedRegister {
  readonly source: PeerAddress;
  /** Advertised `host:port` by which it came, where that is not what its network is told. @default '' */
  readonly local: string;
  /** Name of this pod. */
  readonly edge: string;
}

/** RFC 3261 §20.19, §10.2.1.1: below 2^32. */
const MOST_SECONDS = 0xffff_ffff;
/** What clients say of themselves, and their Call-IDs, are kept with each binding. */
const LONGEST_AGENT = 128;
const LONGEST_CALL_ID = 128;

/**
 * A REGISTER in the words of the registrar.
 * @returns in words why there is none that anybody could follow
 */
export function registerRequest(
  request: SipRequest,
  { source, local, edge }: ReceivedRegister,
): RegisterRequest | string {
  const { headers } = request;
  const contacts = contactsOf(request);
  if (typeof contacts === 'string') return contacts;
  const isStar = contacts.some(({ uri }) => uri === '*');
  const path = headers.list('Path');
  if (!path.every(isRoute)) return 'a value of Path cannot be read';
  return {
    traceParent: '',
    // RFC 3261 §10.3 step 5.
    phone: readUsername(userOf(to(request).uri)),
    sipCallId: (headers.get('Call-ID') ?? '').slice(0, LONGEST_CALL_ID),
    cseq: cseq(request).number,
    branch: topVia(request).branch ?? '',
    contacts: contacts.filter(({ uri }) => uri !== '*').map(requestedContact),
    isStar,
    expires: secondsOf(headers.get('Expires')),
    path,
    isOutbound: supportsOutbound(request, path),
    source: formatPeerAddress(source),
    transport: transportOf(source).name,
    flow: flowOf(source),
    local,
    userAgent: readableText(headers.get('User-Agent') ?? '').slice(0, LONGEST_AGENT),
    edge,
  };
}

/**
 * RFC 5626 §6: the client knows of outbound, and so does who stands first before it: whoever does says so in its Path, and
 * without one there must be nobody.
 */
function supportsOutbound(request: SipRequest, path: readonly string[]): boolean {
  if (!supports(request, 'outbound')) return false;
  const first = path.at(-1);
  return first === undefined ? vias(request).length === 1 : isOutboundHop(first);
}

/** Whether the sender of a REGISTER knows of an extension. */
export function supports({ headers }: SipRequest, extension: string): boolean {
  return headers.list('Supported').some((option) => option.toLowerCase() === extension);
}

function isOutboundHop(path: string): boolean {
  return parseUri(parseNameAddr(path).uri).params.has('ob');
}

function contactsOf(request: SipRequest): readonly NameAddr[] | string {
  try {
    return request.headers.list('Contact').map(parseNameAddr);
  } catch (error) {
    if (error instanceof SipParseError) return `a Contact cannot be read: ${error.message}`;
    throw error;
  }
}

function requestedContact({ params, uri }: NameAddr): RequestedContact {
  const instance = params.get('+sip.instance');
  const regId = params.get('reg-id');
  return {
    uri,
    expires: secondsOf(params.get('expires')),
    q: thousandthsOf(params.get('q')),
    instance: typeof instance === 'string' ? instance : '',
    regId: typeof regId === 'string' && /^[1-9]\d{0,8}$/.test(regId) ? Number(regId) : 0,
  };
}

/** RFC 3261 §20.19: what cannot be read is as if it were not there. */
function secondsOf(text: string | true | undefined): number | undefined {
  if (typeof text !== 'string' || !/^\d+$/.test(text.trim())) return undefined;
  return Math.min(Number(text), MOST_SECONDS);
}

/** RFC 3261 §25.1 qvalue. */
function thousandthsOf(text: string | true | undefined): number | undefined {
  if (typeof text !== 'string' || !/^(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(text)) return undefined;
  return Math.round(Number(text) * 1000);
}

function isRoute(value: string): boolean {
  try {
    return bareHost(parseUri(parseNameAddr(value).uri).host) !== '';
  } catch (error) {
    if (error instanceof SipParseError) return false;
    throw error;
  }
}

/** Any gate reaches a peer over UDP; a NAT lets pass what comes from where its client has sent to. */
function flowOf({ flow }: PeerAddress): string {
  if (flow === undefined || (flow.gate === '' && flow.connection === 0)) return '';
  return formatFlow(flow);
}
