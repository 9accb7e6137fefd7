import type { Relay } from '@tandem/rtpengine';
import type { Logger } from '@tandem/service';
import { callOfName } from './core/media/relay-command.ts';
import type { CallStore, Clock } from './ports.ts';
import type { RelayLook } from './relay-rounds.ts';
import { mediaSwept } from './media-telemetry.ts';

/** Of a call that a relay has had for so long the store is asked: pods that look may die quickly one after the other. */
const FIRST_ASK_MS = 6000;
/** And then so often: what has ended stands there for a minute. */
const ASK_EVERY_MS = 20_000;

/** What is asked of relays. */
interface DroppingMedia {
  drop(relay: Relay, name: string): Promise<void>;
}

/** What is known of a call that a relay has. */
interface Known {
  /** When the store is asked. */
  readonly askAtMs: number;
  readonly hasEnded: boolean;
}

/**
 * Has relays forget what they still have of calls that have ended. Whoever ends a call does that at once; but a pod may die with an offer
 * at the relay that stands in no record, a command may be lost with the pod that would have repeated it, an offer may cross the end, and
 * a relay that was slow may have what has gone to another meanwhile. A call of which the store knows nothing is left alone: it may be
 * another switch's, or the store has lost what it had.
 */
export class LeftMedia implements RelayLook {
  readonly #media: DroppingMedia;
  readonly #store: Pick<CallStore, 'ended'>;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #known = new Map<string, Map<string, Known>>();

  constructor(parts: {
    readonly media: DroppingMedia;
    readonly store: Pick<CallStore, 'ended'>;
    readonly clock: Clock;
    readonly logger: Logger;
  }) {
    this.#media = parts.media;
    this.#store = parts.store;
    this.#clock = parts.clock;
    this.#logger = parts.logger;
  }

  leave(relay: Relay): void {
    this.#known.delete(relay.name);
  }

  async look(relay: Relay, names: readonly string[], stopped: AbortSignal): Promise<void> {
    const nowMs = this.#clock.now();
    const before = this.#known.get(relay.name);
    const known = new Map<string, Known>();
    const asked: string[] = [];
    for (const name of names) {
      if (callOfName(name) === undefined) continue;
      const each = before?.get(name) ?? { askAtMs: nowMs + FIRST_ASK_MS, hasEnded: false };
      known.set(name, each);
      if (each.askAtMs <= nowMs) asked.push(name);
    }
    this.#known.set(relay.name, known);
    await Promise.all([this.#drop(relay, known, stopped), this.#ask(known, asked)]);
  }

  /** What had ended in a round before: whoever has ended it has had the time to say so itself. */
  async #drop(
    relay: Relay,
    known: ReadonlyMap<string, Known>,
    stopped: AbortSignal,
  ): Promise<void> {
    const left = [...known].filter(([, { hasEnded }]) => hasEnded);
    for (const [name] of left) {
      if (stopped.aborted) return;
      mediaSwept.add(1);
      this.#logger.warn(
        { relay: relay.name, callId: callOfName(name), name },
        'media of a call that has ended was left at a relay',
      );
      await this.#media.drop(relay, name);
    }
  }

  async #ask(known: Map<string, Known>, names: readonly string[]): Promise<void> {
    if (names.length === 0) return;
    const ended = new Set(await this.#store.ended(names.map((name) => callOfName(name) ?? '')));
    const askAtMs = this.#clock.now() + ASK_EVERY_MS;
    for (const name of names) {
      known.set(name, { askAtMs, hasEnded: ended.has(callOfName(name) ?? '') });
    }
  }
}
