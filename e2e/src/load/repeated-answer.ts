import { systemTimers } from '@tandem/sip';

const T1_MS = 500;
const T2_MS = 4000;

/** What is repeated, and what comes of it. */
interface RepeatedAnswerParts {
  /** Number of the INVITE. */
  readonly sequence: number;
  /** Of the INVITE. */
  readonly branch: string | undefined;
  /** Sends it, for the first time or once more. */
  readonly send: (repetition: number) => void;
  /** No ACK came. */
  readonly onGivenUp: () => void;
}

/** A 2xx that is repeated until its ACK is there (RFC 3261 §13.3.1.4). */
export class RepeatedAnswer {
  readonly sequence: number;
  readonly branch: string | undefined;
  readonly #parts: RepeatedAnswerParts;
  #timer: object | undefined;
  #waitedMs = 0;
  #repetitions = 0;
  #isAcknowledged = false;

  constructor(parts: RepeatedAnswerParts) {
    this.#parts = parts;
    this.sequence = parts.sequence;
    this.branch = parts.branch;
  }

  start(): void {
    this.#parts.send(0);
    this.#wait(T1_MS);
  }

  /** @returns whether this was the first ACK */
  acknowledge(): boolean {
    const isFirst = !this.#isAcknowledged;
    this.#isAcknowledged = true;
    this.stop();
    return isFirst;
  }

  stop(): void {
    if (this.#timer !== undefined) systemTimers.stop(this.#timer);
  }

  #wait(ms: number): void {
    this.#timer = systemTimers.start(ms, () => {
      this.#waitedMs += ms;
      if (this.#waitedMs >= 64 * T1_MS) {
        this.#parts.onGivenUp();
        return;
      }
      this.#parts.send(++this.#repetitions);
      this.#wait(Math.min(2 * ms, T2_MS));
    });
  }
}
