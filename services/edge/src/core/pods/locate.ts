import { SipRequest, callId, to, topVia } from '@tandem/sip';
import type { MessageOutline, SipResponse } from '@tandem/sip';
import { branchPrefixes, useOfBranch } from '../marks/branch-use.ts';
import { branchMark, markIn } from '../marks/call-mark.ts';
import type { CallMark } from '../marks/call-mark.ts';
import { isSamePlace, podAt } from '../marks/owner.ts';
import type { Place } from '../marks/owner.ts';
import type { Pod } from '../../ports.ts';

/** What in a message says whose it is. An outline of its bytes has it, unread. */
export type Said = Pick<MessageOutline, 'method' | 'uri' | 'branch' | 'toTag' | 'callId'>;

/** What is known of the pods where the question is asked. */
export interface PodsView {
  /** All that live, as of the last renewal of their leases. */
  readonly pods: readonly Pod[];
  /** Of this pod; undefined in a front, and before the pod has joined. */
  readonly place: Place | undefined;
  /** Link address of this pod: whoever else has it died here, though its lease may still run. */
  readonly own: string;
  /** Whether this pod has the call in memory: one that was paused may not have its last INVITE. */
  readonly has: (mark: CallMark) => boolean;
}

/** Whose a message is. */
export type Location =
  /** Whoever has it deals with it: no pod can do so better than this one. */
  | { readonly kind: 'here' }
  /** Of the pod that its mark names, which lives. */
  | { readonly kind: 'pod'; readonly pod: Pod; readonly mark: CallMark }
  /** Of a call whose pod does not live, or does not have it any more: the store knows who goes on with it. */
  | { readonly kind: 'store'; readonly mark: CallMark }
  /** It begins something: of the pod that rendezvous hashing picks for its Call-ID. */
  | { readonly kind: 'anyone' };

const here: Location = { kind: 'here' };
const anyone: Location = { kind: 'anyone' };
/** A token has at least this many characters of base64url. */
const TOKEN_TEXT = /[\w-]{50}/;

/**
 * Whose a message is (edge.md §3), by what it says of itself: the same for the outline of its bytes and for the message that
 * was read. The MAC of a mark is not looked at: who hands a message on by it, or asks the store, checks it before.
 * @param isHanded another pod has handed it over: it is not handed on by its mark again
 */
export function locate(said: Said, view: PodsView, isHanded = false): Location {
  const mark = callMark(said);
  if (mark === undefined) return isBeginning(said) ? anyone : here;
  if (view.has(mark)) return here;
  const pod = isHanded ? undefined : livingPod(mark, view);
  if (pod !== undefined) return { kind: 'pod', pod, mark };
  // Nobody here waits for the ACK: it is not of a refusal, so it is in a dialog.
  const isOwn = view.place !== undefined && isSamePlace(mark, view.place);
  return isOwn && said.method !== undefined ? here : { kind: 'store', mark };
}

/** The pod at a place that a mark or the store names, where it lives, can be reached, and is not this one. */
export function livingPod(place: Place, view: PodsView): Pod | undefined {
  const pod = podAt(view.pods, place);
  return pod !== undefined && isReachable(pod) && isOther(pod, view) ? pod : undefined;
}

/** The pod that waits for the answer to a request of the switch's own, as its branch says; undefined where it does not live. */
export function podOfBranch(branch: string, { pods }: PodsView): Pod | undefined {
  const use = useOfBranch(branch);
  if (use !== 'message' && use !== 'register' && use !== 'check') return undefined;
  const mark = markIn(branch.slice(branchPrefixes[use].length));
  return mark === undefined ? undefined : podAt(pods, mark);
}

/** Not this one, nor the one that died at its address, whose lease may still run: what is sent there comes here. */
export function isOther(pod: Pod, { own, place }: PodsView): boolean {
  if (place !== undefined && isSamePlace(pod, place)) return false;
  return pod.address === '' || pod.address !== own;
}

/** What a message that was read says; of one whose headers cannot be read, that whoever has it is to refuse it. */
export function saidIn(message: SipRequest | SipResponse): Said {
  try {
    if (!(message instanceof SipRequest)) return saidInBranch(topVia(message).branch ?? '');
    const { method, uri } = message;
    return { method, uri, branch: '', toTag: to(message).tag, callId: callId(message) };
  } catch {
    return saidInBranch('');
  }
}

/** What the branch of a response says, or that of a request of ours that did not leave. */
export function saidInBranch(branch: string): Said {
  return { method: undefined, uri: '', branch, toTag: undefined, callId: '' };
}

/** The branch of a response to an INVITE of ours, or its CANCEL; the To tag of an ACK that may be of a refusal of ours. */
function callMark({ method, branch, toTag, uri }: Said): CallMark | undefined {
  if (method === undefined) return branchMark(branch);
  if (method !== 'ACK' || toTag === undefined || TOKEN_TEXT.test(uri)) return undefined;
  return markIn(toTag);
}

/** What belongs to a dialog has a To tag, and its token says all. CANCEL follows its INVITE. */
function isBeginning({ method, toTag }: Said): boolean {
  return (method === 'INVITE' || method === 'CANCEL') && toTag === undefined;
}

function isReachable({ address, role }: Pod): boolean {
  return role !== 'front' && address !== '';
}
