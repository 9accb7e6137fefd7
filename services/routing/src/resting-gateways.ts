import type { GatewayRest, GatewayRests } from '@tandem/limits';
import { Rounds } from '@tandem/service';
import type { Logger } from '@tandem/service';
import type { Rest, Rests } from './core/rests.ts';

/** How soon a pod knows of what another one has been told. */
const READ_EVERY_MS = 500;

export interface RestingGatewaysParts {
  readonly rests: GatewayRests;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly logger: Logger;
}

/**
 * The gateways that are left alone for a time (ROUTE-06), as the store had them last: no call asks the store for them. While the
 * store is away those that are known rest to their end.
 */
export class RestingGateways {
  readonly #parts: RestingGatewaysParts;
  #rests: ReadonlyMap<string, Rest> = new Map();
  readonly #rounds = new Rounds(READ_EVERY_MS, () => this.read());

  constructor(parts: RestingGatewaysParts) {
    this.#parts = parts;
  }

  get current(): Rests {
    return this.#rests;
  }

  start(): void {
    this.#rounds.startAtOnce();
  }

  stop(): Promise<void> {
    return this.#rounds.stop();
  }

  /** Leaves a gateway out: here at once, on the other pods as soon as they read. */
  async begin(rest: Parameters<GatewayRests['begin']>[0]): Promise<void> {
    await this.#parts.rests.begin(rest);
    await this.#refresh();
  }

  /** Uses a gateway again. @returns whether it rested */
  async end(gateway: string): Promise<boolean> {
    const hasRested = await this.#parts.rests.end(gateway);
    await this.#refresh();
    return hasRested;
  }

  /** Who rests, by the store. */
  list(): Promise<readonly GatewayRest[]> {
    return this.#parts.rests.list();
  }

  /** Reads what the store has; one that is away leaves what is known. */
  async read(): Promise<void> {
    try {
      await this.#refresh();
    } catch (error) {
      this.#parts.logger.debug({ err: error }, 'resting gateways were not read');
    }
  }

  async #refresh(): Promise<void> {
    const { rests, now } = this.#parts;
    const found = await rests.list();
    if (found.length === 0 && this.#rests.size === 0) return;
    this.#rests = new Map(found.map((rest) => [rest.gateway, restAt(rest, now())]));
  }
}

function restAt({ seconds, callId, leftMs }: GatewayRest, nowMs: number): Rest {
  return { seconds, callId, untilMs: nowMs + leftMs };
}
