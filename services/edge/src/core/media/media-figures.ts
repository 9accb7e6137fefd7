import type { LegMedia, MediaFigures } from '@tandem/proto/media';
import { CALLER_TAG } from './relay-command.ts';

/** A value of a relay's reply. */
type Value = string | number | readonly Value[] | { readonly [key: string]: Value | undefined };
type Dictionary = Readonly<Record<string, Value | undefined>>;

/**
 * What a relay's reply to `query` tells of both sides of a call (CALL-08), as the CDR has it. The forks of a carrier share
 * ports, which a relay counts for whichever of them was there first: all of them are the callee's side.
 */
export function mediaFigures(reply: Dictionary, relay: string): MediaFigures | undefined {
  const tags = dictionary(reply['tags']) ?? {};
  const sources = dictionary(reply['SSRC']) ?? {};
  const sidesOf = (isCaller: boolean): Dictionary[] =>
    Object.entries(tags)
      .filter(([tag]) => (tag === CALLER_TAG) === isCaller)
      .map(([, side]) => dictionary(side))
      .filter((side) => side !== undefined);
  const [a, b] = [sidesOf(true), sidesOf(false)];
  if (a.length + b.length === 0) return undefined;
  return { relay, a: legOf(a, sources), b: legOf(b, sources) };
}

/** RTP packets of a call so far, and whether any of its sides may send. */
export function activityOf(reply: Dictionary): {
  readonly packets: number;
  readonly isHeld: boolean;
} {
  const totals = dictionary(dictionary(reply['totals'])?.['RTP']);
  let maySend = false;
  for (const side of Object.values(dictionary(reply['tags']) ?? {})) {
    for (const media of dictionaries(dictionary(side)?.['medias'])) {
      const { flags } = media;
      if (isList(flags) && flags.includes('send')) maySend = true;
    }
  }
  return { packets: numberOf(totals?.['packets']), isHeld: !maySend };
}

/** Calls that a relay's reply to `list` names. */
export function namedCalls(reply: Dictionary): string[] {
  const { calls } = reply;
  return isList(calls) ? calls.filter((name) => typeof name === 'string') : [];
}

function legOf(sides: readonly Dictionary[], sources: Dictionary): LegMedia | undefined {
  if (sides.length === 0) return undefined;
  const leg = {
    packets: 0,
    bytes: 0,
    lostPackets: 0,
    lossPercent: 0,
    jitterMs: 0,
    mosTenths: 0,
    lowestMosTenths: 0,
  };
  const seen = new Set<number>();
  const medias = sides.flatMap((side) => dictionaries(side['medias']));
  for (const stream of medias.flatMap((media) => dictionaries(media['streams']))) {
    const { flags } = stream;
    if (!isList(flags) || !flags.includes('RTP')) continue;
    const stats = dictionary(stream['stats']);
    leg.packets += numberOf(stats?.['packets']);
    leg.bytes += numberOf(stats?.['bytes']);
    for (const ssrc of ssrcsOf(stream)) seen.add(ssrc);
  }
  for (const ssrc of seen) addSource(leg, dictionary(sources[String(ssrc)]));
  return leg;
}

function ssrcsOf(stream: Dictionary): number[] {
  const listed = dictionaries(stream['ingress SSRCs']).map((each) => numberOf(each['SSRC']));
  return listed.length > 0 ? listed : [numberOf(stream['SSRC'])];
}

/** A side that changes its source, after a hold for example, has several: the worst of them counts. */
function addSource(leg: LegMedia, source: Dictionary | undefined): void {
  if (source === undefined) return;
  const average = dictionary(source['average MOS']);
  const lowest = dictionary(source['lowest MOS']);
  leg.lostPackets += Math.max(0, numberOf(source['cumulative loss']));
  leg.lossPercent = Math.max(leg.lossPercent, numberOf(average?.['packet loss']));
  leg.jitterMs = Math.max(leg.jitterMs, numberOf(average?.['jitter']));
  leg.mosTenths = lower(leg.mosTenths, numberOf(average?.['MOS']));
  leg.lowestMosTenths = lower(leg.lowestMosTenths, numberOf(lowest?.['MOS']));
}

function lower(known: number, other: number): number {
  if (known === 0 || other === 0) return Math.max(known, other);
  return Math.min(known, other);
}

function dictionary(value: Value | undefined): Dictionary | undefined {
  return typeof value === 'object' && !isList(value) ? value : undefined;
}

function dictionaries(value: Value | undefined): Dictionary[] {
  if (!isList(value)) return [];
  return value.map(dictionary).filter((each) => each !== undefined);
}

function isList(value: Value | undefined): value is readonly Value[] {
  return Array.isArray(value);
}

function numberOf(value: Value | undefined): number {
  const number = Number(value ?? 0);
  return Number.isSafeInteger(number) ? number : 0;
}
