import { rendezvous } from '@tandem/pod-link';

/** A pod that may be chosen. */
interface Choosable {
  /** Its place in the list of pods. */
  readonly slot: number;
  readonly isReady: boolean;
}

/**
 * Chooses a pod for a packet, as a load balancer that knows nothing of SIP: at random for each one, or always the same one
 * for a sender for as long as that pod is ready.
 * @returns undefined where none is ready
 */
export function choosePod<P extends Choosable>(
  pods: readonly P[],
  how: { readonly mode: 'random' | 'hash'; readonly sender: string; readonly random: () => number },
): P | undefined {
  const ready = pods.filter(({ isReady }) => isReady);
  if (how.mode === 'hash') return rendezvous(how.sender, ready);
  return ready[Math.floor(how.random() * ready.length)];
}
