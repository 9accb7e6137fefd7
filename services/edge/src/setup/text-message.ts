import type { RefusalReason } from '@tandem/domain';
import type { Origin } from '@tandem/proto/auth';
import { ServerTransaction, from, isSipsUri, serialize, userOf } from '@tandem/sip';
import type {
  ClientTransaction,
  ServerTransactionUser,
  SipRequest,
  SipResponse,
} from '@tandem/sip';
import { authenticateRequest } from '../core/call/authenticate-request.ts';
import { reasonOf, restOf } from '../core/call/failures.ts';
import { hopOf } from '../core/dialog/dialog-branch.ts';
import { branchPrefixes } from '../core/marks/branch-use.ts';
import { formatMark } from '../core/marks/call-mark.ts';
import { statelessTag } from '../core/marks/stateless-tag.ts';
import { refusal } from '../core/messages/caller-response.ts';
import { answersTo } from '../core/messages/challenge-answers.ts';
import type { Authorization } from '../core/messages/challenge-answers.ts';
import { relayedDialogResponse } from '../core/messages/dialog-response.ts';
import { deviceNamed } from '../core/messages/gruu.ts';
import { receivedIdentity } from '../core/messages/identity.ts';
import { placeAfter, tellsMore } from '../core/messages/message-failover.ts';
import type { PlaceFailure } from '../core/messages/message-failover.ts';
import { passingBody } from '../core/messages/passing-body.ts';
import { messagePlaces, messageToPlace, messageToken } from '../core/messages/relayed-message.ts';
import type { MessagePlace } from '../core/messages/relayed-message.ts';
import { nameTowards } from '../core/network/local-addresses.ts';
import type { PeerAddress } from '../core/network/peer-address.ts';
import { replyAddress, replyModeOf } from '../core/network/reply-address.ts';
import type { EdgeResources } from '../edge-resources.ts';
import { challenges, textMessages } from '../telemetry.ts';
import { isChallenge } from './own-challenges.ts';
import { ownRequest, timersOver } from './own-requests.ts';
import { challengeStateless } from './stateless-answers.ts';

/** RFC 3261 §17.1.2.2: its sender waits for 32 s. What is known then is told a little before. */
const DECIDED_MS = 31_000;
/** A place that says nothing leaves time for two others. */
const PLACE_MS = 10_000;
const MOST_PLACES = 3;

/** What a MESSAGE needs of those that are kept with it. */
interface TextMessageParts {
  readonly request: SipRequest;
  readonly source: PeerAddress;
  /** As a call id. */
  readonly id: string;
  /** Nothing of it need be kept. */
  readonly onOver: () => void;
}

/** One request to one place. */
interface Sent {
  /** Index of the place. */
  readonly at: number;
  readonly request: SipRequest;
  readonly transaction: ClientTransaction<SipResponse>;
  readonly authorizations: readonly Authorization[];
  readonly round: number;
  /** The place has said that it works on it. */
  isHeard: boolean;
  /** It has failed, or another place has been asked since. */
  isOver: boolean;
}

/**
 * A MESSAGE out of a dialog (RFC 3428) on its way: who sends it is asked for, then it goes where a call would go, one place after the
 * other, with the gateways' credentials (AUTH-11, ROUTE-06). It takes no line and has no CDR. Its sender's repetitions get
 * the one answer.
 */
export class TextMessage implements ServerTransactionUser<SipRequest> {
  readonly #edge: EdgeResources;
  readonly #parts: TextMessageParts;
  readonly #transaction: ServerTransaction<SipRequest>;
  /** In the order of the numbers in their branches. */
  readonly #sent: Sent[] = [];
  readonly #timers = new Set<object>();
  #replyTo: PeerAddress;
  #places: readonly MessagePlace[] = [];
  #mostPlaces = MOST_PLACES;
  #placesTried = 0;
  #passedBody: Buffer = Buffer.alloc(0);
  /** The best that places have said. */
  #failure:
    | {
        readonly what: PlaceFailure;
        readonly sent: Sent;
        readonly response?: SipResponse | undefined;
      }
    | undefined;
  #isTold = false;

  constructor(edge: EdgeResources, parts: TextMessageParts) {
    this.#edge = edge;
    this.#parts = parts;
    this.#replyTo = parts.source;
    this.#transaction = new ServerTransaction<SipRequest>({
      kind: 'non-invite',
      request: parts.request,
      timers: timersOver(parts.source.transport),
      clock: edge.clock,
      user: this,
    });
  }

  start(): void {
    this.#startTimer(DECIDED_MS, () => {
      this.#giveUp();
    });
    this.#transaction.start();
  }

  /** The request again. */
  repeated(request: SipRequest): void {
    this.#transaction.receive(request);
  }

  /** A response to what went out with this number in its branch. */
  receive(sequence: number, response: SipResponse): void {
    const sent = this.#sent[sequence - 1];
    if (sent === undefined) return;
    const isAccepted = response.status >= 200 && response.status < 300;
    // One that was given up may have it all the same.
    if (sent.isOver && isAccepted) this.#pass(sent, response);
    else if (!sent.isOver) sent.transaction.receive(response);
  }

  /** What went out with this number could not be delivered (RFC 3261 §18.4). */
  undelivered(sequence: number): void {
    const sent = this.#sent[sequence - 1];
    if (sent?.isOver === false) sent.transaction.transportError();
  }

  /** Ends it without a word. */
  close(): void {
    this.#stop();
    this.#transaction.abandon();
  }

  send(bytes: Buffer): void {
    this.#edge.transport.send(bytes, this.#replyTo);
  }

  trying(): Buffer {
    return Buffer.alloc(0);
  }

  onRequest(): void {
    const { barrier, logger } = this.#edge;
    const { id, source } = this.#parts;
    const done = (): void => undefined;
    const failed = (error: unknown): void => {
      logger.warn({ err: error, callId: id, source: source.address }, 'message not routed');
      this.#refuse('ServiceUnavailable');
    };
    barrier.settled(this.#authenticate(), { done, failed }, { callId: id });
  }

  onFailure(): void {
    // What cannot be delivered to its sender is of no use to anybody else.
  }

  onTerminated(): void {
    this.#over();
  }

  async #authenticate(): Promise<void> {
    const { request, source } = this.#parts;
    const { auth, network } = this.#edge;
    const isSourceHidden = network?.isSourceHidden(source) ?? false;
    const asked = authenticateRequest(request, { source, traceParent: '', isSourceHidden });
    const { outcome, replyAddress: mode } = await auth.authenticate(asked);
    this.#replyTo = replyAddress(request, source, replyModeOf(mode));
    switch (outcome?.$case) {
      case 'allow':
        await this.#route(outcome.value);
        break;
      case 'challenge':
        textMessages.add(1, { outcome: 'challenged' });
        challengeStateless(this.#edge, { invite: request, source, challenge: outcome.value });
        // Nothing is remembered of it: the one that answers is another.
        this.close();
        this.#over();
        break;
      default:
        if (outcome?.value.unanswered === true) this.#leaveUnanswered();
        else this.#refuse(reasonOf(outcome?.value.reason ?? ''));
    }
  }

  /** AUTH-08, AUTH-09: its sender hears nothing. */
  #leaveUnanswered(): void {
    textMessages.add(1, { outcome: 'unanswered' });
    this.close();
    this.#over();
  }

  async #route(origin: Origin): Promise<void> {
    const { id, request, source } = this.#parts;
    const { local, routing } = this.#edge;
    const { outcome } = await routing.route({
      traceParent: '',
      callId: id,
      origin,
      sourceAddress: source.address,
      caller: userOf(from(request).uri),
      callee: userOf(request.uri),
      device: deviceNamed(request.uri),
      isSips: isSipsUri(request.uri),
      takesNoLines: true,
      identity: receivedIdentity(request),
      // Signatures are of calls (RFC 8588).
      verification: undefined,
    });
    if (outcome?.$case !== 'routed') {
      const { reason = '', retryAfterSeconds } = outcome?.value ?? {};
      this.#refuse(reasonOf(reason), retryAfterSeconds);
      return;
    }
    const { attemptLimit, candidates, chosen } = outcome.value;
    if (attemptLimit > 0) this.#mostPlaces = Math.min(attemptLimit, MOST_PLACES);
    this.#places = messagePlaces(candidates.slice(chosen), local);
    if (this.#places.length === 0) {
      this.#refuse('BadGateway');
      return;
    }
    this.#passBody();
  }

  /** Once: it is the same for all places. */
  #passBody(): void {
    const { bodies, logger } = this.#edge;
    const { id, request } = this.#parts;
    bodies.pass(passingBody(request, { callId: id, from: 'a' }), {
      passed: (passedBody) => {
        this.#passedBody = passedBody;
        textMessages.add(1, { outcome: 'relayed' });
        this.#try(0);
      },
      failed: (error) => {
        logger.warn({ err: error, callId: id }, 'body does not pass');
        this.#refuse('ServiceUnavailable');
      },
    });
  }

  #try(at: number): void {
    this.#placesTried += 1;
    const sent = this.#sendTo(at, { authorizations: [], round: 0 });
    if (sent === undefined) return;
    const { timers } = this.#places[at]?.candidate ?? {};
    const { inviteMs = 0 } = timers ?? {};
    this.#startTimer(inviteMs === 0 ? PLACE_MS : Math.min(inviteMs, PLACE_MS), () => {
      const last = this.#sent.at(-1);
      // Who works on it has until the end; the last place has so too.
      if (last?.at !== at || last.isHeard || this.#next(at, 'away') === undefined) return;
      this.#failed(last, 'away');
    });
  }

  #sendTo(at: number, said: Pick<Sent, 'authorizations' | 'round'>): Sent | undefined {
    const { id, request, source } = this.#parts;
    const { local, sealer } = this.#edge;
    const place = this.#places[at];
    if (place === undefined || this.#isTold) return undefined;
    const { slot, epoch } = local;
    const sequence = this.#sent.length + 1;
    const mark = formatMark(sealer, { slot, epoch, callId: id, sequence });
    const branch = branchPrefixes.message + mark;
    const token = messageToken(request, { id, place, source });
    const passedBody = this.#passedBody;
    const there = messageToPlace(request, { ...said, token, place, branch, passedBody });
    const to = place.address;
    const transaction = ownRequest(
      this.#edge,
      { bytes: serialize(there), to },
      {
        onResponse: (response) => {
          this.#heard(sent, response);
        },
        onFailure: () => {
          if (!sent.isOver) this.#failed(sent, 'away');
        },
        onTerminated: () => undefined,
      },
    );
    const sent: Sent = { at, request: there, transaction, ...said, isHeard: false, isOver: false };
    this.#sent.push(sent);
    transaction.start();
    return sent;
  }

  #heard(sent: Sent, response: SipResponse): void {
    const { status } = response;
    sent.isHeard = true;
    if (status < 200 || sent.isOver) return;
    if (status < 300) this.#pass(sent, response);
    else if (isChallenge(response)) this.#challenged(sent, response);
    else this.#failed(sent, status, response);
  }

  #challenged(sent: Sent, response: SipResponse): void {
    const { random } = this.#edge;
    const { authorizations, request, round } = sent;
    const { gateway = '', username = '', password = '' } = this.#places[sent.at]?.candidate ?? {};
    const outcome = answersTo(response, {
      credentials: { gateway, username, password },
      method: request.method,
      uri: request.uri,
      passedBody: this.#passedBody,
      authorizations,
      round,
      cnonce: () => random(12),
    });
    challenges.add(1, { outcome: outcome.kind });
    if (outcome.kind === 'refused') {
      const { logger } = this.#edge;
      logger.info({ callId: this.#parts.id, gateway, cause: outcome.cause }, 'message challenged');
      this.#failed(sent, response.status, response);
      return;
    }
    sent.isOver = true;
    this.#sendTo(sent.at, { authorizations: outcome.authorizations, round: round + 1 });
  }

  #failed(sent: Sent, what: PlaceFailure, response?: SipResponse): void {
    sent.isOver = true;
    sent.transaction.abandon();
    this.#rest(sent, response);
    if (tellsMore(what, this.#failure?.what)) this.#failure = { what, sent, response };
    const next = this.#next(sent.at, what);
    if (next === undefined) {
      this.#giveUp();
    } else {
      textMessages.add(1, { outcome: 'switched' });
      this.#try(next);
    }
  }

  #next(at: number, what: PlaceFailure): number | undefined {
    return this.#placesTried < this.#mostPlaces ? placeAfter(this.#places, at, what) : undefined;
  }

  /** ROUTE-06: the gateway has said for how long it wants to be left alone. */
  #rest({ at }: Sent, response: SipResponse | undefined): void {
    const seconds = (response === undefined ? undefined : restOf(response)) ?? 0;
    const gateway = this.#places[at]?.candidate.gateway;
    if (seconds === 0 || gateway === undefined) return;
    const { logger, routing } = this.#edge;
    const { id: callId } = this.#parts;
    routing.rest({ gateway, seconds, callId }).catch((error: unknown) => {
      logger.warn({ err: error, callId, gateway }, 'gateway not left out');
    });
  }

  /** Nobody takes it: the best that was said goes back. RFC 4320 §4.2: silence is answered by silence once nobody waits. */
  #giveUp(): void {
    if (this.#isTold) return;
    const { sent, what, response } = this.#failure ?? {};
    if (sent !== undefined && response !== undefined && response.status >= 400) {
      this.#pass(sent, response);
    } else if (what !== undefined) {
      this.#refuse('BadGateway');
    } else {
      textMessages.add(1, { outcome: 'unanswered' });
      this.close();
      this.#over();
    }
  }

  /** Passes what a place says on to the sender. */
  #pass({ at }: Sent, response: SipResponse): void {
    const place = this.#places[at];
    if (this.#isTold || place === undefined) return;
    const { bodies } = this.#edge;
    const { id, request, source } = this.#parts;
    const token = messageToken(request, { id, place, source });
    // RFC 3261 §8.2.6.2: the answer has a tag, and the same one each time.
    const toHeader = `${request.headers.get('To') ?? ''};tag=${statelessTag(request)}`;
    const hop = { ...hopOf(request, token, source), source: this.#replyTo, toHeader };
    const local = nameTowards(this.#edge.local, source);
    bodies.pass(passingBody(response, { callId: id, from: 'b' }), {
      passed: (passedBody) => {
        const parts = { response, passedBody, method: request.method, hop, local };
        this.#tell(relayedDialogResponse(parts));
      },
      failed: () => {
        this.#refuse('BadGateway');
      },
    });
  }

  #refuse(reason: RefusalReason, retryAfterSeconds?: number): void {
    const { request, source } = this.#parts;
    const local = nameTowards(this.#edge.local, source);
    textMessages.add(1, { outcome: 'refused' });
    this.#tell(
      refusal(request, { reason, retryAfterSeconds, toTag: statelessTag(request), local }),
    );
  }

  #tell(response: SipResponse): void {
    if (this.#isTold) return;
    this.#isTold = true;
    this.#stop();
    this.#transaction.respond(response.status, serialize(response));
  }

  /** Nothing is sent or waited for any more. */
  #stop(): void {
    for (const timer of this.#timers) this.#edge.clock.stop(timer);
    this.#timers.clear();
    for (const { transaction } of this.#sent) transaction.abandon();
  }

  #over(): void {
    this.#isTold = true;
    this.#parts.onOver();
  }

  #startTimer(ms: number, fire: () => void): void {
    const timer = this.#edge.clock.start(ms, () => {
      this.#timers.delete(timer);
      fire();
    });
    this.#timers.add(timer);
  }
}
