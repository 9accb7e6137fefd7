import { ClientTransaction, ackForFailure, cseq, serialize, timerValues } from '@tandem/sip';
import type { SipRequest, SipResponse, TimerValues, TransactionFailure } from '@tandem/sip';
import { isRelayMissing } from '../core/call/anchoring.ts';
import { bodyOfInvite } from '../core/call/call-bodies.ts';
import { destinationOf } from '../core/call/call-state.ts';
import type { Signing } from '../core/call/call-steps.ts';
import type { Branch, Call } from '../core/call/call-state.ts';
import { inviteMs } from '../core/call/provisional-timers.ts';
import { descriptionFault, messageOf } from '../core/media/description-fault.ts';
import type { PeerAddress } from '../core/network/peer-address.ts';
import { hasSdp } from '../core/call/sdp-codecs.ts';
import type { EdgeResources } from '../edge-resources.ts';
import { passed } from '../faults.ts';
import type { CallMailbox } from './call-mailbox.ts';
import { signInvite } from './call-signing.ts';
import type { LegTokens } from './leg-tokens.ts';
import type { Legs, PlainEffect } from './legs.ts';
import { cancelOfBranch, inviteOf } from '../core/messages/branch-requests.ts';
import type { Unsendable } from '../core/messages/branch-requests.ts';
import { ownRequest } from './own-requests.ts';
import { ProgressAcks } from './progress-acks.ts';

/** RFC 3261 §9.1: a cancelled INVITE without a final response is forgotten after 64 × T1. */
const CANCELLED_MS = 32_000;
/** An INVITE is sent a second time where nothing has come: then it is looked why. */
const LOOK_WITH = 2;
/** How long a carrier that has accepted a CANCEL takes to refuse the INVITE. */
const LATE_MS = 2000;
const timersByGateway = new Map<string, TimerValues>();

/** What the carriers' leg needs of its call. */
export interface CarrierLegParts {
  readonly call: Call;
  readonly tokens: LegTokens;
  readonly mailbox: Pick<CallMailbox, 'take'>;
}

interface SentInvite {
  readonly request: SipRequest;
  readonly branch: Branch;
  readonly address: PeerAddress;
  readonly transaction: ClientTransaction<SipResponse>;
  /** The ACK of a refusal, once there is one. */
  ack: Buffer | undefined;
  /** What the refusal means is stored: until then the carrier repeats it, to another pod should this one die. */
  mayAcknowledge: boolean;
  /** @default it has asked for none */
  progressAcks?: ProgressAcks;
  /** How often it has been sent. */
  times: number;
  /** What the network says of the address, where it was looked at. */
  network: string | undefined;
  /** It has answered after its time, which is told once. */
  wasLate?: boolean;
  cancelTimer: object | undefined;
  /** Runs once the INVITE has timed out: a carrier may answer even then. */
  lateTimer: object | undefined;
}

/** The requests that a call has sent towards carriers: INVITE by INVITE, with the CANCEL, ACK and BYE they call for. */
export class CarrierLeg {
  readonly #edge: EdgeResources;
  readonly #parts: CarrierLegParts;
  readonly #invites = new Map<number, SentInvite>();
  /** CANCELs by the sequence number of their INVITE. */
  readonly #cancels = new Map<number, ClientTransaction<SipResponse>>();

  constructor(edge: EdgeResources, parts: CarrierLegParts) {
    this.#edge = edge;
    this.#parts = parts;
  }

  /** Whether nothing is under way any more. */
  get isOver(): boolean {
    return this.#invites.size === 0 && this.#cancels.size === 0;
  }

  /** Takes the body of a branch's INVITE through the body step; the call hears what has come of it, now or later. */
  passBody(branch: Branch): void {
    const { barrier, bodies, logger } = this.#edge;
    const { call, mailbox } = this.#parts;
    const { callId } = call;
    const { attempt, sequence } = branch;
    const fail = (failure: string, isCallersFault = false): void => {
      mailbox.take({ kind: 'body', sequence, bytes: undefined, failure, isCallersFault });
    };
    if (isRelayMissing(attempt)) {
      fail('no media relay answers');
      return;
    }
    const passing = bodyOfInvite(call, branch);
    bodies.invite(passing, {
      passed: (bytes, relay) => {
        const own = bytes === passing.bytes ? undefined : bytes;
        if (own !== undefined) passed('after-anchor', sequence);
        const give = (signing?: Signing): void => {
          mailbox.take({ kind: 'body', sequence, bytes: own, relay, signing });
        };
        const { signature } = attempt.candidate.identity ?? {};
        if (signature === undefined) give();
        else barrier.settled(signInvite(this.#edge, branch, signature), { done: give }, { callId });
      },
      failed: (error) => {
        logger.warn({ err: error, callId, what: 'body' }, 'call cannot be decided');
        const fault = descriptionFault(error);
        fail(fault ?? messageOf(error), fault !== undefined);
      },
    });
  }

  /**
   * Sends the INVITE of a branch, whose record has been written.
   * @param isSeen the carrier is known to have it: another pod sent it, and nothing is repeated
   */
  invite(branch: Branch, isSeen: boolean): void {
    const { sequence } = branch;
    const sent = this.#open(branch);
    if (typeof sent === 'string') {
      this.#parts.mailbox.take({ kind: 'no-response', sequence, failure: sent });
    } else if (isSeen) {
      sent.transaction.resume();
    } else {
      sent.transaction.start();
      passed('after-invite', sequence);
    }
  }

  /** A response with the branch of sequence number `sequence`. */
  receive(sequence: number, response: SipResponse): void {
    const { method } = cseq(response);
    if (method === 'INVITE') this.#inviteResponse(sequence, response);
    else if (method === 'CANCEL') this.#cancels.get(sequence)?.receive(response);
  }

  /** Sends CANCEL for an INVITE that has had a provisional response. */
  cancel(branch: Branch): void {
    const { sequence } = branch;
    const sent = this.#invites.get(sequence) ?? this.#reopen(branch);
    if (typeof sent === 'string' || sent.cancelTimer !== undefined) return;
    passed('before-cancel');
    this.#sendCancel(sequence, sent);
    passed('after-cancel');
    sent.cancelTimer = this.#edge.clock.start(CANCELLED_MS, () => {
      sent.transaction.abandon();
      this.#forget(sequence);
    });
  }

  /**
   * What the refusal of an INVITE means is stored: now it may have its ACK.
   * @param progress a provisional response that the caller cannot acknowledge: that is acknowledged instead
   */
  acknowledge(sequence: number, progress?: SipResponse): void {
    const sent = this.#invites.get(sequence);
    if (sent !== undefined && progress !== undefined) {
      sent.progressAcks ??= new ProgressAcks(this.#edge);
      sent.progressAcks.acknowledge(this.#parts.call.callId, progress, sent.address);
      return;
    }
    if (sent === undefined || sent.mayAcknowledge) return;
    sent.mayAcknowledge = true;
    if (sent.ack === undefined) return;
    this.#edge.transport.send(sent.ack, sent.address);
    if (sent.transaction.stateName === 'Terminated') this.#forget(sequence);
  }

  /** Gets rid of an answer that nobody wants. */
  hangUp({ sequence }: Branch, answer: SipResponse): void {
    const sent = this.#invites.get(sequence);
    if (sent !== undefined) this.#edge.unwanted.hangUp(answer, sent.address);
  }

  /** Where the answered INVITE went, when nothing else is under way: then the leg may be forgotten. */
  get onlyInvite(): Pick<SentInvite, 'address'> | undefined {
    if (this.#cancels.size > 0 || this.#invites.size !== 1) return undefined;
    const [sent] = this.#invites.values();
    return sent;
  }

  /** The branch of an INVITE that is under way, or was until lately. */
  branchOf(sequence: number): string | undefined {
    return this.#invites.get(sequence)?.branch.text;
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

  /** @returns why it cannot be sent, where it cannot */
  #open(branch: Branch): SentInvite | Unsendable {
    const { transport, clock } = this.#edge;
    const { sequence } = branch;
    const made = inviteOf(this.#edge, this.#parts, branch);
    if (typeof made === 'string') return made;
    const { address, request } = made;
    const sent: SentInvite = {
      request,
      branch,
      address,
      ack: undefined,
      mayAcknowledge: false,
      times: 0,
      network: undefined,
      cancelTimer: undefined,
      lateTimer: undefined,
      transaction: new ClientTransaction<SipResponse>({
        kind: 'invite',
        request: serialize(request),
        timers: invitingTimers(branch, clock.now()),
        clock,
        user: {
          send: (bytes) => {
            if (bytes !== sent.ack) this.#repeated(sent);
            if (bytes !== sent.ack || sent.mayAcknowledge) transport.send(bytes, address);
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
            this.#failed(sent, failure);
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

  /** It is sent a first time, or again, since nothing has come. */
  #repeated(sent: SentInvite): void {
    sent.times += 1;
    if (sent.times === LOOK_WITH) void this.#look(sent);
  }

  /** What the network says of an address from which nothing comes; never rejects. */
  async #look(sent: SentInvite): Promise<void> {
    sent.network = await this.#edge.silent?.look(sent.address);
  }

  #failed(sent: SentInvite, failure: TransactionFailure): void {
    const { sequence } = sent.branch;
    const tell = (): void => {
      const { network, times } = sent;
      this.#parts.mailbox.take({ kind: 'no-response', sequence, failure, times, network });
    };
    if (failure === 'timeout' || this.#edge.silent === undefined) tell();
    else void this.#look(sent).then(tell);
  }

  /** An INVITE that another pod sent before this one adopted the call. */
  #reopen(branch: Branch): SentInvite | string {
    const sent = this.#open(branch);
    if (typeof sent !== 'string') sent.transaction.resume();
    return sent;
  }

  #inviteResponse(sequence: number, response: SipResponse): void {
    const sent = this.#invites.get(sequence);
    if (sent === undefined) return;
    const { transaction, lateTimer, request, address } = sent;
    if (lateTimer !== undefined && response.status >= 200) this.#noteLate(sent, response);
    if (lateTimer === undefined) {
      transaction.receive(response);
    } else if (response.status < 300) {
      this.#onResponse(sequence, response);
    } else {
      const ack = serialize(ackForFailure(request, response));
      this.#edge.transport.send(ack, address);
    }
  }

  /** DENY-14: who was given up for silence was there after all. */
  #noteLate(sent: SentInvite, { status }: SipResponse): void {
    if (sent.wasLate === true) return;
    sent.wasLate = true;
    const { clock, journal } = this.#edge;
    const { invite } = this.#parts.call;
    const { attempt, candidate } = sent.branch.attempt;
    journal?.note({
      cause: 'answered-late',
      facts: {
        contact: attempt.address,
        code: status,
        'after-ms': clock.now() - attempt.startedMs,
        'waited-ms': inviteMs(sent.branch, clock.now()),
      },
      terminal: candidate.gateway,
      account: '',
      sender: 'proved',
      source: attempt.address,
      userAgent: '',
      callId: invite.headers.get('Call-ID') ?? '',
    });
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
    this.#parts.mailbox.take({ kind: 'response', sequence, response, hasSdp: hasSdp(response) });
  }

  #sendCancel(sequence: number, { request, address, branch }: SentInvite): void {
    const { cancelReasons, winner } = this.#parts.call;
    const why = { cancelReasons, answered: winner !== undefined };
    const cancel = { bytes: serialize(cancelOfBranch(request, branch, why)), to: address };
    const transaction = ownRequest(this.#edge, cancel, {
      onResponse: (response) => {
        this.#onCancelled(sequence, response);
      },
      onFailure: () => {
        this.#edge.logger.debug({ callId: this.#parts.call.callId }, 'no answer to CANCEL');
      },
      onTerminated: () => {
        this.#cancels.delete(sequence);
        this.#parts.mailbox.take({ kind: 'cancel-over', sequence });
      },
    });
    this.#cancels.set(sequence, transaction);
    transaction.start();
  }

  /** RFC 3261 §9.2: a carrier that knows the INVITE refuses it now; one that does not says so. */
  #onCancelled(sequence: number, { status }: SipResponse): void {
    if (status < 200) return;
    this.#parts.mailbox.take({ kind: 'cancel-over', sequence });
    const sent = this.#invites.get(sequence);
    if (sent === undefined) return;
    // Another pod may have heard the refusal already, and acknowledged it: then nothing more comes.
    const waitMs = status >= 300 ? 0 : LATE_MS;
    if (status < 300 && !sent.branch.isAdopted) return;
    if (sent.cancelTimer !== undefined) this.#edge.clock.stop(sent.cancelTimer);
    sent.cancelTimer = this.#edge.clock.start(waitMs, () => {
      sent.transaction.abandon();
      this.#forget(sequence);
    });
  }

  #forget(sequence: number): void {
    const sent = this.#invites.get(sequence);
    if (sent === undefined || (sent.ack !== undefined && !sent.mayAcknowledge)) return;
    this.#stopTimers(sent);
    this.#invites.delete(sequence);
    this.#parts.mailbox.take({ kind: 'branch-over', sequence });
  }

  #stopTimers({ cancelTimer, lateTimer }: SentInvite): void {
    const { clock } = this.#edge;
    if (cancelTimer !== undefined) clock.stop(cancelTimer);
    if (lateTimer !== undefined) clock.stop(lateTimer);
  }
}

/** Has a leg say what nothing follows on. */
export function speak(effect: PlainEffect, { caller, carrier }: Legs): void {
  switch (effect.kind) {
    case 'trying':
      caller.sendTrying();
      break;
    case 'pass-body':
      // What happens meanwhile is dealt with: the INVITE is not on its way yet.
      carrier.passBody(effect.branch);
      break;
    case 'acknowledge':
      carrier.acknowledge(effect.sequence, effect.progress);
      break;
    case 'cancel-invite':
      carrier.cancel(effect.branch);
      break;
    case 'hang-up':
      carrier.hangUp(effect.branch, effect.response);
      break;
    case 'end-dialog':
      caller.endDialog(effect);
      break;
  }
}

/** Timer values by what a gateway sets; there are few different ones, but for calls of pods that died. */
function invitingTimers(branch: Branch, nowMs: number): TimerValues {
  const { resendIntervalMs = 0 } = branch.attempt.candidate.timers ?? {};
  const { isReliable } = destinationOf(branch.attempt).target.transport;
  const options = {
    isReliable,
    inviteTimeoutMs: inviteMs(branch, nowMs),
    // CALL-03: SS_SIP_RESEND_INTERVAL.
    ...(resendIntervalMs === 0 ? {} : { t1Ms: resendIntervalMs }),
  };
  if (branch.isAdopted) return timerValues(options);
  const key = `${String(options.inviteTimeoutMs)} ${String(resendIntervalMs)} ${String(isReliable)}`;
  let values = timersByGateway.get(key);
  if (values === undefined) {
    values = timerValues(options);
    timersByGateway.set(key, values);
  }
  return values;
}
