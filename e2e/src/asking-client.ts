import { createHash, randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

/** What a client makes of its challenges. */
interface Credentials {
  readonly username: string;
  readonly password: string;
  /** In place of that of the challenge. */
  readonly realm?: string;
  /** In place of that of the challenge. */
  readonly algorithm?: string;
  readonly qop?: string;
  /** In place of that of the challenge, each time. */
  readonly nonce?: string;
  /** It goes on with the first nonce that it was ever given, of whatever request, and counts its uses anew each time. */
  readonly isReused?: boolean;
  /** What becomes of the value of its header. */
  readonly written?: (value: string) => string;
  /** Answers as many challenges. @default 10 */
  readonly most?: number;
}

export interface Asking {
  readonly method: 'INVITE' | 'REGISTER' | 'BYE' | 'PUBLISH' | 'OPTIONS';
  readonly target: { readonly address: string; readonly port: number };
  readonly from: string;
  readonly to: string;
  /** Where it sends from. @default 127.0.0.1 */
  readonly address?: string;
  /** Host and port that it believes to have, in Via and Contact. @default those that it has */
  readonly believes?: string;
  /** Sends the same again so often, without credentials, when it is challenged. @default 0 */
  readonly repeats?: number;
  /** How long it waits for a final answer. @default 40_000 */
  readonly patienceMs?: number;
  /** Called with the first 2xx. */
  readonly onAnswered?: () => void;
  /** In place of those, or besides. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly requestLine?: string;
  /** It never acknowledges an answer, and waits until it is hung up on. */
  readonly isDeaf?: boolean;
  readonly credentials?: Credentials;
  /** Hangs up, or cancels, so long after the answer or the first 18x. */
  readonly cancelMs?: number;
  readonly holdMs?: number;
  /** In place of `holdMs`. */
  readonly holdUntil?: Promise<unknown>;
}

export interface Asked {
  readonly callId: string;
  /** Of the last final response; 0: none came. */
  readonly status: number;
}

/** How long it waits for a final answer. */
const PATIENCE_MS = 40_000;
const AGAIN_MS = 1000;

/** A client of SIP by UDP that does what a test says, wrong things too: one request, its challenges, ACK, CANCEL and BYE. */
export async function ask(asking: Asking): Promise<Asked> {
  const socket = createSocket('udp4');
  socket.bind(0, asking.address ?? '127.0.0.1');
  await once(socket, 'listening');
  try {
    return await new Dialogue(socket, asking).run();
  } finally {
    socket.close();
  }
}

/** What clients have sent as `response`: no record has any of them. */
export const sentResponses = new Set<string>();

/** The nonces of those that reuse theirs, by user name. */
const firstNonces = new Map<string, string>();

class Dialogue {
  readonly #socket: Socket;
  readonly #asking: Asking;
  readonly #host: string;
  readonly #callId: string;
  readonly #tag = randomBytes(4).toString('hex');
  readonly #messages: string[] = [];
  #wake: () => void = () => undefined;
  #cseq = 0;
  #branch = '';
  #sent = '';

  constructor(socket: Socket, asking: Asking) {
    this.#socket = socket;
    this.#asking = asking;
    const { address, port } = socket.address();
    this.#host = asking.believes ?? `${address}:${String(port)}`;
    this.#callId = `${randomBytes(6).toString('hex')}@${address}`;
    socket.on('message', (message) => {
      this.#messages.push(message.toString('latin1'));
      this.#wake();
    });
  }

  async run(): Promise<Asked> {
    const { credentials, method, repeats = 0 } = this.#asking;
    const most = credentials === undefined ? repeats : (credentials.most ?? 10);
    let authorization: string | undefined;
    for (let answered = 0; ; answered += 1) {
      this.#send(method, authorization);
      const final = await this.#final();
      const status = statusOf(final);
      if (status >= 200 && status < 300) this.#asking.onAnswered?.();
      if (final !== '' && method === 'INVITE') await this.#acknowledge(final, status);
      const isChallenge = status === 401 || status === 407;
      if (!isChallenge || answered >= most) return { callId: this.#callId, status };
      if (credentials !== undefined) authorization = this.#answerTo(final, credentials);
    }
  }

  #send(method: string, authorization?: string): void {
    this.#cseq += 1;
    this.#branch = `z9hG4bK${randomBytes(6).toString('hex')}`;
    const named = { cseq: this.#cseq, branch: this.#branch };
    const proof = authorization === undefined ? {} : { Authorization: authorization };
    this.#sent = this.#write(method, named, proof);
  }

  #write(
    method: string,
    { cseq, branch, to }: { readonly cseq: number; readonly branch: string; readonly to?: string },
    more: Readonly<Record<string, string>> = {},
  ): string {
    const { from, headers = {}, requestLine, target, to: number } = this.#asking;
    const host = `${target.address}:${String(target.port)}`;
    const uri = method === 'REGISTER' ? `sip:${host}` : `sip:${number}@${host}`;
    const own = method === this.#asking.method ? headers : {};
    const fields: Record<string, string> = {
      Via: `SIP/2.0/UDP ${this.#host};branch=${branch};rport`,
      'Max-Forwards': '70',
      From: `<sip:${from}@${host}>;tag=${this.#tag}`,
      To: to ?? `<sip:${number}@${host}>`,
      'Call-ID': this.#callId,
      CSeq: `${String(cseq)} ${method}`,
      Contact: `<sip:${from}@${this.#host}>`,
      ...more,
      ...own,
    };
    const body = method === 'INVITE' && fields['Content-Length'] === undefined ? SDP : '';
    const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}`);
    if (body !== '') lines.push('Content-Type: application/sdp');
    if (fields['Content-Length'] === undefined)
      lines.push(`Content-Length: ${String(body.length)}`);
    const first =
      method === this.#asking.method && requestLine !== undefined
        ? requestLine
        : `${method} ${uri} SIP/2.0`;
    const text = [first, ...lines, '', body].join('\r\n');
    this.#socket.send(text, target.port, target.address);
    return text;
  }

  /** The final response; '' where none comes. */
  async #final(): Promise<string> {
    const { cancelMs } = this.#asking;
    const until = Date.now() + (this.#asking.patienceMs ?? PATIENCE_MS);
    let isCancelled = false;
    let isHeard = false;
    // RFC 3261 §17.1.1.2: many ask at once, and a datagram that finds no room is lost.
    let [againMs, againAt] = [AGAIN_MS, Date.now() + AGAIN_MS];
    for (;;) {
      const answer = await this.#next(isHeard ? until : Math.min(until, againAt));
      if (answer === undefined) {
        if (Date.now() >= until) return '';
        const { address, port } = this.#asking.target;
        this.#socket.send(this.#sent, port, address);
        againMs *= 2;
        againAt = Date.now() + againMs;
        continue;
      }
      const isOurs = answer.includes(`CSeq: ${String(this.#cseq)} ${this.#asking.method}`);
      isHeard ||= isOurs;
      if (isOurs && statusOf(answer) >= 200) return answer;
      if (isOurs && cancelMs !== undefined && !isCancelled && statusOf(answer) > 100) {
        isCancelled = true;
        const [cseq, branch] = [this.#cseq, this.#branch];
        setTimeout(() => {
          this.#write('CANCEL', { cseq, branch });
        }, cancelMs);
      }
    }
  }

  /** The next message; undefined where none comes until then. */
  async #next(until: number): Promise<string | undefined> {
    for (;;) {
      const message = this.#messages.shift();
      if (message !== undefined) return message;
      const left = until - Date.now();
      if (left <= 0) return undefined;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  async #acknowledge(final: string, status: number): Promise<void> {
    if (status < 300 && this.#asking.isDeaf === true) return this.#hungUpOn();
    const to = headerOf(final, 'To');
    const branch = status < 300 ? `${this.#branch}ack` : this.#branch;
    this.#write('ACK', { cseq: this.#cseq, branch, to });
    if (status >= 300) return;
    const { holdMs = 50, holdUntil } = this.#asking;
    await (holdUntil ?? new Promise((resolve) => setTimeout(resolve, holdMs)));
    this.#cseq += 1;
    const target = /<([^>]+)>/.exec(headerOf(final, 'Contact'))?.[1] ?? '';
    this.#hangUp(target, to);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }

  /** Waits for a BYE, which gets its answer. */
  async #hungUpOn(): Promise<void> {
    const until = Date.now() + PATIENCE_MS;
    let bye: string | undefined;
    do bye = await this.#next(until);
    while (bye !== undefined && !bye.startsWith('BYE '));
    if (bye === undefined) return;
    const { address, port } = this.#asking.target;
    const kept = /^(?:via|from|to|call-id|cseq):/i;
    const lines = bye.split('\r\n').filter((line) => kept.test(line));
    const answer = ['SIP/2.0 200 OK', ...lines, 'Content-Length: 0', '', ''].join('\r\n');
    this.#socket.send(answer, port, address);
  }

  #hangUp(target: string, to: string): void {
    const {
      from,
      target: { address, port },
    } = this.#asking;
    const lines = [
      `BYE ${target} SIP/2.0`,
      `Via: SIP/2.0/UDP ${this.#host};branch=z9hG4bK${randomBytes(6).toString('hex')};rport`,
      'Max-Forwards: 70',
      `From: <sip:${from}@${address}:${String(port)}>;tag=${this.#tag}`,
      `To: ${to}`,
      `Call-ID: ${this.#callId}`,
      `CSeq: ${String(this.#cseq)} BYE`,
      'Content-Length: 0',
    ];
    this.#socket.send([...lines, '', ''].join('\r\n'), port, address);
  }

  /** RFC 2617, RFC 8760. */
  #answerTo(challenge: string, credentials: Credentials): string {
    const header =
      headerOf(challenge, 'WWW-Authenticate') || headerOf(challenge, 'Proxy-Authenticate');
    const given = (name: string): string =>
      new RegExp(`${name}="?([^",]+)`).exec(header)?.[1] ?? '';
    const { method, to, target } = this.#asking;
    const {
      algorithm = given('algorithm') || 'MD5',
      password,
      qop = 'auth',
      username,
    } = credentials;
    const realm = credentials.realm ?? given('realm');
    const { isReused = false, written = (value: string): string => value } = credentials;
    const kept = isReused ? firstNonces.get(username) : undefined;
    const nonce = credentials.nonce ?? kept ?? given('nonce');
    if (isReused) firstNonces.set(username, nonce);
    const uri = `sip:${method === 'REGISTER' ? '' : `${to}@`}${target.address}:${String(target.port)}`;
    const hash = (text: string): string =>
      createHash(algorithm === 'SHA-256' ? 'sha256' : 'md5')
        .update(text)
        .digest('hex');
    const ha1 = hash(`${username}:${realm}:${password}`);
    const response = hash(`${ha1}:${nonce}:00000001:c0ffee:${qop}:${hash(`${method}:${uri}`)}`);
    sentResponses.add(response);
    const value = `Digest username="${username}",realm="${realm}",nonce="${nonce}",uri="${uri}",response="${response}",algorithm=${algorithm},qop=${qop},nc=00000001,cnonce="c0ffee"`;
    return written(value);
  }
}

const SDP = [
  'v=0',
  'o=- 1 1 IN IP4 127.0.0.1',
  's=-',
  'c=IN IP4 127.0.0.1',
  't=0 0',
  'm=audio 40000 RTP/AVP 0',
  '',
].join('\r\n');

function statusOf(message: string): number {
  return Number(/^SIP\/2\.0 (\d{3})/.exec(message)?.[1] ?? 0);
}

export function headerOf(message: string, name: string): string {
  return new RegExp(`^${name}: *(.*)\r$`, 'im').exec(message)?.[1] ?? '';
}
