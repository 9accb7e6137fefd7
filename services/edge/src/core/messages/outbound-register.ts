import { OutboundAnswer } from '@tandem/proto/outbound';
import type { OutboundWork } from '@tandem/proto/outbound';
import {
  Headers,
  isSameUri,
  numberUri,
  parseNameAddr,
  readableText,
  SipParseError,
  SipRequest,
  transportOf,
} from '@tandem/sip';
import type { NameAddr, SipResponse } from '@tandem/sip';
import type { LocalName } from '../network/local-addresses.ts';
import { formatPeerAddress } from '../network/peer-address.ts';
import type { PeerAddress } from '../network/peer-address.ts';
import type { Authorization } from './challenge-answers.ts';
import { viaValue } from './local-headers.ts';
import { appendProduct } from './product.ts';

/** What one REGISTER of the switch is made from. */
export interface OutboundRegister {
  readonly work: OutboundWork;
  /** Request-URI, of the target. */
  readonly uri: string;
  /** What the switch is called towards the registrar. */
  readonly local: LocalName;
  readonly transport: PeerAddress['transport'];
  readonly branch: string;
  readonly cseq: number;
  readonly authorizations: readonly Authorization[];
}

/** The URI of the Contact by which a carrier calls the switch: no pod, but the address that all are reached by. */
export function outboundContact({ local, transport, work }: OutboundRegister): string {
  const { contactUser = '' } = work.settings ?? {};
  const uri = numberUri(contactUser, local.hostPort);
  const { uriParameter } = transportOf({ transport });
  return uriParameter === undefined ? uri : `${uri};transport=${uriParameter}`;
}

/** REG-08: a REGISTER as a client (RFC 3261 §10.2). */
export function outboundRegister(parts: OutboundRegister): SipRequest {
  const { authorizations, branch, cseq, local, transport, uri, work } = parts;
  const { domain = '', user = '' } = work.settings ?? {};
  const headers = new Headers();
  const addressOfRecord = `<${numberUri(user, domain)}>`;
  headers.append('Via', viaValue(local, branch, transport));
  headers.append('Max-Forwards', '70');
  headers.append('From', `${addressOfRecord};tag=${work.sipCallId.slice(0, 16)}`);
  headers.append('To', addressOfRecord);
  headers.append('Call-ID', work.sipCallId);
  headers.append('CSeq', `${String(cseq)} REGISTER`);
  const isClearing = work.what === 'clear';
  const expires = work.what === 'register' ? work.expires : 0;
  // RFC 3261 §10.2.1.1: without a wish the registrar chooses.
  const isAsked = expires > 0 || work.what !== 'register';
  const wish = isAsked ? `;expires=${String(expires)}` : '';
  headers.append('Contact', isClearing ? '*' : `<${outboundContact(parts)}>${wish}`);
  if (isAsked) headers.append('Expires', String(expires));
  // RFC 3327 §5.1.
  headers.append('Supported', 'path');
  for (const { header, value } of authorizations) headers.append(header, value);
  appendProduct(headers, 'User-Agent', local.product);
  return new SipRequest('REGISTER', uri, headers);
}

/** What a registrar has said. @param contact ours, as it was written */
export function outboundAnswer(
  response: SipResponse,
  {
    contact,
    from,
    text,
  }: { readonly contact: string; readonly from: PeerAddress; readonly text?: string | undefined },
): OutboundAnswer {
  const { headers, reason, status } = response;
  return OutboundAnswer.fromPartial({
    code: status,
    reason: readableText(reason),
    text: text ?? toldIn(response),
    expires: expiresIn(response, contact),
    minExpires: secondsOf(headers.get('Min-Expires')) ?? 0,
    retryAfter: secondsOf(/^\s*\d+/.exec(headers.get('Retry-After') ?? '')?.[0]) ?? 0,
    source: `${transportOf(from).name} ${formatPeerAddress(from)}`,
    isConnection: transportOf(from).isConnectionBound,
    contact,
    serviceRoute: headers.list('Service-Route'),
  });
}

/** More than code and phrase: where a redirection leads, which is not followed, or what a warning says. */
function toldIn({ headers, status }: SipResponse): string {
  if (status >= 300 && status < 400) {
    return `it leads to ${readableText(headers.list('Contact').join(', '))}, which is not followed`;
  }
  return readableText(headers.get('Warning') ?? '');
}

/**
 * RFC 3261 §10.2.4: the time of our own contact. Some registrars write it as they see it from behind a NAT: then that of the header,
 * or the least there is.
 */
function expiresIn({ headers, status }: SipResponse, contact: string): number | undefined {
  if (status < 200 || status >= 300) return undefined;
  const contacts = headers.list('Contact').flatMap((value) => readable(value) ?? []);
  const own = contacts.find(({ uri }) => isSameUri(uri, contact));
  const ofHeader = secondsOf(headers.get('Expires'));
  const ofOwn = own && secondsOf(own.params.get('expires'));
  if (own !== undefined || contacts.length === 0) return ofOwn ?? ofHeader;
  const others = contacts.flatMap(({ params }) => secondsOf(params.get('expires')) ?? []);
  return ofHeader ?? (others.length === 0 ? undefined : Math.min(...others));
}

function readable(value: string): NameAddr | undefined {
  try {
    return parseNameAddr(value);
  } catch (error) {
    if (error instanceof SipParseError) return undefined;
    throw error;
  }
}

function secondsOf(text: string | true | undefined): number | undefined {
  if (typeof text !== 'string' || !/^\s*\d{1,10}\s*$/.test(text)) return undefined;
  return Math.min(Number(text), 0xffff_ffff);
}
