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
import { tokenForCaller, tokenForCarrier } from '../core/dialog-tokens.ts';
import {
  callerTag,
  carrierInvite,
  localUriB,
  remoteUriB,
  requestUri,
} from '../core/messages/carrier-invite.ts';
import { requestInAnsweredDialog } from '../core/messages/switch-requests.ts';
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
  readonly address: PeerAddress;
  readonly attempt: CallAttempt;
  readonly transaction: ClientTransaction<SipResponse>;
  cancelTimer: object | undefined;
}

/** The requests that a call has sent towards carriers: INVITE by INVITE, with the CANCEL, ACK and BYE they call for. */
export class CarrierLeg {
  readonly #edge: EdgeResources;
  readonly #parts: CarrierLegCall;
  readonly #invites = new Map<number, SentInvite>();
  /** CANCEL and BYE by `<sequence> <method>`. */
  readonly #requests = new Map<string, ClientTransaction<SipResponse>>();
  /** ACKs of answers that nobody wanted, by the callee's tag. */
  readonly #hungUp = new Map<string, Buffer>();
  #isAnswered = false;
  #tokenA: { readonly key: string; readonly token: DialogToken; readonly text: string } | undefined;
  #tokenB: DialogToken | undefined;

  constructor(edge: EdgeResources, parts: CarrierLegCall) {
    this.#edge = edge;
    this.#parts = parts;
  }

  /** Whether nothing is under way any more. */
  get isOver(): boolean {
    return this.#invites.size === 0 && this.#requests.size === 0;
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
    const token = tokenForCarrier(this.#dialogParts(), address);
    this.#tokenB = token;
    const request = carrierInvite({
      ...this.#inviteParts(attempt),
      local,
      branch: formatBranch(sealer, {
        slot: local.slot,
        epoch: local.epoch,
        callId: call.callId,
        sequence,
      }),
      cseqOffset: attempt.cseqOffset,
      contactToken: sealToken(sealer, token, candidate.tokens === 'stored' ? 'stored' : 'inline'),
      authorization: attempt.authorization,
    });
    const sent: SentInvite = {
      request,
      address,
      attempt,
      cancelTimer: undefined,
      transaction: new ClientTransaction<SipResponse>({
        kind: 'invite',
        request: serialize(request),
        timers: gatewayTimers(attempt),
        clock,
        user: {
          send: (bytes) => {
            transport.send(bytes, address.address, address.port);
          },
          acknowledge: (response) => serialize(ackForFailure(request, response)),
          onResponse: (response) => {
            this.#onResponse(sequence, response);
          },
          onFailure: (failure) => {
            this.#parts.onInput({ kind: 'no-response', sequence, failure });
          },
          onTerminated: () => {
            this.#forget(sequence);
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
    if (method === 'INVITE') this.#invites.get(sequence)?.transaction.receive(response);
    else this.#requests.get(`${String(sequence)} ${method}`)?.receive(response);
  }

  /** Sends CANCEL for an INVITE that has had a provisional response. */
  cancel(sequence: number): void {
    const sent = this.#invites.get(sequence);
    if (sent === undefined || sent.cancelTimer !== undefined) return;
    this.#request({
      method: 'CANCEL',
      sequence,
      bytes: serialize(cancelOf(sent.request)),
      address: sent.address,
    });
    sent.cancelTimer = this.#edge.clock.start(CANCELLED_MS, () => {
      sent.transaction.abandon();
      this.#forget(sequence);
    });
  }

  /** ACK and BYE for an answer that nobody wants; for its repetitions the ACK alone. */
  hangUp(sequence: number, answer: SipResponse): void {
    const sent = this.#invites.get(sequence);
    if (sent === undefined) return;
    const { transport } = this.#edge;
    const { address, request } = sent;
    const tag = to(answer).tag ?? '';
    const known = this.#hungUp.get(tag);
    const ack = known ?? serialize(this.#inDialog('ACK', { request, answer }).request);
    transport.send(ack, address.address, address.port);
    if (known !== undefined) return;
    this.#hungUp.set(tag, ack);
    const bye = this.#inDialog('BYE', { request, answer });
    this.#request({
      method: 'BYE',
      sequence: bye.sequence,
      bytes: serialize(bye.request),
      address,
    });
  }

  /** User part of the Contact that the caller sees in a response of this attempt. */
  contactForCaller(attempt: CallAttempt, response: SipResponse): string {
    return this.#callerToken(attempt, response).text;
  }

  /** Both tokens as they are kept in the record of an answered call. */
  encodedTokens(answer: SipResponse): { readonly tokenA: Buffer; readonly tokenB: Buffer } {
    const attempt = this.#parts.call.attempts.at(-1);
    const tokenA =
      attempt === undefined ? undefined : encodeToken(this.#callerToken(attempt, answer).token);
    const tokenB = this.#tokenB === undefined ? undefined : encodeToken(this.#tokenB);
    return { tokenA: tokenA ?? Buffer.alloc(0), tokenB: tokenB ?? Buffer.alloc(0) };
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

  #onResponse(sequence: number, response: SipResponse): void {
    const isAnswer = response.status >= 200 && response.status < 300;
    if (isAnswer && this.#isAnswered && sequence === this.#parts.call.attempts.at(-1)?.sequence) {
      this.#parts.onRepeatedAnswer(response);
      return;
    }
    if (isAnswer && this.#parts.call.phase === 'calling') this.#isAnswered = true;
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
      localUri: localUriB(parts),
      remoteUri: remoteUriB(parts),
      localTag: callerTag(this.#parts.invite, this.#parts.call.callId),
      cseqOffset: attempt.cseqOffset,
      fallbackTarget: requestUri(parts),
    });
    this.#tokenA = { key, token, text: sealToken(sealer, token, 'inline') };
    return this.#tokenA;
  }

  #inDialog(
    method: 'ACK' | 'BYE',
    parts: { readonly request: SipRequest; readonly answer: SipResponse },
  ): { readonly request: SipRequest; readonly sequence: number } {
    const { local, sealer } = this.#edge;
    const { call } = this.#parts;
    const sequence = (call.sequence += 1);
    const mark = { slot: local.slot, epoch: local.epoch, callId: call.callId, sequence };
    const request = requestInAnsweredDialog(method, {
      invite: parts.request,
      answer: parts.answer,
      local,
      branch: formatBranch(sealer, mark),
    });
    return { request, sequence };
  }

  #request(request: {
    method: string;
    sequence: number;
    bytes: Buffer;
    address: PeerAddress;
  }): void {
    const { transport, clock, logger } = this.#edge;
    const { address } = request;
    const key = `${String(request.sequence)} ${request.method}`;
    const over = (): void => {
      this.#requests.delete(key);
      this.#parts.onOver();
    };
    const transaction = new ClientTransaction<SipResponse>({
      kind: 'non-invite',
      request: request.bytes,
      timers: plainTimers,
      clock,
      user: {
        send: (bytes) => {
          transport.send(bytes, address.address, address.port);
        },
        acknowledge: () => Buffer.alloc(0),
        onResponse: () => undefined,
        onFailure: () => {
          logger.debug({ callId: this.#parts.call.callId, method: request.method }, 'no answer');
        },
        onTerminated: over,
      },
    });
    this.#requests.set(key, transaction);
    transaction.start();
  }

  #forget(sequence: number): void {
    const sent = this.#invites.get(sequence);
    if (sent === undefined) return;
    if (sent.cancelTimer !== undefined) this.#edge.clock.stop(sent.cancelTimer);
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
