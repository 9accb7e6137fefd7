import type { SipRequest, SipResponse } from '@tandem/sip';

/** Static payload types of RFC 3551 §6 that telephones use without an rtpmap line. */
const staticPayloads: Readonly<Record<string, string>> = {
  '0': 'PCMU/8000',
  '3': 'GSM/8000',
  '4': 'G723/8000',
  '8': 'PCMA/8000',
  '9': 'G722/8000',
  '13': 'CN/8000',
  '15': 'G728/8000',
  '18': 'G729/8000',
};

/** Whether a message has a session description. */
export function hasSdp({ headers, body }: SipRequest | SipResponse): boolean {
  return body.length > 0 && isSdp(headers.get('Content-Type'));
}

/** What a message offers, or answers: none where it has no session description. */
export function codecsOf({ headers, body }: SipRequest | SipResponse): string[] {
  return isSdp(headers.get('Content-Type')) ? audioCodecs(body) : [];
}

/** Whether a body holds a session description, going by its Content-Type. */
export function isSdp(contentType: string | undefined): boolean {
  return contentType?.trimStart().toLowerCase().startsWith('application/sdp') ?? false;
}

/** The codecs that the first audio stream of a session description names, in its order, for the CDR (BILL-03). */
export function audioCodecs(body: Buffer): string[] {
  const text = body.toString('latin1');
  const start = text.indexOf('m=audio ');
  if (start < 0) return [];
  const lineEnd = endOfLine(text, start);
  const payloads = text.slice(start, lineEnd).trim().split(' ').slice(3);
  const nextMedia = text.indexOf('\nm=', lineEnd);
  const section = text.slice(lineEnd, nextMedia < 0 ? undefined : nextMedia);
  return payloads.map((payload) => namedCodec(section, payload));
}

function namedCodec(section: string, payload: string): string {
  const prefix = `a=rtpmap:${payload} `;
  const start = section.indexOf(prefix);
  if (start < 0) return staticPayloads[payload] ?? payload;
  return section.slice(start + prefix.length, endOfLine(section, start)).trim();
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}
