import { ownerName } from '../core/marks/owner.ts';
import type { Pod } from '../ports.ts';
import { callsHanded } from '../telemetry.ts';
import type { CallMailbox } from '../setup/call-mailbox.ts';
import type { EdgeResources } from '../edge-resources.ts';

/** What a drain works on. */
export interface DrainedCalls {
  /** All calls that are in memory, also those that auth is asked about: what it lets in begins here. */
  mailboxes(): readonly CallMailbox[];
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
  readonly #edge: EdgeResources;
  readonly #calls: DrainedCalls;
  readonly #underWay = new Set<CallMailbox>();

  constructor(edge: EdgeResources, calls: DrainedCalls) {
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
      for (const mailbox of this.#calls.mailboxes()) {
        if (isToBeHanded(mailbox, passedMs)) this.#begin(mailbox);
      }
      await this.#pause(STEP_MS);
    }
  }

  #isEmpty(passedMs: number): boolean {
    return this.#calls
      .mailboxes()
      .every(
        (mailbox) => !mailbox.isPending && (passedMs >= LONGEST_ENDING_MS || mailbox.isSettled),
      );
  }

  #begin(mailbox: CallMailbox): void {
    const pod = this.#calls.otherWorker(mailbox.callId);
    if (pod === undefined || this.#underWay.has(mailbox)) return;
    this.#underWay.add(mailbox);
    this.#handOver(mailbox, pod)
      .catch((error: unknown) => {
        const { callId } = mailbox;
        this.#edge.logger.warn({ err: error, callId }, 'call not handed over');
        mailbox.take({ kind: 'thaw' });
      })
      .finally(() => {
        this.#underWay.delete(mailbox);
      });
  }

  /** Nothing happens to the call between the writing of its record and its adoption: what comes meanwhile goes after it. */
  async #handOver(mailbox: CallMailbox, pod: Pod): Promise<void> {
    const { clock, link, local, store } = this.#edge;
    const { callId } = mailbox;
    mailbox.take({ kind: 'freeze' });
    if (!(await mailbox.saveAll())) {
      mailbox.take({ kind: 'lost' });
      return;
    }
    callsHanded.add(1);
    link.offer(callId, pod);
    const untilMs = clock.now() + OFFER_MS;
    while (clock.now() < untilMs) {
      await this.#pause(POLL_MS);
      const owner = (await store.get(callId))?.owner;
      if (owner !== ownerName(local)) {
        mailbox.take({ kind: 'lost', owner });
        return;
      }
    }
    mailbox.take({ kind: 'thaw' });
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#edge.clock.start(ms, resolve);
    });
  }
}

/** A carrier whose first response is still due gets a moment, so that its INVITE need not be repeated. */
function isToBeHanded(mailbox: CallMailbox, passedMs: number): boolean {
  return mailbox.isHandable || (mailbox.isCalling && passedMs >= SILENT_MS);
}
