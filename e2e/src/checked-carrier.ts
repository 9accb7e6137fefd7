import { createSocket } from 'node:dgram';
import type { RemoteInfo, Socket } from 'node:dgram';
import { once } from 'node:events';
import { parseMessage, responseTo, serialize, SipRequest } from '@tandem/sip';

/** A carrier over UDP on loopback that answers OPTIONS, and is busy, for as long as it is told to; else it says nothing at all. */
export class CheckedCarrier {
  /** What it answers an OPTIONS; 0: nothing. */
  code = 404;
  /** Requests that came, by method, with the time. */
  readonly seen: { readonly method: string; readonly atMs: number; readonly request: SipRequest }[] = []; // prettier-ignore
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('message', (bytes, from) => {
      this.#take(bytes, from);
    });
  }

  static async start(): Promise<CheckedCarrier> {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new CheckedCarrier(socket);
  }

  get port(): number {
    return this.#socket.address().port;
  }

  count(method: string): number {
    return this.seen.filter((each) => each.method === method).length;
  }

  close(): void {
    this.#socket.close();
  }

  #take(bytes: Buffer, from: RemoteInfo): void {
    // A test of the network sends line breaks alone (RFC 5626 §4.4.1).
    if (bytes.toString().trim() === '') return;
    const request = parseMessage(bytes);
    if (!(request instanceof SipRequest)) return;
    const { method } = request;
    this.seen.push({ method, atMs: Date.now(), request });
    if (this.code === 0 || method === 'ACK') return;
    const answer =
      method === 'INVITE'
        ? responseTo(request, 486, 'Busy Here', { toTag: 'c' })
        : responseTo(request, this.code, 'Checked', { toTag: 'c' });
    this.#socket.send(serialize(answer), from.port, from.address);
  }
}
