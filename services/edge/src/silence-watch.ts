import { rendezvous } from '@tandem/pod-link';
import type { Relay } from '@tandem/rtpengine';
import type { Logger } from '@tandem/service';
import type { Activity } from './adapters/rtpengine-media.ts';
import { watchedCall } from './core/media/relay-command.ts';
import type { Clock, Pod } from './ports.ts';

/** How often each relay is asked: silence is found this much late at most. */
const ROUND_MS = 2000;
/** Calls of one relay that one list names. */
const MOST_LISTED = 20_000;
/** Questions that a relay has before it at once. */
const AT_ONCE = 16;

/** What is asked of relays. */
interface WatchedMedia {
  readonly relays: readonly Relay[];
  watched(relay: Relay, most: number): Promise<readonly string[] | undefined>;
  activity(relay: Relay, id: string): Promise<Activity | undefined>;
}

/** What was last seen of a call. */
interface Seen {
  readonly packets: number;
  /** Since when there has been no more. */
  readonly sinceMs: number;
}

/**
 * Finds calls whose media has gone silent (CALL-05). What rtpengine reports by itself goes to one URL, after one time for all
 * calls, and after it has forgotten the call. So it is asked: each relay by one of the pods that live, every two seconds, for
 * those calls whose names say that they are to be watched. What it counts is compared with what it had counted before, so no
 * clock of its is read. A pod that takes a relay over begins anew.
 */
export class SilenceWatch {
  readonly #media: WatchedMedia;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #pods: () => readonly Pod[];
  readonly #own: () => number;
  readonly #end: (callId: string, silenceSeconds: number) => Promise<void>;
  readonly #seen = new Map<string, Map<string, Seen>>();
  #timer: object | undefined;
  #round: Promise<void> | undefined;
  #isStopped = false;

  constructor(parts: {
    readonly media: WatchedMedia;
    readonly clock: Clock;
    readonly logger: Logger;
    readonly pods: () => readonly Pod[];
    /** Slot of this pod. */
    readonly own: () => number;
    readonly end: (callId: string, silenceSeconds: number) => Promise<void>;
  }) {
    this.#media = parts.media;
    this.#clock = parts.clock;
    this.#logger = parts.logger;
    this.#pods = parts.pods;
    this.#own = parts.own;
    this.#end = parts.end;
  }

  start(): void {
    if (this.#isStopped || this.#media.relays.length === 0) return;
    this.#timer = this.#clock.start(ROUND_MS, () => {
      this.#round = this.#watch().then(() => {
        this.start();
      });
    });
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    if (this.#timer !== undefined) this.#clock.stop(this.#timer);
    await this.#round;
  }

  /** Never rejects. */
  async #watch(): Promise<void> {
    const rounds = this.#media.relays.map((relay) => this.#ofRelay(relay));
    for (const round of await Promise.allSettled(rounds)) {
      if (round.status === 'rejected') {
        this.#logger.debug({ err: round.reason as unknown }, 'silence not watched');
      }
    }
  }

  async #ofRelay(relay: Relay): Promise<void> {
    if (!this.#isMine(relay)) {
      this.#seen.delete(relay.name);
      return;
    }
    const names = relay.isDown ? undefined : await this.#media.watched(relay, MOST_LISTED);
    if (names === undefined) return;
    const before = this.#seen.get(relay.name) ?? new Map<string, Seen>();
    const now = new Map<string, Seen>();
    const waiting = names.filter((name) => watchedCall(name) !== undefined);
    const ask = async (): Promise<void> => {
      for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
        if (this.#isStopped) return;
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
    if (nowMs - before.sinceMs >= silenceSeconds * 1000) {
      await this.#end(callId, silenceSeconds).catch((error: unknown) => {
        // It is found again in the next round.
        this.#logger.warn({ err: error, callId }, 'silent call not ended');
      });
    }
    return before;
  }

  /** One pod for each relay: the same by all lists of pods, which differ for a moment at most. Two do no harm. */
  #isMine(relay: Relay): boolean {
    const pods = this.#pods();
    const watcher = rendezvous(relay.name, pods, (pod) => pod.role !== 'front' && !pod.isDraining);
    return watcher === undefined ? pods.length === 0 : watcher.slot === this.#own();
  }
}
