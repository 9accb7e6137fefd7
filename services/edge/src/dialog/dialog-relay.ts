import { contact, cseq, from, serialize, to, topVia, vias } from '@tandem/sip';
import type { SipRequest, SipResponse } from '@tandem/sip';
import { branchPrefixes } from '../core/marks/branch-use.ts';
import { hasOthers } from '../core/call/early-dialogs.ts';
import { isSameTransaction, readChallenged } from '../core/dialog/challenged-request.ts';
import type { ChallengedParts } from '../core/dialog/challenged-request.ts';
import {
  challengedBranch,
  openBranch,
  sealBranch,
  sealLowerVias,
  sealSecondVia,
  sealedInBranch,
} from '../core/dialog/dialog-branch.ts';
import type { RelayedHop } from '../core/dialog/dialog-branch.ts';
import { openToken } from '../core/dialog/dialog-token.ts';
import type { DialogToken } from '../core/dialog/dialog-token.ts';
import { spokenIn } from '../core/dialog/dialog-tokens.ts';
import type { RequestAnswer } from '../core/messages/caller-response.ts';
import type { Authorization } from '../core/messages/challenge-answers.ts';
import {
  isTargetRefresh,
  refreshesSession,
  unusualConfirmation,
} from '../core/messages/dialog-request.ts';
import { descriptionFault } from '../core/media/description-fault.ts';
import { mediaOfRequest, mediaOfResponse } from '../core/media/passing-media.ts';
import { passingBody } from '../core/messages/passing-body.ts';
import { relayedDialogResponse } from '../core/messages/dialog-response.ts';
import type { RelayedResponseParts } from '../core/messages/dialog-response.ts';
import { tokenText } from '../core/messages/local-headers.ts';
import { isAmong } from '../core/network/caller-addresses.ts';
import { nameTowards } from '../core/network/local-addresses.ts';
import type { PeerAddress } from '../core/network/peer-address.ts';
import { messagesDropped } from '../telemetry.ts';
import { accepted, answerStateless, isChallenge, noCall } from '../setup/calls.ts';
import type { CallOfPod, Calls } from '../setup/calls.ts';
import { AnsweredByes } from './answered-byes.ts';
import { CalleeDialogs } from './callee-dialogs.ts';
import { DialogChallenges } from './dialog-challenges.ts';
import { DialogEnd } from './dialog-end.ts';
import type { ByeFacts } from './dialog-end.ts';
import { blindNumbers, mayHaveSpoken, numbersFor } from './dialog-numbers.ts';
import { EarlyByes } from './early-byes.ts';
import type { EdgeResources } from '../edge-resources.ts';
import { passed } from '../faults.ts';
import type { PlacedRequest } from '../ports.ts';
import { KnownSenders } from './known-senders.ts';
import { NamedDialogs } from './named-dialogs.ts';
import { recordedAuthorizations } from './recorded-authorizations.ts';
import { RelayedDigits } from './relayed-digits.ts';
import { hopTo, relayedBytes, replyTo } from '../core/dialog/relayed-request.ts';
import type { RelayedRequest } from '../core/dialog/relayed-request.ts';
import { requestRefusal } from './request-refusals.ts';
import { refuseAnswer, stuckRequest } from './refused-answers.ts';
import { SessionSigns } from './session-signs.ts';
import type { StoreBacklog } from '../outbox/outbox.ts';
import { TargetRefresh } from './target-refresh.ts';

/** A branch holds the topmost Via of the sender, and comes back in one header line, which has an end everywhere. */
const LONGEST_BRANCH = 6000;
/** Nothing answers the ACK of an answer, so its branch need not say where it came from: there is one in a call. */
const ACK_PREFIX = branchPrefixes.answerAck;

/** RFC 3261 §22.1: nobody challenges an ACK, or a CANCEL, which cannot be sent again. */
const unchallenged = new Set(['ACK', 'CANCEL']);
const none: readonly Authorization[] = [];

/** The store, or the body step, cannot say. */
const noStore = { answer: 'Unavailable' } as const;

type Resources = Pick<
  EdgeResources,
  | 'auth'
  | 'backlog'
  | 'barrier'
  | 'bodies'
  | 'clock'
  | 'endedMedia'
  | 'local'
  | 'logger'
  | 'media'
  | 'network'
  | 'outbox'
  | 'sealer'
  | 'sessions'
  | 'store'
  | 'storedTokens'
  | 'transport'
>;

/** What the relay may learn of the calls of this pod; it works without. */
export interface DialogRelayHost {
  readonly calls: Pick<Calls, 'pending' | 'answered' | 'tagOfCallee'>;
  /**
   * Gives a request in a dialog that is still early to the pod that has the call, or to this one where that pod is dead; it
   * comes back to the relay then.
   */
  toOwner(callId: string, request: SipRequest, source: PeerAddress): void;
  /** Gives a response to all other pods, one of which may have sent its request. */
  toOthers(response: SipResponse, source: PeerAddress): void;
  /** A BYE was refused by whoever it was to hang up on. */
  onByeRefused(hop: RelayedHop, status: number): void;
}

/** What a response is passed back with, besides its body. */
type RelayedResponseOptions = Pick<RelayedResponseParts, 'contactToken' | 'refusal'> & {
  /** Where it came from; undefined where the switch refuses in its place. */
  readonly source?: PeerAddress;
};

/**
 * Passes requests in a dialog from one leg to the other, and their responses back, with what is sealed in the
 * messages themselves: no call is looked up, so any pod can do it (edge.md §1.1).
 */
export class DialogRelay {
  readonly #edge: Resources;
  readonly #host: DialogRelayHost;
  readonly #callees: CalleeDialogs;
  readonly #end: DialogEnd;
  readonly #challenges: DialogChallenges;
  readonly #targets: TargetRefresh;
  readonly #named: NamedDialogs;
  readonly #senders: KnownSenders;
  readonly #backlog: StoreBacklog;
  readonly #digits: RelayedDigits;
  readonly #signs: SessionSigns;
  readonly #earlyByes: EarlyByes;
  readonly #answeredByes: AnsweredByes;

  constructor(edge: Resources, host: DialogRelayHost) {
    this.#edge = edge;
    this.#host = host;
    this.#backlog = edge.backlog;
    this.#end = new DialogEnd(edge, this.#backlog);
    this.#callees = new CalleeDialogs(edge, host.calls);
    this.#targets = new TargetRefresh(edge, (callId, holder, toTag) =>
      host.calls.pending(callId)?.earlyToken(holder, toTag),
    );
    this.#named = new NamedDialogs(edge, host.calls);
    this.#digits = new RelayedDigits(edge);
    this.#challenges = new DialogChallenges(edge, {
      giveUp: (response, hop, refusal) => {
        this.#sendResponse(response, hop, { refusal });
      },
      toOthers: (response, source) => {
        host.toOthers(response, source);
      },
    });
    this.#earlyByes = new EarlyByes(edge.clock);
    this.#answeredByes = new AnsweredByes(edge);
    this.#senders = new KnownSenders(edge);
    this.#signs = new SessionSigns(edge, this.#backlog);
  }

  /** Stops the timers of its own. */
  close(): void {
    this.#backlog.close();
    this.#challenges.close();
    this.#signs.close();
    this.#answeredByes.close();
    this.#targets.close();
    this.#named.close();
  }

  /** Whether the Request-URI has a token of ours, which leads into a dialog. */
  isLed(request: SipRequest): boolean {
    return openToken(this.#edge.sealer, tokenText(request.uri)) !== undefined;
  }

  /** The calls whose callee repeats its answer: who sees their ACK tells the store. */
  lookOutFor(callIds: readonly string[]): void {
    this.#signs.lookOutFor(callIds);
  }

  /** Relays a request that has a To tag, or a CANCEL or ACK on its way to a re-INVITE. */
  request(request: SipRequest, source: PeerAddress): void {
    const like = tokenText(request.uri);
    const text = openToken(this.#edge.sealer, like);
    if (text?.kind === 'inline') {
      this.#withToken({ request, source, token: text.token, like });
      return;
    }
    const dialog = text ?? this.#named.named(request);
    if (dialog === undefined) {
      this.#refuse(request, source, noCall);
      return;
    }
    this.#named.find(dialog, request, source, {
      found: (token) => {
        this.#withToken({ request, source, token, like });
      },
      early: () => {
        this.#host.toOwner(dialog.callId, request, source);
      },
      away: () => {
        this.#refuse(request, source, noStore);
      },
      again: () => {
        this.request(request, source);
      },
    });
  }

  /**
   * Passes back the response to a request that was relayed; drops what is not ours.
   * @param source where it came from
   * @param isHanded another pod has handed it over, to all
   */
  response(response: SipResponse, source: PeerAddress, isHanded: boolean): void {
    const branch = topVia(response).branch ?? '';
    const hop = openBranch(this.#edge.sealer, branch, vias(response)[1]?.branch);
    if (hop === undefined) {
      messagesDropped.add(1, { cause: 'foreign-branch' });
      return;
    }
    const { method } = cseq(response);
    if (!unchallenged.has(method)) {
      if (isChallenge(response)) {
        this.#challenges.take({ response, hop, source, isHanded });
        return;
      }
      this.#challenges.heard(response);
    }
    if (method === 'BYE' && response.status >= 200) {
      if (isStillThere(response)) this.#host.onByeRefused(hop, response.status);
      else this.#answeredByes.note(hop.callId);
    }
    const isRefresh = refreshesSession(method) && response.status < 300;
    if (!isRefresh || contact(response) === undefined) {
      this.#sendResponse(response, hop, { source });
      return;
    }
    this.#targets.byResponse(
      response,
      hop,
      { source, like: sealedInBranch(branch) },
      {
        // It goes on without a Contact at worst.
        known: (contactToken) => {
          this.#sendResponse(response, hop, { source, contactToken });
        },
        again: () => {
          this.response(response, source, isHanded);
        },
      },
    );
  }

  #withToken(relayed: RelayedRequest): void {
    const { request, source, token } = relayed;
    // A token proves the path of a request, not its sender (edge.md §2).
    if (isAmong(token.holderAddresses, source.address)) {
      this.#fromHolder(relayed);
      return;
    }
    this.#senders.ask(relayed, {
      known: (theirs) => {
        this.#fromHolder(theirs);
      },
      refused: (answer) => {
        this.#refuse(request, source, answer);
      },
    });
  }

  #fromHolder(relayed: RelayedRequest): void {
    const { request, token } = relayed;
    const refusal = requestRefusal(request, token);
    if (refusal !== undefined) this.#refuse(request, replyTo(relayed), refusal);
    else if (request.method === 'BYE') this.#bye(relayed);
    else if (token.holder === 'b') this.#fromCallee(relayed);
    else this.#pass(relayed);
  }

  /** A callee's request reaches the caller in the dialog that the caller has with that one. */
  #fromCallee(relayed: RelayedRequest): void {
    const token = this.#callees.ofSender(relayed.request, relayed.token);
    if (!(token instanceof Promise)) {
      this.#pass({ ...relayed, token });
      return;
    }
    // It does not reject.
    this.#after(token, relayed, (known) => {
      this.#pass({ ...relayed, token: known });
    });
  }

  #pass(relayed: RelayedRequest): void {
    if (isTargetRefresh(relayed.request)) this.#refresh(relayed);
    else if (relayed.request.method === 'INFO') this.#info(relayed);
    else this.#sendRequest(relayed);
  }

  /** A digit may reach the other side by the relay; any other request, and one that the relay cannot play, as it came. */
  #info(relayed: RelayedRequest): void {
    const { request, source, token } = relayed;
    const played = this.#digits.play(request, token);
    if (played === undefined) {
      this.#sendRequest(relayed);
      return;
    }
    // It never rejects.
    this.#after(played, relayed, (isHeard) => {
      if (isHeard) answerStateless(this.#edge, request, { source, answer: accepted });
      else this.#sendRequest(relayed);
    });
  }

  #bye(relayed: RelayedRequest): void {
    const { request, source, token } = relayed;
    const pending = this.#host.calls.pending(token.callId);
    if (pending !== undefined) {
      this.#earlyBye(relayed, pending);
      return;
    }
    this.#end.bye(relayed, {
      relay: ({ numbers, toTag }) => {
        const known =
          token.holder === 'b' ? (toTag ?? this.#tagInMemory(request, token)) : undefined;
        const theirs = known === undefined ? token : spokenIn(token, known);
        this.#sendRequest({ ...relayed, token: theirs }, undefined, numbers);
      },
      otherDialog: () => {
        // That of a callee whose 2xx came too late: it is hung up already, or will be (RFC 3261 §13.2.2.4).
        if (token.holder === 'b') this.#refuse(request, source, noCall);
        else this.#sendRequest(relayed);
      },
      pending: () => {
        this.#host.toOwner(token.callId, request, source);
      },
    });
  }

  #tagInMemory(request: SipRequest, { callId, localTag }: DialogToken): string | undefined {
    return this.#host.calls.tagOfCallee(callId, from(request).tag ?? '', localTag);
  }

  /**
   * RFC 3261 §15: the caller may leave an early dialog with BYE, and with its last one the call; the callee may not: its BYE
   * has overtaken its own 2xx, and comes again, or it has left all the same.
   */
  #earlyBye(relayed: RelayedRequest, pending: CallOfPod): void {
    const { request, source, token } = relayed;
    if (token.holder === 'b') {
      if (!this.#earlyByes.insists(request)) {
        messagesDropped.add(1, { cause: 'early-bye' });
        return;
      }
      pending.take({ kind: 'callee-left' });
      this.#refuse(request, source, noCall);
      return;
    }
    const { tag: toTag = '' } = to(request);
    if (hasOthers(pending, toTag)) {
      pending.take({ kind: 'dialog-left', toTag });
      this.#sendRequest(relayed);
      return;
    }
    pending.take({ kind: 'withdrawal', request, from: source });
  }

  #refresh(relayed: RelayedRequest): void {
    const { request, source } = relayed;
    this.#targets.byRequest(relayed, {
      known: (contactToken) => {
        if (contactToken === undefined) this.#refuse(request, replyTo(relayed), noStore);
        else this.#sendRequest(relayed, contactToken);
      },
      again: () => {
        this.request(request, source);
      },
    });
  }

  #sendRequest(
    relayed: RelayedRequest,
    contactToken?: string,
    numbered: ByeFacts['numbers'] = 'moved',
  ): void {
    const { request, token } = relayed;
    const numbers = this.#numbers(request, token, numbered);
    const authorizations = this.#authorizations(request, token);
    if (numbers instanceof Promise || authorizations instanceof Promise) {
      // Neither rejects.
      this.#after(Promise.all([numbers, authorizations]), relayed, ([theirs, proofs]) => {
        this.#emit(relayed, { contactToken, numbers: theirs, authorizations: proofs });
      });
      return;
    }
    this.#emit(relayed, { contactToken, numbers, authorizations });
  }

  #numbers(
    request: SipRequest,
    token: DialogToken,
    numbered: ByeFacts['numbers'],
  ): Promise<PlacedRequest | undefined> | PlacedRequest | undefined {
    if (numbered === 'unknown') return blindNumbers(this.#edge, request, token);
    if (numbered === 'own' && !mayHaveSpoken(this.#edge, token)) return undefined;
    return numbersFor(this.#edge, request, token);
  }

  #emit(
    relayed: RelayedRequest,
    parts: {
      readonly contactToken: string | undefined;
      readonly numbers: PlacedRequest | undefined;
      readonly authorizations: readonly Authorization[];
    },
  ): void {
    const { request, token, like } = relayed;
    const { bodies, local, sealer, transport } = this.#edge;
    const { nextHop } = token;
    const isAck = isAnswerAck(request, token);
    if (isAck) this.#signs.acknowledged(token.callId);
    const hop = isAck ? undefined : hopTo(relayed);
    const sealed = hop === undefined ? ACK_PREFIX + token.callId : sealBranch(sealer, hop, like);
    const { challenged } = parts.numbers ?? {};
    const again = challenged === undefined ? undefined : readChallenged(challenged);
    const isOfChallenged = again !== undefined && isSameTransaction(again.request, sealed);
    if (isOfChallenged && request.method === again.request.method) {
      this.#challenges.repeat(again);
      return;
    }
    const branch = isOfChallenged ? challengedBranch(sealed, again.round) : sealed;
    const lower = this.#lowerVia(request, token, { hop, like });
    if (Math.max(branch.length, lower.lowerBranch?.length ?? 0) > LONGEST_BRANCH) {
      this.#refuse(request, replyTo(relayed), { answer: 'TooLarge' });
      return;
    }
    const media = mediaOfRequest(request, token, relayed.source.address);
    bodies.pass(passingBody(request, { callId: token.callId, from: token.holder, media }), {
      passed: (passedBody) => {
        passed('before-request-relay', request.method);
        const passing = {
          ...parts,
          authorizations: proofsOf(request, again) ?? parts.authorizations,
          request,
          passedBody,
          token,
          branch,
          ...lower,
          local: nameTowards(local, nextHop),
        };
        const bytes = relayedBytes(passing);
        transport.send(bytes, nextHop);
        if (token.terms.mayChallenge && !unchallenged.has(request.method)) {
          this.#challenges.sent(token.callId, branch, { bytes, to: nextHop });
        }
        passed('after-request-relay', request.method);
      },
      failed: (error) => {
        this.#noteFailed(error, token.callId);
        this.#refuse(request, replyTo(relayed), stuckRequest(error));
      },
    });
  }

  /** What a Via below the top one has to bring back. */
  #lowerVia(
    request: SipRequest,
    token: DialogToken,
    { hop, like }: { readonly hop: RelayedHop | undefined; readonly like: string },
  ): { readonly lowerBranch: string | undefined; readonly confirmedSeconds: number | undefined } {
    const confirmedSeconds = unusualConfirmation(request, token);
    const seal = confirmedSeconds === undefined ? sealLowerVias : sealSecondVia;
    const lowerBranch = hop === undefined ? undefined : seal(this.#edge.sealer, hop, like);
    return { lowerBranch, confirmedSeconds };
  }

  /** RFC 3261 §13.2.2.4: the ACK of an INVITE repeats its credentials. */
  #authorizations(
    request: SipRequest,
    token: DialogToken,
  ): Promise<readonly Authorization[]> | readonly Authorization[] {
    if (!isAnswerAck(request, token)) return none;
    const answered = this.#host.calls.answered(token.callId);
    if (answered !== undefined) return answered.authorizations;
    // The numbers of the legs differ where the carrier challenged.
    return token.cseqOffset === 0 ? none : recordedAuthorizations(this.#edge, token.callId);
  }

  #sendResponse(
    response: SipResponse,
    hop: RelayedHop,
    { source, ...options }: RelayedResponseOptions,
  ): void {
    const { bodies, local, transport } = this.#edge;
    const { method } = cseq(response);
    const { callId } = hop;
    const sender = hop.from === 'a' ? 'b' : 'a';
    const media = source === undefined ? undefined : mediaOfResponse(response, hop, source.address);
    bodies.pass(passingBody(response, { callId, from: sender, media }), {
      passed: (passedBody) => {
        const named = nameTowards(local, hop.source);
        const parts = { ...options, response, passedBody, method, hop, local: named };
        const relayed = relayedDialogResponse(parts);
        passed('before-response-relay', method);
        transport.send(serialize(relayed), hop.source);
        passed('after-response-relay', method);
        if (response.status === 481 && refreshesSession(method))
          this.#edge.endedMedia.releaseEnded(hop);
        this.#signs.shown(relayed, method, callId);
      },
      failed: (error) => {
        this.#noteFailed(error, callId);
        // Else whoever sent the request sends it again.
        if (descriptionFault(error) !== undefined) refuseAnswer(this.#edge, response, hop);
      },
    });
  }

  #noteFailed(error: unknown, callId: string): void {
    this.#edge.logger.warn({ err: error, callId }, 'body does not pass');
  }

  /** Goes on with a request once something is known that never fails to be. */
  #after<T>(
    promise: Promise<T>,
    { request, source }: RelayedRequest,
    done: (value: T) => void,
  ): void {
    this.#edge.barrier.settled(promise, { done }, { message: request, from: source });
  }

  #refuse(request: SipRequest, source: PeerAddress, answer: RequestAnswer): void {
    if (request.method === 'ACK') messagesDropped.add(1, { cause: 'ack-without-dialog' });
    else answerStateless(this.#edge, request, { source, answer });
  }
}

/** RFC 3261 §15.1.2: after any other answer to its BYE than these a side may be in the call as before. */
function isStillThere({ status }: SipResponse): boolean {
  return status >= 300 && status !== 408 && status !== 430 && status !== 481;
}

/** Whether a request acknowledges the answer of the call: no other ACK of the caller has the number of its INVITE. */
function isAnswerAck(request: SipRequest, token: DialogToken): boolean {
  return (
    request.method === 'ACK' && token.holder === 'a' && cseq(request).number === token.firstCseq
  );
}

/** RFC 3261 §13.2.2.4: what the ACK of a 2xx says again of a re-INVITE that was challenged. */
function proofsOf(
  { method }: SipRequest,
  challenged: ChallengedParts | undefined,
): readonly Authorization[] | undefined {
  return method === 'ACK' ? challenged?.authorizations : undefined;
}
