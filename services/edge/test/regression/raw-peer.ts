import { parseMessage } from '@tandem/sip';
import type { SipMessage, SipRequest, SipResponse, Transport, TransportName } from '@tandem/sip';
import type { EdgeBench } from '../support/edge-bench.ts';
import { EDGE } from '../support/edge-bench.ts';

interface PlaceOfPeer {
  readonly address: string;
  readonly port: number;
  /** What the edge is told that messages came over. @default 'udp', through its parser */
  readonly transport?: TransportName;
}

/** An endpoint that says what it is told to say, byte for byte, right or wrong. */
export class RawPeer {
  readonly received: SipMessage[] = [];
  readonly #bench: EdgeBench;
  readonly #transport: Transport;
  readonly #at: PlaceOfPeer;

  constructor(bench: EdgeBench, at: PlaceOfPeer) {
    this.#bench = bench;
    this.#at = at;
    this.#transport = bench.network.open({
      address: at.address,
      port: at.port,
      listener: {
        onMessage: (message) => {
          this.received.push(message);
        },
      },
    });
  }

  /** Sends lines as a message without a body, and waits until all that it brings about has happened. */
  async send(...lines: readonly string[]): Promise<void> {
    const bytes = Buffer.from([...lines, 'Content-Length: 0', '', ''].join('\r\n'), 'latin1');
    if (this.#at.transport === undefined) {
      this.#transport.send(bytes, EDGE.address, EDGE.port);
    } else this.#bench.server.onMessage(parseMessage(bytes), this.#at);
    await this.#bench.settle(50);
  }

  /** Answers with the request's own headers and these. */
  async answer(request: SipRequest, status: string, ...extra: readonly string[]): Promise<void> {
    const names = ['Via', 'From', 'To', 'Call-ID', 'CSeq'].filter(
      (name) => !extra.some((line) => line.startsWith(`${name}:`)),
    );
    const copied = names.map((name) => `${name}: ${request.headers.get(name) ?? ''}`);
    await this.send(`SIP/2.0 ${status}`, ...copied, ...extra);
  }

  requests(method: string): SipRequest[] {
    return this.received.filter(
      (message) => message.kind === 'request' && message.method === method,
    ) as SipRequest[];
  }

  responses(status: number): SipResponse[] {
    return this.received.filter(
      (message) => message.kind === 'response' && message.status === status,
    ) as SipResponse[];
  }
}
