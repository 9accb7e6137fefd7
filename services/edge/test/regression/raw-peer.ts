import type { SipMessage, SipRequest, SipResponse, Transport } from '@tandem/sip';
import type { EdgeBench } from '../support/edge-bench.ts';
import { EDGE } from '../support/edge-bench.ts';

/** An endpoint that says what it is told to say, byte for byte, right or wrong. */
export class RawPeer {
  readonly received: SipMessage[] = [];
  readonly #bench: EdgeBench;
  readonly #transport: Transport;

  constructor(bench: EdgeBench, at: { readonly address: string; readonly port: number }) {
    this.#bench = bench;
    this.#transport = bench.network.open({
      ...at,
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
    this.#transport.send(bytes, EDGE.address, EDGE.port);
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
