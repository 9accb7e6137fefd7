import type { OverloadTerms as OverloadTermsMessage } from '@tandem/proto/auth';

/** How far the edge may be loaded before it refuses new calls (CALL-11): system parameters, and what this process was told. */
export interface OverloadTerms {
  /** SS_OVERLOAD_CONTROL. Off: whatever comes is begun. */
  readonly isOn: boolean;
  /** SS_OVERLOAD_DELAY: how late the event loop, or a datagram in the receive queue, may be. */
  readonly delayMs: number;
  /** SS_OVERLOAD_SETUP_DELAY: how long calls may wait for auth, the store and routing. */
  readonly setUpDelayMs: number;
  /** SS_OVERLOAD_RETRY_AFTER: a refusal asks for once to twice as much. */
  readonly retryAfterSeconds: number;
  /** SS_OVERLOAD_LEAST_RATE: so many new calls a second are begun whatever the load. */
  readonly leastRate: number;
  /** SS_OVERLOAD_UNKNOWN_SHARE: percent of the rate that is kept for sources from which nobody has proved himself lately. */
  readonly unknownShare: number;
  /** TANDEM_OVERLOAD_RATE: new calls a second that this process begins at most. @default no limit */
  readonly mostRate: number;
}

/** As in `libs/config/src/parameters.ts`: what holds until auth has said something else. */
export const usualTerms: OverloadTerms = {
  isOn: true,
  delayMs: 300,
  setUpDelayMs: 500,
  retryAfterSeconds: 5,
  leastRate: 50,
  unknownShare: 10,
  mostRate: Infinity,
};

/**
 * The terms that auth's answers bring. None, and each that is 0: the default.
 * @param process what this process was told, which no parameter changes
 */
export function readTerms(
  told: OverloadTermsMessage | undefined,
  process: Pick<OverloadTerms, 'isOn' | 'mostRate'>,
): OverloadTerms {
  const usual = { ...usualTerms, ...process };
  if (told === undefined) return usual;
  return {
    isOn: usual.isOn && !told.off,
    mostRate: usual.mostRate,
    delayMs: told.delayMs || usual.delayMs,
    setUpDelayMs: told.setUpDelayMs || usual.setUpDelayMs,
    retryAfterSeconds: told.retryAfterSeconds || usual.retryAfterSeconds,
    leastRate: told.leastRate || usual.leastRate,
    unknownShare: told.unknownShare || usual.unknownShare,
  };
}
