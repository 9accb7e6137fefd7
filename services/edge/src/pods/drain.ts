import { ownerName } from '../core/marks/owner.ts';
import type { Pod } from '../ports.ts';
import { callsHanded } from '../telemetry.ts';
import type { CallOfPod } from '../setup/calls.ts';
import type { EdgeResources } from '../edge-resources.ts';

type Resources = Pick<EdgeResources, 'clock' | 'link' | 'local' | 'logger' | 'pods' | 'store'>;

/** What a drain works on. */
export interface DrainHost {
  /** All calls that are in memory, also those that auth is asked about: what it lets in begins here. */
  calls(): readonly CallOfPod[];
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
  readonly #host: DrainHost;
  readonly #underWay = new Set<CallOfPod>();

  constructor(edge: Resources, host: DrainHost) {
    this.#edge = edge;
    this.#host = host;
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
      for (const call of this.#host.calls()) {
        if (isToBeHanded(call, passedMs)) this.#begin(call);
      }
      await this.#pause(STEP_MS);
    }
  }

  #isEmpty(passedMs: number): boolean {
    return this.#host
      .calls()
      .every((call) => !call.isPending && (passedMs >= LONGEST_ENDING_MS || call.isSettled));
  }

  #begin(call: CallOfPod): void {
    const pod = this.#host.otherWorker(call.callId);
    if (pod === undefined || this.#underWay.has(call)) return;
    this.#underWay.add(call);
    this.#handOver(call, pod)
      .catch((error: unknown) => {
        const { callId } = call;
        this.#edge.logger.warn({ err: error, callId }, 'call not handed over');
        call.take({ kind: 'thaw' });
      })
      .finally(() => {
        this.#underWay.delete(call);
      });
  }

  /** Nothing happens to the call between the writing of its record and its adoption: what comes meanwhile goes after it. */
  async #handOver(call: CallOfPod, pod: Pod): Promise<void> {
    const { clock, link, local, store } = this.#edge;
    const { callId } = call;
    call.take({ kind: 'freeze' });
    if (!(await call.saveAll())) {
      call.take({ kind: 'lost' });
      return;
    }
    callsHanded.add(1);
    link.offer(callId, pod);
    const untilMs = clock.now() + OFFER_MS;
    while (clock.now() < untilMs) {
      await this.#pause(POLL_MS);
      const owner = (await store.get(callId))?.owner;
      if (owner !== ownerName(local)) {
        call.take({ kind: 'lost', owner });
        return;
      }
    }
    call.take({ kind: 'thaw' });
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#edge.clock.start(ms, resolve);
    });
  }
}

/** A carrier whose first response is still due gets a moment, so that its INVITE need not be repeated. */
function isToBeHanded(call: CallOfPod, passedMs: number): boolean {
  return call.isHandable || (call.isCalling && passedMs >= SILENT_MS);
}
