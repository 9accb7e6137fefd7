import type { Candidate } from '@tandem/proto/routing';
import {
  callId,
  clientKeyOf,
  clientTransactionKey,
  cseq,
  serialize,
  to,
  topVia,
} from '@tandem/sip';
import type { ClientTransaction, SipRequest, SipResponse } from '@tandem/sip';
import { branchPrefixes } from '../core/marks/branch-use.ts';
import { MARK_CHARACTERS, formatMark, parseMark } from '../core/marks/call-mark.ts';
import type { CallMark } from '../core/marks/call-mark.ts';
import { lateRequest, pathOf } from '../core/messages/late-requests.ts';
import { requestInAnsweredDialog } from '../core/messages/switch-requests.ts';
import type { Authorization } from '../core/messages/challenge-answers.ts';
import { nameTowards } from '../core/network/local-addresses.ts';
import type { PeerAddress } from '../core/network/peer-address.ts';
import type { EdgeResources } from '../edge-resources.ts';
import { answerOwnChallenge, isChallenge } from './own-challenges.ts';
import { ownRequest } from './own-requests.ts';
import type { OwnRequestUser } from './own-requests.ts';

type Resources = Pick<
  EdgeResources,
  | 'barrier'
  | 'clock'
  | 'local'
  | 'logger'
  | 'outbox'
  | 'random'
  | 'sealer'
  | 'sessions'
  | 'transport'
>;

const BRANCH_PREFIX = branchPrefixes.unwanted;
/** As long as the callee may repeat its 2xx: 64 × T1. */
const KEPT_MS = 32_000;

/** A BYE for an answer that nobody wants, after so many challenges. */
interface UnwantedBye {
  readonly answer: SipResponse;
  readonly address: PeerAddress;
  readonly authorizations: readonly Authorization[];
  readonly round: number;
}

/**
 * Gets rid of carriers that go on when nobody wants the call any more: the caller had gone, another gateway or another
 * fork had been quicker (edge.md §4.4), perhaps on a pod that is dead by now. A 2xx gets ACK and BYE, its repetitions the
 * ACK alone; a provisional response CANCEL; a refusal ACK. What else the switch says to carriers in dialogs that it does not
 * relay in goes the same way: a PRACK.
 */
export class UnwantedAnswers {
  readonly #edge: Resources;
  /** By Call-ID and the callee's tag. */
  readonly #acks = new Map<string, { readonly bytes: Buffer; readonly timer: object }>();
  /** BYEs, CANCELs and PRACKs under way, by the key of their transactions. */
  readonly #requests = new Map<string, ClientTransaction<SipResponse>>();

  constructor(edge: Resources) {
    this.#edge = edge;
  }

  /** The pod that sent the BYE with this branch; undefined where it is none of ours. */
  ownerOf(branch: string): CallMark | undefined {
    const text = branch.slice(BRANCH_PREFIX.length, BRANCH_PREFIX.length + MARK_CHARACTERS);
    return parseMark(this.#edge.sealer, text);
  }

  /** Whether it waits for the response to a CANCEL with this branch. */
  isCancelling(branch: string): boolean {
    return this.#requests.has(clientKeyOf(branch, 'CANCEL'));
  }

  /** The response to such a BYE, or to a CANCEL of this. @returns whether it was one */
  receive(response: SipResponse): boolean {
    const transaction = this.#requests.get(clientTransactionKey(response));
    transaction?.receive(response);
    return transaction !== undefined;
  }

  /**
   * A response to an INVITE that is given up: what it calls for.
   * @param from the carrier
   * @param candidates of the call, as far as it is known still
   */
  dismiss(response: SipResponse, from: PeerAddress, candidates: readonly Candidate[]): void {
    if (cseq(response).method !== 'INVITE') return;
    const { status } = response;
    if (status >= 200 && status < 300) {
      this.hangUp(response, from);
      return;
    }
    const path = pathOf(response, from, candidates);
    if (status < 200) this.cancel(response, from, path);
    else this.acknowledge(response, from, path);
  }

  /** @param address where the INVITE had gone. */
  hangUp(answer: SipResponse, address: PeerAddress): void {
    if (this.confirm(answer, address)) this.#bye({ answer, address, authorizations: [], round: 0 });
  }

  /** RFC 3262 §4: a reliable provisional response has its PRACK. @param number of the PRACK in the carrier's dialog */
  prack(response: SipResponse, address: PeerAddress, number: number): void {
    const branch = this.#branch(response, 0);
    const request = this.#request('PRACK', { answer: response, address, branch, cseq: number });
    this.#send(clientKeyOf(branch, 'PRACK'), serialize(request), { address });
  }

  /** BYE, and again with what answers a challenge of it (AUTH-11). */
  #bye(parts: UnwantedBye): void {
    const { answer, address, authorizations, round } = parts;
    const branch = this.#branch(answer, round);
    const request = this.#request('BYE', { answer, address, branch });
    request.headers.set('CSeq', `${String(cseq(request).number + round)} BYE`);
    for (const { header, value } of authorizations) request.headers.append(header, value);
    this.#send(clientKeyOf(branch, 'BYE'), serialize(request), {
      address,
      onResponse: (response) => {
        if (!isChallenge(response)) return;
        const done = (): void => undefined;
        const answered = this.#answer(parts, request, response);
        this.#edge.barrier.settled(answered, { done }, { callId: callId(response) });
      },
    });
  }

  /** It reports its own failures. */
  async #answer(parts: UnwantedBye, request: SipRequest, response: SipResponse): Promise<void> {
    const { answer, authorizations, round } = parts;
    const again = await answerOwnChallenge(this.#edge, {
      callId: callId(answer),
      request,
      response,
      authorizations,
      round,
      inviteBranch: topVia(answer).branch,
    });
    if (again !== undefined) this.#bye({ ...parts, authorizations: again, round: round + 1 });
  }

  /** ACK alone: the call of this 2xx has ended, and its BYE is relayed from the other end. @returns whether it is the first */
  confirm(answer: SipResponse, address: PeerAddress): boolean {
    const { clock, random, transport } = this.#edge;
    const key = `${callId(answer)} ${to(answer).tag ?? ''}`;
    const known = this.#acks.get(key);
    const branch = BRANCH_PREFIX + random(12);
    const ack = known?.bytes ?? serialize(this.#request('ACK', { answer, address, branch }));
    transport.send(ack, address);
    if (known !== undefined) return false;
    const timer = clock.start(KEPT_MS, () => {
      this.#acks.delete(key);
    });
    this.#acks.set(key, { bytes: ack, timer });
    return true;
  }

  /** The callee shall not go on ringing. */
  cancel(provisional: SipResponse, from: PeerAddress, path: readonly string[]): void {
    const key = clientKeyOf(topVia(provisional).branch ?? '', 'CANCEL');
    if (this.#requests.has(key)) return;
    const cancel = serialize(lateRequest('CANCEL', provisional, path));
    this.#send(key, cancel, { address: from });
  }

  /** The CANCEL of an INVITE that a pod which has died sent. @param onOver once it has its answer, or gets none */
  cancelled(cancel: SipRequest, address: PeerAddress, onOver: () => void): void {
    const key = clientKeyOf(topVia(cancel).branch ?? '', 'CANCEL');
    this.#send(key, serialize(cancel), { address, onOver });
  }

  /** The carrier repeats its refusal until it has an ACK. */
  acknowledge(refusal: SipResponse, from: PeerAddress, path: readonly string[]): void {
    this.#edge.transport.send(serialize(lateRequest('ACK', refusal, path)), from);
  }

  /** Stops every timer. */
  close(): void {
    for (const { timer } of this.#acks.values()) this.#edge.clock.stop(timer);
    for (const transaction of this.#requests.values()) transaction.abandon();
    this.#acks.clear();
    this.#requests.clear();
  }

  /** One that leads back to this pod. */
  #branch(response: SipResponse, sequence: number): string {
    const { local, random, sealer } = this.#edge;
    const { slot, epoch } = local;
    const mark = formatMark(sealer, { slot, epoch, callId: callId(response), sequence });
    return BRANCH_PREFIX + mark + random(6);
  }

  #request(
    method: 'ACK' | 'BYE' | 'PRACK',
    parts: {
      readonly answer: SipResponse;
      readonly address: PeerAddress;
      readonly branch: string;
      readonly cseq?: number;
    },
  ): SipRequest {
    const { address, answer, branch } = parts;
    const local = nameTowards(this.#edge.local, address);
    const fallbackTarget = `sip:${address.address}:${String(address.port)}`;
    const { transport } = address;
    const { cseq: number } = parts;
    const made = { answer, local, branch, fallbackTarget, transport, cseq: number };
    return requestInAnsweredDialog(method, made);
  }

  #send(
    key: string,
    bytes: Buffer,
    {
      address,
      onOver,
      onResponse,
    }: { readonly address: PeerAddress; readonly onOver?: () => void } & Pick<
      OwnRequestUser,
      'onResponse'
    >,
  ): void {
    const request = { bytes, to: address };
    const transaction = ownRequest(this.#edge, request, {
      onResponse,
      onFailure: () => {
        this.#edge.logger.debug({ gateway: address.address }, 'no answer to BYE, CANCEL or PRACK');
      },
      onTerminated: () => {
        this.#requests.delete(key);
        onOver?.();
      },
    });
    this.#requests.set(key, transaction);
    transaction.start();
  }
}
