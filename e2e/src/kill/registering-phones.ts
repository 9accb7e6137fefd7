import { randomBytes } from 'node:crypto';
import { type Socket, createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { answeredRequest, requestFrom } from '@tandem/testing';
import { parseMessage, responseTo, serialize } from '@tandem/sip';
import type { Endpoint, SipRequest, SipResponse } from '@tandem/sip';

/** What a phone has been told last: nothing where its last request has no answer, or never had one. */
type Belief = 'registered' | 'unregistered' | 'unknown';

interface Phone {
  readonly user: string;
  readonly callId: string;
  cseq: number;
  belief: Belief;
  isBusy: boolean;
}

/** Phones that register at one switch. */
export interface RegisteringPhonesOptions {
  readonly users: readonly string[];
  readonly password: string;
  readonly to: Endpoint;
  readonly random: () => number;
}

/** RFC 3261 §17.1.2.2: T1 and T2, and a half of timer F: nobody waits longer for a phone. */
const FIRST_REPEAT_MS = 500;
const LONGEST_REPEAT_MS = 4000;
const GIVEN_UP_MS = 16_000;
const EXPIRES = '600';
/** Of those that are registered. */
const UNREGISTERS = 0.1;

/** Phones on one socket that register, refresh and unregister at a rate, and answer calls with 486. Each knows what it was told. */
export class RegisteringPhones {
  readonly #options: RegisteringPhonesOptions;
  readonly #socket: Socket;
  readonly #phones: readonly Phone[];
  readonly #waiting = new Map<string, (response: SipResponse) => void>();
  readonly #underway = new Set<Promise<void>>();
  readonly #counts = new Map<string, number>();

  private constructor(options: RegisteringPhonesOptions, socket: Socket) {
    this.#options = options;
    this.#socket = socket;
    this.#phones = options.users.map((user) => ({
      user,
      callId: `${user}-${randomBytes(6).toString('hex')}`,
      cseq: 0,
      belief: 'unregistered',
      isBusy: false,
    }));
    socket.on('message', (bytes, { address, port }) => {
      // Line breaks alone ask whether somebody listens (RFC 5626 §3.5.1).
      if (bytes.toString('latin1').trim() !== '') this.#receive(bytes, { address, port });
    });
  }

  static async open(options: RegisteringPhonesOptions): Promise<RegisteringPhones> {
    const socket = createSocket({ type: 'udp4', recvBufferSize: 4_000_000 });
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new RegisteringPhones(options, socket);
  }

  /** How often it was answered with what, and `none`. */
  get counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }

  usersThat(belief: Belief): readonly string[] {
    return this.#phones.filter((phone) => phone.belief === belief).map(({ user }) => user);
  }

  /** Has some phone, at random, register, refresh or unregister, so many times a second. */
  async run({ perSecond, seconds }: { perSecond: number; seconds: number }): Promise<void> {
    const began = performance.now();
    for (let begun = 0; begun < perSecond * seconds;) {
      const due = ((performance.now() - began) / 1000) * perSecond;
      for (; begun < due; begun++) this.#turn();
      await sleep(10);
    }
    await Promise.all(this.#underway);
  }

  close(): void {
    this.#socket.close();
  }

  #turn(): void {
    const { random } = this.#options;
    const phone = this.#phones[Math.floor(random() * this.#phones.length)];
    if (phone === undefined || phone.isBusy) return;
    const goes = phone.belief === 'registered' && random() < UNREGISTERS;
    phone.isBusy = true;
    const turn = this.#register(phone, goes ? '0' : EXPIRES).finally(() => {
      phone.isBusy = false;
      this.#underway.delete(turn);
    });
    this.#underway.add(turn);
  }

  async #register(phone: Phone, expires: string): Promise<void> {
    const { address, port } = this.#options.to;
    const { user, callId } = phone;
    const place = { ...this.#socket.address(), transport: 'udp' as const };
    let request = requestFrom({
      ...{ method: 'REGISTER', requestUri: `sip:${address}:${String(port)}`, user, callId },
      ...{ local: place, branch: newBranch(), fromTag: 'phone', cseq: ++phone.cseq },
      from: `<sip:${user}@${address}>`,
      to: `<sip:${user}@${address}>`,
      headers: { Expires: expires },
    });
    const before = phone.belief;
    const wanted = expires === '0' ? 'unregistered' : 'registered';
    // Until it is answered the switch may have done it or not; a refresh changes nothing of what is asked here.
    if (before !== wanted) phone.belief = 'unknown';
    let response = await this.#ask(request);
    for (let asked = 0; response?.status === 401 && asked < 3; asked++) {
      const credentials = { username: user, password: this.#options.password };
      const answer = answeredRequest(request, response, { ...credentials, branch: newBranch() });
      if (answer === undefined) break;
      request = answer;
      phone.cseq++;
      response = await this.#ask(request);
    }
    const told = String(response?.status ?? 'none');
    this.#counts.set(told, (this.#counts.get(told) ?? 0) + 1);
    if (response?.status === 200) phone.belief = wanted;
    // A refusal has changed nothing. A pod that failed, or silence, tells nothing: it may have been done.
    else if (response !== undefined && response.status < 500) phone.belief = before;
  }

  async #ask(request: SipRequest): Promise<SipResponse | undefined> {
    const { address, port } = this.#options.to;
    const branch = branchOf(request);
    const bytes = serialize(request);
    const answered = new Promise<SipResponse>((resolve) => {
      this.#waiting.set(branch, resolve);
    });
    let waitMs = FIRST_REPEAT_MS;
    for (let passed = 0; passed < GIVEN_UP_MS; passed += waitMs / 2) {
      this.#socket.send(bytes, port, address);
      const late = new AbortController();
      const first = await Promise.race([
        answered,
        sleep(waitMs, undefined, { signal: late.signal }).catch(() => undefined),
      ]);
      late.abort();
      if (first !== undefined) return first;
      waitMs = Math.min(2 * waitMs, LONGEST_REPEAT_MS);
    }
    this.#waiting.delete(branch);
    return undefined;
  }

  #receive(bytes: Buffer, from: Endpoint): void {
    const message = parseMessage(bytes);
    if (message.kind === 'response') {
      const branch = branchOf(message);
      if (message.status < 200) return;
      this.#waiting.get(branch)?.(message);
      this.#waiting.delete(branch);
      return;
    }
    if (message.method === 'ACK') return;
    const response = responseTo(message, message.method === 'INVITE' ? 486 : 200, 'Here');
    const to = response.headers.get('To') ?? '';
    if (!to.includes('tag=')) response.headers.set('To', `${to};tag=phone`);
    this.#socket.send(serialize(response), from.port, from.address);
  }
}

function newBranch(): string {
  return `z9hG4bK${randomBytes(8).toString('hex')}`;
}

function branchOf({ headers }: SipRequest | SipResponse): string {
  return /branch=([^;,]+)/.exec(headers.get('Via') ?? '')?.[1] ?? '';
}
