import type { Outbound } from '../core/outbound/outbound.ts';

/** A registration at one moment. */
export interface HeldOutbound {
  readonly outbound: Outbound | undefined;
  /** When somebody has to see to it: the next attempt, or the end of the lease of the pod that has it. */
  readonly dueMs: number;
  /** The store's clock: all pods share it. */
  readonly nowMs: number;
  /** Stands for this state of it, for `write`. */
  readonly mark: string;
}

/** A pod has what it was given in this turn. */
export interface OutboundTurn {
  readonly gateway: string;
  readonly turn: number;
}

/** What of a pod's is its own still. */
export interface Renewal {
  /** Nobody else has it until `leaseMs` from now. */
  readonly kept: readonly string[];
  /** Of these, what is to be done again. */
  readonly due: readonly string[];
  /** Given to another, or gone. */
  readonly lost: readonly string[];
  /** Registrations there are. */
  readonly count: number;
}

/**
 * Registrations with carriers, shared by all pods. All methods throw SwitchError SWITCH_STORE_UNAVAILABLE where the store cannot
 * be reached.
 */
export interface OutboundStore {
  read(gateway: string): Promise<HeldOutbound>;
  all(): Promise<{ readonly outbounds: readonly Outbound[]; readonly nowMs: number }>;
  /**
   * Puts another in the place of one that is as it was read, its lease too; one that is held gets a new lease.
   * @param after undefined: nothing is left of it
   * @returns whether it was done
   */
  write(gateway: string, before: HeldOutbound, after: Outbound | undefined): Promise<boolean>;
  /** Notes that the pod lives, and prolongs the lease of what is its own. */
  renew(edge: string, held: readonly OutboundTurn[]): Promise<Renewal>;
  /** Gateways that somebody has to see to. */
  due(limit: number): Promise<readonly string[]>;
  /** The pod takes no more. @returns how many others live */
  leave(edge: string): Promise<number>;
}

/** How long a pod has what it was given without a word of it. */
export const LEASE_MS = 3000;
