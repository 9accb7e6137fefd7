import { chooseWorker } from '@tandem/pod-link';
import { CallRecord } from '@tandem/proto/edge';
import { SipRequest, cseq, isValidResponse, serialize, topVia } from '@tandem/sip';
import type { SipResponse } from '@tandem/sip';
import { recordedFinal } from '../core/call/recovery.ts';
import { refusal, rejection } from '../core/messages/caller-response.ts';
import { isSamePlace, ownerName, ownerPlace, podAt } from '../core/marks/owner.ts';
import type { Place } from '../core/marks/owner.ts';
import type { PeerAddress } from '../core/network/peer-address.ts';
import { statelessTag } from '../core/marks/stateless-tag.ts';
import type { Pod, Standing } from '../ports.ts';
import { messagesDropped } from '../telemetry.ts';
import { readUnread } from '../network/read-unread.ts';
import type { Adoption } from './adoption.ts';
import type { AnsweredCall } from '../setup/answered-calls.ts';
import { answeredElsewhere } from './answered-elsewhere.ts';
import type { EdgeResources } from '../edge-resources.ts';
import { passed } from '../faults.ts';
import { HandedMessages } from './handed-messages.ts';
import type { PeerMessage } from '../network/peer-message.ts';

/** A message of a call that this pod does not have in memory. */
export interface Parcel extends PeerMessage {
  readonly callId: string;
  /** Where the mark in the message, or the claim of its transaction, says that the call is. */
  readonly place?: Place | undefined;
  /** Another pod has handed it over: it is not handed on by its mark again. */
  readonly isHanded: boolean;
}

/** A response of such a call that has not been read. */
interface UnreadResponse {
  readonly bytes: Buffer;
  readonly from: PeerAddress;
  readonly callId: string;
  readonly place: Place;
}

/** What the calls of other pods need of this one. */
export interface ForeignCallsHost {
  readonly isDraining: boolean;
  /** Takes a call over, unless it is in memory already. @returns whether it is in memory now */
  adopt(adoption: Adoption): boolean;
  /** Takes a message of a call that is in memory now, or of an answered one. */
  dispatch(parcel: Parcel): void;
  /** Keeps what is left of an answered call. */
  keep(answered: AnsweredCall): void;
  /** Answers a request out of a call. */
  refuse(request: SipRequest, to: PeerAddress, answer: CancelAnswer): void;
}

/** A peer that floods a call while the store is asked fills no memory. */
const MOST_WAITING = 32;

/**
 * Finds the handler of messages whose calls are not in this pod's memory (edge.md §3): the pod that its mark names, once;
 * else the store says who has it, and gives it to this pod where that one is dead or drains.
 */
export class ForeignCalls {
  readonly #edge: EdgeResources;
  readonly #host: ForeignCallsHost;
  /** Messages that wait for the store, by call id. */
  readonly #waiting = new Map<string, Parcel[]>();
  readonly #handed: HandedMessages<Parcel | UnreadResponse>;

  constructor(edge: EdgeResources, host: ForeignCallsHost) {
    this.#edge = edge;
    this.#host = host;
    this.#handed = new HandedMessages({
      clock: edge.clock,
      pods: edge.pods,
      onReturned: (returned) => {
        const parcel = 'bytes' in returned ? readParcel(returned) : returned;
        if (parcel !== undefined) this.#ask(parcel.callId, parcel);
      },
    });
  }

  /** Forgets what it keeps of messages that other pods have. */
  close(): void {
    this.#handed.close();
  }

  /** Takes a message whose mark has been found to be genuine, or whose transaction is claimed. */
  take(parcel: Parcel): void {
    const { pods } = this.#edge;
    const { place, isHanded } = parcel;
    const pod = place === undefined || isHanded ? undefined : podAt(pods.pods(), place);
    if (pod !== undefined && this.#isOther(pod)) this.#hand([parcel], pod);
    else this.#ask(parcel.callId, parcel);
  }

  /** Gives a response to the pod that its mark names, where that lives. @returns whether it has gone there */
  passOn(unread: UnreadResponse): boolean {
    const pod = podAt(this.#edge.pods.pods(), unread.place);
    if (pod === undefined || !this.#isOther(pod)) return false;
    this.#edge.link.hand(unread.bytes, unread.from, pod);
    this.#handed.add(unread, pod);
    return true;
  }

  /** A pod that drains asks this one to go on with a call. */
  offered(callId: string): void {
    if (!this.#host.isDraining) this.#ask(callId);
  }

  /** A new request that this pod may not begin to work on, since it drains. @returns whether another pod has it now */
  giveAway(message: PeerMessage, callIdHeader: string): boolean {
    const pod = this.otherWorker(callIdHeader);
    if (pod === undefined) return false;
    this.#edge.link.hand(message.message, message.from, pod);
    return true;
  }

  /** The live pod that takes over what this one may not begin, or go on with. */
  otherWorker(key: string): Pod | undefined {
    return chooseWorker(
      key,
      this.#edge.pods.pods().filter((pod) => pod.address !== '' && this.#isOther(pod)),
    );
  }

  #ask(callId: string, parcel?: Parcel): void {
    const waiting = this.#waiting.get(callId);
    if (waiting !== undefined) {
      if (parcel !== undefined && waiting.length < MOST_WAITING) waiting.push(parcel);
      return;
    }
    if (this.#host.isDraining) {
      // It starts nothing: another pod asks the store.
      const pod = this.otherWorker(callId);
      if (pod !== undefined && parcel !== undefined) this.#hand([parcel], pod);
      return;
    }
    const parcels = parcel === undefined ? [] : [parcel];
    const cause = parcel === undefined ? 'offer' : 'message';
    this.#waiting.set(callId, parcels);
    this.#edge.store.adopt(callId, ownerName(this.#edge.local)).then(
      (standing) => {
        this.#waiting.delete(callId);
        this.#act(callId, standing, { parcels, cause });
      },
      (error: unknown) => {
        this.#waiting.delete(callId);
        // Whoever sent it sends it again, as long as it matters.
        this.#edge.logger.warn({ err: error, callId }, 'owner of a call not known');
      },
    );
  }

  #act(
    callId: string,
    standing: Standing,
    {
      parcels,
      cause,
    }: { readonly parcels: readonly Parcel[]; readonly cause: 'offer' | 'message' },
  ): void {
    switch (standing.kind) {
      case 'owned':
        this.#handToOwner(parcels, standing.owner);
        break;
      case 'adopted': {
        const { record, isEnded } = standing;
        const seenBranch = seenBranchOf(parcels);
        const isHere = this.#host.adopt({ callId, record, isEnded, cause, seenBranch });
        if (isHere) for (const parcel of parcels) this.#host.dispatch(parcel);
        break;
      }
      case 'answered':
        for (const parcel of parcels) this.#ofAnswered(parcel, standing);
        break;
      case 'ended':
        for (const parcel of parcels) this.#ofEnded(parcel, standing);
        break;
      case 'unknown':
        for (const parcel of parcels) this.#ofUnknown(parcel);
        break;
    }
  }

  #handToOwner(parcels: readonly Parcel[], owner: string): void {
    const pod = podAt(this.#edge.pods.pods(), ownerPlace(owner));
    if (pod !== undefined && this.#isOther(pod)) this.#hand(parcels, pod);
    else messagesDropped.add(parcels.length, { cause: 'owner-not-reached' });
  }

  /** Answered, and its pod is dead or has forgotten it: the record and the tokens are all that is needed. */
  #ofAnswered(parcel: Parcel, standing: Extract<Standing, { kind: 'answered' }>): void {
    const { message, from } = parcel;
    if (message instanceof SipRequest) {
      // A repeated INVITE: the carrier's repeated 2xx is the answer. RFC 3261 §9.2: a CANCEL comes too late.
      if (message.method === 'CANCEL') this.#acceptCancel(message, from, standing.record);
      else if (message.method !== 'INVITE') this.#host.dispatch(parcel);
      return;
    }
    if (cseq(message).method !== 'INVITE') return;
    if (message.status >= 200 && message.status < 300) {
      const answered = answeredElsewhere(this.#edge, standing, { response: message, from });
      if (answered === undefined) {
        this.#edge.unwanted.hangUp(message, from);
        return;
      }
      this.#host.keep(answered);
      this.#edge.transport.send(answered.answer, answered.source);
      passed('after-answer-relay');
    } else if (!isOfRecord(message, standing.record)) {
      this.#edge.unwanted.dismiss(message, from);
    }
  }

  #ofEnded(parcel: Parcel, standing: Extract<Standing, { kind: 'ended' }>): void {
    const { message, from } = parcel;
    const { record } = standing;
    if (!(message instanceof SipRequest)) {
      this.#responseOfEnded(message, from, standing);
    } else if (message.method === 'INVITE') {
      // RFC 6026 §8.7: after a 2xx a repeated INVITE says nothing.
      if (!standing.wasAnswered) this.#repeatFinal(message, from, record);
    } else if (message.method === 'CANCEL') {
      this.#acceptCancel(message, from, record);
    } else if (message.method !== 'ACK') {
      this.#host.dispatch(parcel);
    }
  }

  /** RFC 3261 §9.2: with the tag of the INVITE's own answer. */
  #acceptCancel(cancel: SipRequest, from: PeerAddress, record: Buffer | undefined): void {
    const toTag = record === undefined ? '' : CallRecord.decode(record).toTag;
    this.#host.refuse(cancel, from, toTag === '' ? { code: 200 } : { code: 200, toTag });
  }

  #responseOfEnded(
    response: SipResponse,
    from: PeerAddress,
    { record, wasAnswered }: Extract<Standing, { kind: 'ended' }>,
  ): void {
    const { unwanted } = this.#edge;
    const { status } = response;
    if (!wasAnswered || status >= 300) {
      unwanted.dismiss(response, from);
    } else if (status >= 200 && cseq(response).method === 'INVITE') {
      // The ACK got lost, and the call has ended since: its BYE is the other end's to repeat.
      if (record === undefined || isOfRecord(response, record)) unwanted.confirm(response, from);
      else unwanted.hangUp(response, from);
    }
  }

  /** The INVITE of a call that has failed: what its caller has been told, or should have been. */
  #repeatFinal(invite: SipRequest, from: PeerAddress, bytes: Buffer | undefined): void {
    const { local, transport } = this.#edge;
    const record = bytes === undefined ? undefined : CallRecord.decode(bytes);
    const { final } = recordedFinal(record?.final);
    const said = { toTag: record?.toTag ?? statelessTag(invite), local };
    const response =
      final.kind === 'refusal'
        ? refusal(invite, { ...final, ...said })
        : rejection({ ...final, ...said, invite });
    transport.send(serialize(response), from);
  }

  #ofUnknown(parcel: Parcel): void {
    const { message, from } = parcel;
    if (message instanceof SipRequest && message.method === 'CANCEL') {
      this.#host.refuse(message, from, { code: 481 });
    } else if (message instanceof SipRequest && message.method !== 'INVITE') {
      this.#host.dispatch(parcel);
    } else {
      messagesDropped.add(1, { cause: 'stray-response' });
    }
  }

  #hand(parcels: readonly Parcel[], pod: Pod): void {
    for (const parcel of parcels) {
      this.#edge.link.hand(parcel.message, parcel.from, pod);
      this.#handed.add(parcel, pod);
    }
  }

  /** Not this one, nor the one that died at its address, whose lease may still run: what is handed there comes back here. */
  #isOther(pod: Pod): boolean {
    const { local, pods } = this.#edge;
    if (isSamePlace(pod, local)) return false;
    return pod.address === '' || pod.address !== podAt(pods.pods(), local)?.address;
  }
}

/** What a CANCEL gets that reaches no session. */
export interface CancelAnswer {
  readonly code: 200 | 481;
  readonly toTag?: string;
}

/** It comes back only from a pod that has died; what cannot be read is dropped, as it would have been there. */
function readParcel({ bytes, from, callId, place }: UnreadResponse): Parcel | undefined {
  const message = readUnread(bytes);
  if (message === undefined) return undefined;
  if (!(message instanceof SipRequest) && isValidResponse(message)) {
    return { message, from, callId, place, isHanded: false };
  }
  messagesDropped.add(1, { cause: 'bad-response' });
  return undefined;
}

/** A response shows that the carrier has the INVITE: it need not be sent again. */
function seenBranchOf(parcels: readonly Parcel[]): string | undefined {
  for (const { message } of parcels) {
    if (message instanceof SipRequest || cseq(message).method !== 'INVITE') continue;
    return topVia(message).branch;
  }
  return undefined;
}

function isOfRecord(response: SipResponse, record: Buffer | undefined): boolean {
  return (
    record !== undefined && CallRecord.decode(record).branch === (topVia(response).branch ?? '')
  );
}
