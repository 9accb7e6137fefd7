import type { LineUse } from '@tandem/proto/routing';
import { presentTime } from '../times.ts';
import type { LineView } from './schemas.ts';

export function presentLine(line: LineUse): LineView {
  return {
    subject: line.subject,
    limit: line.limit,
    inUse: line.inUse,
    holders: line.holders.map((holder) => ({
      callId: holder.callId,
      since: presentTime(holder.sinceMs),
      leaseUntil: presentTime(holder.expiresMs),
    })),
  };
}
