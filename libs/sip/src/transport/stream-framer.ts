import { CR, LF, parseDigits } from '../message/characters.ts';
import { defaultParseLimits } from '../message/limits.ts';
import type { ParseLimits } from '../message/limits.ts';
import { SipParseError } from '../message/parse-error.ts';
import type { SipParseErrorCode } from '../message/parse-error.ts';
import { salvageRequest, salvageResponse } from '../message/salvage.ts';

/** Receives what a stream is cut into. None of them may throw. */
export interface StreamFramerSink {
  /** One message, from its start line to the end of its body. It may share its memory with the segment. */
  onMessage(bytes: Buffer): void;
  /** Two line breaks between messages: the peer asks whether this end lives, and gets one back (RFC 5626 §4.4.1). */
  onPing(): void;
  /** Where the next message begins cannot be told: the connection is of no use any more. Told once. */
  onBroken(error: SipParseError): void;
}

const NUL = 0;
/** RFC 8446 §5.1: the type of the first record. */
const TLS_HANDSHAKE = 0x16;
const contentLengthLine = /\n(?:content-length|l)[ \t]*:((?:[^\n]|\n[ \t])*)/gi;

/**
 * Cuts a stream into messages by their Content-Length (RFC 3261 §18.3), whatever segments it comes in: the same stream is cut
 * the same way.
 */
export class StreamFramer {
  readonly #sink: StreamFramerSink;
  readonly #limits: ParseLimits;
  /** What has come of a message that is not whole yet; the room behind it is free. */
  #pending = Buffer.alloc(0);
  #length = 0;
  /** How far the pending bytes were searched for the end of the head. */
  #searched = 0;
  /** Bytes of head and body, once the head is whole. */
  #needed = 0;
  #hasStartLine = false;
  #lineBreaks = 0;
  #isStopped = false;

  constructor(sink: StreamFramerSink, limits?: Partial<ParseLimits>) {
    this.#sink = sink;
    this.#limits = { ...defaultParseLimits, ...limits };
  }

  /** Whether a message has begun and is not whole. */
  get isPending(): boolean {
    return this.#length > 0;
  }

  /** Takes nothing any more. */
  stop(): void {
    this.#isStopped = true;
    this.#pending = Buffer.alloc(0);
    this.#length = 0;
  }

  /** The next segment. */
  push(segment: Buffer): void {
    let rest = segment;
    while (rest.length > 0 && !this.#isStopped) {
      if (this.#length === 0) rest = this.#skipBetween(rest);
      if (rest.length > 0) rest = this.#take(rest);
    }
  }

  /** Leaves out line breaks before a start line (RFC 3261 §7.5) and zero bytes, which some devices send. */
  #skipBetween(bytes: Buffer): Buffer {
    let at = 0;
    for (; at < bytes.length && !this.#isStopped; at++) {
      const byte = bytes[at];
      if (byte === LF) {
        this.#lineBreaks++;
        if (this.#lineBreaks === 2) {
          this.#lineBreaks = 0;
          this.#sink.onPing();
        }
      } else if (byte !== CR && byte !== NUL) {
        break;
      }
    }
    return bytes.subarray(at);
  }

  /** Takes what belongs to the message that has begun. @returns what is left of the segment */
  #take(segment: Buffer): Buffer {
    this.#lineBreaks = 0;
    const isWhole = this.#length === 0;
    const bytes = isWhole ? segment : this.#append(segment);
    if (this.#needed === 0 && !this.#readHead(bytes)) {
      if (isWhole && !this.#isStopped) this.#append(segment);
      return Buffer.alloc(0);
    }
    if (bytes.length < this.#needed) {
      if (isWhole) this.#append(segment);
      return Buffer.alloc(0);
    }
    const message = bytes.subarray(0, this.#needed);
    const rest = segment.subarray(segment.length - (bytes.length - this.#needed));
    this.#begin();
    this.#sink.onMessage(message);
    return rest;
  }

  #begin(): void {
    // The message keeps the room that it was gathered in.
    if (this.#length > 0) this.#pending = Buffer.alloc(0);
    this.#length = 0;
    this.#searched = 0;
    this.#needed = 0;
    this.#hasStartLine = false;
  }

  /** Reads as much of the head as there is. @returns whether it is whole, so that `#needed` is known */
  #readHead(bytes: Buffer): boolean {
    if (!this.#hasStartLine && !this.#readStartLine(bytes)) return false;
    const headEnd = this.#findHeadEnd(bytes);
    const { maxMessageBytes } = this.#limits;
    if (headEnd > maxMessageBytes || (headEnd < 0 && bytes.length > maxMessageBytes)) {
      this.#break(bytes, 'SIP_TOO_LARGE', 'the message is larger than allowed');
      return false;
    }
    if (headEnd < 0) return false;
    const length = this.#contentLength(bytes.subarray(0, headEnd));
    if (length === undefined) return false;
    if (headEnd + length > maxMessageBytes) {
      this.#break(
        bytes.subarray(0, headEnd),
        'SIP_TOO_LARGE',
        'the message is larger than allowed',
      );
      return false;
    }
    this.#needed = headEnd + length;
    return true;
  }

  /** A peer that does not speak SIP is told from its first line: it may never send an empty one. */
  #readStartLine(bytes: Buffer): boolean {
    const { maxHeaderBytes } = this.#limits;
    if (bytes[0] === TLS_HANDSHAKE) {
      // It waits for an answer of TLS, and may send no line end before.
      this.#break(bytes, 'SIP_BAD_START_LINE', 'this is TLS, to a port of plain SIP');
      return false;
    }
    const lineEnd = bytes.indexOf(LF);
    if (lineEnd > maxHeaderBytes || (lineEnd < 0 && bytes.length > maxHeaderBytes)) {
      this.#break(
        bytes.subarray(0, maxHeaderBytes),
        'SIP_HEADER_TOO_LONG',
        'the start line is longer than allowed',
      );
      return false;
    }
    if (lineEnd < 0) return false;
    if (!bytes.subarray(0, lineEnd).includes('SIP/')) {
      this.#break(bytes.subarray(0, lineEnd), 'SIP_BAD_START_LINE', 'this is no SIP');
      return false;
    }
    this.#hasStartLine = true;
    return true;
  }

  /** Where the body begins, behind the empty line; -1 where that has not come. */
  #findHeadEnd(bytes: Buffer): number {
    let lineFeed = bytes.indexOf(LF, this.#searched);
    while (lineFeed >= 0) {
      const next = bytes[lineFeed + 1];
      if (next === LF) return lineFeed + 2;
      if (next === CR && bytes[lineFeed + 2] === LF) return lineFeed + 3;
      // The end may be split: this line break is looked at again.
      if (lineFeed + 2 >= bytes.length) break;
      lineFeed = bytes.indexOf(LF, lineFeed + 1);
    }
    this.#searched = lineFeed < 0 ? bytes.length : lineFeed;
    return -1;
  }

  // RFC 3261 §18.3: over a stream Content-Length must be there.
  #contentLength(head: Buffer): number | undefined {
    let length: number | undefined;
    for (const [, value = ''] of head.toString('latin1').matchAll(contentLengthLine)) {
      const one = parseDigits(value.trim());
      if (one < 0 || (length !== undefined && one !== length)) {
        const text = one < 0 ? 'Content-Length is no number' : 'Content-Length contradicts itself';
        this.#break(head, 'SIP_BAD_CONTENT_LENGTH', text);
        return undefined;
      }
      length = one;
    }
    if (length === undefined) {
      this.#break(head, 'SIP_MISSING_HEADER', 'there is no Content-Length, which a stream needs');
    }
    return length;
  }

  #append(segment: Buffer): Buffer {
    const length = this.#length + segment.length;
    if (length > this.#pending.length) {
      const grown = Buffer.allocUnsafe(Math.max(2 * this.#pending.length, length, 2048));
      this.#pending.copy(grown, 0, 0, this.#length);
      this.#pending = grown;
    }
    segment.copy(this.#pending, this.#length);
    this.#length = length;
    return this.#pending.subarray(0, length);
  }

  #break(bytes: Buffer, code: SipParseErrorCode, message: string): void {
    const text = bytes.toString('latin1', 0, this.#limits.maxMessageBytes);
    const wreck = { text, datagram: bytes, limits: this.#limits };
    const request = salvageRequest(wreck);
    const response = request === undefined ? salvageResponse(wreck, message) : undefined;
    this.stop();
    this.#sink.onBroken(new SipParseError(code, message, { request, response }));
  }
}
