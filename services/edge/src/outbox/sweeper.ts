import type { Logger } from '@tandem/service';
import type { Clock, DueCall, DueWork, EdgeStore, Orphan } from '../ports.ts';
import { callsAdopted, callsSwept, leasesFreed } from '../telemetry.ts';
import type { CallOutbox } from './call-outbox.ts';

/** With the lease of 1.5 s: a ringing call is taken over within 2 s of its pod's death (edge.md §5). */
const ROUND_MS = 350;
/** Pods that were started together do not sweep together. */
const JITTER = 0.25;
const ORPHANS_AT_ONCE = 50;
const DUE_AT_ONCE = 200;
/** A probe takes up to 32 s; what could not be done is given again after this, or as soon as its pod is dead. */
const DUE_FOR_MS = 45_000;
/** Calls that are being ended or probed at once by this pod. */
const HANDLED_LIMIT = 200;
const RECONCILE_MS = 2500;

/**
 * Does in every pod what belongs to no pod: takes over the ringing calls of dead pods, has ended or probed what is due,
 * tells billing of calls that go on, frees lines of calls that are gone (edge.md §1.8). The store hands each item to
 * one pod. A pod that drains sweeps nothing: it must not start anything.
 */
export class Sweeper {
  readonly #store: EdgeStore;
  readonly #outbox: CallOutbox;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #owner: () => string;
  readonly #adopt: (orphan: Orphan) => void;
  readonly #due: (work: DueWork) => Promise<void>;
  readonly #random: () => number;
  #timer: object | undefined;
  #round: Promise<void> | undefined;
  #handled = 0;
  #reconcileAtMs = 0;
  #isStopped = false;

  constructor(parts: {
    readonly store: EdgeStore;
    readonly outbox: CallOutbox;
    readonly clock: Clock;
    readonly logger: Logger;
    /** `slot.epoch` of this pod, which changes when its slot is lost. */
    readonly owner: () => string;
    /** Goes on with a ringing call, or winds up an ended one. */
    readonly adopt: (orphan: Orphan) => void;
    /** Ends a call whose time is over, or asks its ends whether they are still in it; looks out for ACKs. */
    readonly due: (work: DueWork) => Promise<void>;
    /** From 0 up to 1. @default Math.random */
    readonly random?: (() => number) | undefined;
  }) {
    this.#store = parts.store;
    this.#outbox = parts.outbox;
    this.#clock = parts.clock;
    this.#logger = parts.logger;
    this.#owner = parts.owner;
    this.#adopt = parts.adopt;
    this.#due = parts.due;
    this.#random = parts.random ?? Math.random;
  }

  start(): void {
    if (this.#isStopped) return;
    const jitter = 1 + JITTER * (2 * this.#random() - 1);
    this.#timer = this.#clock.start(ROUND_MS * jitter, () => {
      // A round reports its own failures.
      this.#round = this.#sweep().then(() => {
        this.start();
      });
    });
  }

  /** Sweeps no more: resolves when the round under way is over. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    if (this.#timer !== undefined) this.#clock.stop(this.#timer);
    await this.#round;
  }

  /**
   * All at once: what asks the store in one turn leaves in one write, and is done in this order. What the first step makes due
   * the second one finds.
   */
  async #sweep(): Promise<void> {
    if (this.#isStopped) return;
    const steps = [this.#adoptOrphans(), this.#takeDue(), this.#watch(), this.#reconcile()];
    for (const step of await Promise.allSettled(steps)) {
      if (step.status === 'rejected')
        this.#logger.debug({ err: step.reason as unknown }, 'not swept');
    }
  }

  async #adoptOrphans(): Promise<void> {
    for (;;) {
      const orphans = await this.#store.adoptOrphans(this.#owner(), ORPHANS_AT_ONCE);
      if (orphans.length > 0) {
        callsAdopted.add(orphans.length, { cause: 'sweep' });
        this.#logger.info({ calls: orphans.length }, 'calls of a dead pod adopted');
      }
      for (const orphan of orphans) this.#tryAdopt(orphan);
      if (orphans.length < ORPHANS_AT_ONCE || this.#isStopped) return;
    }
  }

  #tryAdopt(orphan: Orphan): void {
    try {
      this.#adopt(orphan);
    } catch (error) {
      // One record that cannot be read must not take the others with it.
      this.#logger.error({ err: error, callId: orphan.callId }, 'call not adopted');
    }
  }

  async #takeDue(): Promise<void> {
    while (!this.#isStopped && this.#handled < HANDLED_LIMIT) {
      const calls = await this.#store.takeDue(this.#owner(), DUE_AT_ONCE, DUE_FOR_MS);
      for (const call of calls) {
        callsSwept.add(1, { why: call.why });
        if (call.why === 'interim') this.#outbox.publish(call.event);
        else this.#handle(call);
      }
      if (calls.length < DUE_AT_ONCE) return;
    }
  }

  async #watch(): Promise<void> {
    const callIds = await this.#store.unacknowledged();
    if (callIds.length > 0) await this.#due({ why: 'watch', callIds });
  }

  #handle(call: DueCall): void {
    this.#handled += 1;
    this.#due(call)
      .catch((error: unknown) => {
        // It is given again, to whichever pod asks.
        this.#logger.error({ err: error, callId: call.callId, why: call.why }, 'due call failed');
      })
      .finally(() => {
        this.#handled -= 1;
      });
  }

  async #reconcile(): Promise<void> {
    if (this.#clock.now() < this.#reconcileAtMs) return;
    this.#reconcileAtMs = this.#clock.now() + RECONCILE_MS;
    const freed = await this.#store.reconcile();
    if (freed === 0) return;
    leasesFreed.add(freed);
    this.#logger.warn({ leases: freed }, 'lines of calls that are gone were freed');
  }
}
