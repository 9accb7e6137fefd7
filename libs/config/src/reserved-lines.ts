import { entriesOf } from './blocks.ts';
import type { Block, Report } from './blocks.ts';
import { leastLines } from './schedules.ts';

/** ROUTE-05: lines are reserved in a group that has so many. */
export function checkReservedLines(document: Block, report: Report): void {
  const limits = new Map<unknown, unknown>();
  for (const { block } of entriesOf(document, 'gatewayGroups')) {
    limits.set(block['name'], leastLines(block));
  }
  for (const { path, block } of entriesOf(document, 'routingGateways')) {
    const { group, reservedLines: reserved } = block;
    if (typeof reserved !== 'number' || reserved === 0) continue;
    const at = [...path, 'reservedLines'];
    if (group === undefined) {
      report(at, 'has no effect without a group: they are lines of its group');
      continue;
    }
    const limit = limits.get(group);
    if (typeof limit !== 'number') continue;
    const name = JSON.stringify(group);
    if (limit === 0) {
      report(at, `has no effect, since group ${name} has no lineLimit: set one there`);
    } else if (reserved > limit) {
      report(
        at,
        `is ${String(reserved)}, but group ${name} has ${String(limit)} lines at some time: the gateway would never get a call then; at most ${String(limit)}`,
      );
    }
  }
}
