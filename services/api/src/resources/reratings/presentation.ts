import { formatMoney, parseMoney } from '@tandem/domain';
import type { ReratedLine, Rerating } from '@tandem/proto/billing';
import { presentTime } from '../times.ts';
import type { ReratingDetailView, ReratingLineView, ReratingView } from './schemas.ts';

export function presentRerating(rerating: Rerating): ReratingView {
  const { accounts, appliedBy, booked, cause, createdBy, held, id, lines, note, reversedBy, reverses, share, skipped, version } = rerating; // prettier-ignore
  return {
    ...{ id, accounts, version, note, createdBy, appliedBy, cause, share, lines, booked, skipped },
    state: rerating.state as ReratingView['state'],
    from: presentTime(rerating.fromMs),
    until: presentTime(rerating.untilMs),
    rates: held.map(({ importId, rateGroup }) => ({ group: rateGroup, id: importId })),
    reverses: reverses === 0 ? null : reverses,
    reversedBy: reversedBy === 0 ? null : reversedBy,
    createdAt: presentTime(rerating.createdAtMs),
    finishedAt: presentTime(rerating.finishedAtMs),
  };
}

export function presentReratingDetail(rerating: Rerating): ReratingDetailView {
  const { applied, dearest, sums } = rerating;
  return {
    ...presentRerating(rerating),
    sums: sums.map((sum) => ({ ...sum, side: sum.side as ReratingLineView['side'] })),
    dearest: dearest.map(presentReratedLine),
    applied,
  };
}

export function presentReratedLine(line: ReratedLine): ReratingLineView {
  const { account, after, before, callee, callId, currency, side, startedMs, why } = line;
  const isRated = after !== '';
  return {
    ...{ callId, account, callee, before, currency, why },
    startedAt: presentTime(startedMs),
    side: side as ReratingLineView['side'],
    after: isRated ? after : null,
    difference: isRated ? formatMoney(parseMoney(after) - parseMoney(before)) : '0',
  };
}
