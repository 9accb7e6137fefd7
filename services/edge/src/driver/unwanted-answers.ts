import { ClientTransaction, callId, serialize, timerValues, to, topVia } from '@tandem/sip';
import type { SipResponse } from '@tandem/sip';
import { requestInAnsweredDialog } from '../core/messages/switch-requests.ts';
import type { PeerAddress } from '../core/peer-address.ts';
import type { EdgeParts } from './edge-resources.ts';

const BRANCH_PREFIX = 'z9hG4bK-h';
/** As long as the callee may repeat its 2xx: 64 × T1. */
const KEPT_MS = 32_000;
const timers = timerValues();

/**
 * Hangs up on carriers that answered when nobody wanted the call any more: the caller had gone, another gateway or
 * another fork had been quicker (edge.md §4.4). ACK and BYE for the first 2xx, the ACK alone for its repetitions.
 */
export class UnwantedAnswers {
  readonly #edge: EdgeParts;
  /** By Call-ID and the callee's tag. */
  readonly #acks = new Map<string, Buffer>();
  readonly #byes = new Map<string, ClientTransaction<SipResponse>>();

  constructor(edge: EdgeParts) {
    this.#edge = edge;
  }

  /** Whether a branch is of a BYE that was sent here. */
  static owns(branch: string): boolean {
    return branch.startsWith(BRANCH_PREFIX);
  }

  /** The response to such a BYE. */
  receive(response: SipResponse): void {
    this.#byes.get(topVia(response).branch ?? '')?.receive(response);
  }

  /** @param address where the INVITE had gone. */
  hangUp(answer: SipResponse, address: PeerAddress): void {
    const { clock, local, random, transport } = this.#edge;
    const key = `${callId(answer)} ${to(answer).tag ?? ''}`;
    const known = this.#acks.get(key);
    const fallbackTarget = `sip:${address.address}:${String(address.port)}`;
    const request = (method: 'ACK' | 'BYE', branch: string): Buffer =>
      serialize(requestInAnsweredDialog(method, { answer, local, branch, fallbackTarget }));
    const ack = known ?? request('ACK', BRANCH_PREFIX + random(12));
    transport.send(ack, address);
    if (known !== undefined) return;
    this.#acks.set(key, ack);
    clock.start(KEPT_MS, () => {
      this.#acks.delete(key);
    });
    const branch = BRANCH_PREFIX + random(12);
    this.#bye(branch, request('BYE', branch), address);
  }

  #bye(branch: string, bytes: Buffer, address: PeerAddress): void {
    const { clock, logger, transport } = this.#edge;
    const transaction = new ClientTransaction<SipResponse>({
      kind: 'non-invite',
      request: bytes,
      timers,
      clock,
      user: {
        send: (sent) => {
          transport.send(sent, address);
        },
        acknowledge: () => Buffer.alloc(0),
        onResponse: () => undefined,
        onFailure: () => {
          logger.debug({ gateway: address.address }, 'no answer to BYE');
        },
        onTerminated: () => {
          this.#byes.delete(branch);
        },
      },
    });
    this.#byes.set(branch, transaction);
    transaction.start();
  }
}
