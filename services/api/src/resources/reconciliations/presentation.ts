import type { Reconciliation } from '@tandem/proto/billing';
import { presentTime } from '../times.ts';
import type { ReconciliationView } from './schemas.ts';

export function presentReconciliation(compared: Reconciliation): ReconciliationView {
  const { doneAtMs, logRead, ...same } = compared;
  return { ...same, doneAt: presentTime(doneAtMs), isLogRead: logRead };
}
