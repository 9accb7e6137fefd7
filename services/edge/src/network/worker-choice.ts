import { chooseWorker, rendezvous } from '@tandem/pod-link';
import type { MessageOutline } from '@tandem/sip';
import { branchMark } from '../core/marks/call-mark.ts';
import { podAt } from '../core/marks/owner.ts';
import type { Pod } from '../ports.ts';

/** The workers as a front sees them. */
export interface WorkerView {
  readonly pods: readonly Pod[];
  /** Whether the pod at this address used to answer and is silent now. */
  readonly isSilent: (address: string) => boolean;
}

const MAGIC_COOKIE = 'z9hG4bK';

/**
 * The worker that gets a message (edge.md §3): the owner that a mark of ours names (the branch of a response, the To tag of a
 * request), while it lives; else the same one for all messages of a Call-ID. Undefined where none lives.
 */
export function workerFor(outline: MessageOutline, view: WorkerView): Pod | undefined {
  const { method, branch, toTag } = outline;
  // The MAC of a mark is for the worker to check: here it is a hint, and any worker takes any message.
  const mark = branchMark(method === undefined ? branch : MAGIC_COOKIE + (toTag ?? ''));
  const owner = mark === undefined ? undefined : podAt(view.pods, mark);
  if (owner !== undefined && isReachable(owner, view)) return owner;
  return workerByCallId(outline.callId, view);
}

/** The worker of new calls with this Call-ID; one that drains only where all do. */
export function workerByCallId(callId: string, { pods, isSilent }: WorkerView): Pod | undefined {
  const heard = pods.filter(({ address }) => !isSilent(address));
  const isWorker = ({ role }: Pod): boolean => role !== 'front';
  return (
    chooseWorker(callId, heard) ?? chooseWorker(callId, pods) ?? rendezvous(callId, pods, isWorker)
  );
}

function isReachable(pod: Pod, view: WorkerView): boolean {
  return pod.role !== 'front' && pod.address !== '' && !view.isSilent(pod.address);
}
