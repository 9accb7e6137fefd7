import type { OverloadTerms } from './overload-terms.ts';

/** What a process sees of itself at one moment. */
export interface LoadSample {
  /** How late the event loop came to a timer. */
  readonly loopDelayMs: number;
  /** How long datagrams wait in the kernel until they are read. */
  readonly queueDelayMs: number;
  /** Calls that wait for auth, the store or routing, and how long the oldest of them has waited. */
  readonly undecided: number;
  readonly setUpDelayMs: number;
}

/** What of it is past its limit, or nearest to it. */
export type LoadCause = 'loop-delay' | 'queue-delay' | 'set-up-delay';

/** How near the process is to its limits. */
export interface Pressure {
  /** 1: at the limit. */
  readonly value: number;
  readonly cause: LoadCause;
  readonly measuredMs: number;
  readonly limitMs: number;
}

/** A service that is slow for a few calls says nothing of load, and few calls that wait hurt nobody. */
const FEW_UNDECIDED = 100;

export function pressureOf(sample: LoadSample, terms: OverloadTerms): Pressure {
  const { delayMs, setUpDelayMs } = terms;
  const loop = pressure('loop-delay', sample.loopDelayMs, delayMs);
  const queue = pressure('queue-delay', sample.queueDelayMs, delayMs);
  const most = queue.value > loop.value ? queue : loop;
  if (sample.undecided < FEW_UNDECIDED) return most;
  const setUp = pressure('set-up-delay', sample.setUpDelayMs, setUpDelayMs);
  return setUp.value > most.value ? setUp : most;
}

function pressure(cause: LoadCause, measuredMs: number, limitMs: number): Pressure {
  return { value: measuredMs / limitMs, cause, measuredMs, limitMs };
}
