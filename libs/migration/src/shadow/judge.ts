import { parseMoney } from '@tandem/domain';
import type { AnalysedCandidate, Analysis, ObservedCall, Verdict } from './observed-call.ts';

/** Addresses of the routing gateways here, by name. */
export type GatewayAddresses = ReadonlyMap<string, readonly string[]>;

const DEFAULT_PORT = ':5060';

/** Holds what another switch did with a call against what routing says. */
export function judge(call: ObservedCall, analysis: Analysis, known: GatewayAddresses): Verdict {
  const first = analysis.candidates.find(({ isChosen }) => isChosen);
  const gateway = first?.gateway ?? '';
  const money = moneyOf(call, analysis);
  const [theirs] = call.gateways;
  if (first === undefined) {
    const kind = theirs === undefined ? 'both-refuse' : 'would-refuse';
    const why = analysis.reason === '' ? analysis.summary : `${analysis.reason}: ${analysis.summary}`; // prettier-ignore
    return { call, kind, gateway, why, ...money };
  }
  if (theirs === undefined) {
    return { call, kind: 'would-allow', gateway, why: analysis.summary, ...money };
  }
  if (isSame(theirs, first, known)) return { call, kind: 'same', gateway, why: '', ...money };
  return { call, kind: 'other', gateway, why: placeOf(theirs, analysis, known), ...money };
}

/** A call that routing could not be asked about. */
export function notCompared(call: ObservedCall, why: string): Verdict {
  const nothing = { gateway: '', price: undefined, currency: undefined, isOtherPrice: false };
  return { call, kind: 'not-compared', why, ...nothing };
}

function moneyOf(
  { price: paid }: ObservedCall,
  { charge, outcome }: Analysis,
): Pick<Verdict, 'price' | 'currency' | 'isOtherPrice'> {
  if (charge === null || paid === undefined || outcome === 'refused') {
    return { price: undefined, currency: undefined, isOtherPrice: false };
  }
  const { currency, price } = charge;
  return { price, currency, isOtherPrice: parseMoney(price) !== parseMoney(paid) };
}

/** By name, or by an address that both have: a gateway may stand under several names, one for each priority. */
function isSame(theirs: string, candidate: AnalysedCandidate, known: GatewayAddresses): boolean {
  if (theirs === candidate.gateway) return true;
  const places = (known.get(theirs) ?? [theirs]).map(withPort);
  return candidate.addresses.some((address) => places.includes(withPort(address)));
}

function placeOf(theirs: string, { candidates }: Analysis, known: GatewayAddresses): string {
  const chosen = candidates.findIndex(({ isChosen }) => isChosen);
  const order = [...candidates.slice(chosen), ...candidates.slice(0, chosen)];
  const place = order.findIndex((candidate) => isSame(theirs, candidate, known));
  if (place === -1) return `${theirs} would not be tried here`;
  return `${theirs} would be number ${String(place + 1)} here`;
}

/** Addresses of the analysis have no port where 5060 is meant. */
function withPort(address: string): string {
  const bare = address.replace(/^(?:udp|tcp|tls):/, '').toLowerCase();
  return /(?:^[^:]*|\])$/.test(bare) ? bare + DEFAULT_PORT : bare;
}
