import { chooseWorker, rendezvous } from '@tandem/pod-link';
import { markIn } from '../core/marks/call-mark.ts';
import { livingPod, locate } from '../core/pods/locate.ts';
import type { PodsView, Said } from '../core/pods/locate.ts';
import type { Pod } from '../ports.ts';

/** The workers that a message may be given to. */
export interface WorkerView {
  readonly pods: readonly Pod[];
  /** Whether the pod at this address used to answer and is silent now. */
  readonly isSilent: (address: string) => boolean;
}

/**
 * The worker that gets a message of which a front has read the outline (edge.md §3): the pod whose it is; else the one that a To
 * tag of ours names, which has most of the call in memory; where that is silent or there is none, the same one for all messages of
 * a Call-ID. Undefined where none lives.
 */
export function workerFor(said: Said, view: PodsView & WorkerView): Pod | undefined {
  const location = locate(said, view);
  const owner = location.kind === 'pod' ? location.pod : namedByTag(said, view);
  if (owner !== undefined && !view.isSilent(owner.address)) return owner;
  return workerByCallId(said.callId, view);
}

/** The worker of new calls with this Call-ID; one that drains only where all do. */
export function workerByCallId(callId: string, { pods, isSilent }: WorkerView): Pod | undefined {
  const heard = pods.filter(({ address }) => !isSilent(address));
  const isWorker = ({ role }: Pod): boolean => role !== 'front';
  return (
    chooseWorker(callId, heard) ?? chooseWorker(callId, pods) ?? rendezvous(callId, pods, isWorker)
  );
}

function namedByTag({ method, toTag }: Said, view: PodsView): Pod | undefined {
  const mark = method === undefined || toTag === undefined ? undefined : markIn(toTag);
  return mark === undefined ? undefined : livingPod(mark, view);
}
