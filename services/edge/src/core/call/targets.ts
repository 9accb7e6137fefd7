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
}

/** One address of a target: where an INVITE goes. */
export interface Destination {
  readonly target: Target;
  /** With the flow by which it was heard, where it was; undefined where it cannot be read: then nothing is sent. */
  readonly address: PeerAddress | undefined;
  /** The address as the CDR has it. */
  readonly text: string;
}

/** Of a candidate without an address. */
export const nowhere: Destination = {
  target: { uri: 'sip:invalid', transport: transports.udp, path: [] },
  address: undefined,
  text: '',
};

/**
 * Where a candidate is reached, to be tried in this order: every address of a target before the next target. Read once for a
 * candidate that is tried; nobody takes an address text apart afterwards.
 */
export function destinationsOf(candidate: Candidate): readonly Destination[] {
  const { targets } = candidate;
  return (targets.length > 0 ? targets : targetsBefore(candidate)).flatMap(ofTarget);
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

function ofTarget({
  uri,
  transport: name,
  addresses,
  flow,
  path,
  local,
  certificate,
}: RoutedTarget): Destination[] {
  const transport = servedTransport(name) ?? transports.udp;
  const target = { uri, transport, path, local, certificate };
  const heard = parseFlow(flow);
  return addresses.map((text, at) => {
    const reached = proving(reachedOver(parsePeerAddress(text), transport), certificate);
    const address = leavingBy(reached, local);
    // The flow is that of the first: the others are where it may be reached if that is gone.
    const isHeard = address !== undefined && heard !== undefined && at === 0;
    return { target, text, address: isHeard ? { ...address, flow: heard } : address };
  });
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
