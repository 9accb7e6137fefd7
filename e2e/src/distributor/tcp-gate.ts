import type { LinkEndpoint } from '@tandem/pod-link';
import { StreamRepeats, ConnectionTransport, reconnectionPort, systemTimers } from '@tandem/sip';

/** What comes of connections. */
export interface TcpGateUser {
  /** A whole message, or one that is to be given again because nobody has answered it. */
  onReceived(bytes: Buffer, peer: LinkEndpoint, connection: number): void;
  /** A message that was to be sent and never left. */
  onUndelivered(bytes: Buffer, peer: LinkEndpoint): void;
  /** A connection is gone over which something came. */
  onClosed(peer: LinkEndpoint, connection: number): void;
}

/**
 * The TCP connections of the public address (RFC 3261 §18): messages in and out, and for the pods behind it the repetitions
 * that there would be over UDP, since a message that was given to a pod that died would be lost otherwise.
 */
export class TcpGate {
  readonly #user: TcpGateUser;
  readonly #repeats: StreamRepeats;
  readonly #peers = new Map<number, LinkEndpoint>();
  #tcp: ConnectionTransport | undefined;

  constructor(user: TcpGateUser) {
    this.#user = user;
    const peerOf = (connection: number, act: (peer: LinkEndpoint) => void): void => {
      const peer = this.#peers.get(connection);
      if (peer !== undefined) act(peer);
    };
    this.#repeats = new StreamRepeats({
      clock: { ...systemTimers, now: Date.now },
      onAgain: (bytes, connection) => {
        peerOf(connection, (peer) => {
          user.onReceived(bytes, peer, connection);
        });
      },
      onUnanswered: (bytes, connection) => {
        peerOf(connection, (peer) => {
          user.onUndelivered(bytes, peer);
        });
      },
    });
  }

  async listen({ address, port }: LinkEndpoint): Promise<void> {
    this.#tcp = await ConnectionTransport.listen({
      address,
      port,
      listener: {
        onMessage: () => undefined,
        onBytes: (bytes, { source, connection = 0 }) => {
          this.#peers.set(connection, source);
          this.#repeats.received(bytes, connection);
          this.#user.onReceived(bytes, source, connection);
        },
      },
      onClosed: (connection) => {
        this.#repeats.closed(connection);
        const peer = this.#peers.get(connection);
        this.#peers.delete(connection);
        if (peer !== undefined) this.#user.onClosed(peer, connection);
      },
    });
  }

  /** Sends by the connection that is named, else by another one to that address, else by a new one. */
  send(bytes: Buffer, peer: LinkEndpoint, connection: number): void {
    const tcp = this.#tcp;
    if (tcp === undefined || !this.#repeats.isToSend(bytes, (one) => tcp.has(one))) return;
    const port = tcp.has(connection) ? peer.port : reconnectionPort(bytes, peer.port);
    const to = { address: peer.address, port };
    const taken = tcp.send(bytes, to, connection);
    if (taken === 0) {
      this.#user.onUndelivered(bytes, peer);
      return;
    }
    if (!this.#peers.has(taken)) this.#peers.set(taken, to);
    this.#repeats.sent(bytes, taken);
  }

  async close(): Promise<void> {
    this.#repeats.close();
    await this.#tcp?.close();
  }
}
