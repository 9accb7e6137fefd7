/** A pod's place among the pods: what marks and records name it by. */
export interface Place {
  readonly slot: number;
  readonly epoch: number;
}

/** `slot.epoch`: how the store names the pod that has a call. */
export function ownerName({ slot, epoch }: Place): string {
  return `${String(slot)}.${String(epoch)}`;
}

/** Reads what `ownerName` wrote. */
export function ownerPlace(owner: string): Place {
  const dot = owner.indexOf('.');
  return { slot: Number(owner.slice(0, dot)), epoch: Number(owner.slice(dot + 1)) };
}

/** The pod at this place, among those that are known to live. */
export function podAt<P extends Place>(pods: readonly P[], { slot, epoch }: Place): P | undefined {
  return pods.find((pod) => pod.slot === slot && pod.epoch === epoch);
}

/** Whether both are the same boot of the same pod. */
export function isSamePlace(a: Place, b: Place): boolean {
  return a.slot === b.slot && a.epoch === b.epoch;
}
