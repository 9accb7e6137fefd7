import { parseNameAddr, type NameAddr } from '../uri/name-addr.ts';
import { parseVia, type Via } from '../uri/via.ts';
import { isBlank, isToken, parseDigits, skipBlanks } from './characters.ts';
import type { SipMessage } from './message.ts';
import { SipParseError } from './parse-error.ts';
import { splitList } from './split-list.ts';

/** The value of CSeq. */
export interface CSeq {
  /** Below 2^31 (RFC 3261 §8.1.1.5). */
  readonly number: number;
  readonly method: string;
}

// Each of these reads a header once and keeps what it read with the line: what they return is shared.

/** @throws SipParseError SIP_MISSING_HEADER or SIP_BAD_CALL_ID */
export function callId(message: SipMessage): string {
  return required(message.headers.typed('call-id', parseCallId), 'Call-ID');
}

/** @throws SipParseError SIP_MISSING_HEADER or SIP_BAD_CSEQ */
export function cseq(message: SipMessage): CSeq {
  return required(message.headers.typed('cseq', parseCSeq), 'CSeq');
}

/** The first element of the first Via. @throws SipParseError SIP_MISSING_HEADER, SIP_BAD_VIA or SIP_BAD_PARAMS */
export function topVia(message: SipMessage): Via {
  return required(message.headers.typed('via', parseViaLine)?.[0], 'Via');
}

/** Every element of every Via, the top one first. @throws SipParseError SIP_BAD_VIA or SIP_BAD_PARAMS */
export function vias(message: SipMessage): readonly Via[] {
  return joined(message.headers.typedAll('via', parseViaLine));
}

/** @throws SipParseError SIP_MISSING_HEADER, SIP_BAD_NAME_ADDR or SIP_BAD_PARAMS */
export function from(message: SipMessage): NameAddr {
  return required(message.headers.typed('from', parseNameAddr), 'From');
}

/** @throws SipParseError SIP_MISSING_HEADER, SIP_BAD_NAME_ADDR or SIP_BAD_PARAMS */
export function to(message: SipMessage): NameAddr {
  return required(message.headers.typed('to', parseNameAddr), 'To');
}

/** The first contact. @throws SipParseError SIP_BAD_NAME_ADDR or SIP_BAD_PARAMS */
export function contact(message: SipMessage): NameAddr | undefined {
  return message.headers.typed('contact', parseNameAddrLine)?.[0];
}

/** Every contact of every line. @throws SipParseError SIP_BAD_NAME_ADDR or SIP_BAD_PARAMS */
export function contacts(message: SipMessage): readonly NameAddr[] {
  return joined(message.headers.typedAll('contact', parseNameAddrLine));
}

/** Undefined when there is none. @throws SipParseError SIP_BAD_MAX_FORWARDS */
export function maxForwards(message: SipMessage): number | undefined {
  return message.headers.typed('max-forwards', parseMaxForwards);
}

const blank = /[ \t]/;

function parseCallId(value: string): string {
  const at = value.search(blank);
  if (at >= 0) {
    throw new SipParseError('SIP_BAD_CALL_ID', 'Call-ID holds a blank', { offset: at });
  }
  if (value === '') {
    throw new SipParseError('SIP_BAD_CALL_ID', 'Call-ID is empty');
  }
  return value;
}

function parseCSeq(value: string): CSeq {
  let end = 0;
  while (end < value.length && !isBlank(value.charCodeAt(end))) {
    end++;
  }
  const number = parseDigits(value, 0, end);
  const methodStart = skipBlanks(value, end);
  if (number < 0 || number > 0x7fff_ffff || !isToken(value, methodStart)) {
    throw new SipParseError('SIP_BAD_CSEQ', 'CSeq is no number below 2^31 and method');
  }
  return { number, method: value.slice(methodStart) };
}

// RFC 3261 §20.22: 0 to 255.
function parseMaxForwards(value: string): number {
  const number = parseDigits(value);
  if (number < 0 || number > 255) {
    throw new SipParseError('SIP_BAD_MAX_FORWARDS', 'Max-Forwards is no number of 0 to 255');
  }
  return number;
}

function parseViaLine(value: string): Via[] {
  return value.includes(',') ? splitList(value).map(parseVia) : [parseVia(value)];
}

function parseNameAddrLine(value: string): NameAddr[] {
  return splitList(value).map(parseNameAddr);
}

/** The elements of all lines; nearly always there is but one line. */
function joined<T>(lines: readonly (readonly T[])[]): readonly T[] {
  const [first] = lines;
  return first !== undefined && lines.length === 1 ? first : lines.flat();
}

function required<T>(value: T | undefined, name: string): T {
  if (value === undefined) {
    throw new SipParseError('SIP_MISSING_HEADER', `there is no ${name}`);
  }
  return value;
}
