import type { SipParseError } from '../message/parse-error.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import type { TransportName } from './transports.ts';

/** Address and port of one end. */
export interface Endpoint {
  /** IPv4 or IPv6 literal, without brackets. */
  readonly address: string;
  readonly port: number;
}

/** Where a message came from and where it arrived. */
export interface Arrival {
  readonly source: Endpoint;
  readonly local: Endpoint;
  /** @default 'udp' */
  readonly transport?: TransportName | undefined;
  /** The connection that it came by, where it came by one: unique over the starts of a process. */
  readonly connection?: number;
  /**
   * Names of the peer's certificate, with commas: those that it has proved where it has opened the connection; those that it
   * had to prove where we have, '' where any certificate would do. Unset where it has proved none.
   */
  readonly certificate?: string;
}

/** Receives what a transport reads. None of them may throw. */
export interface TransportListener {
  /** A well-formed message; the top Via of a request carries `received` and `rport` already. */
  onMessage(message: SipRequest | SipResponse, arrival: Arrival): void;
  /**
   * Takes messages as bytes instead: for who passes them on unread. Keepalives do not come this way, nor what was never meant
   * to be SIP; all else does, malformed messages too, and nothing has been noted in the Via.
   * @default they are parsed
   */
  onBytes?(bytes: Buffer, arrival: Arrival): void;
  /**
   * Sees each message as bytes before it is parsed.
   * @returns whether it has taken it: then it is not parsed
   */
  takes?(bytes: Buffer, arrival: Arrival): boolean;
  /**
   * A malformed message; when `error.request` is there, a 400 can be formed and sent (CALL-10).
   * @default counted and dropped
   */
  onMalformed?(error: SipParseError, arrival: Arrival): void;
  /** The socket reported an error; it goes on. */
  onError?(error: Error): void;
}

/** What was received and sent, and why something was dropped; counts since the transport was opened. */
export interface TransportCounters {
  received: number;
  sent: number;
  sendErrors: number;
  /** CRLF, single bytes and STUN: NAT keepalives (RFC 5626 §3.5.1, §4.4.2). */
  keepalives: number;
  /** Not SIP at all, and dropped. */
  garbage: number;
  /** SIP with a mistake in it. */
  malformed: number;
  /** Longer than `maxDatagramBytes`, and dropped. */
  oversize: number;
}

/** Counters of a transport that was just opened. */
export function newTransportCounters(): TransportCounters {
  return {
    received: 0,
    sent: 0,
    sendErrors: 0,
    keepalives: 0,
    garbage: 0,
    malformed: 0,
    oversize: 0,
  };
}

/** Sends and receives datagrams with SIP messages: a UDP socket, or the simulated network of a test. */
export interface Transport {
  /** Where this transport is bound. */
  readonly local: Endpoint;
  readonly counters: Readonly<TransportCounters>;
  /** Puts bytes on the wire, never waiting; `address` is an IP literal. */
  send(bytes: Buffer, address: string, port: number): void;
  /** Stops receiving and frees the address. */
  close(): Promise<void>;
}
