import type { SipRequest } from '@tandem/sip';
import type { Call } from '../core/call/call-state.ts';
import { statelessTag } from '../core/marks/stateless-tag.ts';
import { isAmong } from '../core/network/caller-addresses.ts';
import type { PeerAddress } from '../core/network/peer-address.ts';
import { replyAddress } from '../core/network/reply-address.ts';
import type { EdgeResources } from '../edge-resources.ts';
import { messagesDropped } from '../telemetry.ts';
import type { CallKeeper, MailboxSurroundings } from './mailbox-surroundings.ts';
import { accepted, answerStateless, noCall } from './stateless-answers.ts';

/** A request that takes a call back: CANCEL, or BYE in the early dialog. */
export interface Withdrawal {
  readonly message: SipRequest;
  readonly from: PeerAddress;
}

/** Requests that take one call back, and have no answer yet. */
export class Withdrawals {
  readonly #edge: EdgeResources;
  readonly #keeper: CallKeeper;
  readonly #call: Call;
  readonly #kept: Withdrawal[] = [];

  constructor({ edge, keeper }: Pick<MailboxSurroundings, 'edge' | 'keeper'>, call: Call) {
    this.#edge = edge;
    this.#keeper = keeper;
    this.#call = call;
  }

  /**
   * CANCEL goes hop by hop (RFC 3261 §9.1): who did not send the INVITE may not take it back. All nodes of a gateway that is
   * known by its addresses are one client. A BYE has its token.
   * @returns whether it may, else it is answered
   */
  weigh({ message, from }: Withdrawal): boolean {
    const { callerAddresses, source } = this.#call;
    if (message.method !== 'CANCEL' || from.address === source.address) return true;
    if (isAmong(callerAddresses, from.address)) return true;
    messagesDropped.add(1, { cause: 'foreign-source' });
    answerStateless(this.#edge, message, { source: from, answer: noCall });
    return false;
  }

  /** A repetition changes nothing: the one answer is for it too. That of a stranger keeps nobody's place. */
  keep(withdrawal: Withdrawal): void {
    const same = this.#kept.findIndex(
      ({ message }) => message.method === withdrawal.message.method,
    );
    const { address } = this.#call.source;
    if (same === -1) this.#kept.push(withdrawal);
    else if (withdrawal.from.address === address && this.#kept[same]?.from.address !== address) {
      this.#kept[same] = withdrawal;
    }
  }

  /** Gives all that are kept away. */
  take(): readonly Withdrawal[] {
    return this.#kept.splice(0);
  }

  /** The cancel is stored, or another end was quicker: its sender need not repeat it. */
  accept(): void {
    // RFC 3261 §9.2: with the tag of the INVITE's own answer.
    const answer = { ...accepted, toTag: this.#call.toTag };
    const isAnswered = this.#call.phase === 'answered';
    for (const { message, from } of this.take()) {
      // RFC 3261 §15: a CANCEL comes too late then, but a BYE ends the answered call, and the callee has to hear of it.
      if (isAnswered && message.method === 'BYE') this.#keeper.onInDialog(message, from);
      else answerStateless(this.#edge, message, { source: this.#replyTo(message, from), answer });
    }
  }

  /** The INVITE is challenged, which nobody is who may send its CANCEL from elsewhere. */
  acceptOfChallenged(): void {
    const { invite, source } = this.#call;
    for (const { message, from } of this.take()) {
      const isCaller = from.address === source.address;
      const answer = isCaller ? { ...accepted, toTag: statelessTag(invite) } : noCall;
      answerStateless(this.#edge, message, { source: from, answer });
    }
  }

  #replyTo(message: SipRequest, from: PeerAddress): PeerAddress {
    return replyAddress(message, from, this.#call.replyMode);
  }
}
