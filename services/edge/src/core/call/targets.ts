import type { Candidate, Target as RoutedTarget } from '@tandem/proto/routing';
import { numberUri, transports } from '@tandem/sip';
import type { SipTransport } from '@tandem/sip';
import { listenerId } from '../network/local-addresses.ts';
import { parseFlow } from '../network/flow-address.ts';
import { parsePeerAddress } from '../network/peer-address.ts';
import type { PeerAddress } from '../network/peer-address.ts';
import { servedTransport } from '../network/served-transports.ts';

/** Where an INVITE may go, as routing, or the registrar behind it, says. */
export interface Target {
  /** Its Request-URI. */
  readonly uri: string;
  readonly transport: SipTransport;
  /** Values of Route headers, the nearest proxy first (RFC 3327 §5.3). */
  readonly path: readonly string[];
  /** Advertised `host:port` that the gateway is to know the switch by. @default as its network is told */
  readonly local?: string | undefined;
  /** Names that its certificate must prove, with commas; '': any will do. @default the host of its URI */
  readonly certificate?: string | undefined;
  /** REG-03: targets of one device are tried in turn, those of others are called at once. @default 0 */
  readonly device?: number | undefined;
  /** Those of the next rank are called once all of this one have failed. @default 0 */
  readonly rank?: number | undefined;
}

/** One address of a target: where an INVITE goes. */
export interface Destination {
  readonly target: Target;
  /** With the flow by which it was heard, where it was; undefined where it cannot be read: then nothing is sent. */
  readonly address: PeerAddress | undefined;
  /** The address as the CDR has it. */
  readonly text: string;
  /** Its place among all destinations of the candidate. */
  readonly place: number;
}

/** Of a candidate without an address. */
export const nowhere: Destination = {
  target: { uri: 'sip:invalid', transport: transports.udp, path: [] },
  address: undefined,
  text: '',
  place: 0,
};

/**
 * Where a candidate is reached, to be tried in this order: every address of a target before the next target. Read once for a
 * candidate that is tried; nobody takes an address text apart afterwards.
 */
export function destinationsOf(candidate: Candidate): readonly Destination[] {
  const { targets } = candidate;
  return destinationsAt(targets.length > 0 ? targets : targetsBefore(candidate));
}

/** The addresses of targets, in the order in which they are to be tried. */
export function destinationsAt(targets: readonly RoutedTarget[]): readonly Destination[] {
  const destinations: Destination[] = [];
  for (const target of targets) addTarget(destinations, target);
  return destinations;
}

/** REG-03: where a candidate is called at once: the first way to each device of the lowest rank that is above `after`. */
export function firstWays(destinations: readonly Destination[], after = -1): readonly number[] {
  const ways: number[] = [];
  let rank: number | undefined;
  for (const [at, { target }] of destinations.entries()) {
    const own = target.rank ?? 0;
    if (own <= after || isNextWay(destinations, at - 1)) continue;
    rank ??= own;
    if (own === rank) ways.push(at);
  }
  return ways;
}

/** Whether the destination behind this one is another way to the same device, or another address of the same gateway. */
export function isNextWay(destinations: readonly Destination[], position: number): boolean {
  const own = destinations[position];
  const next = destinations[position + 1];
  if (own === undefined || next === undefined) return false;
  return (own.target.device ?? 0) === (next.target.device ?? 0);
}

/** Whether a candidate is called at several devices. */
export function isOfDevices(destinations: readonly Destination[]): boolean {
  const { length } = destinations;
  return length > 1 && destinations[length - 1]?.target.device !== undefined;
}

/** The targets of a candidate that routing, or a record, of the version before names. */
function targetsBefore({ addresses, callee, transport }: Candidate): RoutedTarget[] {
  return addresses.map((address) => ({
    uri: numberUri(callee, address),
    transport,
    addresses: [address],
    flow: '',
    path: [],
  }));
}

function addTarget(destinations: Destination[], routed: RoutedTarget): void {
  const { uri, transport: name, addresses, flow, path, local, certificate, device, rank } = routed;
  const transport = servedTransport(name) ?? transports.udp;
  const target = { uri, transport, path, local, certificate, device, rank };
  const heard = parseFlow(flow);
  for (const [at, text] of addresses.entries()) {
    const reached = proving(reachedOver(parsePeerAddress(text), transport), certificate);
    const address = leavingBy(reached, local);
    // The flow is that of the first: the others are where it may be reached if that is gone.
    const isHeard = address !== undefined && heard !== undefined && at === 0;
    const place = destinations.length;
    destinations.push({
      target,
      text,
      place,
      address: isHeard ? { ...address, flow: heard } : address,
    });
  }
}

function leavingBy(address: PeerAddress | undefined, local = ''): PeerAddress | undefined {
  return address === undefined || local === ''
    ? address
    : { ...address, listener: listenerId(local) };
}

function proving(
  address: PeerAddress | undefined,
  certificate: string | undefined,
): PeerAddress | undefined {
  return address === undefined || certificate === undefined ? address : { ...address, certificate };
}

function reachedOver(
  address: PeerAddress | undefined,
  { isConnectionBound, name: transport }: SipTransport,
): PeerAddress | undefined {
  return address === undefined || !isConnectionBound ? address : { ...address, transport };
}
