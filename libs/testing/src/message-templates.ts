import {
  formatHostPort,
  Headers,
  isSipsUri,
  SipRequest,
  transportOf,
  transportOfUri,
  type Endpoint,
  type TransportName,
} from '@tandem/sip';

/** What a media description names. */
export interface SdpOptions {
  /** @default '127.0.0.1' */
  readonly address?: string;
  /** @default 40000 */
  readonly port?: number;
  /** Version of the session; a re-INVITE counts it up. @default 1 */
  readonly version?: number;
  /** @default 'sendrecv' */
  readonly direction?: 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';
}

/** A session description with PCMU, PCMA and telephone-event. */
export function sdpBody(options: SdpOptions = {}): string {
  const { address = '127.0.0.1', port = 40_000, version = 1, direction = 'sendrecv' } = options;
  const family = address.includes(':') ? 'IP6' : 'IP4';
  return [
    'v=0',
    `o=- 1 ${String(version)} IN ${family} ${address}`,
    's=-',
    `c=IN ${family} ${address}`,
    't=0 0',
    `m=audio ${String(port)} RTP/AVP 0 8 101`,
    'a=rtpmap:0 PCMU/8000',
    'a=rtpmap:8 PCMA/8000',
    'a=rtpmap:101 telephone-event/8000',
    'a=fmtp:101 0-15',
    `a=${direction}`,
    '',
  ].join('\r\n');
}

/** Where a peer is, and how it speaks. */
export interface LocalPlace extends Endpoint {
  /** @default 'udp' */
  readonly transport?: TransportName;
}

/** Via of a peer. */
export function viaOf(place: LocalPlace, branch: string): string {
  const { viaName } = transportOf(place);
  return `SIP/2.0/${viaName} ${formatHostPort(place.address, place.port)};branch=${branch};rport`;
}

/** Contact of a peer. @param requestUri of the request that it stands in, or that is answered: both are sips URIs, or none is */
export function contactOf(user: string, place: LocalPlace, requestUri: string): string {
  const transport = transportOf(place);
  const { uriParameter } = transport;
  const scheme = isSipsUri(requestUri) ? 'sips' : 'sip';
  const isImplied = uriParameter === undefined || transportOfUri(scheme, undefined) === transport;
  const parameter = isImplied ? '' : `;transport=${uriParameter}`;
  return `<${scheme}:${user}@${formatHostPort(place.address, place.port)}${parameter}>`;
}

/** Header lines by name; a list makes one line each. */
export type ExtraHeaders = Readonly<Record<string, string | readonly string[]>>;

/** What a request out of a dialog is made of. */
export interface RequestTemplate {
  readonly method: string;
  readonly requestUri: string;
  /** Sent-by of the Via and host of the Contact. */
  readonly local: LocalPlace;
  /** User part of From and Contact. */
  readonly user: string;
  readonly branch: string;
  readonly callId: string;
  readonly fromTag: string;
  readonly cseq: number;
  /** @default a URI of the user at the local address */
  readonly from?: string;
  /** To header without tag. @default the Request-URI */
  readonly to?: string;
  /** Sent as application/sdp. */
  readonly sdp?: string | undefined;
  /** Replace headers of the same name, or are added. */
  readonly headers?: ExtraHeaders | undefined;
}

/** A request as a phone would write it: Via with rport, Contact, Max-Forwards 70. */
export function requestFrom(template: RequestTemplate): SipRequest {
  const { method, local, user, cseq } = template;
  const place = formatHostPort(local.address, local.port);
  const from = template.from ?? `<sip:${user}@${place}>`;
  const headers = new Headers([
    ['Via', viaOf(local, template.branch)],
    ['Max-Forwards', '70'],
    ['From', `${from};tag=${template.fromTag}`],
    ['To', template.to ?? `<${template.requestUri}>`],
    ['Call-ID', template.callId],
    ['CSeq', `${String(cseq)} ${method}`],
    ['Contact', contactOf(user, local, template.requestUri)],
  ]);
  const request = new SipRequest(method, template.requestUri, headers);
  addBody(request, template.sdp);
  addHeaders(headers, template.headers);
  return request;
}

/** Gives a message a session description. */
export function addBody(
  message: { headers: Headers; body: Buffer },
  sdp: string | undefined,
): void {
  if (sdp === undefined) return;
  message.headers.set('Content-Type', 'application/sdp');
  message.body = Buffer.from(sdp, 'latin1');
}

/** Sets or replaces headers. */
export function addHeaders(headers: Headers, extra: ExtraHeaders | undefined): void {
  for (const [name, value] of Object.entries(extra ?? {})) {
    headers.remove(name);
    for (const line of typeof value === 'string' ? [value] : value) headers.append(name, line);
  }
}
