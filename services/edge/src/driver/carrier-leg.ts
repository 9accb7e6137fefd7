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
  to,
} from '@tandem/sip';
import type { SipRequest, SipResponse, TimerValues } from '@tandem/sip';
import { formatBranch } from '../core/call-mark.ts';
import type { Authorization, CallAttempt, CallInput, CallState } from '../core/call-state.ts';
import { encodeToken, sealToken } from '../core/dialog-token.ts';
import type { DialogToken } from '../core/dialog-token.ts';
import { addressOf, tokenForCaller, tokenForCarrier, widenedToken } from '../core/dialog-tokens.ts';
import {
  callerTag,
  carrierInvite,
  localUriB,
  remoteUriB,
  requestUri,
} from '../core/messages/carrier-invite.ts';
import { parsePeerAddress } from '../core/peer-address.ts';
import type { PeerAddress } from '../core/peer-address.ts';
import { isSdp } from '../core/sdp-codecs.ts';
import type { EdgeResources } from './edge-resources.ts';

/** RFC 3261 §9.1: a cancelled INVITE without a final response is forgotten after 64 × T1. */
const CANCELLED_MS = 32_000;
/** A nonce that keeps going stale is a loop, not a challenge (AUTH-11). */
const MOST_CHALLENGES = 3;
const plainTimers = timerValues();
const timersByGateway = new Map<string, TimerValues>();

/** What a carrier leg needs of its call. */
export interface CarrierLegCall {
  readonly call: CallState;
  readonly invite: SipRequest;
  readonly source: PeerAddress;
  /** The To tag that the caller sees. */
  switchTag(): string;
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
  #tokenA: { readonly key: string; readonly token: DialogToken; readonly text: string } | undefined;
  #tokenB: DialogToken | undefined;

  constructor(edge: EdgeResources, parts: CarrierLegCall) {
    this.#edge = edge;
    this.#parts = parts;
  }

  /** Whether nothing is under way any more. */
  get isOver(): boolean {
    return this.#invites.size === 0 && this.#cancels.size === 0;
  }

  get tokens(): { readonly a: DialogToken | undefined; readonly b: DialogToken | undefined } {
    return { a: this.#tokenA?.token, b: this.#tokenB };
  }

  /** Sends the INVITE of an attempt, whose record has been written. */
  invite(attempt: CallAttempt): void {
    const { transport, local, sealer, clock } = this.#edge;
    const { call } = this.#parts;
    const { sequence, candidate } = attempt;
    const address = parsePeerAddress(attempt.attempt.address);
    if (address === undefined) {
      this.#parts.onInput({ kind: 'no-response', sequence, failure: 'transport-error' });
      return;
    }
    const token = tokenForCarrier(this.#dialogParts(), {
      addresses: [address, ...candidate.addresses.flatMap((text) => parsePeerAddress(text) ?? [])],
      isStored: candidate.tokens === 'stored',
    });
    this.#tokenB = token;
    const { slot, epoch } = local;
    const branch = formatBranch(sealer, { slot, epoch, callId: call.callId, sequence });
    const request = carrierInvite({
      ...this.#inviteParts(attempt),
      local,
      branch,
      cseqOffset: attempt.cseqOffset,
      contactToken: sealToken(sealer, token),
      authorization: attempt.authorization,
    });
    const sent: SentInvite = {
      request,
      branch,
      address,
      attempt,
      cancelTimer: undefined,
      lateTimer: undefined,
      transaction: new ClientTransaction<SipResponse>({
        kind: 'invite',
        request: serialize(request),
        timers: gatewayTimers(attempt),
        clock,
        user: {
          send: (bytes) => {
            transport.send(bytes, address);
          },
          acknowledge: (response) => serialize(ackForFailure(request, response)),
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
    sent.transaction.start();
  }

  /** A response with the branch of sequence number `sequence`. */
  receive(sequence: number, response: SipResponse): void {
    const { method } = cseq(response);
    if (method === 'INVITE') this.#inviteResponse(sequence, response);
    else if (method === 'CANCEL') this.#cancels.get(sequence)?.receive(response);
  }

  /** Sends CANCEL for an INVITE that has had a provisional response. */
  cancel(sequence: number): void {
    const sent = this.#invites.get(sequence);
    if (sent === undefined || sent.cancelTimer !== undefined) return;
    this.#sendCancel(sequence, sent);
    sent.cancelTimer = this.#edge.clock.start(CANCELLED_MS, () => {
      sent.transaction.abandon();
      this.#forget(sequence);
    });
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
    for (const sent of this.#invites.values()) sent.transaction.abandon();
    this.#invites.clear();
  }

  /** User part of the Contact that the caller sees in a response of this attempt. */
  contactForCaller(attempt: CallAttempt, response: SipResponse): string {
    return this.#callerToken(attempt, response).text;
  }

  /** Both tokens as they are kept in the record of an answered call. */
  encodedTokens(answer: SipResponse): { readonly tokenA: Buffer; readonly tokenB: Buffer } {
    const attempt = this.#parts.call.attempts.at(-1);
    const a = attempt === undefined ? undefined : this.#callerToken(attempt, answer).token;
    const b = this.#tokenB;
    if (a === undefined || b === undefined) {
      return { tokenA: Buffer.alloc(0), tokenB: Buffer.alloc(0) };
    }
    // What comes from the callee may come from its Contact's host, or over the first proxy on its way.
    const wideB = widenedToken(b, a.nextHop, addressOf(a.target));
    return { tokenA: encodeToken(a), tokenB: encodeToken(wideB) };
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

  #callerToken(
    attempt: CallAttempt,
    response: SipResponse,
  ): { readonly token: DialogToken; readonly text: string } {
    const key = `${to(response).tag ?? ''} ${response.headers.get('Contact') ?? ''}`;
    if (this.#tokenA?.key === key) return this.#tokenA;
    const { local, sealer } = this.#edge;
    const parts = { ...this.#inviteParts(attempt), local };
    const token = tokenForCaller(this.#dialogParts(), {
      response,
      address: this.#invites.get(attempt.sequence)?.address ?? this.#parts.source,
      localUri: withoutName(localUriB(parts)),
      remoteUri: remoteUriB(parts),
      localTag: callerTag(this.#parts.invite, this.#parts.call.callId),
      cseqOffset: attempt.cseqOffset,
      fallbackTarget: requestUri(parts),
    });
    this.#tokenA = { key, token, text: sealToken(sealer, token) };
    return this.#tokenA;
  }

  #sendCancel(sequence: number, { request, address }: SentInvite): void {
    const { transport, clock, logger } = this.#edge;
    const transaction = new ClientTransaction<SipResponse>({
      kind: 'non-invite',
      request: serialize(cancelOf(request)),
      timers: plainTimers,
      clock,
      user: {
        send: (bytes) => {
          transport.send(bytes, address);
        },
        acknowledge: () => Buffer.alloc(0),
        onResponse: () => undefined,
        onFailure: () => {
          logger.debug({ callId: this.#parts.call.callId }, 'no answer to CANCEL');
        },
        onTerminated: () => {
          this.#cancels.delete(sequence);
          this.#parts.onOver();
        },
      },
    });
    this.#cancels.set(sequence, transaction);
    transaction.start();
  }

  #forget(sequence: number): void {
    const sent = this.#invites.get(sequence);
    if (sent === undefined) return;
    for (const timer of [sent.cancelTimer, sent.lateTimer]) {
      if (timer !== undefined) this.#edge.clock.stop(timer);
    }
    this.#invites.delete(sequence);
    this.#parts.onOver();
  }

  #inviteParts(attempt: CallAttempt): {
    invite: SipRequest;
    callId: string;
    caller: string;
    callee: string;
    address: string;
  } {
    const { caller, callee } = attempt.candidate;
    const { call, invite } = this.#parts;
    return { invite, callId: call.callId, caller, callee, address: attempt.attempt.address };
  }

  #dialogParts(): { callId: string; invite: SipRequest; source: PeerAddress; switchTag: string } {
    const { call, invite, source } = this.#parts;
    return { callId: call.callId, invite, source, switchTag: this.#parts.switchTag() };
  }
}

/** Requests in a dialog need no display name (RFC 3261 §12.2.1.1): the token stays short without it. */
function withoutName(nameAddr: string): string {
  return nameAddr.slice(nameAddr.lastIndexOf('<'));
}

/** Timer values by what a gateway sets; there are few different ones. */
function gatewayTimers(attempt: CallAttempt): TimerValues {
  const { inviteMs = 0, resendIntervalMs = 0 } = attempt.candidate.timers ?? {};
  const key = `${String(inviteMs)} ${String(resendIntervalMs)}`;
  let values = timersByGateway.get(key);
  if (values === undefined) {
    values = timerValues({
      inviteTimeoutMs: inviteMs === 0 ? 10_000 : inviteMs,
      ...(resendIntervalMs === 0 ? {} : { t1Ms: resendIntervalMs }),
    });
    timersByGateway.set(key, values);
  }
  return values;
}
