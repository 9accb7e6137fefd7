import { destinationOf } from './call-state.ts';
import type { CallAttempt } from './call-state.ts';

/** A call, as far as it says whom it was tried at. */
export interface CallWithAttempts {
  readonly attempts: readonly CallAttempt[];
}

/** Candidates that are phones are named so; names of gateways have no blank. */
const PHONE = 'phone ';

/** At how many devices a call to a phone rang, or was to ring (REG-03); undefined where no phone was called. */
export function devicesRung({ attempts }: CallWithAttempts): number | undefined {
  const ofPhone = attempts.filter(({ candidate }) => candidate.gateway.startsWith(PHONE));
  if (ofPhone.length === 0) return undefined;
  // Several ways to one device are one.
  return new Set(ofPhone.map((attempt) => destinationOf(attempt).target.device ?? 0)).size;
}
