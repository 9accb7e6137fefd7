import {
  contact,
  from,
  Headers,
  parseNameAddr,
  parseUri,
  SipRequest,
  to,
  type Endpoint,
  type SipMessage,
} from '@tandem/sip';
import { isIP } from 'node:net';
import { viaOf, type LocalPlace } from './message-templates.ts';

/** What of a dialog its side needs to send requests in it (RFC 3261 §12). */
export class Dialog {
  readonly callId: string;
  /** From of our requests, tag included. */
  readonly localParty: string;
  /** To of our requests, tag included once there is one. */
  remoteParty: string;
  /** Request-URI of our requests. */
  remoteTarget: string;
  routeSet: readonly string[] = [];
  localSequence: number;
  /** Where requests go when route set and target name no address. */
  readonly fallback: Endpoint;

  constructor(parts: {
    callId: string;
    localParty: string;
    remoteParty: string;
    remoteTarget: string;
    localSequence: number;
    fallback: Endpoint;
  }) {
    this.callId = parts.callId;
    this.localParty = parts.localParty;
    this.remoteParty = parts.remoteParty;
    this.remoteTarget = parts.remoteTarget;
    this.localSequence = parts.localSequence;
    this.fallback = parts.fallback;
  }

  get localTag(): string | undefined {
    return parseNameAddr(this.localParty).tag;
  }

  get remoteTag(): string | undefined {
    return parseNameAddr(this.remoteParty).tag;
  }

  /** Takes tag, target and route set of the UAS from a response that makes or confirms the dialog. */
  confirm(response: SipMessage): void {
    this.remoteParty = response.headers.get('to') ?? this.remoteParty;
    this.refresh(response);
    this.routeSet = response.headers.list('record-route').reverse();
  }

  /** Takes the target of the other side anew: a target refresh (RFC 3261 §12.2). */
  refresh(message: SipMessage): void {
    const target = contact(message);
    if (target !== undefined) this.remoteTarget = target.uri;
  }

  /** A request in the dialog, without Contact and body. */
  request(method: string, local: LocalPlace, branch: string): SipRequest {
    if (method !== 'ACK' && method !== 'CANCEL') this.localSequence++;
    const headers = new Headers([
      ['Via', viaOf(local, branch)],
      ['Max-Forwards', '70'],
    ]);
    for (const route of this.routeSet) headers.append('Route', route);
    headers.append('From', this.localParty);
    headers.append('To', this.remoteParty);
    headers.append('Call-ID', this.callId);
    headers.append('CSeq', `${String(this.localSequence)} ${method}`);
    return new SipRequest(method, this.remoteTarget, headers);
  }

  /** Where the next request goes: the first route, else the target, when it is an address. */
  get nextHop(): Endpoint {
    const [route] = this.routeSet;
    const { host, port } = parseUri(route === undefined ? this.remoteTarget : uriOf(route));
    const address = host.replace(/^\[|\]$/g, '');
    return isIP(address) === 0 ? this.fallback : { address, port: port ?? 5060 };
  }

  /** Does this message, which the other side sent, belong here? */
  holds(request: SipRequest): boolean {
    return (
      request.headers.get('call-id') === this.callId &&
      to(request).tag === this.localTag &&
      (this.remoteTag === undefined || from(request).tag === this.remoteTag)
    );
  }
}

function uriOf(route: string): string {
  return parseNameAddr(route).uri;
}
