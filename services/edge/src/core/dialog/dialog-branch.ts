import { cseq, isSipsUri } from '@tandem/sip';
import type { Headers, SipRequest } from '@tandem/sip';
import { ByteReader, ByteWriter, readPacked } from '../network/byte-codec.ts';
import { branchPrefixes } from '../marks/branch-use.ts';
import { CALL_ID_BYTES } from '../marks/call-mark.ts';
import type { DialogToken, LegName } from './dialog-token.ts';
import type { PeerAddress } from '../network/peer-address.ts';
import {
  packingVersion,
  readAddresses,
  readPeer,
  readVersion,
  writeAddresses,
  writePeer,
  writeVersion,
} from '../network/peer-codec.ts';
import type { Sealer } from '../marks/seal.ts';
import { unusualOffer } from '../media/passing-media.ts';
import { readMedia, writeMedia } from './packed-media.ts';
import { readTerms, writeTerms } from './token-terms.ts';
import type { TokenTerms } from './token-terms.ts';

/**
 * What the branch of a request that was relayed in a dialog says of where it came from: all that is needed to pass
 * the response back, on any pod (edge.md §2).
 */
export interface RelayedHop {
  readonly callId: string;
  /** The leg the request came from. */
  readonly from: LegName;
  /** Where the response goes. */
  readonly source: PeerAddress;
  /** The sender's Via values, topmost first, as received. */
  readonly vias: readonly string[];
  readonly callIdHeader: string;
  readonly fromHeader: string;
  readonly toHeader: string;
  readonly cseqNumber: number;
  /** As in the sender's token, for the one that a 2xx gives it. */
  readonly terms: TokenTerms;
  readonly cseqOffset: number;
  readonly firstCseq: number;
  /** The sender has a route set; the other side has one. */
  readonly isRouted: boolean;
  readonly isOtherRouted: boolean;
  /** As in the sender's token, where a 2xx may give it another; else its source alone, and none. */
  readonly holderAddresses: readonly string[];
  readonly callerAddresses: readonly string[];
  /** In a call whose media is anchored: the request offered a session, so that its response answers; undefined where that is usual. */
  readonly hasOffer?: boolean | undefined;
  /** The request came to a sips URI of ours. @default false */
  readonly isSips?: boolean | undefined;
}

const { challenged: CHALLENGED_PREFIX, lowerVias: LOWER_PREFIX, relayed: PREFIX } = branchPrefixes;
/** Of the round, one digit. */
const ROUND_BASE = 36;
const FROM_B = 1;
const IS_ROUTED = 2;
const IS_OTHER_ROUTED = 4;
/** These two in version 1 alone. */
const HAS_ADDRESSES = 8;
const HAS_CALLER_ADDRESSES = 16;
const HAS_OFFER = 32;
const IS_SIPS = 64;
/** Stands behind the lower Vias: the INVITE offered no session, unlike most. */
const NO_OFFER = 0x6e;

/** What moves a target by its 2xx, and what has to get the same branch as an INVITE. */
const movingMethods = new Set(['INVITE', 'ACK', 'CANCEL', 'UPDATE']);

/** What a hop is made from: a request in a dialog and the token that led it here. */
export function hopOf(request: SipRequest, token: DialogToken, source: PeerAddress): RelayedHop {
  const hasOffer = unusualOffer(request, token.terms);
  return {
    callId: token.callId,
    from: token.holder,
    source,
    vias: viaValues(request.headers),
    callIdHeader: request.headers.get('Call-ID') ?? '',
    fromHeader: request.headers.get('From') ?? '',
    toHeader: request.headers.get('To') ?? '',
    cseqNumber: cseq(request).number,
    // Pods that do not know it have to write the same branch.
    terms: token.terms.mayChallenge ? { ...token.terms, mayChallenge: false } : token.terms,
    cseqOffset: token.cseqOffset,
    firstCseq: token.firstCseq,
    isRouted: token.isRouted,
    isOtherRouted: token.routes.length > 0,
    ...(hasOffer === undefined ? undefined : { hasOffer }),
    ...(isSipsUri(request.uri) ? { isSips: true } : undefined),
    ...(movingMethods.has(request.method)
      ? { holderAddresses: token.holderAddresses, callerAddresses: token.callerAddresses }
      : { holderAddresses: [source.address], callerAddresses: [] }),
  };
}

/** Each Via for itself, however many stand in a line. */
function viaValues(headers: Headers): readonly string[] {
  const lines = headers.getAll('Via');
  return lines.some((line) => line.includes(',')) ? headers.list('Via') : lines;
}

/**
 * The branch for a hop, without the Vias below its topmost: the same for the same hop, so that CANCEL and ACK, which have
 * no more than one Via (RFC 3261 §9.1, §17.1.1.3), meet their INVITE.
 * @param like the token that led here, whose key the branch gets
 */
export function sealBranch(sealer: Sealer, hop: RelayedHop, like?: string): string {
  const { callerAddresses, holderAddresses, source } = hop;
  const hasOne = holderAddresses.length === 1 && holderAddresses[0] === source.address;
  const version = hasOne ? packingVersion(source, { callerAddresses }) : 1;
  const writer = new ByteWriter();
  writeVersion(
    writer,
    version,
    (hop.from === 'a' ? 0 : FROM_B) |
      (hop.isRouted ? IS_ROUTED : 0) |
      (hop.isOtherRouted ? IS_OTHER_ROUTED : 0) |
      (hasOne ? 0 : HAS_ADDRESSES) |
      (callerAddresses.length > 0 ? HAS_CALLER_ADDRESSES : 0) |
      (hop.hasOffer === true ? HAS_OFFER : 0) |
      (hop.isSips === true ? IS_SIPS : 0),
  );
  writer.bytes(Buffer.from(hop.callId, 'base64url')).u32(hop.cseqNumber).u8(hop.cseqOffset);
  if (hop.from === 'a') writer.u32(hop.firstCseq);
  writeTerms(writer, hop.terms);
  writePeer(writer, source, version);
  if (!hasOne) writeAddresses(writer, holderAddresses);
  if (callerAddresses.length > 0) writeAddresses(writer, callerAddresses);
  writer
    .string(hop.callIdHeader)
    .string(hop.fromHeader)
    .string(hop.toHeader)
    .string(hop.vias[0] ?? '');
  writeMedia(writer, hop.terms.media);
  return PREFIX + sealer.seal('branch', writer.finish(), like);
}

/**
 * The branch of a second Via, which holds the sender's others, and that an INVITE offered nothing: the first one may not say it,
 * since CANCEL and ACK must have the same. Undefined where there is nothing to be said.
 */
export function sealLowerVias(sealer: Sealer, hop: RelayedHop, like?: string): string | undefined {
  return hop.vias.length < 2 && hop.hasOffer !== false
    ? undefined
    : sealSecondVia(sealer, hop, like);
}

/** The same where a second Via is wanted in any case. */
export function sealSecondVia(sealer: Sealer, hop: RelayedHop, like?: string): string {
  const writer = new ByteWriter();
  for (const via of hop.vias.slice(1)) writer.string(via);
  writer.u8(0);
  if (hop.hasOffer === false) writer.u8(NO_OFFER);
  return LOWER_PREFIX + sealer.seal('branch', writer.finish(), like);
}

/** The branch of a relayed request once so many challenges of it have been answered: a transaction of its own each time. */
export function challengedBranch(branch: string, round: number): string {
  return CHALLENGED_PREFIX + round.toString(ROUND_BASE) + sealedInBranch(branch);
}

/** How many challenges have been answered in the request of a branch. */
export function roundOfBranch(branch: string): number {
  if (!branch.startsWith(CHALLENGED_PREFIX)) return 0;
  const round = Number.parseInt(branch.charAt(CHALLENGED_PREFIX.length), ROUND_BASE);
  return Number.isNaN(round) ? 0 : round;
}

/** The sealed text in a branch: the same whatever was challenged. */
export function sealedInBranch(branch: string): string {
  return branch.startsWith(CHALLENGED_PREFIX)
    ? branch.slice(CHALLENGED_PREFIX.length + 1)
    : branch.slice(PREFIX.length);
}

/**
 * Opens a branch; undefined where it is none of ours.
 * @param lower branch of the Via below, where there is one
 */
export function openBranch(sealer: Sealer, branch: string, lower = ''): RelayedHop | undefined {
  const bytes = sealer.open('branch', sealedInBranch(branch));
  const hop = bytes === undefined ? undefined : readPacked(bytes, readHop);
  if (hop === undefined || !lower.startsWith(LOWER_PREFIX)) return hop;
  const { vias, hasOffer } = openLowerVias(sealer, lower);
  const opened = { ...hop, vias: [...hop.vias, ...vias] };
  return hasOffer === undefined ? opened : { ...opened, hasOffer };
}

function readHop(reader: ByteReader): RelayedHop {
  const { version, flags } = readVersion(reader);
  const from = (flags & FROM_B) === 0 ? 'a' : 'b';
  const callId = reader.bytes(CALL_ID_BYTES).toString('base64url');
  const cseqNumber = reader.u32();
  const cseqOffset = reader.u8();
  const firstCseq = from === 'a' ? reader.u32() : 0;
  const terms = readTerms(reader);
  const source = readPeer(reader, version);
  const holderAddresses = (flags & HAS_ADDRESSES) === 0 ? [source.address] : readAddresses(reader);
  const callerAddresses = (flags & HAS_CALLER_ADDRESSES) === 0 ? [] : readAddresses(reader);
  const callIdHeader = reader.string();
  const fromHeader = reader.string();
  const toHeader = reader.string();
  const vias = [reader.string()];
  const media = readMedia(reader);
  return {
    callId,
    from,
    source,
    vias,
    callIdHeader,
    fromHeader,
    toHeader,
    cseqNumber,
    terms: media === undefined ? terms : { ...terms, media },
    cseqOffset,
    firstCseq,
    isRouted: (flags & IS_ROUTED) !== 0,
    isOtherRouted: (flags & IS_OTHER_ROUTED) !== 0,
    holderAddresses,
    callerAddresses,
    ...((flags & HAS_OFFER) === 0 ? undefined : { hasOffer: true }),
    ...((flags & IS_SIPS) === 0 ? undefined : { isSips: true }),
  };
}

function openLowerVias(sealer: Sealer, branch: string): Pick<RelayedHop, 'vias' | 'hasOffer'> {
  const bytes = sealer.open('branch', branch.slice(LOWER_PREFIX.length));
  if (bytes === undefined) return { vias: [] };
  const reader = new ByteReader(bytes);
  const vias: string[] = [];
  for (let via = reader.string(); via !== ''; via = reader.string()) vias.push(via);
  const isOfferless = !reader.isAtEnd && reader.u8() === NO_OFFER;
  return isOfferless ? { vias, hasOffer: false } : { vias };
}
