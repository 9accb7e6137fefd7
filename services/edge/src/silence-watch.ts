import type { Relay } from '@tandem/rtpengine';
import type { Logger } from '@tandem/service';
import type { Activity } from './adapters/rtpengine-media.ts';
import { watchedCall } from './core/media/relay-command.ts';
import type { Clock } from './ports.ts';
import type { RelayLook } from './relay-rounds.ts';

/** Questions that a relay has before it at once. */
const AT_ONCE = 16;

/** What is asked of relays. */
interface WatchedMedia {
  readonly relays: readonly Relay[];
  activity(relay: Relay, id: string): Promise<Activity | undefined>;
}

/** What was last seen of a call. */
interface Seen {
  readonly packets: number;
  /** Since when there has been no more. */
  readonly sinceMs: number;
  /** What other relays had counted when its silence was over. */
  readonly elsewhere?: number;
}

/**
 * Finds calls whose media has gone silent (CALL-05). What rtpengine reports by itself goes to one URL, after one time for all
 * calls, and after it has forgotten the call. So it is asked, in each round, for those calls whose names say that they are to be
 * watched. What it counts is compared with what it had counted before, so no clock of its is read. A relay that was away while a
 * call went to another one (CALL-08) still has it, and hears nothing of it: the others are asked before a call is ended.
 */
export class SilenceWatch implements RelayLook {
  readonly #media: WatchedMedia;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #end: (callId: string, silenceSeconds: number) => Promise<void>;
  readonly #seen = new Map<string, Map<string, Seen>>();

  constructor(parts: {
    readonly media: WatchedMedia;
    readonly clock: Clock;
    readonly logger: Logger;
    readonly end: (callId: string, silenceSeconds: number) => Promise<void>;
  }) {
    this.#media = parts.media;
    this.#clock = parts.clock;
    this.#logger = parts.logger;
    this.#end = parts.end;
  }

  leave(relay: Relay): void {
    this.#seen.delete(relay.name);
  }

  async look(relay: Relay, names: readonly string[], stopped: AbortSignal): Promise<void> {
    const before = this.#seen.get(relay.name) ?? new Map<string, Seen>();
    const now = new Map<string, Seen>();
    const waiting = names.filter((name) => watchedCall(name) !== undefined);
    const ask = async (): Promise<void> => {
      for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
        if (stopped.aborted) return;
        const seen = await this.#ofCall(relay, name, before.get(name));
        if (seen !== undefined) now.set(name, seen);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, ask));
    this.#seen.set(relay.name, now);
  }

  async #ofCall(relay: Relay, name: string, before: Seen | undefined): Promise<Seen | undefined> {
    const activity = await this.#media.activity(relay, name);
    if (activity === undefined) return before;
    const { packets, isHeld } = activity;
    const nowMs = this.#clock.now();
    // On hold nobody has to send.
    if (before?.packets !== packets || isHeld) return { packets, sinceMs: nowMs };
    const { callId = '', silenceSeconds = 0 } = watchedCall(name) ?? {};
    if (nowMs - before.sinceMs < silenceSeconds * 1000) return before;
    const others = await this.#ofOthers(relay, name);
    if (others.length > 0) {
      // Held at one of them it is left alone too: it may be the one that has it now.
      if (others.some((other) => other.isHeld)) return { packets, sinceMs: nowMs };
      const elsewhere = others.reduce((sum, other) => sum + other.packets, 0);
      if (before.elsewhere === undefined) return { ...before, elsewhere };
      if (before.elsewhere !== elsewhere) return { packets, sinceMs: nowMs };
    }
    await this.#end(callId, silenceSeconds).catch((error: unknown) => {
      // It is found again in the next round.
      this.#logger.warn({ err: error, callId }, 'silent call not ended');
    });
    return before;
  }

  async #ofOthers(relay: Relay, name: string): Promise<Activity[]> {
    const others = this.#media.relays.filter((other) => other.id !== relay.id && !other.isDown);
    const told = await Promise.all(others.map((other) => this.#media.activity(other, name)));
    return told.filter((activity) => activity !== undefined);
  }
}
