import type { Endpoint, SipMessage } from '@tandem/sip';

/** The connection on which a message came; undefined over UDP. */
export interface Connection {
  readonly remote: Endpoint;
  readonly isOpen: boolean;
}

/** Where a message came from. */
export interface WireArrival {
  readonly source: Endpoint;
  readonly connection: Connection | undefined;
}

/** Takes what a wire receives. */
export interface WireListener {
  onMessage(message: SipMessage, arrival: WireArrival): void;
  /** Bytes that are no message a strict peer could read. */
  onGarbage(cause: string): void;
  /** A connection ended on which these bytes had been sent; only over TCP. */
  onConnectionLost(connection: Connection): void;
}

/** The socket or sockets of one endpoint. */
export interface Wire {
  readonly transport: 'udp' | 'tcp';
  /** What the endpoint names in Via and Contact. */
  readonly local: Endpoint;
  /**
   * Sends over `via` where that is open, else over a connection to the address, a new one where there is none.
   * @returns the connection that was used
   */
  send(bytes: Buffer, to: Endpoint, via?: Connection): Connection | undefined;
  close(): Promise<void>;
}

/** How a wire is opened. */
export interface WireOptions {
  readonly address: string;
  /** @default a free one */
  readonly port?: number;
  readonly listener: WireListener;
}
