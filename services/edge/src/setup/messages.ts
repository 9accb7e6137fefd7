import { serverTransactionKey, topVia } from '@tandem/sip';
import type { SipRequest, SipResponse } from '@tandem/sip';
import { branchPrefixes } from '../core/marks/branch-use.ts';
import { parseMarkBehind } from '../core/marks/call-mark.ts';
import type { CallMark } from '../core/marks/call-mark.ts';
import type { PeerAddress } from '../core/network/peer-address.ts';
import type { EdgeResources } from '../edge-resources.ts';
import { textMessages } from '../telemetry.ts';
import { refuseStateless } from './stateless-answers.ts';
import { TextMessage } from './text-message.ts';

/** Some twenty megabytes at most. One is kept until 32 s after its answer over UDP, for its repetitions. */
const MOST_MESSAGES = 4096;

/** MESSAGE requests out of a dialog that this pod relays, or has relayed of late: nothing of them is stored (ADR 38). */
export class Messages {
  readonly #edge: EdgeResources;
  readonly #byTransaction = new Map<string, TextMessage>();
  readonly #byId = new Map<string, TextMessage>();

  constructor(edge: EdgeResources) {
    this.#edge = edge;
  }

  /** The request again. @returns whether it is one */
  repeated(request: SipRequest): boolean {
    const message = this.#byTransaction.get(serverTransactionKey(request));
    message?.repeated(request);
    return message !== undefined;
  }

  /** Takes a new one. */
  take(request: SipRequest, source: PeerAddress): void {
    if (this.#byId.size >= MOST_MESSAGES) {
      textMessages.add(1, { outcome: 'refused' });
      refuseStateless(this.#edge, request, { source });
      return;
    }
    const key = serverTransactionKey(request);
    const id = this.#edge.random(12);
    const onOver = (): void => {
      this.#byId.delete(id);
      this.#byTransaction.delete(key);
    };
    const message = new TextMessage(this.#edge, { request, source, id, onOver });
    this.#byTransaction.set(key, message);
    this.#byId.set(id, message);
    message.start();
  }

  /** The pod that waits for the response with this branch; undefined where it is none of ours. */
  ownerOf(branch: string): CallMark | undefined {
    return parseMarkBehind(this.#edge.sealer, branchPrefixes.message, branch);
  }

  /** @returns whether this pod has waited for the response */
  receive(response: SipResponse): boolean {
    const found = this.#sentWith(topVia(response).branch ?? '');
    found?.message.receive(found.sequence, response);
    return found !== undefined;
  }

  /** What went out with this branch could not be delivered. */
  undelivered(branch: string): void {
    const found = this.#sentWith(branch);
    found?.message.undelivered(found.sequence);
  }

  /** Stops every timer: senders repeat what has had no answer. */
  close(): void {
    for (const message of this.#byId.values()) message.close();
    this.#byId.clear();
    this.#byTransaction.clear();
  }

  #sentWith(branch: string): { message: TextMessage; sequence: number } | undefined {
    const mark = this.ownerOf(branch);
    const message = mark === undefined ? undefined : this.#byId.get(mark.callId);
    if (mark === undefined || message === undefined) return undefined;
    return { message, sequence: mark.sequence };
  }
}
