import type { ParseLimits } from '../message/limits.ts';
import { SipParseError } from '../message/parse-error.ts';
import type { SipMessage } from '../message/message.ts';
import { parseMessage } from '../message/parse-message.ts';
import { newTransportCounters } from './transport.ts';
import type { Arrival, TransportCounters, TransportListener } from './transport.ts';
import { noteSource } from './via-received.ts';

const stunMagicCookie = 0x2112a442;
const longestFirstLine = 1024;

/** Turns datagrams, or messages cut from a stream, into messages for a listener; counts and drops what is none. Never throws. */
export class DatagramReader {
  readonly counters: TransportCounters = newTransportCounters();
  readonly #listener: TransportListener;
  readonly #limits: Partial<ParseLimits> | undefined;

  constructor(listener: TransportListener, limits?: Partial<ParseLimits>) {
    this.#listener = listener;
    this.#limits = limits;
  }

  /** One datagram. */
  read(bytes: Buffer, arrival: Arrival): void {
    this.counters.received++;
    if (isKeepalive(bytes)) {
      this.counters.keepalives++;
      return;
    }
    if (isBinary(bytes) && isNoSip(bytes)) {
      this.counters.garbage++;
      return;
    }
    if (this.#listener.onBytes !== undefined) {
      if (isNoSip(bytes)) this.counters.garbage++;
      else this.#listener.onBytes(bytes, arrival);
      return;
    }
    if (this.#listener.takes?.(bytes, arrival) === true) return;
    let message: SipMessage;
    try {
      message = parseMessage(bytes, this.#limits);
      if (message.kind === 'request') noteSource(message, arrival.source);
    } catch (error) {
      this.#refuse(error, bytes, arrival);
      return;
    }
    this.#listener.onMessage(message, arrival);
  }

  #refuse(error: unknown, bytes: Buffer, arrival: Arrival): void {
    if (!(error instanceof SipParseError)) {
      this.counters.garbage++;
      this.#listener.onError?.(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    if (error.code === 'SIP_TOO_LARGE') {
      this.counters.oversize++;
    } else if (error.request === undefined && isNoSip(bytes)) {
      this.counters.garbage++;
      return;
    } else {
      this.counters.malformed++;
    }
    this.#report(error, arrival);
  }

  /** A stream cannot be cut into messages any more: its connection is closed after this. */
  broken(error: SipParseError, arrival: Arrival): void {
    // Who has a connection has shown its address at least: what it is, is told.
    if (error.code === 'SIP_BAD_START_LINE') this.counters.garbage++;
    else if (error.code === 'SIP_TOO_LARGE') this.counters.oversize++;
    else this.counters.malformed++;
    this.#report(error, arrival);
  }

  #report(error: SipParseError, arrival: Arrival): void {
    if (error.request !== undefined) noteSource(error.request, arrival.source);
    this.#listener.onMalformed?.(error, arrival);
  }
}

/** What no message begins with: it is not worth parsing (CALL-11). */
function isBinary(bytes: Buffer): boolean {
  const first = bytes[0] ?? 0;
  const isLineBreak = first === 0x0a || first === 0x0d;
  return first > 0x7e || (first <= 0x20 && !isLineBreak);
}

/** The first line was never meant to be SIP: no report, or a scan would fill the log. */
export function isNoSip(bytes: Buffer): boolean {
  const lineEnd = bytes.indexOf(0x0a, 2);
  const line = bytes.subarray(0, lineEnd < 0 ? longestFirstLine : lineEnd);
  // RFC 3261 §7.1: the version is compared without case.
  return !line.includes('SIP/') && !/sip\//i.test(line.toString('latin1'));
}

/**
 * CRLF and double CRLF (RFC 5626 §3.5.1), a lone zero byte or less, which some devices send, and STUN
 * (RFC 5626 §3.5.2): they hold a NAT binding open and want no answer here.
 */
function isKeepalive(bytes: Buffer): boolean {
  const { length } = bytes;
  if (length > 4) {
    return length >= 20 && (bytes[0] ?? 0xff) < 0x40 && bytes.readUInt32BE(4) === stunMagicCookie;
  }
  for (const byte of bytes) {
    if (byte !== 0x0d && byte !== 0x0a && byte !== 0) return false;
  }
  return true;
}
