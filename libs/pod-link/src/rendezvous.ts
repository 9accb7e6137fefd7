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
  const seed = hashOf(key);
  let best: P | undefined;
  let bestWeight = -1;
  for (const pod of pods) {
    if (!isFit(pod)) continue;
    const weight = mixed(seed ^ Math.imul(pod.slot + 1, 0x9e37_79b1));
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

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x811c_9dc5;
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x0100_0193);
  }
  return hash;
}

/** The last steps of MurmurHash3: each bit of the result depends on all of the input. */
function mixed(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
