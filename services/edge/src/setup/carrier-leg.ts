import {
  ClientTransaction,
  ackForFailure,
  answerChallenge,
  cancelOf,
  cseq,
  parseChallenge,
  pickChallenge,
  serialize,
  timerValues,
} from '@tandem/sip';
import type { SipRequest, SipResponse, TimerValues } from '@tandem/sip';
import type { Authorization, CallAttempt, CallInput, CallState } from '../core/call/call-state.ts';
import { carrierInvite, requestUri } from '../core/messages/carrier-invite.ts';
import type { PeerAddress } from '../core/network/peer-address.ts';
import { servedTransport } from '../core/network/served-transports.ts';
import { isSdp } from '../core/call/sdp-codecs.ts';
import type { EdgeResources } from '../edge-resources.ts';
import { passed } from '../faults.ts';
import { carrierAddress } from './leg-tokens.ts';
import type { LegTokens } from './leg-tokens.ts';
import { ownRequest } from './own-requests.ts';

/** RFC 3261 §9.1: a cancelled INVITE without a final response is forgotten after 64 × T1. */
const CANCELLED_MS = 32_000;
/** How long a carrier that has accepted a CANCEL takes to refuse the INVITE. */
const LATE_MS = 2000;
/** A nonce that keeps going stale is a loop, not a challenge (AUTH-11). */
const MOST_CHALLENGES = 3;
const timersByGateway = new Map<string, TimerValues>();

/** What a carrier leg needs of its call. */
export interface CarrierLegCall {
  readonly call: CallState;
  readonly invite: SipRequest;
  readonly tokens: LegTokens;
  onInput(input: CallInput): void;
  /** A 2xx that comes again, or a second one. */
  onRepeatedAnswer(response: SipResponse): void;
  /** A transaction has ended: perhaps the last one. */
  onOver(): void;
}

interface SentInvite {
  readonly request: SipRequest;
  readonly branch: string;
  readonly address: PeerAddress;
  readonly attempt: CallAttempt;
  readonly transaction: ClientTransaction<SipResponse>;
  /** The ACK of a refusal, once there is one. */
  ack: Buffer | undefined;
  /** It waits until what the refusal means is stored. */
  isAckHeld: boolean;
  cancelTimer: object | undefined;
  /** Runs once the INVITE has timed out: a carrier may answer even then. */
  lateTimer: object | undefined;
}

/** The requests that a call has sent towards carriers: INVITE by INVITE, with the CANCEL, ACK and BYE they call for. */
export class CarrierLeg {
  readonly #edge: EdgeResources;
  readonly #parts: CarrierLegCall;
  readonly #invites = new Map<number, SentInvite>();
  /** CANCELs by the sequence number of their INVITE. */
  readonly #cancels = new Map<number, ClientTransaction<SipResponse>>();
  #isAnswered = false;

  constructor(edge: EdgeResources, parts: CarrierLegCall) {
    this.#edge = edge;
    this.#parts = parts;
  }

  /** Whether nothing is under way any more. */
  get isOver(): boolean {
    return this.#invites.size === 0 && this.#cancels.size === 0;
  }

  /** Whether no carrier has to be told, or heard, any more. */
  get isSettled(): boolean {
    for (const { stateName } of this.#cancels.values()) {
      if (stateName === 'Trying' || stateName === 'Proceeding') return false;
    }
    for (const { transaction } of this.#invites.values()) {
      const { stateName } = transaction;
      if (stateName === 'Calling' || stateName === 'Proceeding') return false;
    }
    return true;
  }

  /**
   * Sends the INVITE of an attempt, whose record has been written.
   * @param isSeen the carrier is known to have it: another pod sent it, and nothing is repeated
   */
  invite(attempt: CallAttempt, isSeen = false): void {
    const sent = this.#open(attempt);
    if (sent === undefined) {
      const { sequence } = attempt;
      this.#parts.onInput({ kind: 'no-response', sequence, failure: 'transport-error' });
    } else if (isSeen) {
      sent.transaction.resume();
    } else {
      sent.transaction.start();
      passed('after-invite');
    }
  }

  /** A response with the branch of sequence number `sequence`. */
  receive(sequence: number, response: SipResponse): void {
    const { method } = cseq(response);
    if (method === 'INVITE') this.#inviteResponse(sequence, response);
    else if (method === 'CANCEL') this.#cancels.get(sequence)?.receive(response);
  }

  /** Sends CANCEL for an INVITE that has had a provisional response. */
  cancel(sequence: number): void {
    const sent = this.#invites.get(sequence) ?? this.#reopen(sequence);
    if (sent === undefined || sent.cancelTimer !== undefined) return;
    passed('before-cancel');
    this.#sendCancel(sequence, sent);
    passed('after-cancel');
    sent.cancelTimer = this.#edge.clock.start(CANCELLED_MS, () => {
      sent.transaction.abandon();
      this.#forget(sequence);
    });
  }

  /**
   * What a carrier's refusal means is stored: now it may have its ACK. Until then it repeats the refusal, to another pod
   * should this one die.
   */
  acknowledge(): void {
    for (const [sequence, sent] of this.#invites) {
      if (!sent.isAckHeld || sent.ack === undefined) continue;
      sent.isAckHeld = false;
      this.#edge.transport.send(sent.ack, sent.address);
      if (sent.transaction.stateName === 'Terminated') this.#forget(sequence);
    }
  }

  /** Gets rid of an answer that nobody wants. */
  hangUp(sequence: number, answer: SipResponse): void {
    const sent = this.#invites.get(sequence);
    if (sent !== undefined) this.#edge.unwanted.hangUp(answer, sent.address);
  }

  /** Where the answered INVITE went, when nothing else is under way: then the leg may be forgotten. */
  get onlyInvite(): Pick<SentInvite, 'address' | 'attempt' | 'branch'> | undefined {
    if (this.#cancels.size > 0 || this.#invites.size !== 1) return undefined;
    const [sent] = this.#invites.values();
    return sent;
  }

  /** The branch of an INVITE that is under way, or was until lately. */
  branchOf(sequence: number): string | undefined {
    return this.#invites.get(sequence)?.branch;
  }

  /** Stops everything without a word: what is left to do is little, and is done elsewhere. */
  abandon(): void {
    for (const sent of this.#invites.values()) {
      sent.transaction.abandon();
      this.#stopTimers(sent);
    }
    for (const cancel of this.#cancels.values()) cancel.abandon();
    this.#invites.clear();
    this.#cancels.clear();
  }

  /** The transport could not deliver a request with this branch (RFC 3261 §17.1.4). */
  undelivered(sequence: number, method: string): void {
    if (method === 'INVITE') this.#invites.get(sequence)?.transaction.transportError();
    else this.#cancels.get(sequence)?.transportError();
  }

  /** AUTH-11: the header that answers a carrier's challenge, in kind; undefined where it was answered before. */
  authorize(response: SipResponse, attempt: CallAttempt): Authorization | undefined {
    const { username, password } = attempt.candidate;
    if (username === '') return undefined;
    const isProxy = response.status === 407;
    const values = response.headers.getAll(isProxy ? 'Proxy-Authenticate' : 'WWW-Authenticate');
    const challenges = values.flatMap((value) => {
      try {
        return [parseChallenge(value)];
      } catch {
        return []; // A scheme or form that is not spoken here; another header line may be.
      }
    });
    const challenge = pickChallenge(challenges);
    if (challenge === undefined) return undefined;
    if (attempt.challenges > 0 && !challenge.stale) return undefined;
    if (attempt.challenges >= MOST_CHALLENGES) return undefined;
    const value = answerChallenge({
      challenge,
      username,
      password,
      method: 'INVITE',
      uri: requestUri({ callee: attempt.candidate.callee, address: attempt.attempt.address }),
      body: this.#parts.invite.body,
      cnonce: this.#edge.random(12),
    });
    return { header: isProxy ? 'Proxy-Authorization' : 'Authorization', value };
  }

  /** Whether the refusal of this INVITE decides how the call goes on, and that is not in the store yet. */
  #isUndecided({ attempt }: SentInvite): boolean {
    const { phase, attempts } = this.#parts.call;
    if (attempt !== attempts.at(-1)) return false;
    return (
      phase === 'calling' || phase === 'parting' || phase === 'recording' || phase === 'ending'
    );
  }

  #open(attempt: CallAttempt): SentInvite | undefined {
    const { transport, local, clock } = this.#edge;
    const { call, invite, tokens } = this.#parts;
    const { candidate, sequence, branch } = attempt;
    const address = carrierAddress(attempt);
    if (address === undefined) return undefined;
    const issued = tokens.forCarrier(attempt);
    const request = carrierInvite({
      invite,
      callId: call.callId,
      local,
      caller: candidate.caller,
      callee: candidate.callee,
      address: attempt.attempt.address,
      branch,
      transport: address.transport,
      cseqOffset: attempt.cseqOffset,
      contactToken: issued.text,
      contactForm: issued.token.terms.contactForm,
      terms: candidate.dialog,
      authorization: attempt.authorization,
    });
    const sent: SentInvite = {
      request,
      branch,
      address,
      attempt,
      ack: undefined,
      isAckHeld: false,
      cancelTimer: undefined,
      lateTimer: undefined,
      transaction: new ClientTransaction<SipResponse>({
        kind: 'invite',
        request: serialize(request),
        timers: gatewayTimers(attempt),
        clock,
        user: {
          send: (bytes) => {
            if (bytes === sent.ack && this.#isUndecided(sent)) sent.isAckHeld = true;
            else transport.send(bytes, address);
          },
          acknowledge: (response) => {
            sent.ack = serialize(ackForFailure(request, response));
            return sent.ack;
          },
          onResponse: (response) => {
            this.#onResponse(sequence, response);
          },
          onFailure: (failure) => {
            if (failure === 'timeout') this.#awaitLate(sequence);
            this.#parts.onInput({ kind: 'no-response', sequence, failure });
          },
          onTerminated: () => {
            if (sent.lateTimer === undefined) this.#forget(sequence);
          },
        },
      }),
    };
    this.#invites.set(sequence, sent);
    return sent;
  }

  /** An INVITE that another pod sent before this one adopted the call. */
  #reopen(sequence: number): SentInvite | undefined {
    const attempt = this.#parts.call.attempts.find((each) => each.sequence === sequence);
    const sent = attempt === undefined ? undefined : this.#open(attempt);
    sent?.transaction.resume();
    return sent;
  }

  #inviteResponse(sequence: number, response: SipResponse): void {
    const sent = this.#invites.get(sequence);
    if (sent === undefined) return;
    const { transaction, lateTimer, request, address } = sent;
    if (lateTimer === undefined) {
      transaction.receive(response);
    } else if (response.status < 300) {
      this.#onResponse(sequence, response);
    } else {
      const ack = serialize(ackForFailure(request, response));
      this.#edge.transport.send(ack, address);
    }
  }

  /** The transaction is over, but a callee must neither ring nor talk to nobody: CANCEL or BYE may be due. */
  #awaitLate(sequence: number): void {
    const sent = this.#invites.get(sequence);
    if (sent === undefined) return;
    sent.lateTimer = this.#edge.clock.start(CANCELLED_MS, () => {
      this.#forget(sequence);
    });
  }

  #onResponse(sequence: number, response: SipResponse): void {
    const isAnswer = response.status >= 200 && response.status < 300;
    const { call } = this.#parts;
    if (isAnswer && sequence === call.attempts.at(-1)?.sequence) {
      if (this.#isAnswered) {
        this.#parts.onRepeatedAnswer(response);
        return;
      }
      if (call.phase === 'calling') this.#isAnswered = true;
    }
    const hasSdp = response.body.length > 0 && isSdp(response.headers.get('Content-Type'));
    this.#parts.onInput({ kind: 'response', sequence, response, hasSdp });
  }

  #sendCancel(sequence: number, { request, address }: SentInvite): void {
    const cancel = { bytes: serialize(cancelOf(request)), to: address };
    const transaction = ownRequest(this.#edge, cancel, {
      onResponse: (response) => {
        this.#onCancelled(sequence, response);
      },
      onFailure: () => {
        this.#edge.logger.debug({ callId: this.#parts.call.callId }, 'no answer to CANCEL');
      },
      onTerminated: () => {
        this.#cancels.delete(sequence);
        this.#parts.onOver();
      },
    });
    this.#cancels.set(sequence, transaction);
    transaction.start();
  }

  /** RFC 3261 §9.2: a carrier that knows the INVITE refuses it now; one that does not says so. */
  #onCancelled(sequence: number, { status }: SipResponse): void {
    const sent = this.#invites.get(sequence);
    if (sent === undefined || status < 200) return;
    // Another pod may have heard the refusal already, and acknowledged it: then nothing more comes.
    const waitMs = status >= 300 ? 0 : LATE_MS;
    if (status < 300 && !sent.attempt.isAdopted) return;
    if (sent.cancelTimer !== undefined) this.#edge.clock.stop(sent.cancelTimer);
    sent.cancelTimer = this.#edge.clock.start(waitMs, () => {
      sent.transaction.abandon();
      this.#forget(sequence);
    });
  }

  #forget(sequence: number): void {
    const sent = this.#invites.get(sequence);
    if (sent === undefined || sent.isAckHeld) return;
    this.#stopTimers(sent);
    this.#invites.delete(sequence);
    this.#parts.onOver();
  }

  #stopTimers({ cancelTimer, lateTimer }: SentInvite): void {
    const { clock } = this.#edge;
    if (cancelTimer !== undefined) clock.stop(cancelTimer);
    if (lateTimer !== undefined) clock.stop(lateTimer);
  }
}

/** Timer values by what a gateway sets; there are few different ones. */
function gatewayTimers(attempt: CallAttempt): TimerValues {
  const { inviteMs = 0, resendIntervalMs = 0 } = attempt.candidate.timers ?? {};
  const isReliable = servedTransport(attempt.candidate.transport)?.isReliable ?? false;
  const key = `${String(inviteMs)} ${String(resendIntervalMs)} ${String(isReliable)}`;
  let values = timersByGateway.get(key);
  if (values === undefined) {
    values = timerValues({
      isReliable,
      // CALL-03: SS_SIP_TIMEOUT_INVITE, SS_SIP_RESEND_INTERVAL.
      inviteTimeoutMs: inviteMs === 0 ? 10_000 : inviteMs,
      ...(resendIntervalMs === 0 ? {} : { t1Ms: resendIntervalMs }),
    });
    timersByGateway.set(key, values);
  }
  return values;
}
