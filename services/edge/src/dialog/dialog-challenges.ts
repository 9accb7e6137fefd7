import { SipRequest, cseq, parseMessage, serialize, topVia, transportOf } from '@tandem/sip';
import type { SipResponse } from '@tandem/sip';
import type { RequestRefusalReason } from '@tandem/domain';
import { answeredNote, cnoncesFor, refusedNote } from '../core/dialog/challenge-notes.ts';
import type { NotedChallenge } from '../core/dialog/challenge-notes.ts';
import {
  ackOfChallenge,
  encodeChallenged,
  readChallenged,
  requestAgain,
} from '../core/dialog/challenged-request.ts';
import type { ChallengedParts } from '../core/dialog/challenged-request.ts';
import { credentialsIn } from '../core/dialog/dialog-credentials.ts';
import { roundOfBranch } from '../core/dialog/dialog-branch.ts';
import type { RelayedHop } from '../core/dialog/dialog-branch.ts';
import { answersTo } from '../core/messages/challenge-answers.ts';
import type { GatewayCredentials } from '../core/messages/challenge-answers.ts';
import type { PeerAddress } from '../core/network/peer-address.ts';
import { formatPeerAddress } from '../core/network/peer-address.ts';
import type { EdgeResources } from '../edge-resources.ts';
import { passed } from '../faults.ts';
import type { CallNote, ChallengeFacts } from '../ports.ts';
import { challenges } from '../telemetry.ts';
import { SentRequests } from './sent-requests.ts';
import { sentBody } from '../core/messages/passing-body.ts';

type Resources = Pick<
  EdgeResources,
  'barrier' | 'clock' | 'logger' | 'outbox' | 'sealer' | 'sessions' | 'transport'
>;

/** How long the pod that has sent a request may take to be found: its sender repeats it meanwhile, to any pod. */
const SEARCH_MS = 2000;
/** RFC 3261 §17.1.1.2: an INVITE over UDP is repeated; its sender may have been told by a 100 that it need not. */
const REPEATS_MS = [500, 1000, 2000, 4000];

/** What becomes of challenges that are not answered here. */
export interface DialogChallengesHost {
  /** Tells the sender of the request that it was refused, never by a challenge that it would take for one of ours. */
  giveUp(response: SipResponse, hop: RelayedHop, refusal: RequestRefusalReason): void;
  /** Asks all other pods: one of them has sent the request. */
  toOthers(response: SipResponse, source: PeerAddress): void;
}

/** A 401 or 407 to a relayed request. */
export interface DialogChallenge {
  readonly response: SipResponse;
  readonly hop: RelayedHop;
  readonly source: PeerAddress;
  /** Another pod has handed it over, and waits whether anybody answers. */
  readonly isHanded: boolean;
}

/**
 * AUTH-11: answers the carrier's challenges of requests that are relayed into its dialog. The request itself is in the memory of
 * the pod that sent it; from the answer on the store has it (edge.md §2).
 */
export class DialogChallenges {
  readonly #edge: Resources;
  readonly #host: DialogChallengesHost;
  readonly #sent = new SentRequests();
  /** Challenges whose request is looked for, by branch. */
  readonly #searches = new Map<string, object>();
  /** INVITEs that are repeated until anything is heard, by branch. */
  readonly #repeats = new Map<string, object>();

  constructor(edge: Resources, host: DialogChallengesHost) {
    this.#edge = edge;
    this.#host = host;
  }

  /** Keeps a request that was sent to a carrier which may challenge it. */
  sent(
    callId: string,
    branch: string,
    sent: { readonly bytes: Buffer; readonly to: PeerAddress },
  ): void {
    this.#sent.add(branch, { callId, ...sent, atMs: this.#edge.clock.now() });
  }

  /** A response that is no challenge: nothing is to be sent again. */
  heard(response: SipResponse): void {
    const branch = topVia(response).branch ?? '';
    this.#stop(this.#repeats, branch);
    if (response.status >= 200) this.#sent.remove(branch);
  }

  /** Takes a 401 or 407. It reports its own failures. */
  take(challenge: DialogChallenge): void {
    const { response, hop } = challenge;
    this.#stop(this.#repeats, topVia(response).branch ?? '');
    const { barrier, logger } = this.#edge;
    const { callId } = hop;
    const done = (): void => undefined;
    const failed = (error: unknown): void => {
      logger.warn({ err: error, callId }, 'challenge not answered');
      // Where the request was kept the gateway has credentials, and the store is away.
      const isOurs = this.#sent.get(topVia(response).branch ?? '') !== undefined;
      if (challenge.isHanded && !isOurs) return;
      this.#host.giveUp(response, hop, isOurs ? 'Unavailable' : 'ForeignChallenge');
    };
    barrier.settled(this.#answer(challenge), { done, failed }, { callId });
  }

  /** Sends again what went out in the place of a challenged request, which its sender has repeated. */
  repeat(challenged: ChallengedParts): void {
    this.#edge.transport.send(serialize(requestAgain(challenged)), challenged.nextHop);
  }

  /** Stops the timers of its own. */
  close(): void {
    for (const timers of [this.#searches, this.#repeats]) {
      for (const timer of timers.values()) this.#edge.clock.stop(timer);
      timers.clear();
    }
  }

  async #answer(challenge: DialogChallenge): Promise<void> {
    const { response, hop } = challenge;
    if (hop.from === 'b') {
      // The switch is nobody to whom its callers would give a password.
      const subject = `peer ${formatPeerAddress(challenge.source)}`;
      await this.#refuse(challenge, { subject, cause: 'the caller’s side wants credentials' });
      return;
    }
    const round = roundOfBranch(topVia(response).branch ?? '');
    const facts = await this.#factsOf(hop);
    const { answered } = facts;
    if (answered !== undefined && answered.round > round) {
      this.#acknowledged(response, readChallenged(answered));
      return;
    }
    const credentials = credentialsIn(this.#edge.sealer, facts);
    if (credentials === undefined || credentials.username === '') {
      const subject = subjectOf(credentials, challenge.source);
      await this.#refuse(challenge, {
        subject,
        cause: 'the gateway wants credentials and none are configured',
      });
      return;
    }
    const sent = this.#sentAs(response, round, facts);
    if (sent === undefined) this.#search(challenge);
    else await this.#sendAgain(challenge, sent, credentials);
  }

  #factsOf({ callId, cseqNumber, cseqOffset }: RelayedHop): Promise<ChallengeFacts> {
    return this.#edge.sessions.challengeFacts(callId, cseqNumber + cseqOffset);
  }

  /** The challenged request: from memory at first, from the store afterwards. */
  #sentAs(
    response: SipResponse,
    round: number,
    { answered }: ChallengeFacts,
  ): ChallengedParts | undefined {
    if (round > 0) return answered?.round === round ? readChallenged(answered) : undefined;
    const sent = this.#sent.get(topVia(response).branch ?? '');
    const request = sent === undefined ? undefined : parseMessage(sent.bytes);
    return sent === undefined || !(request instanceof SipRequest)
      ? undefined
      : { request, nextHop: sent.to, cseq: cseq(request).number, round: 0, authorizations: [] };
  }

  async #sendAgain(
    challenge: DialogChallenge,
    challenged: ChallengedParts,
    credentials: GatewayCredentials,
  ): Promise<void> {
    const { outbox, sealer, sessions } = this.#edge;
    const { response, hop } = challenge;
    const { request, nextHop, round, authorizations } = challenged;
    const subject = subjectOf(credentials, challenge.source);
    const outcome = answersTo(response, {
      credentials,
      method: request.method,
      uri: request.uri,
      passedBody: sentBody(request),
      authorizations,
      round,
      cnonce: cnoncesFor(sealer, response),
    });
    if (outcome.kind === 'refused') {
      await this.#refuse(challenge, { subject, cause: outcome.cause });
      return;
    }
    const { callId } = hop;
    const note = answeredNote({ ...this.#noted(challenge), subject }, outcome.authorizations);
    passed('before-challenge');
    const stored = await sessions.answerChallenge({
      callId,
      cseq: hop.cseqNumber + hop.cseqOffset,
      highest: Math.max(cseq(response).number, this.#sent.highest(callId)),
      round: round + 1,
      request: encodeChallenged({ request: serialize(request), nextHop }, outcome.authorizations),
      note,
    });
    passed('after-challenge');
    const again = stored === undefined ? undefined : readChallenged(stored.answered);
    if (again === undefined) {
      this.#host.giveUp(response, hop, 'Unavailable');
      return;
    }
    challenges.add(1, { outcome: 'answered' });
    // RFC 3261 §17.1.1.2: not before it is known to all who may take the next message.
    this.#acknowledge(response, challenged);
    this.#send(again);
    passed('after-challenge-relay');
    if (stored?.isFiled === true) outbox.publish(note.event);
  }

  /** One that was answered comes again: whoever answered it may have died before its ACK, and the INVITE, were sent. */
  #acknowledged(response: SipResponse, challenged: ChallengedParts | undefined): void {
    if (challenged?.request.method !== 'INVITE') return;
    this.#acknowledge(response, challenged);
    if (roundOfBranch(topVia(response).branch ?? '') === challenged.round - 1)
      this.#send(challenged);
  }

  /** The carrier repeats a challenge of an INVITE until it has its ACK. */
  #acknowledge(response: SipResponse, challenged: ChallengedParts | undefined): void {
    if (challenged?.request.method !== 'INVITE') return;
    const { request, nextHop } = challenged;
    this.#edge.transport.send(serialize(ackOfChallenge(request, response)), nextHop);
  }

  #send(challenged: ChallengedParts): void {
    const { request, nextHop } = challenged;
    const again = requestAgain(challenged);
    const bytes = serialize(again);
    this.#edge.transport.send(bytes, nextHop);
    if (request.method !== 'INVITE' || transportOf(nextHop).isReliable) return;
    this.#repeatLater(topVia(again).branch ?? '', { bytes, to: nextHop });
  }

  #repeatLater(
    branch: string,
    sent: { readonly bytes: Buffer; readonly to: PeerAddress },
    at = 0,
  ): void {
    const { clock, transport } = this.#edge;
    const ms = REPEATS_MS[at];
    this.#stop(this.#repeats, branch);
    if (ms === undefined) return;
    const timer = clock.start(ms, () => {
      transport.send(sent.bytes, sent.to);
      this.#repeatLater(branch, sent, at + 1);
    });
    this.#repeats.set(branch, timer);
  }

  /** The pod that sent the request is asked for, and its sender's repetition waited for; after that it has failed. */
  #search(challenge: DialogChallenge): void {
    const { response, hop, source, isHanded } = challenge;
    const branch = topVia(response).branch ?? '';
    if (isHanded || this.#searches.has(branch)) return;
    const timer = this.#edge.clock.start(SEARCH_MS, () => {
      this.#searches.delete(branch);
      this.#searched(challenge).catch((error: unknown) => {
        this.#edge.logger.warn({ err: error, callId: hop.callId }, 'challenge not answered');
      });
    });
    this.#searches.set(branch, timer);
    this.#host.toOthers(response, source);
  }

  async #searched({ response, hop }: DialogChallenge): Promise<void> {
    const { answered } = await this.#factsOf(hop);
    const round = roundOfBranch(topVia(response).branch ?? '');
    if (answered !== undefined && answered.round > round) return;
    challenges.add(1, { outcome: 'lost' });
    this.#host.giveUp(response, hop, 'Unavailable');
  }

  async #refuse(
    challenge: DialogChallenge,
    { subject, cause }: { readonly subject: string; readonly cause: string },
  ): Promise<void> {
    const { response, hop } = challenge;
    challenges.add(1, { outcome: 'refused' });
    this.#host.giveUp(response, hop, 'ForeignChallenge');
    await this.#note(hop.callId, refusedNote({ ...this.#noted(challenge), subject }, cause));
  }

  async #note(callId: string, note: CallNote): Promise<void> {
    const { logger, outbox, sessions } = this.#edge;
    try {
      if (await sessions.note(callId, note)) outbox.publish(note.event);
    } catch (error) {
      logger.debug({ err: error, callId }, 'decision not noted');
    }
  }

  #noted({ response, hop }: DialogChallenge): Omit<NotedChallenge, 'subject'> {
    const by = hop.from === 'a' ? 'b' : 'a';
    return { callId: hop.callId, by, response, atMs: this.#edge.clock.now() };
  }

  #stop(timers: Map<string, object>, branch: string): void {
    const timer = timers.get(branch);
    if (timer === undefined) return;
    this.#edge.clock.stop(timer);
    timers.delete(branch);
  }
}

function subjectOf(credentials: GatewayCredentials | undefined, source: PeerAddress): string {
  return credentials === undefined
    ? `peer ${formatPeerAddress(source)}`
    : `routing-gateway ${credentials.gateway}`;
}
