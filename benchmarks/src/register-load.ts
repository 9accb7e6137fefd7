import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { once } from 'node:events';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { demo } from '@tandem/e2e';
import { SipResponse, answerChallenge, parseChallenge, parseMessage } from '@tandem/sip';

/** What came of a load. */
export interface RegisterRun {
  /** Those whose phone still waited for its answer to the one before are not begun. */
  readonly begun: number;
  /** No answer for so long that nobody would wait. */
  readonly givenUp: number;
  readonly registered: number;
  /** Answers 503: its phone comes back when it is told to. */
  readonly shed: number;
  /** Answers other than 401, 200 and 503, by code. */
  readonly refused: ReadonlyMap<number, number>;
  readonly repetitions: number;
  /** From the first REGISTER to the 200, challenge and digest in between. */
  readonly timesMs: readonly number[];
}

interface Phone {
  readonly name: string;
  readonly socket: Socket;
  readonly callId: string;
  cseq: number;
  /** Undefined: nothing is under way. */
  waiting: Waiting | undefined;
}

interface Waiting {
  bytes: Buffer;
  readonly startedMs: number;
  sentMs: number;
  /** RFC 3261 §17.1.2.2: what it waits before it sends again. */
  intervalMs: number;
}

const T1_MS = 500;
const T2_MS = 4000;
const GIVEN_UP_MS = 120_000;
/** Phones are at so many addresses. */
const SOURCES = 50;
const TICK_MS = 10;

/** Phones that register, and refresh, at addresses of 127.0.0.0/8: REGISTER, 401, REGISTER with digest, 200. */
export class RegisterLoad {
  readonly #sockets: readonly Socket[];
  readonly #target: { readonly address: string; readonly port: number };
  readonly #phones: readonly Phone[];
  readonly #byCallId: ReadonlyMap<string, Phone>;
  #next = 0;
  #asked = 0;
  #begun = 0;
  #givenUp = 0;
  #registered = 0;
  #repetitions = 0;
  #shed = 0;
  #refused = new Map<number, number>();
  #timesMs: number[] = [];

  private constructor(
    sockets: readonly Socket[],
    target: { readonly address: string; readonly port: number },
    names: readonly string[],
  ) {
    this.#sockets = sockets;
    this.#target = target;
    this.#phones = names.flatMap((name, at) => {
      const socket = sockets[at % sockets.length];
      const callId = `${randomBytes(8).toString('hex')}@127.0.0.1`;
      return socket === undefined ? [] : [{ name, socket, callId, cseq: 0, waiting: undefined }];
    });
    this.#byCallId = new Map(this.#phones.map((phone) => [phone.callId, phone]));
    for (const socket of sockets) {
      socket.on('message', (bytes) => {
        this.#receive(bytes);
      });
    }
  }

  static async open(
    target: { readonly address: string; readonly port: number },
    names: readonly string[],
  ): Promise<RegisterLoad> {
    const sockets = Array.from({ length: SOURCES }, (_, at) => {
      const socket = createSocket({ type: 'udp4', recvBufferSize: 1_048_576 });
      return socket.bind(0, `127.0.7.${String(at + 1)}`);
    });
    await Promise.all(sockets.map((socket) => once(socket, 'listening')));
    return new RegisterLoad(sockets, target, names);
  }

  /** One registration after the other, of each phone in turn, at this rate; until all are answered or given up. */
  async run(rate: number, seconds: number): Promise<RegisterRun> {
    [this.#asked, this.#begun, this.#givenUp] = [0, 0, 0];
    [this.#registered, this.#repetitions, this.#shed] = [0, 0, 0];
    this.#refused = new Map();
    this.#timesMs = [];
    const startedMs = performance.now();
    for (;;) {
      const now = performance.now();
      const due = Math.min(Math.floor(((now - startedMs) / 1000) * rate), rate * seconds);
      while (this.#asked < due) this.#begin(now);
      const isUnderWay = this.#lookAfter(now);
      if (this.#asked >= rate * seconds && !isUnderWay) break;
      await sleep(TICK_MS);
    }
    const { timesMs, refused } = { timesMs: this.#timesMs, refused: this.#refused };
    const [begun, registered, repetitions] = [this.#begun, this.#registered, this.#repetitions];
    const givenUp = this.#givenUp;
    return { begun, givenUp, registered, shed: this.#shed, refused, repetitions, timesMs };
  }

  close(): void {
    for (const socket of this.#sockets) socket.close();
  }

  #begin(now: number): void {
    this.#asked += 1;
    const phone = this.#phones[this.#next++ % this.#phones.length];
    if (phone === undefined || phone.waiting !== undefined) return;
    this.#begun += 1;
    const bytes = this.#request(phone, undefined);
    phone.waiting = { bytes, startedMs: now, sentMs: now, intervalMs: T1_MS };
    send(phone, bytes, this.#target);
  }

  #receive(bytes: Buffer): void {
    const response = parseMessage(bytes);
    if (!(response instanceof SipResponse)) return;
    const phone = this.#byCallId.get(response.headers.get('Call-ID') ?? '');
    const waiting = phone?.waiting;
    if (phone === undefined || waiting === undefined || response.status < 200) return;
    if (Number.parseInt(response.headers.get('CSeq') ?? '', 10) !== phone.cseq) return;
    const now = performance.now();
    const challenge = response.headers.get('WWW-Authenticate');
    if (response.status === 401 && challenge !== undefined && !isAnswer(waiting.bytes)) {
      waiting.bytes = this.#request(phone, challenge);
      waiting.sentMs = now;
      waiting.intervalMs = T1_MS;
      send(phone, waiting.bytes, this.#target);
      return;
    }
    this.#finished(phone, waiting, response);
  }

  #finished(phone: Phone, waiting: Waiting, { headers, status }: SipResponse): void {
    const now = performance.now();
    if (status === 503) {
      this.#shed += 1;
      waiting.bytes = this.#request(phone, undefined);
      waiting.sentMs = now + Number(headers.get('Retry-After') ?? 1) * 1000;
      waiting.intervalMs = 0;
      return;
    }
    phone.waiting = undefined;
    if (status === 200) {
      this.#registered += 1;
      this.#timesMs.push(now - waiting.startedMs);
    } else {
      this.#refused.set(status, (this.#refused.get(status) ?? 0) + 1);
    }
  }

  /** @returns whether anything is under way */
  #lookAfter(now: number): boolean {
    let isUnderWay = false;
    for (const phone of this.#phones) {
      const { waiting } = phone;
      if (waiting === undefined) continue;
      isUnderWay = true;
      if (now - waiting.startedMs > GIVEN_UP_MS) {
        phone.waiting = undefined;
        this.#givenUp += 1;
      } else if (now - waiting.sentMs > waiting.intervalMs) {
        waiting.sentMs = now;
        if (waiting.intervalMs > 0) this.#repetitions += 1;
        waiting.intervalMs = Math.min(Math.max(waiting.intervalMs * 2, T1_MS), T2_MS);
        send(phone, waiting.bytes, this.#target);
      }
    }
    return isUnderWay;
  }

  #request(phone: Phone, challenge: string | undefined): Buffer {
    const { address, port } = this.#target;
    const uri = `sip:${address}:${String(port)}`;
    phone.cseq += 1;
    const place = phone.socket.address();
    const own = `${place.address}:${String(place.port)}`;
    const lines = [
      `REGISTER ${uri} SIP/2.0`,
      `Via: SIP/2.0/UDP ${own};branch=z9hG4bK${randomBytes(8).toString('hex')};rport`,
      'Max-Forwards: 70',
      `From: <sip:${phone.name}@${address}>;tag=${phone.callId.slice(0, 8)}`,
      `To: <sip:${phone.name}@${address}>`,
      `Call-ID: ${phone.callId}`,
      `CSeq: ${String(phone.cseq)} REGISTER`,
      `Contact: <sip:${phone.name}@${own}>`,
      'Expires: 3600',
      'User-Agent: Yealink SIP-T46S 66.86.0.15',
    ];
    if (challenge !== undefined) {
      const answer = answerChallenge({
        challenge: parseChallenge(challenge),
        username: phone.name,
        password: demo.password,
        method: 'REGISTER',
        uri,
        body: Buffer.alloc(0),
        cnonce: randomBytes(8).toString('hex'),
      });
      lines.push(`Authorization: ${answer}`);
    }
    return Buffer.from([...lines, 'Content-Length: 0', '', ''].join('\r\n'));
  }
}

function send(
  { socket }: Phone,
  bytes: Buffer,
  { address, port }: { readonly address: string; readonly port: number },
): void {
  socket.send(bytes, port, address);
}

function isAnswer(bytes: Buffer): boolean {
  return bytes.includes('\r\nAuthorization: ');
}
