import { type Endpoint, UdpTransport } from '@tandem/sip';
import type { Wire, WireOptions } from './wire.ts';

/** An endpoint on one UDP socket. */
export class UdpWire implements Wire {
  readonly transport = 'udp';
  readonly #transport: UdpTransport;

  private constructor(transport: UdpTransport) {
    this.#transport = transport;
  }

  static async open({ address, port = 0, listener }: WireOptions): Promise<UdpWire> {
    const transport = await UdpTransport.bind({
      address,
      port,
      listener: {
        onMessage: (message, { source }) => {
          // Out of a buffer that it shares with others: calls are kept to the end, and the memory of each datagram with them.
          message.body = Buffer.from(message.body);
          listener.onMessage(message, { source, connection: undefined });
        },
        onMalformed: (error) => {
          listener.onGarbage(`${error.code}: ${error.message}`);
        },
        // Nobody listens where a datagram went: the switch has been killed, which is what is tried here.
        onError: () => undefined,
      },
    });
    return new UdpWire(transport);
  }

  get local(): Endpoint {
    return this.#transport.local;
  }

  send(bytes: Buffer, to: Endpoint): undefined {
    this.#transport.send(bytes, to.address, to.port);
  }

  close(): Promise<void> {
    return this.#transport.close();
  }
}
