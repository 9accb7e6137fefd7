import type { Candidate } from '@tandem/proto/routing';
import { cancelledTransactionKey, cseq, serverTransactionKey, to, topVia } from '@tandem/sip';
import type { SipRequest, SipResponse } from '@tandem/sip';
import { begin } from '../core/call/call-machine.ts';
import { tagOfCallee } from '../core/call/early-dialogs.ts';
import { originOf } from '../core/call/invite-origin.ts';
import type { OverloadRefusal } from '../core/call/overload-refusal.ts';
import { acknowledging } from '../core/dialog/acknowledging.ts';
import { UndecidedCalls } from '../core/overload/undecided-calls.ts';
import { isTooBrief } from '../core/dialog/session-timers.ts';
import { branchMark } from '../core/marks/call-mark.ts';
import type { CallMark } from '../core/marks/call-mark.ts';
import { ownerName } from '../core/marks/owner.ts';
import { tooBrief } from '../core/messages/request-answers.ts';
import type { PeerAddress } from '../core/network/peer-address.ts';
import type { EdgeResources } from '../edge-resources.ts';
import { passed } from '../faults.ts';
import { CallSpan } from '../telemetry.ts';
import { adoptCall } from './adoption.ts';
import type { Adoption } from './adoption.ts';
import { AnsweredCalls } from './answered-calls.ts';
import type { AnsweredCall } from './answered-calls.ts';
import { CallDirectory } from './call-directory.ts';
import { CallMailbox } from './call-mailbox.ts';
import { MailboxSurroundings } from './mailbox-surroundings.ts';
import type { CallKeeper } from './mailbox-surroundings.ts';
import { accepted, answerStateless } from './stateless-answers.ts';

export type { Adoption } from './adoption.ts';
export type { AnsweredCall } from './answered-calls.ts';
export { claimKey } from './call-services.ts';
export { Messages } from './messages.ts';
export { SilentAddresses } from './silent-addresses.ts';
export { answerOwnChallenge, isChallenge } from './own-challenges.ts';
export { ownRequest } from './own-requests.ts';
export { dropScanner, noteUnreadable } from './refused-requests.ts';
export {
  accepted,
  answerStateless,
  challengeStateless,
  noCall,
  refuseStateless,
} from './stateless-answers.ts';
export type { StatelessAnswer } from './stateless-answers.ts';
export { UnwantedAnswers } from './unwanted-answers.ts';

/** What calls need of the rest of the pod. */
export interface CallsHost extends Pick<CallKeeper, 'onInDialog' | 'onElsewhere'> {
  /** A call that was begun here is on its way to a carrier, refused, or challenged. */
  onDecided(): void;
  /** Whether fronts bring messages with this Call-ID here. */
  isOwn(callId: string): boolean;
}

/** As many as find one that leads here among eight pods, but for one call of a hundred. */
const MOST_IDS = 32;

/** What is known of an INVITE as it begins. */
export interface Beginning {
  /** It is to be refused, once auth has said whose it is. @default it is not */
  readonly overload?: OverloadRefusal;
}

/** A call of this pod, as the others see it. */
export type CallOfPod = Pick<
  CallMailbox,
  | 'callId'
  | 'isPending'
  | 'isSettled'
  | 'isCalling'
  | 'isHandable'
  | 'earlyToken'
  | 'dialogs'
  | 'take'
  | 'saveAll'
>;

/**
 * The calls of this pod, from the arrival of their INVITEs until they are answered, and for as long afterwards as those may
 * be repeated: by the transactions of their callers, and by the branches that went to carriers.
 */
export class Calls {
  readonly #edge: EdgeResources;
  readonly #host: Pick<CallsHost, 'isOwn'>;
  readonly #directory = new CallDirectory();
  readonly #answered: AnsweredCalls;
  readonly #undecided: UndecidedCalls;
  readonly #around: MailboxSurroundings;

  constructor(edge: EdgeResources, host: CallsHost) {
    this.#edge = edge;
    this.#host = host;
    this.#answered = new AnsweredCalls(edge.clock);
    this.#undecided = new UndecidedCalls(() => {
      host.onDecided();
    });
    this.#around = new MailboxSurroundings(edge, {
      onCallId: (mailbox, formerId) => {
        this.#directory.name(mailbox, formerId);
      },
      onInDialog: (request, source) => {
        host.onInDialog(request, source);
      },
      onDecided: (mailbox) => {
        this.#undecided.remove(mailbox);
      },
      onAnswered: (mailbox, answered) => {
        this.#undecided.remove(mailbox);
        this.#directory.remove(mailbox);
        this.#answered.add(answered);
      },
      onOver: (mailbox) => {
        this.#undecided.remove(mailbox);
        this.#directory.remove(mailbox);
      },
      onElsewhere: (callId, messages, owner) => {
        host.onElsewhere(callId, messages, owner);
      },
    });
  }

  /** How many have no final answer yet. */
  get pendingCount(): number {
    return this.#directory.pendingCalls;
  }

  /** Those that wait for auth, the store or routing, and since when the first of them does. */
  get undecided(): { readonly count: number; readonly sinceMs: number | undefined } {
    return this.#undecided;
  }

  /** Whether an INVITE of this transaction has begun a call here, which is in memory or was answered lately. */
  isKnown(transactionKey: string): boolean {
    return (
      this.#directory.byTransaction(transactionKey) !== undefined ||
      this.#answered.byTransaction(transactionKey) !== undefined
    );
  }

  /** All that are in memory and not answered lately, also those of which auth is asked who calls. */
  all(): readonly CallOfPod[] {
    return this.#directory.all();
  }

  /** Whether a call is in memory, with this INVITE or a later one, or was answered here lately. */
  has({ callId, sequence }: CallMark): boolean {
    const mailbox = this.#directory.byCallId(callId);
    if (mailbox !== undefined && sequence <= mailbox.sequence) return true;
    return this.#answered.byCallId(callId) !== undefined;
  }

  /** A call that has no final answer yet. */
  pending(callId: string): CallOfPod | undefined {
    return this.#directory.pending(callId);
  }

  /** What the ACK of a call that was answered lately has to say again. */
  answered(callId: string): Pick<AnsweredCall, 'cseq' | 'authorizations'> | undefined {
    return this.#answered.byCallId(callId) ?? this.#directory.byCallId(callId)?.answeredInvite;
  }

  /**
   * The tag towards the caller of the dialog in which a callee speaks; undefined where the call is not in memory.
   * @param attemptTag what the callee's token says
   */
  tagOfCallee(callId: string, farTag: string, attemptTag: string): string | undefined {
    const mailbox = this.#directory.byCallId(callId);
    if (mailbox !== undefined) return tagOfCallee(mailbox.dialogs, farTag, attemptTag);
    const answered = this.#answered.byCallId(callId);
    return answered?.tag === farTag ? answered.toTag : undefined;
  }

  /** Keeps what is left of a call that another pod answered. */
  keep(answered: AnsweredCall): void {
    this.#answered.add(answered);
  }

  /** Asks auth about a new INVITE; what it lets in, or knows nothing of, is a call. */
  begin(invite: SipRequest, source: PeerAddress, how: Beginning = {}): void {
    if (isTooBrief(invite)) {
      answerStateless(this.#edge, invite, { source, answer: tooBrief });
      return;
    }
    const origin = originOf(invite);
    if (this.#directory.byOrigin(origin)?.isPending === true) {
      // RFC 3261 §8.2.2.2: the same INVITE by another way.
      answerStateless(this.#edge, invite, { source, answer: { answer: 'Loop' } });
      return;
    }
    const { clock } = this.#edge;
    const mailbox = new CallMailbox(this.#around, {
      call: begin({
        callId: this.#newCallId(),
        startedMs: clock.now(),
        invite,
        source,
        overload: how.overload,
        product: this.#edge.local.product,
      }),
      span: new CallSpan(),
      transactionKey: serverTransactionKey(invite),
      origin,
    });
    this.#directory.add(mailbox);
    this.#undecided.add(mailbox, this.#edge.clock.now());
    mailbox.begin();
  }

  /** It is the Call-ID towards the carrier, too: what that one asks comes to the pod that has most of the call in memory. */
  #newCallId(): string {
    const { random } = this.#edge;
    let callId = random(12);
    for (let tries = 1; tries < MOST_IDS && !this.#host.isOwn(callId); tries++) callId = random(12);
    return callId;
  }

  /**
   * The INVITE again: of a call, or of one that was answered, when the carrier's repeated 2xx is the answer.
   * @returns whether it is one
   */
  repeated(invite: SipRequest): boolean {
    const key = serverTransactionKey(invite);
    const mailbox = this.#directory.byTransaction(key);
    mailbox?.take({ kind: 'request', request: invite });
    return mailbox !== undefined || this.#answered.byTransaction(key) !== undefined;
  }

  /** The ACK of a refusal, which has the INVITE's own key (RFC 3261 §17.1.1.3). @returns whether it is one */
  acknowledged(ack: SipRequest): boolean {
    const mailbox = this.#directory.byTransaction(serverTransactionKey(ack));
    mailbox?.take({ kind: 'request', request: ack });
    return mailbox !== undefined;
  }

  /** CANCEL of an INVITE that is known here. @returns whether it is one */
  cancelled(cancel: SipRequest, from: PeerAddress): boolean {
    const key = cancelledTransactionKey(cancel);
    const mailbox = this.#directory.byTransaction(key) ?? this.#rewritten(cancel, from);
    if (mailbox !== undefined) {
      mailbox.take({ kind: 'withdrawal', request: cancel, from });
      return true;
    }
    const toTag = this.#answered.byTransaction(key)?.toTag;
    if (toTag === undefined) return false;
    // RFC 3261 §9.2: too late, but the CANCEL itself is answered, with the tag of the INVITE's own answer.
    answerStateless(this.#edge, cancel, { source: from, answer: { ...accepted, toTag } });
    return true;
  }

  /**
   * The call of a CANCEL that names another sent-by in its Via than its INVITE, against RFC 3261 §9.1: gateways on the way rewrite
   * that in one and not in the other. Branch, Call-ID, From tag, CSeq number and source address have to be the same. That lets nobody
   * in who was kept out before: the sent-by is no secret, it stands beside the branch, and who knows all these and writes that
   * source address can write the sent-by too.
   */
  #rewritten(cancel: SipRequest, { address }: PeerAddress): CallMailbox | undefined {
    const mailbox = this.#directory.byOrigin(originOf(cancel));
    const { branch = '' } = topVia(cancel);
    return mailbox?.ways.source.address === address &&
      mailbox.transactionKey.startsWith(`${branch}|`)
      ? mailbox
      : undefined;
  }

  /** A request for a call that was taken over meanwhile. @returns whether it is for its INVITE, so that it is dealt with */
  takenOver(callId: string, request: SipRequest, from: PeerAddress): boolean {
    const mailbox = this.#directory.byCallId(callId);
    if (mailbox === undefined) return false;
    if (request.method === 'CANCEL') mailbox.take({ kind: 'withdrawal', request, from });
    else if (isOfTransaction(request, mailbox)) mailbox.take({ kind: 'request', request });
    else return false;
    return true;
  }

  /** A response with the branch of an INVITE of ours, or of its CANCEL. @returns whether its call is in memory */
  carrierResponse(response: SipResponse, branch: string): boolean {
    const mark = branchMark(branch);
    if (mark === undefined) return false;
    const { callId, sequence } = mark;
    const mailbox = this.#directory.byCallId(callId);
    if (mailbox?.sent(sequence, branch) === true) {
      // Another branch of the call is still being wound up.
      const isRepeated = mailbox.answeredInvite !== undefined && isAnswer(response);
      mailbox.take({ kind: 'carrier', sequence, response });
      if (isRepeated) this.answerRepeated(callId);
      return true;
    }
    const answered = this.#answered.byCallId(callId);
    if (answered?.branch !== branch) return false;
    this.#repeatedAnswer(response, answered);
    return true;
  }

  /** Whether nobody waits for responses to this INVITE any more: later ones of the call are live, or one was answered. */
  isPast({ callId, sequence }: CallMark): boolean {
    if (this.#answered.byCallId(callId) !== undefined) return true;
    return this.#directory.byCallId(callId)?.isPast(sequence) === true;
  }

  /** Where a call may have gone, as far as that is known here still. */
  candidatesOf(callId: string): readonly Candidate[] {
    const mailbox = this.#directory.byCallId(callId);
    return mailbox?.ways.candidates ?? this.#answered.byCallId(callId)?.candidates ?? [];
  }

  /** The carrier repeats an answer so late that it may never get its ACK. */
  answerRepeated(callId: string): void {
    const { logger, sessions } = this.#edge;
    sessions.repeated(callId).catch((error: unknown) => {
      // The next repetition says so too.
      logger.debug({ err: error, callId }, 'repeated answer not noted');
    });
  }

  /** A request with this branch did not leave. */
  undelivered(branch: string, method: string): void {
    const mark = branchMark(branch);
    if (mark === undefined) return;
    const { callId, sequence } = mark;
    this.#directory.byCallId(callId)?.take({ kind: 'undelivered', sequence, method });
  }

  /** Goes on with a call of another pod, unless it is in memory already. @returns whether it is in memory now */
  adopt(adoption: Adoption): boolean {
    passed('after-adopt');
    return adoptCall(this.#around, adoption, this.#directory);
  }

  /**
   * The pod's lease had run out: others may have taken its calls over, or be at work on the same INVITEs (edge.md §5).
   * @param isSamePlace nobody has taken its slot: what the store has under its name is still its own
   */
  leaseLost(isSamePlace: boolean): void {
    for (const mailbox of this.#directory.all()) {
      // Of what auth is asked about nothing is in the store: other pods may be at work on the same INVITEs.
      if (isSamePlace && !mailbox.isAsking) this.#verify(mailbox);
      else mailbox.take({ kind: 'lost' });
    }
  }

  /** Stops every timer: what is left of calls is in the store. */
  close(): void {
    for (const mailbox of this.#directory.all()) mailbox.close();
    this.#answered.close();
  }

  /** The carrier has not seen the caller's ACK: it travels end to end, so the 2xx does too (edge.md §1.2). */
  #repeatedAnswer(response: SipResponse, answered: AnsweredCall): void {
    const { transport, unwanted } = this.#edge;
    if (!isAnswer(response)) return;
    if (to(response).tag === answered.tag) {
      transport.send(answered.answer, answered.replyTo);
      if (this.#answered.ageMs(answered.callId) >= acknowledging.lateMs) {
        this.answerRepeated(answered.callId);
      }
    } else {
      // Another fork answered too; the caller has one dialog (RFC 3261 §13.2.2.4).
      unwanted.hangUp(response, answered.carrier);
    }
  }

  /** Whether the store still has a call under this pod's name; where nobody took it, it goes on. */
  #verify(mailbox: CallMailbox): void {
    const { local, logger, store } = this.#edge;
    const { callId } = mailbox;
    const own = ownerName(local);
    store.get(callId).then(
      (stored) => {
        if (stored === undefined || stored.owner === own) return;
        mailbox.take({ kind: 'lost', owner: stored.owner });
      },
      (error: unknown) => {
        // Its next write says so too.
        logger.debug({ err: error, callId }, 'owner of a call not known');
      },
    );
  }
}

function isAnswer(response: SipResponse): boolean {
  const { status } = response;
  return status >= 200 && status <= 299 && cseq(response).method === 'INVITE';
}

/** Whether a request is the INVITE of a call, or the ACK of its refusal. */
function isOfTransaction(request: SipRequest, { transactionKey }: CallMailbox): boolean {
  return (
    (request.method === 'INVITE' || request.method === 'ACK') &&
    serverTransactionKey(request) === transactionKey
  );
}
