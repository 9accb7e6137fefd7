/** How attempts at a gateway have come out of late. */
export interface AttemptCounts {
  readonly gateway: string;
  readonly attempts: number;
  /** Those of them that count as failures of the gateway. */
  readonly failed: number;
}

/** A gateway that is watched (ROUTE-16), and the window that goes on. */
export interface GatewayTally extends AttemptCounts {
  /** Steps that it is throttled by; 0: it gets all of its calls. */
  readonly level: number;
  /** Stands for this window alone: when it began, milliseconds of the store's clock. */
  readonly window: number;
  /** For how long it has gone on, milliseconds. */
  readonly ageMs: number;
  /** When the gateway came to this level, milliseconds of the store's clock; 0: it was never on another one. */
  readonly sinceMs: number;
  /** Of the window that brought it there. */
  readonly lastAttempts: number;
  readonly lastFailed: number;
}

/** The end of a window. */
export interface TallyStep {
  /** As it was when this was decided: what has come since counts for the next window. */
  readonly seen: Pick<GatewayTally, 'gateway' | 'window' | 'attempts' | 'failed'>;
  readonly level: number;
}

/**
 * Which gateways are throttled, and what they are judged by, of all pods. Every method throws SwitchError SWITCH_STORE_UNAVAILABLE where
 * the store is away.
 */
export interface GatewayThrottles {
  /** Adds to the windows that go on; one begins where there is none. @returns each of these gateways as it is then */
  add(counts: readonly AttemptCounts[]): Promise<readonly GatewayTally[]>;
  /** Ends windows, where they are still the ones that were seen. @returns which of them were */
  step(steps: readonly TallyStep[]): Promise<readonly boolean[]>;
  /** Those that are throttled, by name. */
  list(): Promise<readonly GatewayTally[]>;
}

/** What nobody has told anything of for so long is forgotten. */
export const FORGOTTEN_MS = 7_200_000;
