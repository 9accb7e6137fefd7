import { DatagramReader } from '@tandem/sip';
import type { Endpoint, TransportListener } from '@tandem/sip';
import type { LocalPlace } from './message-templates.ts';
import type { PeerSocket } from './signalling-layer.ts';

/** What a page writes for itself, which cannot know its address (RFC 7118 §5). */
const UNKNOWN: LocalPlace = { address: 'df7jal23ls0d.invalid', port: 5060, transport: 'ws' };

/** SIP over a WebSocket as a browser has it; a new one is opened where the last has closed. */
export class BrowserSocket implements PeerSocket {
  readonly local = UNKNOWN;
  readonly #url: string;
  readonly #server: Endpoint;
  readonly #reader: DatagramReader;
  #socket: WebSocket | undefined;
  #waiting: Buffer[] = [];
  #isClosed = false;

  private constructor(url: string, listener: TransportListener) {
    const { hostname, port } = new URL(url);
    this.#url = url;
    this.#server = { address: hostname, port: Number(port) };
    this.#reader = new DatagramReader(listener);
  }

  /** @throws where there is no server */
  static async open(url: string, listener: TransportListener): Promise<BrowserSocket> {
    const browser = new BrowserSocket(url, listener);
    const socket = browser.#connect();
    await new Promise<void>((resolve, reject) => {
      socket.addEventListener('open', () => {
        resolve();
      });
      socket.addEventListener('close', () => {
        reject(new Error(`no WebSocket at ${url}`));
      });
    });
    return browser;
  }

  send(bytes: Buffer): void {
    const socket = this.#socket ?? this.#connect();
    if (socket.readyState === WebSocket.OPEN) socket.send(bytes.toString());
    else this.#waiting.push(bytes);
  }

  close(): Promise<void> {
    this.#isClosed = true;
    this.#socket?.close();
    return Promise.resolve();
  }

  #connect(): WebSocket {
    const socket = new WebSocket(this.#url, ['sip']);
    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    socket.addEventListener('open', () => {
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const bytes of waiting) socket.send(bytes.toString());
    });
    socket.addEventListener('message', ({ data }) => {
      const bytes = Buffer.from(data as ArrayBuffer);
      const arrival = { source: this.#server, local: this.local, transport: 'ws' } as const;
      this.#reader.read(bytes, arrival);
    });
    socket.addEventListener('close', () => {
      if (this.#socket !== socket) return;
      this.#socket = undefined;
      // The server may be another one by now.
      if (!this.#isClosed && this.#waiting.length > 0) this.#connect();
    });
    return socket;
  }
}
