import { parseMoney } from '@tandem/domain';
import type { LineFigures } from '../../core/replay/lines-in-use.ts';
import type { RunState } from '../../core/replay/replay-run.ts';
import { marginOf, moreThan, sides, type Figures, type Side } from '../../core/replay/tally.ts';
import type { Replay } from '../../replay-ports.ts';
import { presentTime } from '../times.ts';
import type { MoneyView, ReplayDetailView, ReplayResultView, ReplayView } from './schemas.ts';

const MOST_ROWS = 1000;
const MOST_MOVES = 100;

export function presentReplay(replay: Replay): ReplayView {
  const { calls, draftVersion, error, heldRates, id, note, period, state, version } = replay;
  return {
    id,
    state,
    error,
    note,
    createdAt: presentTime(replay.createdAt.getTime()),
    createdBy: replay.createdBy,
    version,
    draftVersion: draftVersion ?? null,
    rates: [...heldRates],
    limits: replay.keepsLimits ? 'keep' : 'ignore',
    from: presentTime(period?.fromMs),
    until: presentTime(period?.untilMs),
    startedAt: presentTime(replay.startedAt?.getTime()),
    finishedAt: presentTime(replay.finishedAt?.getTime()),
    calls,
    playedUntil: presentTime(replay.playedUntil?.getTime()),
    share: shareOf(replay),
  };
}

/** Of CDRs nobody has counted how many there are: how much of the period is done. */
function shareOf({ calls, period, playedUntil, state, total = 0 }: Replay): number {
  if (state === 'done') return 1;
  if (period === undefined) return total === 0 ? 0 : calls / total;
  if (playedUntil === undefined) return 0;
  const { fromMs, untilMs } = period;
  const share = (playedUntil.getTime() - fromMs) / Math.max(1, untilMs - fromMs);
  return Math.min(1, Math.max(0, share));
}

export function presentReplayDetail(replay: Replay, run: RunState | undefined): ReplayDetailView {
  return {
    ...presentReplay(replay),
    changes: replay.changes.map((change) => ({ ...change, fields: [...change.fields] })),
    result: run === undefined ? null : presentResult(run),
  };
}

function presentResult({ draft, now, tally, unread }: RunState): ReplayResultView {
  const { accounts, gateways, moves, reasons, totals } = tally;
  const sideOf = (side: Side) => ({
    ...presentFigures(totals[side]),
    reasons: Object.entries(reasons[side])
      .map(([reason, calls]) => ({ reason, calls }))
      .toSorted((a, b) => b.calls - a.calls || (a.reason < b.reason ? -1 : 1)),
  });
  return {
    unread,
    then: sideOf('then'),
    now: sideOf('now'),
    draft: sideOf('draft'),
    more: difference(totals.draft, totals.now),
    gateways: compared(gateways, { ...NOTHING, attempts: 0 }, ({ attempts, ...figures }) => ({
      ...presentFigures(figures),
      attempts,
    })).map(({ name, ...row }) => ({ gateway: name, ...row })),
    accounts: compared(accounts, NOTHING, presentFigures).map(({ name, ...row }) => ({
      account: name,
      ...row,
    })),
    lines: presentLines(new Map(now.used), new Map(draft.used)),
    moves: Object.values(moves)
      .toSorted((a, b) => b.calls - a.calls || (a.from < b.from ? -1 : 1))
      .slice(0, MOST_MOVES)
      .map(({ margin, ...move }) => ({ ...move, margin: presentMoney(margin) })),
  };
}

const NOTHING: Figures = { calls: 0, answered: 0, failed: 0, refused: 0, open: 0, seconds: 0, revenue: {}, cost: {} }; // prettier-ignore

/** Each that is on any side, who wins or loses most calls first. */
function compared<Own extends Figures, View>(
  lists: Readonly<Record<Side, Readonly<Record<string, Own>>>>,
  nothing: Own,
  present: (figures: Own) => View,
) {
  const names = new Set(sides.flatMap((side) => Object.keys(lists[side])));
  return [...names]
    .map((name) => {
      const [then, now, draft] = sides.map((side) => ownOf(lists[side], name) ?? nothing);
      return { name, then: then ?? nothing, now: now ?? nothing, draft: draft ?? nothing };
    })
    .map(({ draft, name, now, then }) => ({
      name,
      then: present(then),
      now: present(now),
      draft: present(draft),
      more: difference(draft, now),
    }))
    .toSorted(
      (a, b) => Math.abs(b.more.calls) - Math.abs(a.more.calls) || (a.name < b.name ? -1 : 1),
    ) // prettier-ignore
    .slice(0, MOST_ROWS);
}

function ownOf<Value>(values: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}

function difference(draft: Figures, now: Figures): ReplayResultView['more'] {
  return {
    calls: draft.calls - now.calls,
    answered: draft.answered - now.answered,
    margin: presentMoney(moreThan(marginOf(draft), marginOf(now))),
  };
}

function presentFigures(figures: Figures) {
  const { cost, revenue, ...counts } = figures;
  return {
    ...counts,
    revenue: presentMoney(revenue),
    cost: presentMoney(cost),
    margin: presentMoney(marginOf(figures)),
  };
}

function presentMoney(sums: Readonly<Record<string, string>>): MoneyView {
  return Object.entries(sums)
    .filter(([, amount]) => parseMoney(amount) !== 0n)
    .map(([currency, amount]) => ({ currency, amount }))
    .toSorted((a, b) => (a.currency < b.currency ? -1 : 1));
}

function presentLines(
  now: ReadonlyMap<string, LineFigures>,
  draft: ReadonlyMap<string, LineFigures>,
): ReplayResultView['lines'] {
  const keys = [...new Set([...draft.keys(), ...now.keys()])];
  const peak = (key: string): number => draft.get(key)?.peak ?? 0;
  return keys
    .toSorted((a, b) => peak(b) - peak(a) || (a < b ? -1 : 1))
    .slice(0, MOST_ROWS)
    .map((key) => ({
      subject: key.replace(':', ' '),
      now: presentUse(now.get(key)),
      draft: presentUse(draft.get(key)),
    }));
}

function presentUse(figures: LineFigures | undefined): ReplayResultView['lines'][number]['now'] {
  return {
    lines: figures?.peak ?? 0,
    linesAt: presentTime(figures?.peakAtMs),
    lineLimit: figures?.limit ?? 0,
    perSecond: figures?.ratePeak ?? 0,
    perSecondAt: presentTime(figures?.ratePeakAtMs),
    perSecondLimit: figures?.rateLimit ?? 0,
    full: figures?.full ?? 0,
  };
}
