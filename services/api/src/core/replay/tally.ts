import { formatMoney, parseMoney, type Nanos } from '@tandem/domain';
import type { PastCall } from './past-call.ts';
import type { PlayedCall } from './play-call.ts';

/** How the calls went then, would go by the configuration in effect, and by the draft. */
export const sides = ['then', 'now', 'draft'] as const;
export type Side = (typeof sides)[number];

/** What some calls come to; money by currency, as decimals. */
export interface Figures {
  calls: number;
  answered: number;
  failed: number;
  refused: number;
  open: number;
  /** Of talk. */
  seconds: number;
  revenue: Record<string, string>;
  cost: Record<string, string>;
}

/** Of a gateway: it is asked for calls that end elsewhere, too. */
interface Attempts {
  attempts: number;
}

/** Calls that go elsewhere by the draft. */
interface Move {
  readonly from: string;
  readonly to: string;
  calls: number;
  /** By currency: what the draft earns more with them. */
  margin: Record<string, string>;
}

type BySide<Value> = Record<Side, Value>;

/** All of it, as JSON. */
export interface TallyState {
  calls: number;
  readonly totals: BySide<Figures>;
  /** Calls that were not answered, by reason. */
  readonly reasons: BySide<Record<string, number>>;
  readonly gateways: BySide<Record<string, Figures & Attempts>>;
  readonly accounts: BySide<Record<string, Figures>>;
  readonly moves: Record<string, Move>;
}

/** Kinds of moves that are told apart; further ones are one. */
const MOST_MOVES = 2000;

export function emptyTally(): TallyState {
  return {
    calls: 0,
    totals: bySide(emptyFigures),
    reasons: bySide(() => named({})),
    gateways: bySide(() => named({})),
    accounts: bySide(() => named({})),
    moves: named({}),
  };
}

/** One that was kept as JSON. */
export function tallyOf({
  accounts,
  calls,
  gateways,
  moves,
  reasons,
  totals,
}: TallyState): TallyState {
  // prettier-ignore
  const each = <Value>(lists: BySide<Record<string, Value>>): BySide<Record<string, Value>> => ({
    then: named(lists.then),
    now: named(lists.now),
    draft: named(lists.draft),
  });
  return {
    calls,
    totals,
    reasons: each(reasons),
    gateways: each(gateways),
    accounts: each(accounts),
    moves: named(moves),
  };
}

/** Names come from configurations and files: `constructor` is one like any other. */
function named<Value>(values: Record<string, Value>): Record<string, Value> {
  return Object.assign(Object.create(null) as Record<string, Value>, values);
}

/** Adds a call to what is counted. Takes as much memory as there are gateways, accounts and reasons. */
export function addCall(state: TallyState, call: PastCall, played: BySide<PlayedCall>): void {
  state.calls += 1;
  const seconds = Math.ceil(call.durationMs / 1000);
  for (const side of sides) {
    const { [side]: one } = played;
    add(state.totals[side], one, seconds);
    add((state.accounts[side][call.origin.account || call.origin.name] ??= emptyFigures()), one, seconds); // prettier-ignore
    for (const gateway of one.tried) gatewayOf(state, side, gateway).attempts += 1;
    if (one.gateway !== '') add(gatewayOf(state, side, one.gateway), one, seconds);
    if (one.kind === 'failed' || one.kind === 'refused') {
      const { [side]: reasons } = state.reasons;
      reasons[one.reason] = (reasons[one.reason] ?? 0) + 1;
    }
  }
  addMove(state, played);
}

function gatewayOf({ gateways }: TallyState, side: Side, name: string): Figures & Attempts {
  return (gateways[side][name] ??= { ...emptyFigures(), attempts: 0 });
}

function addMove(state: TallyState, { draft, now }: BySide<PlayedCall>): void {
  const [from, to] = [placeOf(now), placeOf(draft)];
  if (from === to) return;
  const own = `${from} > ${to}`;
  const isKnown = own in state.moves || Object.keys(state.moves).length < MOST_MOVES;
  const move = (state.moves[isKnown ? own : 'others'] ??= isKnown
    ? { from, to, calls: 0, margin: {} }
    : { from: 'others', to: 'others', calls: 0, margin: {} });
  move.calls += 1;
  addMoney(move.margin, draft.currency, moneyOf(draft.price));
  addMoney(move.margin, draft.costCurrency, -moneyOf(draft.cost));
  addMoney(move.margin, now.currency, -moneyOf(now.price));
  addMoney(move.margin, now.costCurrency, moneyOf(now.cost));
}

/** A gateway, or why there is none. */
function placeOf({ gateway, kind, reason }: PlayedCall): string {
  return kind === 'refused' ? `refused: ${reason}` : gateway;
}

function add(
  figures: Figures,
  { cost, costCurrency, currency, kind, price }: PlayedCall,
  seconds: number,
): void {
  // prettier-ignore
  figures.calls += 1;
  figures[kind] += 1;
  if (kind !== 'answered') return;
  figures.seconds += seconds;
  addMoney(figures.revenue, currency, moneyOf(price));
  addMoney(figures.cost, costCurrency, moneyOf(cost));
}

function addMoney(sums: Record<string, string>, currency: string, amount: Nanos): void {
  if (currency === '' || amount === 0n) return;
  sums[currency] = formatMoney(moneyOf(sums[currency] ?? '') + amount);
}

function moneyOf(text: string): Nanos {
  return text === '' ? 0n : parseMoney(text);
}

/** What was earned, by currency: revenue without cost. */
export function marginOf({
  cost,
  revenue,
}: Pick<Figures, 'cost' | 'revenue'>): Record<string, string> {
  // prettier-ignore
  const margin = { ...revenue };
  for (const [currency, amount] of Object.entries(cost)) addMoney(margin, currency, -moneyOf(amount)); // prettier-ignore
  return margin;
}

/** What the draft makes of it more than the configuration in effect, by currency. */
export function moreThan(
  draft: Record<string, string>,
  now: Record<string, string>,
): Record<string, string> {
  const more = { ...draft };
  for (const [currency, amount] of Object.entries(now)) addMoney(more, currency, -moneyOf(amount));
  return Object.fromEntries(Object.entries(more).filter(([, amount]) => moneyOf(amount) !== 0n));
}

function emptyFigures(): Figures {
  return { calls: 0, answered: 0, failed: 0, refused: 0, open: 0, seconds: 0, revenue: {}, cost: {} }; // prettier-ignore
}

function bySide<Value>(make: () => Value): BySide<Value> {
  return { then: make(), now: make(), draft: make() };
}
