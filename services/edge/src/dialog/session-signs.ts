import type { SipResponse } from '@tandem/sip';
import { AckWatch } from '../core/dialog/ack-watch.ts';
import { refreshesSession } from '../core/messages/dialog-request.ts';
import { sessionInterval } from '../core/dialog/session-timers.ts';
import type { EdgeResources } from '../edge-resources.ts';
import type { StoreBacklog } from '../outbox/outbox.ts';
import { ProofsOfLife } from './proofs-of-life.ts';

/** Their responses come before the answer, or after the end. */
const sayingNothing = new Set(['PRACK', 'CANCEL', 'BYE']);

/** Tells the store what passes in the dialogs of calls and shows that they go on (CALL-05). */
export class SessionSigns {
  readonly #edge: Pick<EdgeResources, 'clock' | 'logger' | 'sessions'>;
  readonly #backlog: StoreBacklog;
  readonly #acks = new AckWatch();
  readonly #proofs: ProofsOfLife;

  constructor(edge: Pick<EdgeResources, 'clock' | 'logger' | 'sessions'>, backlog: StoreBacklog) {
    this.#edge = edge;
    this.#backlog = backlog;
    this.#proofs = new ProofsOfLife(edge);
  }

  /** Writes what is left. */
  close(): void {
    this.#proofs.close();
  }

  /** The calls whose callee repeats its answer: who sees their ACK tells the store. */
  lookOutFor(callIds: readonly string[]): void {
    this.#acks.look(callIds, this.#edge.clock.now());
  }

  /** Both sides are in the call; a 2xx to INVITE or UPDATE says how long it goes on from now, as its sender reads it. */
  shown({ headers, status }: SipResponse, method: string, callId: string): void {
    if (status < 200) return;
    if (refreshesSession(method) && status < 300) {
      const seconds = sessionInterval(headers);
      // RFC 4028 §7.2: without an interval there is no session timer any more.
      this.#refreshed(callId, seconds === undefined ? 'none' : seconds * 1000);
    } else if (!sayingNothing.has(method) && status !== 408 && status !== 481) {
      this.#proofs.note(callId);
    }
  }

  /** The ACK of an answer passes; where it was waited for it is told again while the store is away: the call would be ended without it. */
  acknowledged(callId: string): void {
    if (!this.#acks.passed(callId)) return;
    const { logger, sessions } = this.#edge;
    const prove = (): Promise<void> => sessions.prove(callId, { isAck: true });
    prove().catch((error: unknown) => {
      logger.debug({ err: error, callId }, 'ACK not stored');
      this.#backlog.add(`ack ${callId}`, prove);
    });
  }

  #refreshed(callId: string, interval: number | 'none'): void {
    const { logger, sessions } = this.#edge;
    const refresh = (): Promise<void> => sessions.refresh(callId, interval);
    refresh().catch((error: unknown) => {
      logger.debug({ err: error, callId }, 'session not refreshed');
      this.#backlog.add(`refresh ${callId}`, refresh);
    });
  }
}
