import { createSocket } from 'node:dgram';
import type { RemoteInfo, Socket } from 'node:dgram';
import { once } from 'node:events';
import {
  cseq,
  formatChallenge,
  ha1,
  parseCredentials,
  parseMessage,
  responseTo,
  serialize,
  SipRequest,
  verifyCredentials,
} from '@tandem/sip';

/** A REGISTER with right credentials that a registrar has answered. */
export interface SeenRegister {
  readonly atMs: number;
  readonly callId: string;
  readonly cseq: number;
  readonly contact: string;
  readonly expires: string;
}

export interface RegistrarAccount {
  readonly user: string;
  readonly password: string;
}

const REALM = 'carrier.example';

/** A carrier's registrar over UDP on loopback: it challenges with SHA-256, and grants what it is told to. */
export class CarrierRegistrar {
  /** In their order; those that were challenged are not among them. */
  readonly seen: SeenRegister[] = [];
  /** Seconds that are granted. */
  grants = 120;
  readonly #socket: Socket;
  readonly #account: RegistrarAccount;
  #nonces = 0;

  private constructor(socket: Socket, account: RegistrarAccount) {
    this.#socket = socket;
    this.#account = account;
    socket.on('message', (bytes, from) => {
      this.#answer(bytes, from);
    });
  }

  static async start(account: RegistrarAccount): Promise<CarrierRegistrar> {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new CarrierRegistrar(socket, account);
  }

  get address(): string {
    return `127.0.0.1:${String(this.#socket.address().port)}`;
  }

  /** The last REGISTER that bound something or removed it. */
  get last(): SeenRegister | undefined {
    return this.seen.at(-1);
  }

  close(): void {
    this.#socket.close();
  }

  #answer(bytes: Buffer, from: RemoteInfo): void {
    // Line breaks alone ask whether somebody listens.
    if (bytes.toString('latin1').trim() === '') return;
    const request = parseMessage(bytes);
    if (!(request instanceof SipRequest)) return;
    const response = this.#isRight(request) ? this.#bound(request) : this.#challenge(request);
    this.#socket.send(serialize(response), from.port, from.address);
  }

  #challenge(request: SipRequest) {
    this.#nonces += 1;
    const response = responseTo(request, 401, 'Unauthorized', { toTag: 'r' });
    const nonce = `n${String(this.#nonces)}`;
    response.headers.append(
      'WWW-Authenticate',
      formatChallenge({ realm: REALM, nonce, algorithm: 'SHA-256', qop: ['auth'], stale: false }),
    );
    return response;
  }

  #bound(request: SipRequest) {
    const contact = request.headers.get('Contact') ?? '';
    const expires = request.headers.get('Expires') ?? '';
    const callId = request.headers.get('Call-ID') ?? '';
    const { number } = cseq(request);
    this.seen.push({ atMs: Date.now(), callId, cseq: number, contact, expires });
    const response = responseTo(request, 200, 'OK', { toTag: 'r' });
    const [uri = ''] = contact.split(';');
    if (expires !== '0')
      response.headers.append('Contact', `${uri};expires=${String(this.grants)}`);
    return response;
  }

  #isRight(request: SipRequest): boolean {
    const value = request.headers.get('Authorization');
    if (value === undefined) return false;
    const credentials = parseCredentials(value);
    const { password, user: username } = this.#account;
    return (
      credentials.username === username &&
      verifyCredentials({
        credentials,
        ha1: ha1('SHA-256', username, REALM, password),
        method: request.method,
      })
    );
  }
}
