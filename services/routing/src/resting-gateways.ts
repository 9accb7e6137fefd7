import type { GatewayRest, GatewayRests } from '@tandem/limits';
import type { Logger } from '@tandem/service';
import type { Rest, Rests } from './core/rests.ts';
import { Watch } from './watch.ts';

/** How soon a pod knows of what another one has been told. */
const READ_EVERY_MS = 500;

export interface RestingGatewaysParts {
  readonly rests: GatewayRests;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly logger: Logger;
}

/** The gateways that are left alone for a time (ROUTE-06). While the store is away those that are known rest to their end. */
export class RestingGateways {
  readonly #rests: GatewayRests;
  readonly #watch: Watch<Rests>;

  constructor({ rests, now, logger }: RestingGatewaysParts) {
    this.#rests = rests;
    this.#watch = new Watch<Rests>({
      what: 'resting gateways',
      everyMs: READ_EVERY_MS,
      unread: new Map(),
      logger,
      read: async (known) => {
        const found = await rests.list();
        if (found.length === 0 && known.size === 0) return known;
        return new Map(found.map((rest) => [rest.gateway, restAt(rest, now())]));
      },
    });
  }

  get current(): Rests {
    return this.#watch.current;
  }

  start(): void {
    this.#watch.start();
  }

  stop(): Promise<void> {
    return this.#watch.stop();
  }

  /** Reads what the store has; one that is away leaves what is known. */
  read(): Promise<void> {
    return this.#watch.read();
  }

  /** Leaves a gateway out: here at once, on the other pods as soon as they read. */
  async begin(rest: Parameters<GatewayRests['begin']>[0]): Promise<void> {
    await this.#rests.begin(rest);
    await this.#watch.refresh();
  }

  /** Uses a gateway again. @returns whether it rested */
  async end(gateway: string): Promise<boolean> {
    const hasRested = await this.#rests.end(gateway);
    await this.#watch.refresh();
    return hasRested;
  }

  /** Who rests, by the store. */
  list(): Promise<readonly GatewayRest[]> {
    return this.#rests.list();
  }
}

function restAt({ seconds, callId, leftMs }: GatewayRest, nowMs: number): Rest {
  return { seconds, callId, untilMs: nowMs + leftMs };
}
