import { isValidResponse, topVia } from '@tandem/sip';
import type { SipResponse } from '@tandem/sip';
import { isDialogBranch } from '../core/dialog/dialog-branch.ts';
import { parseBranch } from '../core/marks/call-mark.ts';
import { responseBranch } from '../core/marks/response-branch.ts';
import type { PeerAddress } from '../core/network/peer-address.ts';
import { isOther, livingPod, locate, saidInBranch } from '../core/pods/locate.ts';
import type { PodsView } from '../core/pods/locate.ts';
import { CallEnding } from '../dialog/dialogs.ts';
import type { DialogRelay } from '../dialog/dialogs.ts';
import type { EdgeResources } from '../edge-resources.ts';
import { UnwantedAnswers } from '../setup/calls.ts';
import type { Calls } from '../setup/calls.ts';
import { messagesDropped } from '../telemetry.ts';
import type { ForeignCalls } from './foreign-calls.ts';

type Resources = Pick<EdgeResources, 'link' | 'sealer' | 'unwanted'>;

/** What may wait for a response. */
export interface ResponseFinderParts {
  readonly view: PodsView;
  readonly calls: Calls;
  readonly foreign: ForeignCalls;
  readonly relay: DialogRelay;
  readonly ending: CallEnding;
}

/** Finds what waits for a response, by the branch that the switch gave the request (edge.md §3). */
export class ResponseFinder {
  readonly #edge: Resources;
  readonly #parts: ResponseFinderParts;

  constructor(edge: Resources, parts: ResponseFinderParts) {
    this.#edge = edge;
    this.#parts = parts;
  }

  /** @param isHanded another pod has handed it over */
  receive(response: SipResponse, from: PeerAddress, isHanded: boolean): void {
    if (!isValidResponse(response)) {
      messagesDropped.add(1, { cause: 'bad-response' });
      return;
    }
    const branch = topVia(response).branch ?? '';
    if (isDialogBranch(branch)) {
      this.#parts.relay.response(response, from);
    } else if (UnwantedAnswers.owns(branch) || CallEnding.owns(branch)) {
      if (!this.#ofOwnRequest(response) && !isHanded) this.#handOwn(response, branch, from);
    } else if (!this.#parts.calls.carrierResponse(response, branch)) {
      this.#ofForeignCall(response, from, isHanded);
    }
  }

  /**
   * A response that has not been read: what belongs to the INVITE of another pod's call goes there as it is. Whatever is not
   * as plain as that is to be read here.
   * @returns whether it has gone
   */
  passOn(bytes: Buffer, from: PeerAddress): boolean {
    const branch = responseBranch(bytes);
    if (branch === undefined) return false;
    const { foreign, view } = this.#parts;
    const location = locate(saidInBranch(branch), view);
    if (location.kind !== 'pod') return false;
    const { sealer, unwanted } = this.#edge;
    if (unwanted.isCancelling(branch) || parseBranch(sealer, branch) === undefined) return false;
    foreign.passOn({ bytes, from, callId: location.mark.callId }, location.pod);
    return true;
  }

  /** The response of a call that has been adopted meanwhile; `from` is the carrier. */
  ofAdopted(response: SipResponse, from: PeerAddress): void {
    const branch = topVia(response).branch ?? '';
    if (!this.#parts.calls.carrierResponse(response, branch)) {
      this.#edge.unwanted.dismiss(response, from);
    }
  }

  /** Of no INVITE that this pod knows of: the MAC of its branch comes before any question to the store. */
  #ofForeignCall(response: SipResponse, from: PeerAddress, isHanded: boolean): void {
    const { sealer, unwanted } = this.#edge;
    const { calls, foreign } = this.#parts;
    const mark = parseBranch(sealer, topVia(response).branch ?? '');
    if (mark === undefined) {
      messagesDropped.add(1, { cause: 'stray-response' });
    } else if (unwanted.receive(response)) {
      return;
    } else if (calls.isPast(mark)) {
      // Of an earlier attempt, or an INVITE that was challenged: nobody waits for it. A later one is another pod's, which
      // has taken the call over while this one was paused.
      unwanted.dismiss(response, from);
    } else {
      foreign.take({ message: response, from, callId: mark.callId, place: mark, isHanded });
    }
  }

  /** Of a request of the switch's own. @returns whether this pod waited for it */
  #ofOwnRequest(response: SipResponse): boolean {
    return this.#edge.unwanted.receive(response) || this.#parts.ending.receive(response);
  }

  /** For the pod that sent the request. */
  #handOwn(response: SipResponse, branch: string, from: PeerAddress): void {
    const { link, unwanted } = this.#edge;
    const { ending, view } = this.#parts;
    if (ending.isBye(branch)) {
      // A call that the switch ends is rare, and one of the others has sent the BYE: which, no pod knows.
      for (const pod of view.pods) {
        if (pod.role !== 'front' && isOther(pod, view)) link.hand(response, from, pod);
      }
      return;
    }
    const mark = CallEnding.owns(branch) ? ending.ownerOf(branch) : unwanted.ownerOf(branch);
    const pod = mark === undefined ? undefined : livingPod(mark, view);
    if (pod !== undefined) link.hand(response, from, pod);
  }
}
