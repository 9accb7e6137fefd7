import type { Headers, SipRequest, SipResponse } from '@tandem/sip';
import type { DialogTerms } from '@tandem/proto/routing';
import type { SessionTerms } from '../../ports.ts';

/** RFC 4028 §5: no session interval is shorter. */
export const SHORTEST_SESSION_S = 90;
/** Two bytes of two seconds each hold it. */
const LONGEST_SESSION_S = 131_070;

/** Whether a message's sender has session timers (RFC 4028 §7.1). */
export function hasTimer(headers: Headers): boolean {
  return headers.list('Supported').some((option) => option.toLowerCase() === 'timer');
}

/** The session interval that a message names, in seconds; undefined where it names none that can be read. */
export function sessionInterval(headers: Headers): number | undefined {
  return seconds(headers.get('Session-Expires'));
}

/** A session interval as tokens and branches hold it. */
export function evenSeconds(interval: number): number {
  const even = interval - (interval % 2);
  return Math.min(even, LONGEST_SESSION_S);
}

/**
 * RFC 4028 §8.1: whether a request asks for a session that is refreshed more often than anybody should, and its sender
 * knows what a 422 means.
 */
export function isTooBrief(request: SipRequest): boolean {
  const interval = sessionInterval(request.headers);
  return interval !== undefined && interval < SHORTEST_SESSION_S && hasTimer(request.headers);
}

/**
 * Offers a session interval in the request that goes on (RFC 4028 §8.1): ours where the sender names none or a longer one,
 * though never below what somebody on the way wants at least.
 * @param intervalSeconds 0 = none is offered
 */
export function offerSession(headers: Headers, intervalSeconds: number): void {
  if (intervalSeconds === 0) return;
  const asked = headers.get('Session-Expires');
  const least = seconds(headers.get('Min-SE')) ?? SHORTEST_SESSION_S;
  const wanted = Math.max(intervalSeconds, least);
  const interval = seconds(asked);
  if (asked === undefined || interval === undefined) {
    headers.set('Session-Expires', String(wanted));
  } else if (interval > wanted) {
    const refresher = /;.*$/s.exec(asked)?.[0] ?? '';
    headers.set('Session-Expires', `${String(wanted)}${refresher}`);
  }
}

/**
 * Completes a 2xx of a called side without session timers (RFC 4028 §8.2): its caller, which has them, refreshes.
 * @param options.isCertain the caller is known to have session timers, so that it may be required to
 */
export function confirmSession(
  headers: Headers,
  options: { readonly intervalSeconds: number; readonly isCertain: boolean },
): void {
  if (options.intervalSeconds === 0 || headers.has('Session-Expires')) return;
  headers.append('Session-Expires', `${String(options.intervalSeconds)};refresher=uac`);
  if (!options.isCertain) return;
  const required = headers.list('Require');
  if (!required.includes('timer')) headers.set('Require', [...required, 'timer'].join(', '));
}

/** What a 2xx to a caller is completed with: the interval that was offered to the called side, or 0. */
export function confirmedInterval(invite: SipRequest, terms: DialogTerms | undefined): number {
  if (terms === undefined || !hasTimer(invite.headers)) return 0;
  const asked = sessionInterval(invite.headers);
  const least = seconds(invite.headers.get('Min-SE')) ?? SHORTEST_SESSION_S;
  const wanted = Math.max(terms.sessionIntervalSeconds, least);
  return asked === undefined ? wanted : Math.min(asked, wanted);
}

/** Who shows that an answered call goes on, and how long it may (CALL-05, CALL-09). */
export function sessionTerms(call: {
  readonly invite: SipRequest;
  readonly answer: SipResponse;
  readonly terms: DialogTerms | undefined;
  readonly maxDurationSeconds: number;
}): SessionTerms {
  const { invite, answer, terms } = call;
  const longestMs = call.maxDurationSeconds * 1000;
  const agreed = sessionInterval(answer.headers);
  const interval = agreed ?? confirmedInterval(invite, terms);
  if (interval > 0) return { kind: 'endpoints', intervalMs: interval * 1000, longestMs };
  const probeSeconds = terms?.probeIntervalSeconds ?? 0;
  return probeSeconds > 0
    ? { kind: 'probes', intervalMs: probeSeconds * 1000, longestMs }
    : { kind: 'none', intervalMs: 0, longestMs };
}

function seconds(value: string | undefined): number | undefined {
  const digits = value === undefined ? undefined : /^\s*(\d{1,9})\s*(?:;|$)/.exec(value)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
