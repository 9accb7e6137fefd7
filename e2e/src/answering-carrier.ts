import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { headerOf } from './asking-client.ts';

/** What a carrier answers to a call: codes in order, 0 for nothing at all. */
export type Script = readonly {
  readonly code: number;
  readonly headers?: string;
  readonly hasSdp?: boolean;
  /** In place of its session description; '' for none. */
  readonly sdp?: string;
  /** It is said again until it is acknowledged, as over UDP (RFC 3261 §13.3.1.4). */
  readonly isRepeated?: boolean;
  /** Hangs up once its answer is acknowledged, with this Reason. */
  readonly hangsUp?: string;
  /** Answers so long after the request. @default at once */
  readonly afterMs?: number;
  /** What it answers is no SIP. */
  readonly isGarbage?: boolean;
}[];

/** What it describes unless its script says otherwise. */
export const SDP =
  'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40002 RTP/AVP 0\r\n';
const phrases: Readonly<Record<number, string>> = { 180: 'Ringing', 183: 'Session Progress', 200: 'OK', 302: 'Moved Temporarily', 401: 'Unauthorized', 403: 'Forbidden', 404: 'Not Found', 486: 'Busy Here', 487: 'Request Terminated', 488: 'Not Acceptable Here', 503: 'Service Unavailable' }; // prettier-ignore

/** T2 (RFC 3261 §13.3.1.4). */
const REPEAT_MS = 2000;

interface Sent {
  readonly text: string;
  readonly afterMs?: number | undefined;
  readonly isRepeated?: boolean | undefined;
}

/** Of the longest prefix of the called number; one that is asked for each INVITE may change its mind. */
type Scripts = ReadonlyMap<string, Script | (() => Script)>;

/** A carrier by UDP whose answer is the script of the called number. */
export class AnsweringCarrier {
  /** What each call was answered, by Call-ID: an INVITE that is repeated has the same answer. */
  readonly #answered = new Map<string, Script>();
  /** Where requests to who has called go, by Call-ID. */
  readonly #callers = new Map<string, string>();
  /** Answers that are said again, by Call-ID. */
  readonly #repeated = new Map<string, NodeJS.Timeout>();
  readonly #socket: Socket;
  readonly #scripts: Scripts;
  readonly port: number;

  static async start(scripts: Scripts): Promise<AnsweringCarrier> {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new AnsweringCarrier(socket, scripts);
  }

  private constructor(socket: Socket, scripts: Scripts) {
    this.#socket = socket;
    this.#scripts = scripts;
    this.port = socket.address().port;
    socket.on('message', (message, peer) => {
      for (const { text, afterMs = 0, isRepeated = false } of this.#answers(
        message.toString('latin1'),
      )) {
        const send = (): void => {
          socket.send(text, peer.port, peer.address);
        };
        if (isRepeated) this.#repeat(headerOf(text, 'Call-ID'), send);
        if (afterMs > 0) setTimeout(send, afterMs);
        else send();
      }
    });
  }

  /** Calls that came. */
  get calls(): number {
    return this.#answered.size;
  }

  close(): void {
    for (const timer of this.#repeated.values()) clearInterval(timer);
    this.#socket.close();
  }

  #answers(request: string): readonly Sent[] {
    const [, method = '', number = ''] = /^(\w+) sips?:([^@;> ]*)/.exec(request) ?? [];
    if (method !== 'INVITE') return this.#answersBeside(method, request);
    const prefix = [...this.#scripts.keys()]
      .filter((each) => number.startsWith(each))
      .sort((one, other) => other.length - one.length)[0];
    const callId = headerOf(request, 'Call-ID');
    const known = this.#scripts.get(prefix ?? '') ?? [{ code: 404 }];
    const script = this.#answered.get(callId) ?? (typeof known === 'function' ? known() : known);
    this.#answered.set(callId, script);
    this.#callers.set(callId, /<([^>]+)>/.exec(headerOf(request, 'Contact'))?.[1] ?? '');
    return script
      .filter(({ code }) => code !== 0)
      .map(({ afterMs, isGarbage, isRepeated, ...each }) => ({
        text:
          isGarbage === true ? 'SIP/2.0 200\r\nVia broken\r\n\r\n' : this.#answer(request, each),
        afterMs,
        isRepeated,
      }));
  }

  /** To what is no INVITE. */
  #answersBeside(method: string, request: string): readonly Sent[] {
    const answer = (code: number, to = request): Sent => ({ text: this.#answer(to, { code }) });
    switch (method) {
      case 'BYE':
        clearInterval(this.#repeated.get(headerOf(request, 'Call-ID')));
        return [answer(200)];
      case 'OPTIONS':
        return [answer(200)];
      case 'CANCEL':
        return [answer(200), answer(487, request.replace(/^(CSeq: *\d+) CANCEL/im, '$1 INVITE'))];
      case 'REGISTER':
        return [answer(403)];
      case 'ACK':
        clearInterval(this.#repeated.get(headerOf(request, 'Call-ID')));
        return this.#hangsUp(request);
      default:
        return [];
    }
  }

  #repeat(callId: string, send: () => void): void {
    if (this.#repeated.has(callId)) return;
    this.#repeated.set(callId, setInterval(send, REPEAT_MS));
  }

  /** A BYE to who acknowledges, where the script wants one. */
  #hangsUp(ack: string): readonly Sent[] {
    const callId = headerOf(ack, 'Call-ID');
    const reason = this.#answered
      .get(callId)
      ?.find(({ hangsUp }) => hangsUp !== undefined)?.hangsUp;
    const contact = this.#callers.get(callId);
    if (reason === undefined || contact === undefined) return [];
    const lines = [
      `BYE ${contact} SIP/2.0`,
      `Via: SIP/2.0/UDP 127.0.0.1:${String(this.port)};branch=z9hG4bK-${callId.replaceAll(/\W/g, '')}`,
      'Max-Forwards: 70',
      `From: ${headerOf(ack, 'To')}`,
      `To: ${headerOf(ack, 'From')}`,
      `Call-ID: ${callId}`,
      'CSeq: 1 BYE',
      `Reason: ${reason}`,
      'Content-Length: 0',
    ];
    return [{ text: [...lines, '', ''].join('\r\n') }];
  }

  #answer(
    request: string,
    { code, hasSdp = code === 200, headers = '', sdp = SDP }: Script[number],
  ): string {
    const vias = request.split('\r\n').filter((line) => /^via:/i.test(line));
    const body = hasSdp && request.startsWith('INVITE') ? sdp : '';
    return [
      `SIP/2.0 ${String(code)} ${phrases[code] ?? ''}`,
      ...vias,
      `From: ${headerOf(request, 'From')}`,
      `To: ${headerOf(request, 'To')};tag=carrier`,
      `Call-ID: ${headerOf(request, 'Call-ID')}`,
      `CSeq: ${headerOf(request, 'CSeq')}`,
      `Contact: <sip:carrier@127.0.0.1:${String(this.port)}>`,
      ...(headers === '' ? [] : [headers]),
      ...(body === '' ? [] : ['Content-Type: application/sdp']),
      `Content-Length: ${String(body.length)}`,
      '',
      body,
    ].join('\r\n');
  }
}
