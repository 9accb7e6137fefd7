import type { GatewayGroup } from '@tandem/config';
import type { LimitClaim } from '@tandem/limits';
import { lineKey } from '../line-keys.ts';
import type { GatewayEntry } from '../routing-tables.ts';
import { isOpenAt } from './schedule.ts';
import type { Schedule } from './schedule.ts';

/** A gateway group: the lines that its gateways share (ROUTE-05), at the time (ROUTE-08). */
export interface GroupEntry {
  readonly name: string;
  readonly lineLimit: number;
  /** Its gateways get calls while this is open; undefined: always. */
  readonly schedule: Schedule | undefined;
  /** The first whose schedule is open has the limit in place of `lineLimit`. */
  readonly capacities: readonly { readonly schedule: Schedule; readonly lineLimit: number }[];
}

export function groupEntry(
  { name, lineLimit, schedule, capacities }: GatewayGroup,
  schedules: ReadonlyMap<string, Schedule>,
): GroupEntry {
  return {
    name,
    lineLimit,
    schedule: schedule === undefined ? undefined : schedules.get(schedule),
    capacities: capacities.flatMap((capacity) => {
      const found = schedules.get(capacity.schedule);
      return found === undefined ? [] : [{ schedule: found, lineLimit: capacity.lineLimit }];
    }),
  };
}

/** The lines of a group; 0 = no limit. */
function capacityAt({ capacities, lineLimit }: GroupEntry, atMs: number): number {
  return capacities.find(({ schedule }) => isOpenAt(schedule, atMs))?.lineLimit ?? lineLimit;
}

/** What a gateway's call takes, with its group's lines as they are at the time. */
export function claimsAt({ lines, group }: GatewayEntry, atMs: number): readonly LimitClaim[] {
  if (group === undefined || group.capacities.length === 0) return lines;
  const key = lineKey('group', group.name);
  const limit = capacityAt(group, atMs);
  return lines.map((claim) => (claim.key === key ? { ...claim, limit } : claim));
}

/** The limits of all lines, with those of groups as they are at the time. */
export function limitsAt(
  limits: ReadonlyMap<string, number>,
  groups: readonly GroupEntry[],
  atMs: number,
): ReadonlyMap<string, number> {
  const changing = groups.filter(({ capacities }) => capacities.length > 0);
  if (changing.length === 0) return limits;
  const now = new Map(limits);
  for (const group of changing) now.set(lineKey('group', group.name), capacityAt(group, atMs));
  return now;
}
