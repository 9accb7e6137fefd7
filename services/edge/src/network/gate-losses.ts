import { transportOf } from '@tandem/sip';
import type { PeerAddress } from '../core/network/peer-address.ts';
import type { Clock } from '../ports.ts';

/** The death of a gate is noticed by its silence, which takes a third of this. */
const KEPT_MS = 1500;
const LOOK_MS = 250;
/** Past this many, messages leave without being remembered. */
const MOST_KEPT = 20_000;

export interface GateLossesOptions {
  readonly clock: Clock;
  /** Whether the gate at this link address used to answer and is silent now. */
  readonly isSilent: (gate: string) => boolean;
  /** A message may not have left: it is to be sent by another gate. */
  readonly again: (bytes: Buffer, to: PeerAddress) => void;
}

interface Sent {
  readonly bytes: Buffer;
  readonly to: PeerAddress;
  readonly gate: string;
  readonly atMs: number;
}

/**
 * What was given to another gate for a stream, for as long as that gate may turn out to have died before: transactions repeat
 * nothing over a stream (RFC 3261 §17.1.1.2), so it would be lost. The peer takes what it has had already for a repetition.
 */
export class GateLosses {
  readonly #options: GateLossesOptions;
  /** The oldest first. */
  #sent: Sent[] = [];
  #timer: object | undefined;

  constructor(options: GateLossesOptions) {
    this.#options = options;
  }

  /** A message leaves by another gate. */
  sent(bytes: Buffer, to: PeerAddress, gate: string): void {
    if (!transportOf(to).isReliable || this.#sent.length >= MOST_KEPT) return;
    this.#sent.push({ bytes, to, gate, atMs: this.#options.clock.now() });
    this.#timer ??= this.#options.clock.start(LOOK_MS, this.#look);
  }

  /** Stops the timer. */
  close(): void {
    if (this.#timer !== undefined) this.#options.clock.stop(this.#timer);
    this.#sent = [];
  }

  readonly #look = (): void => {
    const { clock, isSilent, again } = this.#options;
    const sinceMs = clock.now() - KEPT_MS;
    const lost: Sent[] = [];
    this.#sent = this.#sent.filter((message) => {
      if (message.atMs < sinceMs) return false;
      if (!isSilent(message.gate)) return true;
      lost.push(message);
      return false;
    });
    this.#timer = undefined;
    for (const { bytes, to } of lost) again(bytes, to);
    if (this.#sent.length > 0) this.#timer ??= clock.start(LOOK_MS, this.#look);
  };
}
