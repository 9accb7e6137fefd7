import { cseq, isValidResponse, to, topVia } from '@tandem/sip';
import type { SipResponse } from '@tandem/sip';
import { branchMark, parseBranch } from '../core/marks/call-mark.ts';
import { responseBranch } from '../core/marks/response-branch.ts';
import { isDialogBranch } from '../core/dialog/dialog-branch.ts';
import { isSamePlace, podAt } from '../core/marks/owner.ts';
import type { PeerAddress } from '../core/network/peer-address.ts';
import { messagesDropped } from '../telemetry.ts';
import type { AnsweredCall, AnsweredCalls } from '../setup/answered-calls.ts';
import type { CallDirectory } from '../setup/call-directory.ts';
import { CallEnding } from '../dialog/call-ending.ts';
import type { DialogRelay } from '../dialog/dialog-relay.ts';
import type { EdgeResources } from '../edge-resources.ts';
import type { ForeignCalls } from './foreign-calls.ts';
import { UnwantedAnswers } from '../setup/unwanted-answers.ts';

/** What may wait for a response. */
export interface ResponseFinderParts {
  readonly calls: CallDirectory;
  readonly answered: AnsweredCalls;
  readonly foreign: ForeignCalls;
  readonly relay: DialogRelay;
  readonly ending: CallEnding;
}

/** Where a response came from. */
interface Hearing {
  readonly from: PeerAddress;
  /** Another pod has handed it over. */
  readonly isHanded: boolean;
}

/** Finds what waits for a response, by the branch that the switch gave the request (edge.md §3). */
export class ResponseFinder {
  readonly #edge: EdgeResources;
  readonly #parts: ResponseFinderParts;

  constructor(edge: EdgeResources, parts: ResponseFinderParts) {
    this.#edge = edge;
    this.#parts = parts;
  }

  receive(response: SipResponse, heard: Hearing): void {
    if (!isValidResponse(response)) {
      messagesDropped.add(1, { cause: 'bad-response' });
      return;
    }
    const branch = topVia(response).branch ?? '';
    if (isDialogBranch(branch)) {
      this.#parts.relay.response(response, heard.from);
    } else if (UnwantedAnswers.owns(branch) || CallEnding.owns(branch)) {
      this.#ofOwnRequest(response, branch, heard);
    } else if (!this.#isOfCall(response, branch)) {
      this.#ofForeignCall(response, branch, heard);
    }
  }

  /**
   * A response that has not been read: what belongs to the INVITE of another pod's call goes there as it is. Whatever is not
   * as plain as that is to be read here.
   * @returns whether it has gone
   */
  passOn(bytes: Buffer, from: PeerAddress): boolean {
    const { local, sealer, unwanted } = this.#edge;
    const { answered, calls, foreign } = this.#parts;
    const branch = responseBranch(bytes);
    const said = branch === undefined ? undefined : branchMark(branch);
    if (branch === undefined || said === undefined || isSamePlace(said, local)) return false;
    const { callId } = said;
    if (calls.byCallId(callId) !== undefined || answered.byCallId(callId) !== undefined) {
      return false;
    }
    if (unwanted.isCancelling(branch) || parseBranch(sealer, branch) === undefined) return false;
    return foreign.passOn({ bytes, from, callId, place: said });
  }

  /** The response of a call that has been adopted meanwhile; `from` is the carrier. */
  ofAdopted(response: SipResponse, from: PeerAddress): void {
    const branch = topVia(response).branch ?? '';
    if (!this.#isOfCall(response, branch)) this.#edge.unwanted.dismiss(response, from);
  }

  #isOfCall(response: SipResponse, branch: string): boolean {
    const mark = branchMark(branch);
    if (mark === undefined) return false;
    const mailbox = this.#parts.calls.byCallId(mark.callId);
    if (mailbox?.sent(mark.sequence, branch) === true) {
      mailbox.take({ kind: 'carrier', sequence: mark.sequence, response });
      return true;
    }
    const answered = this.#parts.answered.byCallId(mark.callId);
    if (answered?.branch !== branch) return false;
    this.#repeatedAnswer(response, answered);
    return true;
  }

  /** Of no INVITE that this pod knows of: the MAC of its branch comes before any question to the store. */
  #ofForeignCall(response: SipResponse, branch: string, { from, isHanded }: Hearing): void {
    const { sealer, unwanted } = this.#edge;
    const { answered, calls, foreign } = this.#parts;
    const mark = parseBranch(sealer, branch);
    if (mark === undefined) {
      messagesDropped.add(1, { cause: 'stray-response' });
      return;
    }
    if (unwanted.receive(response)) return;
    const { callId, sequence } = mark;
    const isAnswered = answered.byCallId(callId) !== undefined;
    if (isAnswered || sequence < (calls.byCallId(callId)?.sequence ?? 0)) {
      // Of an earlier attempt, or an INVITE that was challenged: nobody waits for it. A later one is another pod's, which
      // has taken the call over while this one was paused.
      unwanted.dismiss(response, from);
      return;
    }
    foreign.take({ message: response, from, callId, place: mark, isHanded });
  }

  /** Of a request of the switch's own: for the pod that sent it. */
  #ofOwnRequest(response: SipResponse, branch: string, { from, isHanded }: Hearing): void {
    const { link, local, pods, unwanted } = this.#edge;
    const { ending } = this.#parts;
    if (unwanted.receive(response) || ending.receive(response) || isHanded) return;
    if (ending.isBye(branch)) {
      this.#tellOthers(response, from);
      return;
    }
    const mark = CallEnding.owns(branch) ? ending.ownerOf(branch) : unwanted.ownerOf(branch);
    const pod = mark === undefined ? undefined : podAt(pods.pods(), mark);
    if (pod !== undefined && !isSamePlace(pod, local)) link.hand(response, from, pod);
  }

  /** A call that the switch ends is rare, and one of the others has sent the BYE: which, no pod knows. */
  #tellOthers(response: SipResponse, from: PeerAddress): void {
    const { link, local, pods } = this.#edge;
    for (const pod of pods.pods()) {
      if (pod.role !== 'front' && !isSamePlace(pod, local)) link.hand(response, from, pod);
    }
  }

  /** The carrier has not seen the caller's ACK: it travels end to end, so the 2xx does too (edge.md §1.2). */
  #repeatedAnswer(response: SipResponse, answered: AnsweredCall): void {
    const { transport, unwanted } = this.#edge;
    const { status } = response;
    if (status < 200 || status > 299 || cseq(response).method !== 'INVITE') return;
    if (to(response).tag === answered.tag) transport.send(answered.answer, answered.source);
    // Another fork answered too; the caller has one dialog (RFC 3261 §13.2.2.4).
    else unwanted.hangUp(response, answered.carrier);
  }
}
