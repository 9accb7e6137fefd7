import { createHash } from 'node:crypto';
import {
  formatHostPort,
  responseTo,
  serialize,
  UdpTransport,
  type Endpoint,
  type SipRequest,
} from '@tandem/sip';
import { sdpBody } from '@tandem/testing';

/** RFC 3261 §13.3.1.4: an answer is repeated after T1, at last every T2, until its ACK, for 64·T1. */
const T1_MS = 500;
const T2_MS = 4000;
const ANSWER_LIMIT_MS = 32_000;

/**
 * A carrier that rings and answers whatever is called, over UDP. It keeps nothing of a call but an answer that nobody has
 * acknowledged: an INVITE that comes again, from whichever pod, gets the same answer.
 */
export class AnsweringCarrier {
  readonly #unacknowledged = new Map<string, NodeJS.Timeout>();
  #transport: UdpTransport | undefined;

  /** @throws the system's error when the address cannot be bound */
  static async listen(at: Endpoint): Promise<AnsweringCarrier> {
    const carrier = new AnsweringCarrier();
    carrier.#transport = await UdpTransport.bind({
      ...at,
      listener: {
        onMessage: (message, { source }) => {
          if ('method' in message) carrier.#receive(message, source);
        },
      },
    });
    return carrier;
  }

  get local(): Endpoint {
    if (this.#transport === undefined) throw new Error('it does not listen');
    return this.#transport.local;
  }

  async close(): Promise<void> {
    for (const timer of this.#unacknowledged.values()) clearTimeout(timer);
    this.#unacknowledged.clear();
    await this.#transport?.close();
  }

  #receive(request: SipRequest, source: Endpoint): void {
    const callId = request.headers.get('Call-ID') ?? '';
    switch (request.method) {
      case 'ACK':
        this.#acknowledge(callId);
        break;
      case 'INVITE':
        this.#acknowledge(callId);
        this.#respond(request, source, { status: 180, reason: 'Ringing' });
        this.#answer(request, source, {
          callId,
          waitMs: T1_MS,
          until: Date.now() + ANSWER_LIMIT_MS,
        });
        break;
      case 'BYE':
        this.#acknowledge(callId);
        this.#respond(request, source, { status: 200, reason: 'OK' });
        break;
      default:
        this.#respond(request, source, { status: 200, reason: 'OK' });
    }
  }

  #answer(request: SipRequest, source: Endpoint, repeat: Repeat): void {
    this.#respond(request, source, { status: 200, reason: 'OK', hasBody: true });
    const { callId, waitMs, until } = repeat;
    if (Date.now() + waitMs > until) {
      this.#unacknowledged.delete(callId);
      return;
    }
    const timer = setTimeout(() => {
      this.#answer(request, source, { ...repeat, waitMs: Math.min(waitMs * 2, T2_MS) });
    }, waitMs);
    this.#unacknowledged.set(callId, timer);
  }

  #acknowledge(callId: string): void {
    clearTimeout(this.#unacknowledged.get(callId));
    this.#unacknowledged.delete(callId);
  }

  #respond(request: SipRequest, { address, port }: Endpoint, answer: Answer): void {
    const { status, reason, hasBody = false } = answer;
    const callId = request.headers.get('Call-ID') ?? '';
    // The same whenever it is asked for.
    const toTag = createHash('sha256').update(callId).digest('hex').slice(0, 16);
    const response = responseTo(request, status, reason, { toTag });
    const { local } = this;
    response.headers.set('Contact', `<sip:carrier@${formatHostPort(local.address, local.port)}>`);
    if (hasBody) {
      response.headers.set('Content-Type', 'application/sdp');
      response.body = Buffer.from(sdpBody({ address: local.address }), 'latin1');
    }
    this.#transport?.send(serialize(response), address, port);
  }
}

interface Repeat {
  readonly callId: string;
  readonly waitMs: number;
  readonly until: number;
}

interface Answer {
  readonly status: number;
  readonly reason: string;
  /** A session description. */
  readonly hasBody?: boolean;
}
