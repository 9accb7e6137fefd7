import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { answeredRequest } from '@tandem/testing';
import { Headers, SipRequest, SipResponse, parseMessage, responseTo, serialize } from '@tandem/sip';
import { until } from './until.ts';

/** How a phone registers by a TCP connection of its own. */
export interface ConnectedPhoneOptions {
  readonly user: string;
  readonly password: string;
  readonly registrar: { readonly address: string; readonly port: number };
}

/**
 * A phone behind a NAT: its contact is a private address, it is reached by its connection alone, and answers what it is asked with
 * 404.
 */
export class ConnectedPhone {
  /** What it was sent. */
  readonly requests: SipRequest[] = [];
  readonly #responses: SipResponse[] = [];
  readonly #socket: Socket;
  #unread = '';

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (bytes) => {
      this.#read(bytes.toString('latin1'));
    });
  }

  /** Gives one that is registered. */
  static async register(options: ConnectedPhoneOptions): Promise<ConnectedPhone> {
    const { address, port } = options.registrar;
    const socket = connect(port, address);
    await once(socket, 'connect');
    const phone = new ConnectedPhone(socket);
    const request = registerOf(options);
    const challenge = await phone.#ask(request);
    const { user: username, password } = options;
    const answered = answeredRequest(request, challenge, {
      username,
      password,
      branch: 'z9hG4bKsecond',
    });
    if (answered === undefined) throw new Error(`${String(challenge.status)} is no challenge`);
    const { status } = await phone.#ask(answered);
    if (status !== 200) throw new Error(`not registered: ${String(status)}`);
    return phone;
  }

  close(): void {
    this.#socket.destroy();
  }

  async #ask(request: SipRequest): Promise<SipResponse> {
    const before = this.#responses.length;
    this.#socket.write(serialize(request));
    await until('a response', () => this.#responses.length > before);
    const response = this.#responses.at(-1);
    if (response === undefined) throw new Error('no response');
    return response;
  }

  /** Nothing that it is sent has a body. */
  #read(text: string): void {
    this.#unread += text;
    const messages = this.#unread.split('\r\n\r\n');
    this.#unread = messages.pop() ?? '';
    for (const each of messages) {
      const message = parseMessage(Buffer.from(`${each}\r\n\r\n`, 'latin1'));
      if (message instanceof SipResponse) {
        this.#responses.push(message);
      } else {
        this.requests.push(message);
        this.#socket.write(serialize(responseTo(message, 404, 'Not Found', { toTag: 'phone' })));
      }
    }
  }
}

function registerOf({ registrar, user }: ConnectedPhoneOptions): SipRequest {
  const host = `${registrar.address}:${String(registrar.port)}`;
  const headers = new Headers();
  headers.append('Via', 'SIP/2.0/TCP 10.99.0.7:5060;branch=z9hG4bKfirst');
  headers.append('Max-Forwards', '70');
  headers.append('From', `<sip:${user}@${host}>;tag=connected`);
  headers.append('To', `<sip:${user}@${host}>`);
  headers.append('Call-ID', `connected-${user}`);
  headers.append('CSeq', '1 REGISTER');
  headers.append('Contact', `<sip:${user}@10.99.0.7:5060;transport=tcp>`);
  headers.append('Expires', '600');
  return new SipRequest('REGISTER', `sip:${host}`, headers);
}
