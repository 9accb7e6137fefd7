import { callId, topVia } from '@tandem/sip';
import type { SipResponse } from '@tandem/sip';
import { useOfBranch } from '../core/marks/branch-use.ts';
import type { BranchUse } from '../core/marks/branch-use.ts';
import { parseBranch } from '../core/marks/call-mark.ts';
import type { Place } from '../core/marks/owner.ts';
import { responseBranch } from '../core/marks/response-branch.ts';
import type { PeerAddress } from '../core/network/peer-address.ts';
import { isOther, livingPod, locate, saidInBranch } from '../core/pods/locate.ts';
import type { PodsView } from '../core/pods/locate.ts';
import type { CallEnding, DialogRelay } from '../dialog/dialogs.ts';
import type { EdgeResources } from '../edge-resources.ts';
import type { OptionsRequests } from '../gateway-checks/gateway-checks.ts';
import type { CarrierRegistrations, Registrations } from '../registration/registration.ts';
import type { Calls, Messages } from '../setup/calls.ts';
import { messagesDropped } from '../telemetry.ts';
import type { ForeignCalls } from './foreign-calls.ts';
import { isMatchable } from './mended-response.ts';

type Resources = Pick<EdgeResources, 'link' | 'sealer' | 'unwanted'>;

/** What may wait for a response. */
export interface ResponseFinderParts {
  readonly view: PodsView;
  readonly calls: Calls;
  readonly foreign: ForeignCalls;
  readonly relay: DialogRelay;
  readonly ending: CallEnding;
  /** @default MESSAGE is not relayed out of a dialog */
  readonly messages: Messages | undefined;
  /** @default nobody registers */
  readonly keepalives: Registrations['keepalives'] | undefined;
  /** @default the switch registers nowhere */
  readonly carriers: CarrierRegistrations | undefined;
  readonly options: OptionsRequests;
}

/** What waits for the responses to requests of this pod's own. */
interface Waiting {
  /** @returns whether it waited for this one */
  receive(response: SipResponse, from: PeerAddress): boolean;
  /** The pod that sent a request with this branch. */
  ownerOf(branch: string): Place | undefined;
}

/** @param isHanded another pod has handed the response over */
type Handler = (response: SipResponse, from: PeerAddress, isHanded: boolean) => void;

/** Finds what waits for a response, by the branch that the switch gave the request (edge.md §3). */
export class ResponseFinder {
  readonly #edge: Resources;
  readonly #parts: ResponseFinderParts;
  readonly #handlers: Readonly<Record<BranchUse, Handler>>;

  constructor(edge: Resources, parts: ResponseFinderParts) {
    this.#edge = edge;
    this.#parts = parts;
    this.#handlers = this.#table();
  }

  receive(response: SipResponse, from: PeerAddress, isHanded: boolean): void {
    if (!isMatchable(response)) return;
    this.#handlers[useOfBranch(branchOf(response))](response, from, isHanded);
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
    if (!this.#parts.calls.carrierResponse(response, branchOf(response))) {
      const candidates = this.#parts.calls.candidatesOf(callId(response));
      this.#edge.unwanted.dismiss(response, from, candidates);
    }
  }

  /** What a response is to, and what becomes of it. */
  #table(): Record<BranchUse, Handler> {
    const { unwanted } = this.#edge;
    const { calls, carriers, ending, keepalives, messages, options, relay } = this.#parts;
    const ofInvite: Handler = (response, from, isHanded) => {
      if (calls.carrierResponse(response, branchOf(response))) return;
      this.#ofForeignCall(response, from, isHanded);
    };
    const ofDialog: Handler = (response, from, isHanded) => {
      relay.response(response, from, isHanded);
    };
    return {
      invite: ofInvite,
      relayed: ofDialog,
      challenged: ofDialog,
      unwanted: this.#waitedFor(unwanted),
      probe: this.#waitedFor(ending),
      ending: (response, from, isHanded) => {
        if (ending.receive(response) || isHanded) return;
        if (ending.isBye(branchOf(response))) this.handToAll(response, from);
      },
      message: this.#waitedFor(messages),
      keepalive: this.#waitedFor(keepalives),
      register: this.#waitedFor(carriers),
      check: this.#waitedFor(options),
      // Nothing answers these.
      answerAck: ofInvite,
      lowerVias: ofInvite,
    };
  }

  /** To a request of a pod's own, whose branch names the pod that waits. */
  #waitedFor(waiting: Waiting | undefined): Handler {
    return (response, from, isHanded) => {
      if (waiting?.receive(response, from) === true || isHanded) return;
      this.#handTo(waiting?.ownerOf(branchOf(response)), response, from);
    };
  }

  /** Of no INVITE that this pod knows of: the MAC of its branch comes before any question to the store. */
  #ofForeignCall(response: SipResponse, from: PeerAddress, isHanded: boolean): void {
    const { sealer, unwanted } = this.#edge;
    const { calls, foreign } = this.#parts;
    const mark = parseBranch(sealer, branchOf(response));
    if (mark === undefined) {
      messagesDropped.add(1, { cause: 'stray-response' });
    } else if (unwanted.receive(response)) {
      return;
    } else if (calls.isPast(mark)) {
      // Of an earlier attempt, or an INVITE that was challenged: nobody waits for it. A later one is another pod's, which
      // has taken the call over while this one was paused.
      unwanted.dismiss(response, from, calls.candidatesOf(mark.callId));
    } else {
      foreign.take({ message: response, from, callId: mark.callId, place: mark, isHanded });
    }
  }

  /** For the pod that sent a request of the switch's own. */
  #handTo(place: Place | undefined, response: SipResponse, from: PeerAddress): void {
    const pod = place === undefined ? undefined : livingPod(place, this.#parts.view);
    if (pod !== undefined) this.#edge.link.hand(response, from, pod);
  }

  /** What only the pod that has sent the request can make use of, where no pod knows which that is: so that is for rare things. */
  handToAll(response: SipResponse, from: PeerAddress): void {
    const { view } = this.#parts;
    for (const pod of view.pods) {
      if (pod.role !== 'front' && isOther(pod, view)) this.#edge.link.hand(response, from, pod);
    }
  }
}

function branchOf(response: SipResponse): string {
  return topVia(response).branch ?? '';
}
