import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { headerOf } from './asking-client.ts';

/** What a carrier answers to a call: codes in order, 0 for nothing at all. */
export type Script = readonly {
  readonly code: number;
  readonly headers?: string;
  readonly hasSdp?: boolean;
  /** Answers so long after the request. @default at once */
  readonly afterMs?: number;
  /** What it answers is no SIP. */
  readonly isGarbage?: boolean;
}[];

const SDP =
  'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40002 RTP/AVP 0\r\n';
const phrases: Readonly<Record<number, string>> = { 180: 'Ringing', 183: 'Session Progress', 200: 'OK', 302: 'Moved Temporarily', 401: 'Unauthorized', 403: 'Forbidden', 404: 'Not Found', 486: 'Busy Here', 487: 'Request Terminated', 488: 'Not Acceptable Here', 503: 'Service Unavailable' }; // prettier-ignore

interface Sent {
  readonly text: string;
  readonly afterMs?: number | undefined;
}

/** Of the longest prefix of the called number; one that is asked for each INVITE may change its mind. */
type Scripts = ReadonlyMap<string, Script | (() => Script)>;

/** A carrier by UDP whose answer is the script of the called number. */
export class AnsweringCarrier {
  /** What each call was answered, by Call-ID: an INVITE that is repeated has the same answer. */
  readonly #answered = new Map<string, Script>();
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
      for (const { text, afterMs = 0 } of this.#answers(message.toString('latin1'))) {
        const send = (): void => {
          socket.send(text, peer.port, peer.address);
        };
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
    this.#socket.close();
  }

  #answers(request: string): readonly Sent[] {
    const [, method = '', number = ''] = /^(\w+) sips?:([^@;> ]*)/.exec(request) ?? [];
    if (method === 'BYE' || method === 'OPTIONS')
      return [{ text: this.#answer(request, { code: 200 }) }];
    if (method === 'CANCEL') {
      const invite = request.replace(/^(CSeq: *\d+) CANCEL/im, '$1 INVITE');
      return [
        { text: this.#answer(request, { code: 200 }) },
        { text: this.#answer(invite, { code: 487 }) },
      ];
    }
    if (method !== 'INVITE') return [];
    const prefix = [...this.#scripts.keys()]
      .filter((each) => number.startsWith(each))
      .sort((one, other) => other.length - one.length)[0];
    const callId = headerOf(request, 'Call-ID');
    const known = this.#scripts.get(prefix ?? '') ?? [{ code: 404 }];
    const script = this.#answered.get(callId) ?? (typeof known === 'function' ? known() : known);
    this.#answered.set(callId, script);
    return script
      .filter(({ code }) => code !== 0)
      .map(({ afterMs, isGarbage, ...each }) => ({
        text:
          isGarbage === true ? 'SIP/2.0 200\r\nVia broken\r\n\r\n' : this.#answer(request, each),
        afterMs,
      }));
  }

  #answer(request: string, { code, hasSdp = code === 200, headers = '' }: Script[number]): string {
    const vias = request.split('\r\n').filter((line) => /^via:/i.test(line));
    const body = hasSdp && request.startsWith('INVITE') ? SDP : '';
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
