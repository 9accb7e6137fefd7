import { isSdp } from '../call/sdp-codecs.ts';

/** Where a session description stands in a body: from here, up to there. */
export interface SdpPlace {
  readonly start: number;
  readonly end: number;
}

/**
 * Finds the session description of a body: the whole of it, or the first one among the parts of a multipart (RFC 5621 §3.1);
 * undefined where there is none.
 */
export function sdpPlace(contentType: string, bytes: Buffer): SdpPlace | undefined {
  if (isSdp(contentType)) return { start: 0, end: bytes.length };
  const boundary = boundaryOf(contentType);
  if (boundary === undefined) return undefined;
  const text = bytes.toString('latin1');
  const delimiter = `--${boundary}`;
  let from = text.indexOf(delimiter);
  while (from >= 0) {
    const begin = from + delimiter.length;
    const next = text.indexOf(delimiter, begin);
    if (next < 0) return undefined;
    const place = sdpPart(text, begin, next);
    if (place !== undefined) return place;
    from = next;
  }
  return undefined;
}

/** Whether a body of this type may hold a session description. */
export function mayHoldSdp(contentType: string): boolean {
  return isSdp(contentType) || boundaryOf(contentType) !== undefined;
}

/** The body with another session description in the place of its own. */
export function withSdp(bytes: Buffer, { start, end }: SdpPlace, sdp: Buffer): Buffer {
  if (start === 0 && end === bytes.length) return sdp;
  return Buffer.concat([bytes.subarray(0, start), sdp, bytes.subarray(end)]);
}

/** The IP version of a description's first connection line; undefined where it has none. */
export function familyOf(sdp: string): 'ipv4' | 'ipv6' | undefined {
  const [, version] = /^c=IN IP([46]) /m.exec(sdp) ?? [];
  if (version === undefined) return undefined;
  return version === '4' ? 'ipv4' : 'ipv6';
}

/** Whether the first media of a description is encrypted, and where its keys come from (RFC 4568, RFC 5764). */
export function srtpIn(sdp: string): 'none' | 'sdes' | 'dtls' {
  const [, profile = ''] = /^m=\S+ \S+ (\S+)/m.exec(sdp) ?? [];
  if (!profile.includes('SAVP')) return 'none';
  return /^a=crypto:/m.test(sdp) ? 'sdes' : 'dtls';
}

/** Whether a description has candidates of ICE (RFC 8839). */
export function iceIn(sdp: string): 'remove' | 'force' {
  return /^a=ice-ufrag:/m.test(sdp) ? 'force' : 'remove';
}

/**
 * The protocol of a media description of RTP that has become one of another protocol on its way; undefined where each is as
 * it was.
 */
export function lostProtocol(offered: string, own: string): string | undefined {
  const before = protocolsIn(offered);
  const after = protocolsIn(own);
  return before.find((protocol, at) => isRtp(protocol) && !isRtp(after[at] ?? protocol));
}

function protocolsIn(sdp: string): string[] {
  return Array.from(sdp.matchAll(/^m=\S+ \S+ (\S+)/gm), ([, protocol = '']) => protocol);
}

function isRtp(protocol: string): boolean {
  return protocol.includes('RTP/');
}

function sdpPart(text: string, begin: number, end: number): SdpPlace | undefined {
  const blank = text.indexOf('\r\n\r\n', begin);
  if (blank < 0 || blank > end) return undefined;
  const [, type] = /^content-type[ \t]*:(.*)$/im.exec(text.slice(begin, blank)) ?? [];
  if (!isSdp(type)) return undefined;
  // The line end before the next delimiter is the delimiter's (RFC 2046 §5.1.1); a description keeps its own.
  const start = blank + 4;
  const hasLineEnd = text.slice(start, end).endsWith('\r\n');
  return { start, end: hasLineEnd ? end - 2 : end };
}

function boundaryOf(contentType: string): string | undefined {
  if (!/^\s*multipart\//i.test(contentType)) return undefined;
  const [, quoted, plain] = /;\s*boundary\s*=\s*(?:"([^"]+)"|([^\s;]+))/i.exec(contentType) ?? [];
  return quoted ?? plain;
}
