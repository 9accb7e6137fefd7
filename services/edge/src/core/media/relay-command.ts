import type { PassingBody, PassingMedia } from '../../ports.ts';
import type { LegName } from '../dialog/dialog-token.ts';
import type { MediaTerms, SideTerms } from './media-terms.ts';

/** The caller's tag at a relay; that of each of the callee's forks is its own behind `b.`. */
export const CALLER_TAG = 'a';

/** What a relay calls the attempt of a call. Silence is watched over by the names alone. */
export function relayCallId(
  callId: string,
  { attempt, silenceSeconds }: Pick<MediaTerms, 'attempt' | 'silenceSeconds'>,
): string {
  const name = `${callId}-${String(attempt)}`;
  return silenceSeconds === 0 ? name : `${name}-${String(silenceSeconds)}`;
}

/** Reads what `relayCallId` wrote, where silence is watched over; undefined for any other name. */
export function watchedCall(
  name: string,
): { readonly callId: string; readonly silenceSeconds: number } | undefined {
  const [, callId, seconds] = /^([\w-]{16})-\d{1,3}-(\d{1,4})$/.exec(name) ?? [];
  return callId === undefined ? undefined : { callId, silenceSeconds: Number(seconds) };
}

/** The call of which a name by `relayCallId` is; undefined for any other name. */
export function callOfName(name: string): string | undefined {
  return /^([\w-]{16})-\d{1,3}(?:-\d{1,4})?$/.exec(name)?.[1];
}

export function calleeTag(tag: string): string {
  return `b.${tag}`;
}

/** What a relay is told of a session description. */
export interface RelayCommand {
  readonly command: 'offer' | 'answer';
  readonly [key: string]:
    string | readonly string[] | Readonly<Record<string, readonly string[]>> | undefined;
}

/**
 * The command for a session description on its way. An offer says all of what the other side needs each time: a relay
 * that has lost the call, or never had it, anchors it anew.
 */
export function relayCommand(
  { callId, from }: Pick<PassingBody, 'callId' | 'from'>,
  media: PassingMedia,
  sdp: string,
): RelayCommand {
  const { kind, terms } = media;
  const sender = terms[from];
  const common = {
    'call-id': relayCallId(callId, terms),
    sdp,
    // The address of the sender's side stands in o= too.
    replace: ['origin', 'session-connection'],
    SDES: keys,
    ...placeOf(sender, media),
  };
  if (kind === 'answer') {
    // The one that offered is the other side.
    const { 'from-tag': answerer, 'to-tag': offerer } = tagsOf(from, media);
    return { command: 'answer', ...common, 'from-tag': offerer, 'to-tag': answerer };
  }
  const other = from === 'a' ? 'b' : 'a';
  return {
    command: 'offer',
    ...common,
    ...tagsOf(from, media),
    ...needsOf(terms[other]),
    'rtcp-mux': sharedPortOf(sender, terms[other]),
    direction: directionOf(sender, terms[other]),
    'record call': terms.isRecorded ? 'yes' : undefined,
  };
}

/** The sender's tag and the other side's, which is not known in an INVITE yet. */
function tagsOf(
  from: LegName,
  media: PassingMedia,
): Record<'from-tag' | 'to-tag', string | undefined> {
  const callee = media.calleeTag === '' ? undefined : calleeTag(media.calleeTag);
  return from === 'a'
    ? { 'from-tag': CALLER_TAG, 'to-tag': callee }
    : { 'from-tag': callee ?? calleeTag(''), 'to-tag': CALLER_TAG };
}

/** Where media to the sender goes. */
function placeOf(
  { nat }: SideTerms,
  { source, terms: { a, b } }: PassingMedia,
): Omit<RelayCommand, 'command'> {
  // Both sides' descriptions have to say it.
  const digits = a.dtmf === 'rfc4733' || b.dtmf === 'rfc4733' ? ['inject DTMF'] : [];
  switch (nat) {
    case 'sip-source':
      return {
        flags: ['SIP source address', ...digits],
        'received from': [source.includes(':') ? 'IP6' : 'IP4', source],
      };
    case 'none':
      return { flags: ['trust address', 'asymmetric', ...digits] };
    default:
      return { flags: ['trust address', ...digits] };
  }
}

/**
 * How keys stand in a description. rtpengine leaves the padding of base64 away, as RFC 4568 §6.1 can be read: with keys that need it,
 * which those of GCM and of 256 bits do, baresip (libre) then reads another key. Suites without encryption are not offered, nor those
 * that nobody asks for: twelve lines of keys do not fit into a datagram.
 */
const keys = [
  'pad',
  ...['NULL_HMAC_SHA1', 'F8_128_HMAC_SHA1', 'AES_192_CM_HMAC_SHA1'].flatMap((suite) => [
    `no-${suite}_80`,
    `no-${suite}_32`,
  ]),
];

const protocols: Readonly<Record<string, string>> = {
  none: 'RTP/AVP',
  sdes: 'RTP/SAVP',
  dtls: 'UDP/TLS/RTP/SAVPF',
};
const families: Readonly<Record<string, string>> = { ipv4: 'IP4', ipv6: 'IP6' };

/** What the other side is offered. */
function needsOf(side: SideTerms): Omit<RelayCommand, 'command'> {
  const { addressFamily, codecsOffered, codecsStripped, dtmf, ice, srtp } = side;
  return {
    'transport protocol': protocols[srtp],
    // Keys in the description, or by DTLS: an offer of both confuses who knows one.
    DTLS: srtp === 'sdes' ? 'off' : undefined,
    SDES: srtp === 'dtls' ? ['off'] : keys,
    ICE: ice === '' ? undefined : ice,
    'address family': families[addressFamily],
    codec: codecsOf(codecsStripped, codecsOffered, dtmf === 'rfc4733'),
  };
}

/**
 * RTP and RTCP on one port: browsers refuse a description without it (RFC 8834 §4.5), telephones rarely know it. So it is
 * offered with DTLS, and what came with that is not passed on to others, but accepted by the relay.
 */
function sharedPortOf(sender: SideTerms, other: SideTerms): readonly string[] | undefined {
  if (other.srtp === 'dtls') return ['offer'];
  return sender.srtp === 'dtls' ? ['demux'] : undefined;
}

function codecsOf(
  stripped: readonly string[],
  offered: readonly string[],
  hasDigits: boolean,
): Record<string, readonly string[]> | undefined {
  const codec = {
    ...(stripped.length === 0 ? {} : { strip: stripped }),
    // What is not named is taken out.
    ...(offered.length === 0 ? {} : { strip: ['all', ...stripped], offer: offered }),
    // Digits that come by INFO need an event to become, whatever the other side has.
    ...(hasDigits ? { transcode: ['telephone-event'] } : {}),
  };
  return Object.keys(codec).length === 0 ? undefined : codec;
}

function directionOf(sender: SideTerms, other: SideTerms): readonly string[] | undefined {
  if (sender.interface === '' && other.interface === '') return undefined;
  return [sender, other].map(({ interface: name }) => (name === '' ? 'default' : name));
}
