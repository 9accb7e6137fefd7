import type { Binding } from './binding.ts';

/** When keep-alives are sent, and when a phone counts as lost (REG-04). */
export interface KeepaliveTerms {
  /** 0: none are sent. */
  readonly intervalMs: number;
  /** SS_ENDPOINT_KEEPALIVE_LIMIT. */
  readonly limit: number;
}

/** What became of one. */
export interface KeepaliveOutcome {
  readonly isAnswered: boolean;
  readonly rttMs: number;
}

/** An answer like those before is noted this often: to write each would cost more than to send it. */
const NOTED_EVERY_MS = 5 * 60_000;

/** Whether a hole in a NAT has to be kept open for it; a proxy of its Path does that by itself. */
export function needsKeepalive({ isBehindNat, path }: Binding): boolean {
  return isBehindNat && path.length === 0;
}

/** Whether an answer would say what is not known yet. */
export function isAnswerNews({ answeredMs, missed }: Binding, nowMs: number): boolean {
  return missed > 0 || nowMs - answeredMs >= NOTED_EVERY_MS;
}

/** Any answer clears it, whatever it says: 404 and 501 come from a phone, too. */
export function afterKeepalive(
  binding: Binding,
  { isAnswered, rttMs }: KeepaliveOutcome,
  { limit, nowMs }: { readonly limit: number; readonly nowMs: number },
): Binding {
  if (isAnswered) {
    if (!isAnswerNews(binding, nowMs)) return binding;
    return { ...binding, missed: 0, isUnreachable: false, answeredMs: nowMs, rttMs };
  }
  const missed = binding.missed + 1;
  const isUnreachable = missed >= limit;
  // Who is known to be lost is not written again each time.
  return binding.isUnreachable && isUnreachable ? binding : { ...binding, missed, isUnreachable };
}
