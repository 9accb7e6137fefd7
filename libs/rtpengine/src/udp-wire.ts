import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import type { NgWire } from './ng-client.ts';

/** Replies with statistics of many streams are long. */
const RECEIVE_BUFFER = 1_048_576;

/** Sockets of one process towards its relays: one for each IP version that they have, opened when it is needed first. */
export class UdpWire implements NgWire {
  readonly #sockets = new Map<'udp4' | 'udp6', Socket>();
  readonly #onDatagram: (bytes: Buffer) => void;
  #isClosed = false;

  constructor(onDatagram: (bytes: Buffer) => void) {
    this.#onDatagram = onDatagram;
  }

  send(bytes: Buffer, { host, port }: { readonly host: string; readonly port: number }): void {
    if (this.#isClosed) return;
    // A datagram that cannot be sent counts as lost: its command is repeated, then given up. Nothing is called back of one that can.
    this.#socket(host.includes(':') ? 'udp6' : 'udp4').send(bytes, port, host);
  }

  close(): void {
    this.#isClosed = true;
    for (const socket of this.#sockets.values()) socket.close();
    this.#sockets.clear();
  }

  #socket(type: 'udp4' | 'udp6'): Socket {
    const known = this.#sockets.get(type);
    if (known !== undefined) return known;
    const socket = createSocket({
      type,
      recvBufferSize: RECEIVE_BUFFER,
      // Relays are addresses: what Node would look up comes a turn later.
      lookup: (address, _options, callback) => {
        callback(null, address, type === 'udp6' ? 6 : 4);
      },
    });
    socket.on('message', this.#onDatagram);
    // A relay that is gone answers with ICMP: silence says the same.
    socket.on('error', () => undefined);
    this.#sockets.set(type, socket);
    return socket;
  }
}
