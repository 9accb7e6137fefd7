import type { EdgeResources } from '../edge-resources.ts';

/** One write for all that is answered in this time, well before `SILENT_MS`. A pod that dies before costs its calls a needless BYE. */
const GATHERED_MS = 50;
/** A pod passes far fewer in that time; what comes on top is hung up on once more. */
const LIMIT = 5000;
/** A BYE that is repeated has come four times by then (RFC 3261 §17.1.2.2). */
const SILENT_MS = 4000;

/**
 * What the switch does where nothing answers the BYE that one side has sent to the other: the relayed one may be lost, and its sender
 * may never repeat it (it has died, or has sent it over TCP, where nothing is repeated).
 * @param leaver who hangs up
 */
export function ifUnanswered(leaver: 'a' | 'b'): {
  readonly reason: string;
  readonly forMs: number;
  readonly only: 'a' | 'b';
} {
  return { reason: HUNG_UP, forMs: SILENT_MS, only: leaver === 'a' ? 'b' : 'a' };
}

/** Reason of a BYE of the switch to the side that the other has left. */
export const HUNG_UP = 'Q.850;cause=16;text="hung up by the other side"';

/** BYEs whose answers have passed here: the switch need not send them itself. */
export class AnsweredByes {
  readonly #edge: Pick<EdgeResources, 'clock' | 'logger' | 'sessions'>;
  #callIds = new Set<string>();
  #timer: object | undefined;

  constructor(edge: Pick<EdgeResources, 'clock' | 'logger' | 'sessions'>) {
    this.#edge = edge;
  }

  note(callId: string): void {
    if (this.#callIds.size < LIMIT) this.#callIds.add(callId);
    this.#timer ??= this.#edge.clock.start(GATHERED_MS, () => {
      this.#timer = undefined;
      this.#write();
    });
  }

  /** Writes what is left. */
  close(): void {
    if (this.#timer === undefined) return;
    this.#edge.clock.stop(this.#timer);
    this.#timer = undefined;
    this.#write();
  }

  #write(): void {
    const { logger, sessions } = this.#edge;
    const callIds = [...this.#callIds];
    this.#callIds = new Set();
    sessions.hungUp(callIds).catch((error: unknown) => {
      // Their other sides get one more BYE each, which they answer with 481.
      logger.debug({ err: error, calls: callIds.length }, 'not stored that BYEs were answered');
    });
  }
}
