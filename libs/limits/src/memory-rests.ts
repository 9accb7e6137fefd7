import type { GatewayRest, GatewayRests, RestRequest } from './gateway-rests.ts';

/** Rests for one process. */
export class MemoryGatewayRests implements GatewayRests {
  readonly #now: () => number;
  readonly #rests = new Map<string, RestRequest & { readonly untilMs: number }>();

  /** @param now milliseconds since the epoch */
  constructor(now: () => number) {
    this.#now = now;
  }

  async begin(rest: RestRequest): Promise<void> {
    const untilMs = this.#now() + rest.seconds * 1000;
    const known = this.#rests.get(rest.gateway);
    if (known === undefined || known.untilMs < untilMs) {
      this.#rests.set(rest.gateway, { ...rest, untilMs });
    }
    return Promise.resolve();
  }

  async end(gateway: string): Promise<boolean> {
    const known = this.#rests.get(gateway);
    this.#rests.delete(gateway);
    return Promise.resolve(known !== undefined && known.untilMs > this.#now());
  }

  async list(): Promise<readonly GatewayRest[]> {
    const now = this.#now();
    const rests: GatewayRest[] = [];
    for (const [name, { gateway, seconds, callId, untilMs }] of this.#rests) {
      const leftMs = untilMs - now;
      if (leftMs > 0) rests.push({ gateway, seconds, callId, leftMs });
      else this.#rests.delete(name);
    }
    return Promise.resolve(rests.sort((a, b) => (a.gateway < b.gateway ? -1 : 1)));
  }
}
