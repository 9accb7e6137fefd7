import type { Candidate } from '@tandem/proto/routing';
import type { ProvisionalTimer } from './call-state.ts';

/** Where routing named none: the parameters' defaults (CALL-03). */
const defaultsMs: Readonly<Record<ProvisionalTimer, number>> = {
  ringing: 120_000,
  'session-progress': 20_000,
  'session-progress-sdp': 120_000,
};

/** The timer that a provisional response starts (CALL-03). */
export function timerAfter(status: number, hasSdp: boolean): ProvisionalTimer {
  if (status === 100) return 'session-progress';
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
