import type {
  AuthenticationFailure,
  BlacklistEntry as BlacklistEntryMessage,
  Suspension as SuspensionMessage,
} from '@tandem/proto/auth';
import { OTHER_PLACES } from '../core/place.ts';
import type { BlacklistEntry, GatheredFailure, Suspension } from '../ports.ts';

export function encodeSuspension(suspension: Suspension): SuspensionMessage {
  const { terminal, sinceMs, untilMs, failures, maxFailures, cause, lastSource } = suspension;
  const told = suspension.explanation === '' ? '' : ` (${suspension.explanation})`;
  const parameter = terminal.endsWith(` at ${OTHER_PLACES}`)
    ? 'SS_AUTHENTICATION_USER_MAX_RETRY'
    : 'SS_AUTHENTICATION_MAX_RETRY';
  return {
    terminal,
    sinceMs,
    untilMs,
    failures,
    cause: `${String(failures)} failures (${parameter}=${String(maxFailures)}), the last: ${cause}${told}, from ${lastSource}`,
    lastSource,
  };
}

export function encodeBlacklisted(entry: BlacklistEntry): BlacklistEntryMessage {
  const { place, sinceMs, untilMs, failures, cause } = entry;
  return {
    source: place,
    sinceMs,
    untilMs,
    failures,
    cause: failures === 0 ? cause : `${String(failures)} failures, the last: ${cause}`,
  };
}

export function encodeFailure(failure: GatheredFailure): AuthenticationFailure {
  const { place, ...rest } = failure;
  return { ...rest, source: place };
}
