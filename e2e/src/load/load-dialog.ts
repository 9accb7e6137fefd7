import {
  contact,
  cseq,
  formatHostPort,
  from,
  Headers,
  SipRequest,
  to,
  type Endpoint,
  type SipResponse,
} from '@tandem/sip';

/** Parts of a dialog that are known when it begins. */
export interface DialogParts {
  readonly callId: string;
  /** From of our requests, with its tag. */
  readonly localParty: string;
  readonly localTag: string;
  /** To of our requests; has its tag as soon as there is one. */
  readonly remoteParty: string;
  readonly remoteTag: string | undefined;
  readonly remoteTarget: string;
  readonly localSequence: number;
  readonly remoteSequence: number | undefined;
  readonly routeSet: readonly string[];
  /** Our own Contact URI. */
  readonly contactUri: string;
}

/** One side of a dialog (RFC 3261 §12), strict with what the other side sends. */
export class LoadDialog {
  readonly callId: string;
  readonly contactUri: string;
  readonly localTag: string;
  readonly #localParty: string;
  #remoteParty: string;
  #remoteTag: string | undefined;
  #remoteTarget: string;
  #routeSet: readonly string[];
  #localSequence: number;
  #remoteSequence: number | undefined;

  constructor(parts: DialogParts) {
    this.callId = parts.callId;
    this.contactUri = parts.contactUri;
    this.localTag = parts.localTag;
    this.#localParty = parts.localParty;
    this.#remoteParty = parts.remoteParty;
    this.#remoteTag = parts.remoteTag;
    this.#remoteTarget = parts.remoteTarget;
    this.#routeSet = parts.routeSet;
    this.#localSequence = parts.localSequence;
    this.#remoteSequence = parts.remoteSequence;
  }

  get remoteTag(): string | undefined {
    return this.#remoteTag;
  }

  /** Takes what the 2xx says of the other side. */
  confirm(response: SipResponse): void {
    this.#remoteParty = response.headers.get('to') ?? this.#remoteParty;
    this.#remoteTag = to(response).tag;
    this.#routeSet = response.headers.list('record-route').reverse();
    this.refresh(response);
  }

  /** A target refresh (§12.2). */
  refresh(message: SipRequest | SipResponse): void {
    this.#remoteTarget = contact(message)?.uri ?? this.#remoteTarget;
  }

  /** A request in the dialog. An ACK has the number of its INVITE. */
  request(method: string, { local, transport, branch, sequence }: RequestParts): SipRequest {
    if (sequence === undefined) this.#localSequence++;
    const place = formatHostPort(local.address, local.port);
    const headers = new Headers([
      ['Via', `SIP/2.0/${transport.toUpperCase()} ${place};branch=${branch};rport`],
      ['Max-Forwards', '70'],
    ]);
    for (const route of this.#routeSet) headers.append('Route', route);
    headers.append('From', this.#localParty);
    headers.append('To', this.#remoteParty);
    headers.append('Call-ID', this.callId);
    headers.append('CSeq', `${String(sequence ?? this.#localSequence)} ${method}`);
    return new SipRequest(method, this.#remoteTarget, headers);
  }

  /** What a strict end would refuse in a request that claims to be in this dialog (§12.2.2); the first sending alone. */
  judge(request: SipRequest): readonly string[] {
    const faults = this.#judgeAddressing(request);
    const { number } = cseq(request);
    if (this.#remoteSequence !== undefined && number <= this.#remoteSequence) {
      faults.push(`has CSeq ${String(number)} after ${String(this.#remoteSequence)}`);
    }
    this.#remoteSequence = Math.max(number, this.#remoteSequence ?? 0);
    return faults;
  }

  /** What is wrong with the ACK of a 2xx. */
  judgeAck(ack: SipRequest, sequence: number): readonly string[] {
    const faults = this.#judgeAddressing(ack);
    const { number } = cseq(ack);
    if (number !== sequence) {
      faults.push(`has CSeq ${String(number)}, its INVITE had ${String(sequence)}`);
    }
    return faults;
  }

  #judgeAddressing(request: SipRequest): string[] {
    const faults: string[] = [];
    if (from(request).tag !== this.#remoteTag) faults.push('has a foreign From tag');
    if (to(request).tag !== this.localTag) faults.push('has a foreign To tag');
    // §12.2.1.1: the Request-URI is our Contact, unless there is a strict router, which there is not.
    if (request.uri !== this.contactUri) faults.push(`is for ${request.uri}`);
    if (request.headers.has('route')) faults.push('has a Route');
    return faults;
  }
}

interface RequestParts {
  readonly local: Endpoint;
  readonly transport: 'udp' | 'tcp';
  readonly branch: string;
  /** @default the next one */
  readonly sequence?: number;
}
