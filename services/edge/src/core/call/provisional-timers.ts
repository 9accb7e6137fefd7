import type { Candidate } from '@tandem/proto/routing';
import type { Branch, ProvisionalTimer } from './call-state.ts';

/** Where routing named none: the parameters' defaults (CALL-03). */
const defaultsMs: Readonly<Record<ProvisionalTimer, number>> = {
  ringing: 120_000,
  'session-progress': 20_000,
  'session-progress-sdp': 120_000,
};

/** The timer that a provisional response starts (CALL-03). */
export function timerAfter(status: number, hasSdp: boolean): ProvisionalTimer {
  if (status === 100 || status === 199) return 'session-progress';
  if (status === 183) return hasSdp ? 'session-progress-sdp' : 'session-progress';
  return 'ringing';
}

/** How long the gateway may take, in ms. */
export function timerMs({ timers }: Candidate, timer: ProvisionalTimer): number {
  const own = {
    ringing: timers?.ringingMs,
    'session-progress': timers?.sessionProgressMs,
    'session-progress-sdp': timers?.sessionProgressSdpMs,
  }[timer];
  return own === undefined || own === 0 ? defaultsMs[timer] : own;
}

const INVITE_MS = 10_000;
/** The carrier may have answered a pod that died: it has this long to answer the repeated INVITE. */
const AGAIN_MS = 2000;

/**
 * How long a branch waits for any response at all, in ms from now (CALL-03: `SS_SIP_TIMEOUT_INVITE`). Where another pod began it,
 * it is what is left, so that a silent gateway is not waited for longer the more pods die.
 */
export function inviteMs({ attempt, isAdopted }: Branch, nowMs: number): number {
  const set = attempt.candidate.timers?.inviteMs ?? 0;
  const ms = set === 0 ? INVITE_MS : set;
  if (!isAdopted) return ms;
  return Math.min(ms, Math.max(AGAIN_MS, attempt.attempt.startedMs + ms - nowMs));
}
