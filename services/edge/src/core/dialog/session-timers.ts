import type { Headers, SipRequest, SipResponse } from '@tandem/sip';
import type { DialogTerms } from '@tandem/proto/routing';
import type { SessionTerms } from '../../ports.ts';
import type { LegName } from './dialog-token.ts';
import type { TokenTerms } from './token-terms.ts';

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
 * though never below what somebody on the way wants at least. One that is too short, of a sender that would not know what a
 * 422 means, is raised, and `Min-SE` with it; of any other sender `Min-SE` stays as it is.
 * @param headers of the request that goes on
 * @param intervalSeconds 0 = none is offered
 */
export function offerSession(headers: Headers, intervalSeconds: number): void {
  const { interval, least } = offeredSession(headers, intervalSeconds);
  const asked = sessionInterval(headers);
  if (interval === undefined || interval === asked) return;
  const refresher = asked === undefined ? '' : parametersOf(headers.get('Session-Expires'));
  if (isTooShort(headers)) headers.set('Min-SE', String(least));
  headers.set('Session-Expires', `${String(interval)}${refresher}`);
}

/**
 * The session interval of a request as it goes on, in seconds; undefined where it has none.
 * @param oursSeconds 0 = we offer none
 */
function offeredSession(
  headers: Headers,
  oursSeconds: number,
): { readonly interval: number | undefined; readonly least: number } {
  const named = seconds(headers.get('Min-SE')) ?? 0;
  const asked = sessionInterval(headers);
  if (isTooShort(headers)) {
    const least = Math.max(named, SHORTEST_SESSION_S);
    return { interval: least, least };
  }
  const least = named === 0 ? SHORTEST_SESSION_S : named;
  if (oursSeconds === 0) return { interval: asked, least };
  const wanted = Math.max(oursSeconds, least);
  return { interval: asked === undefined ? wanted : Math.min(asked, wanted), least };
}

/** Too short, of a sender that cannot be refused for it. */
function isTooShort(headers: Headers): boolean {
  const interval = sessionInterval(headers) ?? SHORTEST_SESSION_S;
  return interval < SHORTEST_SESSION_S && !hasTimer(headers);
}

function parametersOf(value = ''): string {
  return /;.*$/s.exec(value)?.[0] ?? '';
}

/**
 * Completes a 2xx of a called side without session timers (RFC 4028 §8.2): the sender of the request, which has them,
 * refreshes, and is required to. One that names a longer interval than it was asked for is taken for such a side: it may shorten
 * an interval alone (§9), and nobody knows when it means to refresh.
 * @param intervalSeconds that of the request as it went on; 0 = its sender has none either
 */
export function confirmSession(headers: Headers, intervalSeconds: number): void {
  if (intervalSeconds === 0) return;
  const agreed = sessionInterval(headers);
  const isTooLong = agreed !== undefined && agreed > intervalSeconds;
  if (headers.has('Session-Expires') && !isTooLong) return;
  headers.set('Session-Expires', `${String(intervalSeconds)};refresher=uac`);
  const required = headers.list('Require');
  if (!required.some((option) => option.toLowerCase() === 'timer')) {
    headers.set('Require', [...required, 'timer'].join(', '));
  }
}

/** The interval that a 2xx agrees to, where one of so many seconds was asked for. */
function heldTo(asked: number, headers: Headers): number | undefined {
  const agreed = sessionInterval(headers);
  return agreed !== undefined && agreed > asked ? asked : agreed;
}

/**
 * What a 2xx to a request is completed with: the interval with which the request went on, or 0 where its sender has no
 * session timers.
 */
export function confirmableSeconds(request: SipRequest, oursSeconds: number): number {
  if (oursSeconds === 0 || !hasTimer(request.headers)) return 0;
  return offeredSession(request.headers, oursSeconds).interval ?? 0;
}

/** `confirmableSeconds` of most requests of a side: the caller is known by its INVITE, of the callee nothing is. */
export function usualConfirmation(
  from: LegName,
  terms: Pick<TokenTerms, 'hasCallerTimer' | 'sessionSeconds'>,
): number {
  return from === 'a' && terms.hasCallerTimer ? terms.sessionSeconds : 0;
}

/** `confirmableSeconds` of an initial INVITE. */
export function confirmedInterval(invite: SipRequest, terms: DialogTerms | undefined): number {
  return confirmableSeconds(invite, terms?.sessionIntervalSeconds ?? 0);
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
  const asked = confirmedInterval(invite, terms);
  const agreed = asked > 0 ? heldTo(asked, answer.headers) : sessionInterval(answer.headers);
  const interval = agreed ?? asked;
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
