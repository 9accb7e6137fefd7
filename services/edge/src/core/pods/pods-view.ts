import { chooseWorker } from '@tandem/pod-link';
import type { Pod, PodRegistry } from '../../ports.ts';
import type { CallMark } from '../marks/call-mark.ts';
import { podAt } from '../marks/owner.ts';
import type { LocalIdentity } from '../network/local-identity.ts';
import type { PeerAddress } from '../network/peer-address.ts';
import { isOther } from './locate.ts';
import type { PodsView } from './locate.ts';

/** Who lives, as of each moment, and where this pod is among them. @param has whether this one has a call in memory */
export function podsView(
  registry: Pick<PodRegistry, 'pods'>,
  local: LocalIdentity,
  has: (mark: CallMark) => boolean,
): PodsView {
  return {
    get pods() {
      return registry.pods();
    },
    place: local,
    get own() {
      return podAt(registry.pods(), local)?.address ?? '';
    },
    has,
  };
}

/** The pod that rendezvous hashing picks, where it is not this one. */
export function otherOwner(callId: string, view: PodsView): Pod | undefined {
  const { pods } = view;
  const worker = pods.length < 2 ? undefined : chooseWorker(callId, pods);
  return worker !== undefined && worker.address !== '' && isOther(worker, view)
    ? worker
    : undefined;
}

/** A new call that another pod will have: that one decides whether it may begin. What another one gave us is ours. */
export function isElsewhere(callId: string, { flow }: PeerAddress, view: PodsView): boolean {
  const { own } = view;
  return own !== '' && flow?.gate === own && otherOwner(callId, view) !== undefined;
}

/**
 * It came by a gate that gives a message to any pod. Under overload one pod alone, that of the Call-ID, decides on an INVITE: what
 * one has refused no other begins.
 */
export function isScattered({ flow }: PeerAddress, { own, pods }: PodsView): boolean {
  const gate = flow?.gate ?? '';
  return (
    gate !== '' && gate !== own && pods.length > 1 && !pods.some(({ address }) => address === gate)
  );
}
