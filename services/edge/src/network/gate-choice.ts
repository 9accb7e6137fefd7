import { rendezvous } from '@tandem/pod-link';
import { transportOf } from '@tandem/sip';
import { formatPeerAddress } from '../core/network/peer-address.ts';
import type { PeerAddress } from '../core/network/peer-address.ts';
import type { Pod } from '../ports.ts';

/** The gates as one pod sees them. */
export interface GateView {
  /** Link address of this pod; '' where it has none. */
  readonly own: string;
  /** Whether this pod has SIP sockets. */
  readonly isGate: boolean;
  /** Fronts that are not in the registry (TANDEM_SIP_FRONTS). */
  readonly fronts: readonly string[];
  readonly pods: readonly Pod[];
  /** Whether the pod at this address used to answer and is silent now, for 350 ms or for as long as is given. */
  readonly isSilent: (address: string, silentMs?: number) => boolean;
}

/** How long the gate of a connection is silent before the connection is given up: less than two repetitions of a request. */
const CONNECTION_SILENT_MS = 800;

/**
 * The gate by which a message leaves (edge.md §3): '' for this pod's own sockets, else a link address; undefined where there
 * is none. It is the one by which the peer was heard, for as long as that lives; else any, the same one for the same peer, so
 * that a connection is used again.
 */
export function chooseGate(to: PeerAddress, view: GateView): string | undefined {
  const heardBy = to.flow?.gate;
  if (heardBy !== undefined) {
    const isOwn = heardBy === '' || heardBy === view.own;
    if (isOwn && view.isGate) return '';
    if (!isOwn && isLive(heardBy, to, view)) return heardBy;
  }
  if (view.fronts.length > 0) return chosenFront(to, view);
  if (view.isGate) return '';
  const gates = view.pods.filter(isGate);
  return (
    rendezvous(formatPeerAddress(to), gates, ({ address }) => !view.isSilent(address)) ??
    rendezvous(formatPeerAddress(to), gates)
  )?.address;
}

/** Link addresses of all pods and fronts but this one: those whose life is watched. */
export function otherAddresses({ own, fronts, pods }: Omit<GateView, 'isSilent'>): string[] {
  const addresses = [...fronts, ...pods.map(({ address }) => address)];
  return addresses.filter((address) => address !== '' && address !== own);
}

function isLive(gate: string, to: PeerAddress, view: GateView): boolean {
  const isKnown =
    view.fronts.includes(gate) || view.pods.some((pod) => isGate(pod) && pod.address === gate);
  // Any gate reaches a peer over UDP. A connection is worth some waiting: the peer may not take another one.
  const { isConnectionBound } = transportOf(to);
  return isKnown && !view.isSilent(gate, isConnectionBound ? CONNECTION_SILENT_MS : undefined);
}

/** Where all are silent one may be back before it is heard. */
function chosenFront(to: PeerAddress, { fronts, isSilent }: GateView): string | undefined {
  const places = fronts.map((address, slot) => ({ address, slot }));
  const key = formatPeerAddress(to);
  const best = rendezvous(key, places, ({ address }) => !isSilent(address));
  return (best ?? rendezvous(key, places))?.address;
}

function isGate(pod: Pod): boolean {
  return pod.role !== 'worker' && pod.address !== '';
}
