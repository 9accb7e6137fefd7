import { rendezvous } from '@tandem/pod-link';
import type { Relay } from '@tandem/rtpengine';
import type { Logger } from '@tandem/service';
import type { Clock, Pod } from './ports.ts';

/** How often each relay is asked for its calls. */
const ROUND_MS = 2000;
/** Calls of one relay that one list names: it has to fit into a datagram of 64 KiB, and a name has 28 bytes there at most. */
const MOST_LISTED = 2300;

/** Looks at the calls of relays. */
export interface RelayLook {
  /**
   * @param names of all calls that the relay has now
   * @param stopped the pod stops: nothing is begun any more
   */
  look(relay: Relay, names: readonly string[], stopped: AbortSignal): Promise<void>;
  /** Another pod looks at this relay from now on. */
  leave(relay: Relay): void;
}

/** What is asked of relays. */
interface ListingMedia {
  readonly relays: readonly Relay[];
  names(relay: Relay, most: number): Promise<readonly string[] | undefined>;
}

/**
 * Has the calls of every relay looked at every two seconds, by one of the pods that live: by the same one as long as it does. A pod
 * that takes a relay over begins anew.
 */
export class RelayRounds {
  readonly #media: ListingMedia;
  readonly #looks: readonly RelayLook[];
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #pods: () => readonly Pod[];
  readonly #own: () => number;
  /** Relays that have more calls than are looked at. */
  readonly #full = new Set<string>();
  #timer: object | undefined;
  #round: Promise<void> | undefined;
  readonly #stopped = new AbortController();

  constructor(parts: {
    readonly media: ListingMedia;
    readonly looks: readonly RelayLook[];
    readonly clock: Clock;
    readonly logger: Logger;
    readonly pods: () => readonly Pod[];
    /** Slot of this pod. */
    readonly own: () => number;
  }) {
    this.#media = parts.media;
    this.#looks = parts.looks;
    this.#clock = parts.clock;
    this.#logger = parts.logger;
    this.#pods = parts.pods;
    this.#own = parts.own;
  }

  start(): void {
    if (this.#stopped.signal.aborted || this.#media.relays.length === 0) return;
    this.#timer = this.#clock.start(ROUND_MS, () => {
      this.#round = this.#goRound().then(() => {
        this.start();
      });
    });
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    if (this.#timer !== undefined) this.#clock.stop(this.#timer);
    await this.#round;
  }

  /** Never rejects. */
  async #goRound(): Promise<void> {
    const rounds = this.#media.relays.map((relay) => this.#ofRelay(relay));
    for (const round of await Promise.allSettled(rounds)) {
      if (round.status === 'rejected') {
        this.#logger.debug({ err: round.reason as unknown }, 'calls of a relay not looked at');
      }
    }
  }

  async #ofRelay(relay: Relay): Promise<void> {
    if (!this.#isMine(relay)) {
      for (const look of this.#looks) look.leave(relay);
      return;
    }
    const names = relay.isDown ? undefined : await this.#media.names(relay, MOST_LISTED);
    const { signal } = this.#stopped;
    if (names === undefined || signal.aborted) return;
    this.#noteFull(relay, names.length === MOST_LISTED);
    await Promise.all(this.#looks.map((look) => look.look(relay, names, signal)));
  }

  #noteFull({ name }: Relay, isFull: boolean): void {
    if (this.#full.has(name) === isFull) return;
    if (isFull) {
      this.#full.add(name);
      this.#logger.warn(
        { relay: name, most: MOST_LISTED },
        'more calls at a relay than it can list',
      );
    } else this.#full.delete(name);
  }

  /** One pod for each relay: the same by all lists of pods, which differ for a moment at most. Two do no harm. */
  #isMine(relay: Relay): boolean {
    const pods = this.#pods();
    const watcher = rendezvous(relay.name, pods, (pod) => pod.role !== 'front' && !pod.isDraining);
    return watcher === undefined ? pods.length === 0 : watcher.slot === this.#own();
  }
}
