import type { Nanos } from '@tandem/domain';
import { wholeSeconds } from '@tandem/domain';
import { sliceRules } from './call-money.ts';
import type { MoneyEnd, PaidCall, Reserved, SliceTerms, StandingCall } from './call-money.ts';
import type { BalanceClaim } from './line-ledger.ts';

type PaidClaim = BalanceClaim & { readonly slices: SliceTerms };

/** A call that rings or goes on, and one of the accounts that pay for it. */
interface OpenReservation {
  readonly kind: 'open';
  readonly account: string;
  readonly claim: PaidClaim;
  /** Further increments besides what the call costs at least. */
  steps: number;
  answeredMs: number;
  untilMs: number;
  /** When it is to be looked at; Infinity = never. */
  dueMs: number;
}

/** One that has ended, or of which nothing but its cost is known, until it is charged. */
interface ClosedReservation {
  readonly kind: 'spent' | 'standing';
  readonly amount: Nanos;
}

type Reservation = OpenReservation | ClosedReservation;

/** Money that calls have reserved, in this process's memory: what the scripts of `moneyLua` do (BILL-05). */
export class MemoryMoney {
  readonly #balance: (account: string) => Nanos | undefined;
  readonly #accounts = new Map<string, Map<string, Reservation>>();
  /** By `<call id> <account>`: since when it waits for its charge. */
  readonly #spent = new Map<string, number>();
  /** Of each call those of all accounts that pay for it. */
  readonly #open = new Map<string, readonly OpenReservation[]>();

  constructor(balance: (account: string) => Nanos | undefined) {
    this.#balance = balance;
  }

  reserved(account: string): Reserved {
    const calls = [...(this.#accounts.get(account) ?? [])];
    const holders = calls
      .flatMap(([callId, each]) => (each.kind === 'open' ? [{ callId, ms: each.untilMs }] : []))
      .sort((one, other) => other.ms - one.ms || (one.callId < other.callId ? 1 : -1))
      .slice(0, 5)
      .map(({ callId }) => callId);
    return { total: calls.reduce((sum, [, each]) => sum + amountOf(each), 0n), holders };
  }

  /** Forgets what calls have reserved that neither ring nor go on any more. */
  sweep(account: string, nowMs: number): void {
    for (const [callId, each] of this.#accounts.get(account) ?? []) {
      if (each.kind === 'open' && each.untilMs <= nowMs) this.#drop(account, callId);
    }
  }

  /** Of each account that pays for the call, in place of what another call under its id had. */
  reserve(callId: string, claims: readonly PaidClaim[], untilMs: number): void {
    this.#open.delete(callId);
    for (const claim of claims) this.#reserve(callId, claim, untilMs);
  }

  #reserve(callId: string, claim: PaidClaim, untilMs: number): void {
    const { account, leastNanos, overdraftNanos, slices } = claim;
    const { firstSeconds, nextSeconds, sliceSeconds, stepNanos } = slices;
    const free = (this.#balance(account) ?? 0n) + overdraftNanos - this.reserved(account).total;
    const left = free - leastNanos;
    const further = (seconds: number): number =>
      Math.ceil(Math.max(0, seconds - firstSeconds) / nextSeconds);
    const steps =
      stepNanos === 0n
        ? 0
        : Math.max(
            Math.min(further(sliceSeconds), stepsIn(left, stepNanos * sliceRules.share)),
            Math.min(further(sliceRules.shortest), stepsIn(left, stepNanos)),
          );
    const dueMs = Infinity;
    this.#keep(callId, { kind: 'open', account, claim, steps, answeredMs: 0, untilMs, dueMs });
  }

  /** It is held for longer: the call still rings. */
  renew(callId: string, account: string, untilMs: number): void {
    const open = this.#accounts.get(account)?.get(callId);
    if (open?.kind === 'open') open.untilMs = untilMs;
  }

  /** The call is answered. @returns whether it has reserved anything: then money ends it, and no duration that was told before */
  begin(callId: string, nowMs: number): boolean {
    const all = this.#openOf(callId);
    for (const open of all) {
      open.answeredMs = nowMs;
      open.untilMs = nowMs + sliceRules.longestMs;
      const { firstSeconds, nextSeconds } = open.claim.slices;
      if (!isEndless(open)) open.dueMs = dueOf(open, firstSeconds + open.steps * nextSeconds);
    }
    return all.length > 0;
  }

  /** The calls whose slices are to be looked at. */
  due(nowMs: number): readonly string[] {
    return [...this.#open]
      .filter(([, all]) => all.some(({ dueMs }) => dueMs <= nowMs))
      .map(([callId]) => callId);
  }

  /** The call needs no further slices. */
  leave(callId: string): void {
    for (const open of this.#openOf(callId)) open.dueMs = Infinity;
  }

  /** Reserves the next slices. @returns undefined while the call may go on, else whose money ended first */
  topUp(callId: string, nowMs: number): MoneyEnd | undefined {
    const [first, ...others] = this.#openOf(callId).flatMap(
      (open) => this.#topUp(open, nowMs) ?? [],
    );
    if (first === undefined) return undefined;
    this.leave(callId);
    return others.reduce((end, other) => (other.endedMs < end.endedMs ? other : end), first);
  }

  #topUp(open: OpenReservation, nowMs: number): MoneyEnd | undefined {
    if (open.answeredMs === 0 || isEndless(open) || open.dueMs > nowMs) return undefined;
    const { account, claim } = open;
    const balance = this.#balance(account);
    if (balance === undefined) {
      open.dueMs = nowMs + 1000;
      return undefined;
    }
    this.sweep(account, nowMs);
    const { nextSeconds, stepNanos } = claim.slices;
    const { total } = this.reserved(account);
    const added = addedSteps(open, balance + claim.overdraftNanos - total, nowMs);
    if (added > 0) {
      open.steps += added;
      open.untilMs = nowMs + sliceRules.longestMs;
      open.dueMs = dueOf(open, added * nextSeconds);
      if (endOf(open) > nowMs) return undefined;
    }
    const endedMs = endOf(open);
    // A payment may come.
    open.dueMs = endedMs > nowMs ? Math.min(endedMs, nowMs + 1000) : Infinity;
    if (endedMs > nowMs) return undefined;
    const overdraft = claim.overdraftNanos;
    const step = { step: stepNanos, stepSeconds: nextSeconds };
    return { endedMs, account, balance, overdraft, reserved: total, ...step };
  }

  /** The call is over: what it has spent stays reserved until it is charged. @returns to when it is charged */
  spend(callId: string, answeredMs: number, endedMs: number): number {
    const all = this.#openOf(callId);
    let chargedMs = endedMs;
    for (const open of all) {
      open.answeredMs = answeredMs;
      const limitMs = endOf(open);
      const isCut = !isEndless(open) && endedMs > limitMs && endedMs - limitMs <= sliceRules.cutMs;
      if (isCut) chargedMs = Math.min(chargedMs, limitMs);
    }
    for (const open of all) {
      const amount = costOf(open, chargedMs - answeredMs);
      this.#drop(open.account, callId);
      if (amount === 0n) continue;
      this.#calls(open.account).set(callId, { kind: 'spent', amount });
      this.#spent.set(`${callId} ${open.account}`, chargedMs);
    }
    return chargedMs;
  }

  /** What a call that rings, or is forgotten, has reserved is free again. */
  giveBack(callId: string, account: string): void {
    if (this.#accounts.get(account)?.get(callId)?.kind === 'open') this.#drop(account, callId);
  }

  settle({ account, callId }: PaidCall): void {
    this.#drop(account, callId);
    this.#spent.delete(`${callId} ${account}`);
  }

  stand({ account, amount, callId }: StandingCall, nowMs: number): void {
    const known = this.#accounts.get(account)?.get(callId);
    if (known !== undefined && known.kind !== 'standing') return;
    this.#calls(account).set(callId, { kind: 'standing', amount });
    const name = `${callId} ${account}`;
    if (!this.#spent.has(name)) this.#spent.set(name, nowMs);
  }

  /** Calls that have ended before a moment and are not charged yet. */
  spentBefore(ms: number, most: number): readonly PaidCall[] {
    return [...this.#spent]
      .filter(([, sinceMs]) => sinceMs <= ms)
      .sort(([, one], [, other]) => one - other)
      .slice(0, most)
      .map(([name]) => paidCall(name));
  }

  #keep(callId: string, open: OpenReservation): void {
    this.#calls(open.account).set(callId, open);
    this.#open.set(callId, [...this.#openOf(callId), open]);
  }

  #drop(account: string, callId: string): void {
    const calls = this.#accounts.get(account);
    const dropped = calls?.get(callId);
    calls?.delete(callId);
    // A call that an earlier one of this id had lost may have other payers.
    const left = this.#openOf(callId).filter((open) => open !== dropped);
    if (left.length === 0) this.#open.delete(callId);
    else this.#open.set(callId, left);
  }

  #openOf(callId: string): readonly OpenReservation[] {
    return this.#open.get(callId) ?? [];
  }

  #calls(account: string): Map<string, Reservation> {
    let calls = this.#accounts.get(account);
    if (calls === undefined) {
      calls = new Map();
      this.#accounts.set(account, calls);
    }
    return calls;
  }
}

/** Reads `<call id> <account>`. */
export function paidCall(name: string): PaidCall {
  const at = name.lastIndexOf(' ');
  return { callId: name.slice(0, at), account: name.slice(at + 1) };
}

function isEndless({ claim }: OpenReservation): boolean {
  return claim.slices.stepNanos === 0n;
}

function amountOf(each: Reservation): Nanos {
  if (each.kind !== 'open') return each.amount;
  return each.claim.leastNanos + each.claim.slices.stepNanos * BigInt(each.steps);
}

function endOf({ answeredMs, claim: { slices }, steps }: OpenReservation): number {
  return answeredMs + (slices.firstSeconds + steps * slices.nextSeconds) * 1000;
}

/** Before the slice ends, a short one half through. */
function dueOf(open: OpenReservation, addedSeconds: number): number {
  return endOf(open) - Math.min(sliceRules.margin, addedSeconds / 2) * 1000;
}

/** What was talked while the store was away comes first, whatever it is. */
function addedSteps(open: OpenReservation, free: Nanos, nowMs: number): number {
  const { firstSeconds, nextSeconds, sliceSeconds, stepNanos } = open.claim.slices;
  const talked = Math.max(0, (nowMs - open.answeredMs) / 1000 - firstSeconds);
  const wanted = Math.ceil((talked + sliceSeconds) / nextSeconds) - open.steps;
  const needed =
    Math.max(Math.ceil(talked / nextSeconds) - open.steps, 0) +
    Math.ceil(sliceRules.shortest / nextSeconds);
  return Math.max(
    Math.min(wanted, stepsIn(free, stepNanos * sliceRules.share)),
    Math.min(needed, stepsIn(free, stepNanos)),
    0,
  );
}

function costOf({ claim }: OpenReservation, ms: number): Nanos {
  const { firstSeconds, freeSeconds, nextSeconds, rounding, stepNanos } = claim.slices;
  const seconds = Math.max(1, wholeSeconds(ms, rounding));
  if (seconds <= freeSeconds) return 0n;
  const further = Math.ceil(Math.max(0, seconds - firstSeconds) / nextSeconds);
  return claim.leastNanos + stepNanos * BigInt(further);
}

const MOST_STEPS = 100_000n;

/** Whole steps that an amount pays for. */
function stepsIn(amount: Nanos, step: Nanos): number {
  if (amount < 0n) return 0;
  const steps = amount / step;
  return Number(steps < MOST_STEPS ? steps : MOST_STEPS);
}
