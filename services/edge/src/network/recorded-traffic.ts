import type { MessageLog } from '@tandem/events';
import { transportOf } from '@tandem/sip';
import type { Arrival, Endpoint, TransportListener, TransportName } from '@tandem/sip';
import type { LocalAddresses } from '../core/network/local-addresses.ts';

/** Whom a message was sent to. */
interface Receiver extends Endpoint {
  readonly transport?: TransportName | undefined;
}

/**
 * Tells the record of messages what passes the SIP sockets of this process, as it is on the wire: what is said again too, and
 * nothing that one pod says to another. It costs nothing where nobody records.
 */
export class RecordedTraffic {
  readonly #messages: MessageLog | undefined;
  #addresses: LocalAddresses | undefined;
  readonly #locals = new Map<string, Endpoint>();

  constructor(messages: MessageLog | undefined) {
    this.#messages = messages;
  }

  /** What is listened on for all addresses of the machine is recorded by the address that peers are told. */
  advertise(addresses: LocalAddresses): void {
    this.#addresses = addresses;
    this.#locals.clear();
  }

  /** A listener of datagrams that records what it hears. */
  heardBy(listener: TransportListener): TransportListener {
    if (this.#messages === undefined) return listener;
    if (listener.onBytes !== undefined) {
      return {
        ...listener,
        onBytes: (bytes, arrival) => {
          this.received(bytes, arrival);
          listener.onBytes?.(bytes, arrival);
        },
      };
    }
    return {
      ...listener,
      takes: (bytes, arrival) => {
        this.received(bytes, arrival);
        return listener.takes?.(bytes, arrival) === true;
      },
    };
  }

  received(bytes: Buffer, { connection, local, source, transport }: Arrival): void {
    this.#messages?.record(bytes, {
      isSent: false,
      transport: transportOf({ transport }).id,
      local: this.#named(local),
      remote: source,
      connection,
    });
  }

  sent(bytes: Buffer, local: Endpoint, to: Receiver, connection?: number): void {
    this.#messages?.record(bytes, {
      isSent: true,
      transport: transportOf(to).id,
      local: this.#named(local),
      remote: to,
      connection,
    });
  }

  /** What came by a front that records nothing. */
  receivedBy(bytes: Buffer, arrival: Arrival): void {
    this.received(bytes, { ...arrival, local: this.#told(arrival.source) });
  }

  /** What leaves by a front that records nothing. */
  sentBy(bytes: Buffer, to: Receiver, connection: number): void {
    this.sent(bytes, this.#told(to), to, connection);
  }

  /** What peers of this IP version are told. */
  #told({ address }: Endpoint): Endpoint {
    const version = address.includes(':') ? 6 : 4;
    const told = this.#addresses?.all.find((one) => one.version === version);
    return told ?? { address: version === 6 ? '::' : '0.0.0.0', port: 0 };
  }

  #named(local: Endpoint): Endpoint {
    const { address, port } = local;
    if (address !== '0.0.0.0' && address !== '::') return local;
    const key = `${address} ${String(port)}`;
    let named = this.#locals.get(key);
    if (named === undefined) {
      const version = address === '::' ? 6 : 4;
      const told = this.#addresses?.all.find((one) => one.version === version);
      named = told === undefined ? local : { address: told.address, port };
      if (this.#addresses !== undefined) this.#locals.set(key, named);
    }
    return named;
  }
}
