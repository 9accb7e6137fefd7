import { hashOfKey, hashWithPlace } from '@tandem/rendezvous';

/** What is looked at to choose a worker. */
export interface WorkerPod {
  /** A front takes no calls. */
  readonly role: 'front' | 'worker' | 'both';
  /** The pod's slot: stays the same, as a rule, when the pod starts again. */
  readonly slot: number;
  readonly isDraining: boolean;
}

/**
 * The worker that takes a new call: the same one, wherever it is asked, for as long as it lives and does not drain. A worker
 * that comes or goes moves only the calls that are or were its own (rendezvous hashing).
 * @returns undefined where there is none.
 */
export function chooseWorker<P extends WorkerPod>(
  callId: string,
  pods: readonly P[],
): P | undefined {
  return rendezvous(callId, pods, isTakingCalls);
}

/** The pod with the highest hash together with `key`, of those that `isFit`. */
export function rendezvous<P extends { readonly slot: number }>(
  key: string,
  pods: readonly P[],
  isFit: (pod: P) => boolean = () => true,
): P | undefined {
  const seed = hashOfKey(key);
  let best: P | undefined;
  let bestWeight = -1;
  for (const pod of pods) {
    if (!isFit(pod)) continue;
    const weight = hashWithPlace(seed, pod.slot + 1);
    if (weight > bestWeight) {
      best = pod;
      bestWeight = weight;
    }
  }
  return best;
}

function isTakingCalls(pod: WorkerPod): boolean {
  return pod.role !== 'front' && !pod.isDraining;
}
