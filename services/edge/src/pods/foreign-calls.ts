import { chooseWorker } from '@tandem/pod-link';
import { CallRecord } from '@tandem/proto/edge';
import type { Candidate } from '@tandem/proto/routing';
import { SipRequest, cancelledTransactionKey, cseq, serialize, to, topVia } from '@tandem/sip';
import type { SipResponse } from '@tandem/sip';
import { recordedFinal } from '../core/call/recovery.ts';
import { ownerName, ownerPlace } from '../core/marks/owner.ts';
import type { Place } from '../core/marks/owner.ts';
import { statelessTag } from '../core/marks/stateless-tag.ts';
import { refusal, rejection } from '../core/messages/caller-response.ts';
import { passingBody, refusedBody } from '../core/messages/passing-body.ts';
import { nameTowards } from '../core/network/local-addresses.ts';
import type { PeerAddress } from '../core/network/peer-address.ts';
import type { PeerMessage } from '../core/network/peer-message.ts';
import { replyAddress, replyModeOf } from '../core/network/reply-address.ts';
import { isOther, livingPod } from '../core/pods/locate.ts';
import type { PodsView } from '../core/pods/locate.ts';
import type { EdgeResources } from '../edge-resources.ts';
import { passed } from '../faults.ts';
import { readUnread } from '../network/network.ts';
import type { AdoptResult, Claim, Pod } from '../ports.ts';
import { accepted, answerStateless, claimKey, noCall } from '../setup/calls.ts';
import type { Calls, StatelessAnswer } from '../setup/calls.ts';
import { messagesDropped } from '../telemetry.ts';
import { answeredElsewhere, answeredMedia } from './answered-elsewhere.ts';
import { HandedMessages } from './handed-messages.ts';
import { isMatchable } from './mended-response.ts';

type Resources = Pick<
  EdgeResources,
  | 'backlog'
  | 'barrier'
  | 'bodies'
  | 'clock'
  | 'link'
  | 'local'
  | 'logger'
  | 'pods'
  | 'sealer'
  | 'store'
  | 'transport'
  | 'unwanted'
>;

/** A message of a call that this pod does not have in memory. */
export interface ForeignMessage extends PeerMessage {
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
}

/** What the calls of other pods need of this one. */
export interface ForeignCallsHost {
  readonly view: PodsView;
  readonly calls: Pick<Calls, 'adopt' | 'keep' | 'answerRepeated'>;
  isDraining(): boolean;
  /** Takes a message of a call that is in memory now, or of an answered one. */
  dispatch(foreign: ForeignMessage): void;
  /** Takes a CANCEL whose INVITE has begun no call. */
  onUnclaimed(cancel: SipRequest, from: PeerAddress): void;
}

/** How long other pods may take to find the call of a CANCEL that no claim knows; it is repeated from then on (RFC 3261 §17.1.2.2). */
const SOUGHT_MS = 500;
/** So many are looked for at once: they are rare, and what comes on top is nobody's. */
const MOST_SOUGHT = 32;
/** A peer that floods a call while the store is asked fills no memory. */
const MOST_WAITING = 32;

/**
 * What becomes of messages whose calls are not in this pod's memory (edge.md §3): the pod that the mark names gets them, once;
 * else the store says who has the call, and gives it to this pod where that one is dead or drains.
 */
export class ForeignCalls {
  readonly #edge: Resources;
  readonly #host: ForeignCallsHost;
  /** Messages that wait for the store, by call id. */
  readonly #waiting = new Map<string, ForeignMessage[]>();
  readonly #handed: HandedMessages<ForeignMessage | UnreadResponse>;
  /** Requests in a dialog that have been sent after their call once: it is not looked for again. */
  readonly #followed = new WeakSet<SipRequest>();
  /** Of CANCELs whose call other pods look for. */
  readonly #sought = new Set<object>();

  constructor(edge: Resources, host: ForeignCallsHost) {
    this.#edge = edge;
    this.#host = host;
    this.#handed = new HandedMessages({
      clock: edge.clock,
      pods: edge.pods,
      onReturned: (returned) => {
        const message = 'bytes' in returned ? readResponse(returned) : returned;
        if (message !== undefined) this.#ask(message.callId, message);
      },
    });
  }

  /** Forgets what it keeps of messages that other pods have. */
  close(): void {
    this.#handed.close();
    for (const timer of this.#sought) this.#edge.clock.stop(timer);
    this.#sought.clear();
  }

  /** Takes a message whose mark has been found to be genuine, or whose transaction is claimed. */
  take(message: ForeignMessage): void {
    const { place, isHanded } = message;
    const pod = place === undefined || isHanded ? undefined : livingPod(place, this.#host.view);
    if (pod !== undefined) this.#hand([message], pod);
    else this.#ask(message.callId, message);
  }

  /** Gives a response, as it came in, to the pod whose it is. */
  passOn(response: UnreadResponse, pod: Pod): void {
    this.#edge.link.hand(response.bytes, response.from, pod);
    this.#handed.add(response, pod);
  }

  /** What has come for a call that is another pod's by now. @param owner `slot.epoch` of that pod, where it is known */
  followCall(callId: string, messages: readonly PeerMessage[], owner?: string): void {
    const place = owner === undefined ? undefined : ownerPlace(owner);
    for (const { message, from } of messages) {
      this.take({ message, from, callId, place, isHanded: false });
    }
  }

  /** A request in a dialog whose call is not answered, nor here. */
  follow(callId: string, request: SipRequest, from: PeerAddress): void {
    if (this.#followed.has(request)) {
      if (request.method !== 'ACK') this.#answer(request, from, noCall);
      return;
    }
    this.#followed.add(request);
    this.take({ message: request, from, callId, isHanded: false });
  }

  /** CANCEL of an INVITE that is not known here: its claim says which call it is, and which pod has it. */
  cancel(request: SipRequest, from: PeerAddress, isHanded: boolean): void {
    const { barrier, logger, store } = this.#edge;
    const done = (claim: Claim | undefined): void => {
      if (claim === undefined) {
        this.#seek(request, from, isHanded);
        return;
      }
      const { callId, owner } = claim;
      this.take({ message: request, from, callId, place: ownerPlace(owner), isHanded });
    };
    const failed = (error: unknown): void => {
      // Sent again by the caller, until the store is back or the INVITE has its final response.
      logger.warn({ err: error }, 'claim of a cancelled INVITE not found');
    };
    const claimed = store.findClaim(claimKey(cancelledTransactionKey(request), request));
    barrier.settled(claimed, { done, failed }, { message: request, from });
  }

  /** The claim goes by the sent-by of the Via, which may have been rewritten (`Calls.cancelled`): then its call may be in another pod. */
  #seek(cancel: SipRequest, from: PeerAddress, isHanded: boolean): void {
    const { clock, link } = this.#edge;
    const { view } = this.#host;
    // One with a To tag may mean a re-INVITE.
    const mayMeanInvite = to(cancel).tag === undefined;
    if (isHanded && mayMeanInvite) {
      // Whoever has handed it over answers it.
      messagesDropped.add(1, { cause: 'unclaimed-cancel' });
      return;
    }
    const others = view.pods.filter((pod) => pod.role !== 'front' && isOther(pod, view));
    if (!mayMeanInvite || others.length === 0 || this.#sought.size >= MOST_SOUGHT) {
      this.#host.onUnclaimed(cancel, from);
      return;
    }
    for (const pod of others) link.hand(cancel, from, pod);
    const timer = clock.start(SOUGHT_MS, () => {
      this.#sought.delete(timer);
      // Where one has accepted it this comes too late to be heard.
      this.#host.onUnclaimed(cancel, from);
    });
    this.#sought.add(timer);
  }

  /** A pod that drains asks this one to go on with a call. */
  offered(callId: string): void {
    if (!this.#host.isDraining()) this.#ask(callId);
  }

  /** A new request that this pod may not begin to work on, since it drains. @returns whether another pod has it now */
  giveAway(request: SipRequest, from: PeerAddress): boolean {
    const pod = this.otherWorker(request.headers.get('Call-ID') ?? '');
    if (pod !== undefined) this.#edge.link.hand(request, from, pod);
    return pod !== undefined;
  }

  /** The live pod that takes over what this one may not begin, or go on with. */
  otherWorker(key: string): Pod | undefined {
    const { view } = this.#host;
    return chooseWorker(
      key,
      view.pods.filter((pod) => pod.address !== '' && isOther(pod, view)),
    );
  }

  #ask(callId: string, message?: ForeignMessage): void {
    const waiting = this.#waiting.get(callId);
    if (waiting !== undefined) {
      if (message !== undefined && waiting.length < MOST_WAITING) waiting.push(message);
      return;
    }
    if (this.#host.isDraining()) {
      // It starts nothing: another pod asks the store.
      const pod = this.otherWorker(callId);
      if (pod !== undefined && message !== undefined) this.#hand([message], pod);
      return;
    }
    const messages = message === undefined ? [] : [message];
    const cause = message === undefined ? 'offer' : 'message';
    this.#waiting.set(callId, messages);
    const { barrier, logger } = this.#edge;
    const done = (found: AdoptResult): void => {
      this.#waiting.delete(callId);
      this.#act(callId, found, { messages, cause });
    };
    const failed = (error: unknown): void => {
      this.#waiting.delete(callId);
      // Whoever sent it sends it again, as long as it matters.
      logger.warn({ err: error, callId }, 'owner of a call not known');
    };
    barrier.settled(this.#adopt(callId), { done, failed }, { callId });
  }

  /** For a store that is back an answered call rings, and one that has failed goes on, until this pod has told what it could not tell before. */
  #adopt(callId: string): Promise<AdoptResult> {
    const { backlog, local, store } = this.#edge;
    const adopt = (): Promise<AdoptResult> => store.adopt(callId, ownerName(local));
    return backlog.tell(callId)?.then(adopt) ?? adopt();
  }

  #act(
    callId: string,
    found: AdoptResult,
    {
      messages,
      cause,
    }: { readonly messages: readonly ForeignMessage[]; readonly cause: 'offer' | 'message' },
  ): void {
    switch (found.kind) {
      case 'owned':
        this.#handToOwner(messages, found.owner);
        break;
      case 'adopted': {
        const { record, isEnded } = found;
        const seenBranch = seenBranchOf(messages);
        const isHere = this.#host.calls.adopt({ callId, record, isEnded, cause, seenBranch });
        if (isHere) for (const each of messages) this.#host.dispatch(each);
        break;
      }
      case 'answered':
        for (const each of messages) this.#ofAnswered(each, found);
        break;
      case 'ended':
        for (const each of messages) this.#ofEnded(each, found);
        break;
      case 'unknown':
        for (const each of messages) this.#ofUnknown(each);
        break;
    }
  }

  #handToOwner(messages: readonly ForeignMessage[], owner: string): void {
    const pod = livingPod(ownerPlace(owner), this.#host.view);
    if (pod !== undefined) this.#hand(messages, pod);
    else messagesDropped.add(messages.length, { cause: 'owner-not-reached' });
  }

  /** Answered, and its pod is dead or has forgotten it: the record and the tokens are all that is needed. */
  #ofAnswered(foreign: ForeignMessage, found: Extract<AdoptResult, { kind: 'answered' }>): void {
    const { message, from } = foreign;
    if (message instanceof SipRequest) {
      // A repeated INVITE: the carrier's repeated 2xx is the answer. RFC 3261 §9.2: a CANCEL comes too late.
      if (message.method === 'CANCEL') this.#acceptCancel(message, from, found.record);
      else if (message.method !== 'INVITE') this.#host.dispatch(foreign);
      return;
    }
    if (cseq(message).method !== 'INVITE') return;
    if (message.status >= 200 && message.status < 300) {
      this.#answerOfAnswered(foreign, message, found);
    } else if (!isOfRecord(message, found.record)) {
      this.#edge.unwanted.dismiss(message, from, candidatesOf(found.record));
    }
  }

  /** The 2xx of an answered call, or of another fork of it. */
  #answerOfAnswered(
    { from, callId }: ForeignMessage,
    response: SipResponse,
    found: Extract<AdoptResult, { kind: 'answered' }>,
  ): void {
    const { bodies, logger, transport, unwanted } = this.#edge;
    const media = answeredMedia(response, found, from);
    bodies.pass(passingBody(response, { callId, from: 'b', media }), {
      passed: (passedBody) => {
        const answered = answeredElsewhere(this.#edge, found, { response, from, passedBody });
        if (answered === undefined) {
          unwanted.hangUp(response, from);
          return;
        }
        const { calls } = this.#host;
        calls.keep(answered);
        transport.send(answered.answer, answered.replyTo);
        calls.answerRepeated(callId);
        passed('after-answer-relay');
      },
      failed: (error) => {
        // It comes again, since it gets no ACK.
        logger.warn({ err: error, callId }, 'body of an answer does not pass');
      },
    });
  }

  #ofEnded(foreign: ForeignMessage, found: Extract<AdoptResult, { kind: 'ended' }>): void {
    const { message, from } = foreign;
    const { record } = found;
    if (!(message instanceof SipRequest)) {
      this.#responseOfEnded(message, from, found);
    } else if (message.method === 'INVITE') {
      // RFC 6026 §8.7: after a 2xx a repeated INVITE says nothing.
      if (!found.wasAnswered) this.#repeatFinal(message, from, record);
    } else if (message.method === 'CANCEL') {
      this.#acceptCancel(message, from, record);
    } else if (message.method !== 'ACK') {
      this.#host.dispatch(foreign);
    }
  }

  /** RFC 3261 §9.2: with the tag of the INVITE's own answer. */
  #acceptCancel(cancel: SipRequest, from: PeerAddress, record: Buffer | undefined): void {
    const toTag = record === undefined ? '' : CallRecord.decode(record).toTag;
    this.#answer(cancel, from, toTag === '' ? accepted : { ...accepted, toTag });
  }

  #responseOfEnded(
    response: SipResponse,
    from: PeerAddress,
    { record, wasAnswered }: Extract<AdoptResult, { kind: 'ended' }>,
  ): void {
    const { unwanted } = this.#edge;
    const { status } = response;
    if (!wasAnswered || status >= 300) {
      unwanted.dismiss(response, from, candidatesOf(record));
    } else if (status >= 200 && cseq(response).method === 'INVITE') {
      // The ACK got lost, and the call has ended since: its BYE is the other end's to repeat.
      if (record === undefined || isOfRecord(response, record)) unwanted.confirm(response, from);
      else unwanted.hangUp(response, from);
    }
  }

  /** The INVITE of a call that has failed: what its caller has been told, or should have been. */
  #repeatFinal(invite: SipRequest, from: PeerAddress, bytes: Buffer | undefined): void {
    const { bodies, transport } = this.#edge;
    const record = bytes === undefined ? undefined : CallRecord.decode(bytes);
    const { final } = recordedFinal(record?.final);
    const local = nameTowards(this.#edge.local, from);
    const makesCause = record?.callerAnswers?.makesCause;
    const said = { toTag: record?.toTag ?? statelessTag(invite), local, makesCause };
    const address = replyAddress(invite, from, replyModeOf(record?.replyAddress));
    if (final.kind === 'refusal') {
      transport.send(serialize(refusal(invite, { ...final, ...said })), address);
      return;
    }
    const tell = (passedBody?: Buffer): void => {
      transport.send(serialize(rejection({ ...final, ...said, invite, passedBody })), address);
    };
    const passing = refusedBody(final, record?.callId ?? '');
    if (passing === undefined) {
      tell();
      return;
    }
    bodies.pass(passing, {
      passed: tell,
      failed: () => {
        tell();
      },
    });
  }

  #ofUnknown(foreign: ForeignMessage): void {
    const { message, from } = foreign;
    if (message instanceof SipRequest && message.method === 'CANCEL') {
      this.#answer(message, from, noCall);
    } else if (message instanceof SipRequest && message.method !== 'INVITE') {
      this.#host.dispatch(foreign);
    } else {
      messagesDropped.add(1, { cause: 'stray-response' });
    }
  }

  #hand(messages: readonly ForeignMessage[], pod: Pod): void {
    for (const each of messages) {
      this.#edge.link.hand(each.message, each.from, pod);
      this.#handed.add(each, pod);
    }
  }

  #answer(request: SipRequest, source: PeerAddress, answer: StatelessAnswer): void {
    answerStateless(this.#edge, request, { source, answer });
  }
}

/** It comes back only from a pod that has died; what cannot be read is dropped, as it would have been there. */
function readResponse({ bytes, from, callId }: UnreadResponse): ForeignMessage | undefined {
  const message = readUnread(bytes);
  if (message === undefined) return undefined;
  return message instanceof SipRequest || !isMatchable(message)
    ? undefined
    : { message, from, callId, isHanded: false };
}

/** A response shows that the carrier has the INVITE: it need not be sent again. */
function seenBranchOf(messages: readonly ForeignMessage[]): string | undefined {
  for (const { message } of messages) {
    if (message instanceof SipRequest || cseq(message).method !== 'INVITE') continue;
    return topVia(message).branch;
  }
  return undefined;
}

function candidatesOf(record: Buffer | undefined): readonly Candidate[] {
  return record === undefined ? [] : CallRecord.decode(record).candidates;
}

function isOfRecord(response: SipResponse, record: Buffer | undefined): boolean {
  return (
    record !== undefined && CallRecord.decode(record).branch === (topVia(response).branch ?? '')
  );
}
