import type { BlacklistEntry } from '@tandem/proto/auth';
import { presentTime } from '../times.ts';
import type { BlacklistEntryView } from './schemas.ts';

export function presentBlacklistEntry(entry: BlacklistEntry): BlacklistEntryView {
  const { source, sinceMs, untilMs, failures, cause } = entry;
  return { source, since: presentTime(sinceMs), until: presentTime(untilMs), failures, cause };
}
