import type { NgClient, NgClock, NgCommand, NgOutcome, NgPatience } from './ng-client.ts';
import { inOrderFor, relayId, relayName } from './relay.ts';
import type { RelayAddress } from './relay.ts';

/** A media relay, and what is known of it. */
export interface Relay extends RelayAddress {
  readonly id: number;
  readonly name: string;
  readonly weight: number;
  /** It did not answer lately. */
  readonly isDown: boolean;
  /** It did not answer at some time since this process began: what it had of calls may be gone, or be at another one. */
  readonly hasFailed: boolean;
}

export interface RelayPoolParts {
  readonly relays: readonly RelayAddress[];
  readonly client: Pick<NgClient, 'ask'>;
  readonly clock: NgClock;
  /** Told when a relay goes or comes back. */
  readonly onChange?: ((relay: Relay) => void) | undefined;
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

/** A relay that has died is passed over at most this long after: the interval, and what a ping waits. */
const PING_EVERY_MS = 1000;
const pingPatience: NgPatience = { repeatMs: [150, 300], giveUpMs: 600 };

/** The media relays of a switch: which one a call goes to, and whether it lives. */
export class RelayPool {
  readonly #relays: readonly Writable<Relay>[];
  readonly #byId: ReadonlyMap<number, Writable<Relay>>;
  readonly #parts: RelayPoolParts;
  #timer: object | undefined;
  #isClosed = false;

  constructor(parts: RelayPoolParts) {
    this.#parts = parts;
    this.#relays = parts.relays.map((address) => ({
      ...address,
      id: relayId(address),
      name: relayName(address),
      weight: address.weight ?? 1,
      isDown: false,
      hasFailed: false,
    }));
    this.#byId = new Map(this.#relays.map((relay) => [relay.id, relay]));
  }

  get relays(): readonly Relay[] {
    return this.#relays;
  }

  /** The relay with this id; undefined where the list has it no more. */
  byId(id: number): Relay | undefined {
    return this.#byId.get(id);
  }

  /** Begins to ask every relay whether it lives, at once and then each second. */
  start(): void {
    if (this.#isClosed || this.#relays.length === 0) return;
    for (const relay of this.#relays) void this.#ping(relay);
    this.#timer = this.#parts.clock.start(PING_EVERY_MS, () => {
      this.start();
    });
  }

  close(): void {
    this.#isClosed = true;
    if (this.#timer !== undefined) this.#parts.clock.stop(this.#timer);
  }

  /** The relay for a new call; undefined where none lives. */
  pick(callId: string): Relay | undefined {
    const up = this.#relays.filter(({ isDown }) => !isDown);
    return inOrderFor(callId, up)[0];
  }

  /**
   * Where a call may be: the relay that its record names, then those to which it would have been moved, in that order. Those
   * that are down are not asked.
   */
  inOrder(callId: string, first: number): Relay[] {
    const named = this.#byId.get(first);
    const others = inOrderFor(callId, this.#relays).filter((relay) => relay !== named);
    const all = named === undefined ? others : [named, ...others];
    return all.filter(({ isDown }) => !isDown);
  }

  /** Asks a relay. One that is silent is down until it answers a ping. Never rejects. */
  async ask(relay: Relay, command: NgCommand, patience?: NgPatience): Promise<NgOutcome> {
    const outcome = await this.#parts.client.ask(relay, command, patience);
    if (!this.#isClosed) this.#note(relay, outcome.kind !== 'silent');
    return outcome;
  }

  async #ping(relay: Relay): Promise<void> {
    await this.ask(relay, { command: 'ping' }, pingPatience);
  }

  #note(relay: Relay, isUp: boolean): void {
    const own = this.#byId.get(relay.id);
    if (own === undefined || own.isDown === !isUp) return;
    own.isDown = !isUp;
    if (!isUp) own.hasFailed = true;
    this.#parts.onChange?.(own);
  }
}
