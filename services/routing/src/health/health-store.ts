import type { GatewayHealth } from '../core/health/health.ts';

/** A gateway that was taken to be checked: nobody else takes it until the lease ends. */
export interface TakenCheck {
  readonly gateway: string;
  /** When the lease ends, by the store's clock: stands for this check alone. */
  readonly turn: number;
  /** When it was due. */
  readonly dueMs: number;
}

/** What there is to do, and how the store stands. */
export interface TakenChecks {
  readonly taken: readonly TakenCheck[];
  /** Gateways that are checked. */
  readonly count: number;
  /** Of the configuration that the store follows; 0: of none that anybody remembers. */
  readonly version: number;
}

/** What a check has come to. */
export interface HealthWrite extends Pick<TakenCheck, 'gateway' | 'turn'> {
  readonly after: GatewayHealth;
  /** When it is to be checked again. */
  readonly nextMs: number;
  /** Some address is off line. */
  readonly isDegraded: boolean;
  /** An address has gone off line or come back: every pod is to know. */
  readonly isNews: boolean;
}

/** Gateways some address of which is off line. */
export interface OfflineGateways {
  /** Another one once this has changed. */
  readonly mark: string;
  readonly gateways: ReadonlyMap<string, GatewayHealth>;
}

/**
 * What is known of gateways, and who checks them next: shared by all pods. All methods throw SwitchError SWITCH_STORE_UNAVAILABLE
 * where the store cannot be reached.
 */
export interface HealthStore {
  /**
   * Has the store follow a configuration: what is new is due soon, one after the other; what is gone is forgotten. A version below
   * the one that others have lately followed changes nothing.
   */
  follow(
    version: number,
    gateways: readonly { readonly gateway: string; readonly periodMs: number }[],
  ): Promise<void>;
  /** Takes those that are due, the longest first. @param asked.version of the configuration of who asks */
  take(asked: {
    readonly limit: number;
    readonly leaseMs: number;
    readonly version: number;
  }): Promise<TakenChecks>;
  /** What is known of each of these, and the store's clock. */
  read(gateways: readonly string[]): Promise<{
    readonly health: readonly (GatewayHealth | undefined)[];
    readonly nowMs: number;
  }>;
  /** Writes what checks have come to, of those whose turn it still is. @returns of which it was */
  write(writes: readonly HealthWrite[]): Promise<readonly boolean[]>;
  /** @param mark what is known already. @returns undefined where it is as it was */
  offline(mark: string): Promise<OfflineGateways | undefined>;
}
