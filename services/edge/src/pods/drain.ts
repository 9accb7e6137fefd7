import { ownerName } from '../core/marks/owner.ts';
import type { Pod } from '../ports.ts';
import { callsHanded } from '../telemetry.ts';
import type { CallOfPod } from '../setup/calls.ts';
import type { EdgeResources } from '../edge-resources.ts';

type Resources = Pick<EdgeResources, 'clock' | 'link' | 'local' | 'logger' | 'pods' | 'store'>;

/** What a drain works on. */
export interface DrainedCalls {
  /** Whether auth is asked about INVITEs: what it lets in begins here. */
  isAsking(): boolean;
  /** All calls that are in memory. */
  sessions(): readonly CallOfPod[];
  /** The pod that goes on with a call; undefined where this is the only one. */
  otherWorker(callId: string): Pod | undefined;
}

/** How long messages are still taken, so that load balancers, fronts and other pods notice. */
const GRACE_MS = 1500;
/** After this the pod leaves, whatever is left: its calls are in the store. */
const LONGEST_MS = 15_000;
/** A final response has its ACK after a round trip; what has none by then is another pod's to repeat. */
const LONGEST_ENDING_MS = 3000;
const STEP_MS = 50;
/** A carrier that has not answered an INVITE at all by now may take a little longer still. */
const SILENT_MS = 1000;
/** How long an offered call waits for the pod that it was offered to. */
const OFFER_MS = 400;
const POLL_MS = 20;

/**
 * Empties a pod that is to go (edge.md §5): calls that ring are written down in full and offered to other pods; what a
 * service was asked for is waited for; every packet is served until others have noticed.
 */
export class Drain {
  readonly #edge: Resources;
  readonly #calls: DrainedCalls;
  readonly #underWay = new Set<CallOfPod>();

  constructor(edge: Resources, calls: DrainedCalls) {
    this.#edge = edge;
    this.#calls = calls;
  }

  /** Never rejects. @returns when the pod may go */
  async run(): Promise<void> {
    const { clock, logger, pods } = this.#edge;
    const beganMs = clock.now();
    await pods.drain().catch((error: unknown) => {
      logger.warn({ err: error }, 'other pods were not told of the drain');
    });
    for (;;) {
      const passedMs = clock.now() - beganMs;
      if (passedMs >= LONGEST_MS || (passedMs >= GRACE_MS && this.#isEmpty(passedMs))) return;
      for (const session of this.#calls.sessions()) {
        if (isToBeHanded(session, passedMs)) this.#begin(session);
      }
      await this.#pause(STEP_MS);
    }
  }

  #isEmpty(passedMs: number): boolean {
    if (this.#calls.isAsking()) return false;
    return this.#calls
      .sessions()
      .every(
        (session) => !session.isPending && (passedMs >= LONGEST_ENDING_MS || session.isSettled),
      );
  }

  #begin(session: CallOfPod): void {
    const pod = this.#calls.otherWorker(session.callId);
    if (pod === undefined || this.#underWay.has(session)) return;
    this.#underWay.add(session);
    this.#handOver(session, pod)
      .catch((error: unknown) => {
        const { callId } = session;
        this.#edge.logger.warn({ err: error, callId }, 'call not handed over');
        session.thaw();
      })
      .finally(() => {
        this.#underWay.delete(session);
      });
  }

  /** Nothing happens to the call between the writing of its record and its adoption: what comes meanwhile goes after it. */
  async #handOver(session: CallOfPod, pod: Pod): Promise<void> {
    const { clock, link, local, store } = this.#edge;
    const { callId } = session;
    session.freeze();
    if (!(await session.saveAll())) {
      session.drop();
      return;
    }
    callsHanded.add(1);
    link.offer(callId, pod);
    const untilMs = clock.now() + OFFER_MS;
    while (clock.now() < untilMs) {
      await this.#pause(POLL_MS);
      const owner = (await store.get(callId))?.owner;
      if (owner !== ownerName(local)) {
        session.drop(owner);
        return;
      }
    }
    session.thaw();
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#edge.clock.start(ms, resolve);
    });
  }
}

/** A carrier whose first response is still due gets a moment, so that its INVITE need not be repeated. */
function isToBeHanded(session: CallOfPod, passedMs: number): boolean {
  return session.isHandable || (session.isCalling && passedMs >= SILENT_MS);
}
