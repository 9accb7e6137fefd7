import { ByteReader, ByteWriter, readPacked } from '../network/byte-codec.ts';
import { CALL_ID_BYTES, MARK_BYTES, MARK_CHARACTERS } from '../marks/call-mark.ts';
import { formatPeerAddress } from '../network/peer-address.ts';
import type { PeerAddress } from '../network/peer-address.ts';
import {
  VERSIONED,
  packingVersion,
  readAddresses,
  readPeer,
  readVersion,
  writeAddresses,
  writePeer,
  writeVersion,
} from '../network/peer-codec.ts';
import type { Sealer } from '../marks/seal.ts';
import { readMedia, writeMedia } from './packed-media.ts';
import { readTerms, writeTerms } from './token-terms.ts';
import type { TokenTerms } from './token-terms.ts';

/** The leg a message comes from or a token was given to: A called, B was called. */
export type LegName = 'a' | 'b';

/**
 * What the Contact of one side carries, so that any pod can pass a request of that side on to the other without
 * knowing the call (edge.md §1). The token that A holds describes B's side of the dialog, and the other way round.
 */
export interface DialogToken {
  readonly callId: string;
  /** Who holds the token: requests that carry it come from this leg. */
  readonly holder: LegName;
  /**
   * Addresses and CIDR blocks the holder may send from: its own source, or what of its gateway's list holds that, its
   * Contact's host where it differs (IP only), and the rest of the list. The first ones count for most.
   */
  readonly holderAddresses: readonly string[];
  /** The caller's, in the token of the called side: with them the caller's token can be made anew without the store. */
  readonly callerAddresses: readonly string[];
  /** The other side's remote target: its Contact URI. */
  readonly target: string;
  /** Where requests to the other side are sent. */
  readonly nextHop: PeerAddress;
  /** The other side's route set, in the order of its Route headers. */
  readonly routes: readonly string[];
  /** Call-ID of the other leg. */
  readonly callIdHeader: string;
  /** From value without tag of requests on the other leg (who the switch is there). */
  readonly localUri: string;
  /** To value without tag of requests on the other leg. */
  readonly remoteUri: string;
  /** Tag with which the switch speaks on the other leg. */
  readonly localTag: string;
  /** The other side's own tag. */
  readonly remoteTag: string;
  /** CSeq of leg B minus CSeq of leg A, for requests that A makes. */
  readonly cseqOffset: number;
  /** CSeq number of the INVITE that opened the dialog, as its caller gave it; 0 in the token of the called side. */
  readonly firstCseq: number;
  /** The holder has a route set of its own, which is in the other side's token. */
  readonly isRouted: boolean;
  /** The holder cannot bear long headers: its Contact gets a reference, the record keeps the token. */
  readonly isStored: boolean;
  readonly terms: TokenTerms;
}

/** A token in a URI: everything in itself (`inline`), or a reference to the call's record (`stored`). */
export type TokenText =
  | { readonly kind: 'inline'; readonly token: DialogToken }
  | { readonly kind: 'stored'; readonly callId: string; readonly holder: LegName };

/** How many addresses of its holder a token has at most: a peer that moves with every request fills no record. */
export const MOST_ADDRESSES = 8;
/** Peers with short header buffers are the reason; a longer token is kept in the record instead (edge.md §2). */
const LONGEST_INLINE_TOKEN = 240;
const FLAG_HOLDER_B = 1;
const FLAG_STORED = 2;
const FLAG_SAME_CALL_ID = 4;
/** The other side's To or From value is its target in angle brackets. */
const FLAG_REMOTE_IS_TARGET = 8;
/** The switch's tag is a mark (core/call-mark.ts), kept as bytes. */
const FLAG_MARK_TAG = 16;
/** `isStored`, in the token that the record keeps. */
const FLAG_KEPT = 32;
const FLAG_ROUTED = 64;
/** In version 1 alone. */
const FLAG_CALLER_ADDRESSES = 128;
/** How many of the holder's addresses an inline token has: if need be, where it calls from and its Contact alone. */
const INLINE_ADDRESSES = [8, 2];
/** Where the call id stands in a mark. */
const MARK_CALL_ID = 5;

/** The bytes of a token, as sealed or as kept in the call's record. */
export function encodeToken(token: DialogToken): Buffer {
  const flags = flagsOf(token);
  const { callerAddresses, holderAddresses } = token;
  const version = packingVersion(token.nextHop, { holderAddresses, callerAddresses });
  const writer = new ByteWriter();
  writeVersion(writer, version, flags);
  writer.bytes(Buffer.from(token.callId, 'base64url')).u8(token.cseqOffset);
  if (token.holder === 'a') writer.u32(token.firstCseq);
  writeTerms(writer, token.terms);
  writePeer(writer, token.nextHop, version);
  writeAddresses(writer, token.holderAddresses);
  if ((flags & FLAG_CALLER_ADDRESSES) !== 0) writeAddresses(writer, token.callerAddresses);
  const hop = formatPeerAddress(token.nextHop);
  writer.string(shorten(token.target, hop)).string(shorten(token.localUri, hop));
  if ((flags & FLAG_REMOTE_IS_TARGET) === 0) writer.string(shorten(token.remoteUri, hop));
  if ((flags & FLAG_MARK_TAG) === 0) writer.string(token.localTag);
  else writeMark(writer, token.localTag);
  writer.string(token.remoteTag);
  if ((flags & FLAG_SAME_CALL_ID) === 0) writer.string(token.callIdHeader);
  for (const route of token.routes) writer.string(route);
  writer.u8(0);
  writeMedia(writer, token.terms.media);
  return writer.finish();
}

/** Reads what `encodeToken` wrote. @throws RangeError where the bytes are none of ours. */
export function decodeToken(bytes: Buffer): DialogToken {
  return readToken(new ByteReader(bytes));
}

function readToken(reader: ByteReader): DialogToken {
  const { version, flags } = readVersion(reader);
  const callId = reader.bytes(CALL_ID_BYTES).toString('base64url');
  const cseqOffset = reader.u8();
  const holder = (flags & FLAG_HOLDER_B) === 0 ? 'a' : 'b';
  const firstCseq = holder === 'a' ? reader.u32() : 0;
  const terms = readTerms(reader);
  const nextHop = readPeer(reader, version);
  const holderAddresses = readAddresses(reader);
  const callerAddresses = (flags & FLAG_CALLER_ADDRESSES) === 0 ? [] : readAddresses(reader);
  const hop = formatPeerAddress(nextHop);
  const target = lengthen(reader.string(), hop);
  const localUri = lengthen(reader.string(), hop);
  const remoteUri =
    (flags & FLAG_REMOTE_IS_TARGET) === 0 ? lengthen(reader.string(), hop) : `<${target}>`;
  const localTag = (flags & FLAG_MARK_TAG) === 0 ? reader.string() : readMark(reader, callId);
  const remoteTag = reader.string();
  const callIdHeader = (flags & FLAG_SAME_CALL_ID) === 0 ? reader.string() : callId;
  const routes: string[] = [];
  for (let route = reader.string(); route !== ''; route = reader.string()) routes.push(route);
  const media = readMedia(reader);
  return {
    callId,
    holder,
    holderAddresses,
    callerAddresses,
    target,
    nextHop,
    routes,
    callIdHeader,
    localUri,
    remoteUri,
    localTag,
    remoteTag,
    cseqOffset,
    firstCseq,
    isRouted: (flags & FLAG_ROUTED) !== 0,
    isStored: (flags & FLAG_KEPT) !== 0,
    terms: media === undefined ? terms : { ...terms, media },
  };
}

function flagsOf(token: DialogToken): number {
  const isMark = token.holder === 'b' && isMarkOf(token.callId, token.localTag);
  return (
    (token.holder === 'b' ? FLAG_HOLDER_B : 0) |
    (token.callIdHeader === token.callId ? FLAG_SAME_CALL_ID : 0) |
    (token.remoteUri === `<${token.target}>` ? FLAG_REMOTE_IS_TARGET : 0) |
    (isMark ? FLAG_MARK_TAG : 0) |
    (token.isStored ? FLAG_KEPT : 0) |
    (token.isRouted ? FLAG_ROUTED : 0) |
    (token.callerAddresses.length > 0 ? FLAG_CALLER_ADDRESSES : 0)
  );
}

/** The switch's tag towards the caller is a mark with the call id in it (core/call-mark.ts), which the token has already. */
function isMarkOf(callId: string, tag: string): boolean {
  if (tag.length !== MARK_CHARACTERS) return false;
  const mark = Buffer.from(tag, 'base64url');
  return (
    mark.length === MARK_BYTES &&
    mark.toString('base64url', MARK_CALL_ID, MARK_CALL_ID + CALL_ID_BYTES) === callId &&
    mark.toString('base64url') === tag
  );
}

function writeMark(writer: ByteWriter, tag: string): void {
  const mark = Buffer.from(tag, 'base64url');
  writer.bytes(mark.subarray(0, MARK_CALL_ID)).bytes(mark.subarray(MARK_CALL_ID + CALL_ID_BYTES));
}

function readMark(reader: ByteReader, callId: string): string {
  const before = reader.bytes(MARK_CALL_ID);
  const after = reader.bytes(MARK_BYTES - MARK_CALL_ID - CALL_ID_BYTES);
  return Buffer.concat([before, Buffer.from(callId, 'base64url'), after]).toString('base64url');
}

/** The text for a Contact, and whether it is a reference: then the token must be in the store before it leaves. */
export interface IssuedToken {
  readonly text: string;
  /** The token as the call's record keeps it. */
  readonly bytes: Buffer;
  readonly isReference: boolean;
}

/**
 * Seals a token; one that would be too long, with the fewest addresses that will do, is a reference in any case.
 * @param like a text of the same call, whose key it gets
 */
export function issueToken(sealer: Sealer, token: DialogToken, like?: string): IssuedToken {
  const bytes = encodeToken(token);
  if (!token.isStored) {
    for (const most of INLINE_ADDRESSES) {
      const brief = withFewAddresses(token, most);
      const inline = brief === token ? bytes : encodeToken(brief);
      const text = sealer.seal('token', inline, like);
      if (text.length <= LONGEST_INLINE_TOKEN) return { text, bytes, isReference: false };
    }
  }
  const flags = FLAG_STORED | (token.holder === 'b' ? FLAG_HOLDER_B : 0);
  const reference = new ByteWriter().u8(flags).bytes(Buffer.from(token.callId, 'base64url'));
  return { text: sealer.seal('token', reference.finish(), like), bytes, isReference: true };
}

/** The record has them all: who comes from one of the others is known while the store is there. */
function withFewAddresses(token: DialogToken, most: number): DialogToken {
  const { callerAddresses, holderAddresses } = token;
  if (callerAddresses.length + holderAddresses.length <= most) return token;
  const heldFew = holderAddresses.slice(0, most);
  const room = most - heldFew.length;
  return { ...token, holderAddresses: heldFew, callerAddresses: callerAddresses.slice(0, room) };
}

/** The text of `issueToken`. */
export function sealToken(sealer: Sealer, token: DialogToken): string {
  return issueToken(sealer, token).text;
}

/** Opens what stands for a token in a Request-URI; undefined where it is no token of ours. */
export function openToken(sealer: Sealer, text: string): TokenText | undefined {
  const bytes = sealer.open('token', text);
  if (bytes === undefined) return undefined;
  const flags = bytes.readUInt8(0);
  // A reference names no peer: it has no version but the first.
  if (flags >= VERSIONED || (flags & FLAG_STORED) === 0) {
    const token = readPacked(bytes, readToken);
    return token === undefined ? undefined : { kind: 'inline', token };
  }
  return {
    kind: 'stored',
    callId: bytes.toString('base64url', 1, 1 + CALL_ID_BYTES),
    holder: (flags & FLAG_HOLDER_B) === 0 ? 'a' : 'b',
  };
}

/**
 * Most URIs in a token are `sip:user@host:port` with the host and port of the next hop, in brackets or not: then
 * only the user is kept.
 */
function shorten(uri: string, nextHop: string): string {
  const isBracketed = uri.startsWith('<sip:') && uri.endsWith('>');
  if (!isBracketed && !uri.startsWith('sip:')) return uri;
  const rest = isBracketed ? uri.slice(5, -1) : uri.slice(4);
  const short = rest.endsWith(`@${nextHop}`) ? rest.slice(0, -nextHop.length) : rest;
  return `${isBracketed ? '<' : ':'}${short === nextHop ? '' : short}`;
}

function lengthen(text: string, nextHop: string): string {
  const isBracketed = text.startsWith('<') && !text.endsWith('>');
  if (!isBracketed && !text.startsWith(':')) return text;
  const short = text.slice(1);
  const rest = short === '' || short.endsWith('@') ? `${short}${nextHop}` : short;
  return isBracketed ? `<sip:${rest}>` : `sip:${rest}`;
}
