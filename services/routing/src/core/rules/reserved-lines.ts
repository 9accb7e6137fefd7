import { decided } from '@tandem/domain';
import type { DecisionRecord } from '@tandem/domain';
import type { FullLine } from '@tandem/limits';
import { subjectOf } from '../line-keys.ts';
import type { BarredAt } from './barred-at.ts';

/**
 * ROUTE-05, DENY-12: the lines of its group that are free are fewer than the gateway leaves to others. It stands at gateways of
 * low priority, so that those of high priority find lines in their group.
 */
export function linesReservedDecision(
  { key, limit, inUse, holders }: FullLine,
  { subject, prefix, atMs, reserved }: BarredAt & { readonly reserved: number },
): DecisionRecord {
  const facts = {
    prefix,
    reservedLines: reserved,
    limit,
    limitOf: subjectOf(key),
    inUse,
    holders: holders.join(' '),
  };
  return decided('lines-reserved', { subject, facts, atMs });
}
