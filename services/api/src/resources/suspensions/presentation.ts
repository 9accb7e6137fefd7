import type { Suspension } from '@tandem/proto/auth';
import { presentTime } from '../times.ts';
import type { SuspensionView } from './schemas.ts';

export function presentSuspension(suspension: Suspension): SuspensionView {
  return {
    terminal: suspension.terminal,
    since: presentTime(suspension.sinceMs),
    until: presentTime(suspension.untilMs),
    failures: suspension.failures,
    cause: suspension.cause,
    lastSource: suspension.lastSource,
  };
}
