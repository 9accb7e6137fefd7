import type { Clock, KeptOffer, OfferStore } from '../ports.ts';

const KEPT_MS = 300_000;

/** Offers in dialogs, in memory. */
export class MemoryOfferStore implements OfferStore {
  readonly #clock: Pick<Clock, 'now'>;
  /** The oldest first. */
  readonly #kept = new Map<string, { readonly offer: KeptOffer; readonly untilMs: number }>();

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  keepOffer(callId: string, exchange: string, offer: KeptOffer): Promise<KeptOffer> {
    const name = nameOf(callId, exchange);
    this.#expire();
    const kept = this.#kept.get(name);
    if (kept !== undefined) return Promise.resolve(kept.offer);
    this.#kept.set(name, { offer, untilMs: this.#clock.now() + KEPT_MS });
    return Promise.resolve(offer);
  }

  keptOffer(callId: string, exchange: string): Promise<KeptOffer | undefined> {
    this.#expire();
    return Promise.resolve(this.#kept.get(nameOf(callId, exchange))?.offer);
  }

  #expire(): void {
    const now = this.#clock.now();
    for (const [name, { untilMs }] of this.#kept) {
      if (untilMs > now) return;
      this.#kept.delete(name);
    }
  }
}

function nameOf(callId: string, exchange: string): string {
  return `${callId}:${exchange}`;
}
