import type { Nanos } from '@tandem/domain';
import { heldKeys, mostInUse, neededBalance, payersOf } from './line-ledger.ts';
import { MemoryCallTokens } from './memory-call-tokens.ts';
import type { PaidCall, Reserved, StandingCall } from './call-money.ts';
import type { Limits } from './limits.ts';
import type {
  AcquireRequest,
  AcquireResult,
  AdvanceRequest,
  AdvanceResult,
  FullLine,
  LimitClaim,
  LineHolder,
  LineLedger,
  LineUse,
  PeekResult,
  SkippedChoice,
} from './line-ledger.ts';
import type { LiveBalance, LiveBalances } from './live-balances.ts';
import { MemoryMoney } from './memory-money.ts';
import { MemoryPoolTurns } from './pool-turns.ts';
import { MemoryGatewayQualities } from './memory-quality.ts';
import { MemoryGatewayRests } from './memory-rests.ts';
import { MemoryGatewayThrottles } from './memory-throttles.ts';

export interface MemoryLimitsOptions {
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: () => number;
}

/** Lines, and the money that calls have reserved, for whoever keeps calls in memory beside them. */
export interface MemoryLines extends LineLedger {
  readonly money: MemoryMoney;
}

/** Lines and balances for one process: what `redisLimits` does, without Redis. */
export function memoryLimits(
  options: MemoryLimitsOptions = {},
): Limits & { readonly lines: MemoryLines } {
  const { now = Date.now } = options;
  const balances = new MemoryLiveBalances(now);
  const lines = new MemoryLineLedger(balances, now);
  return {
    balances,
    lines,
    rests: new MemoryGatewayRests(now),
    qualities: new MemoryGatewayQualities(now),
    throttles: new MemoryGatewayThrottles(now),
    turns: new MemoryPoolTurns(),
  };
}

interface Held {
  readonly sinceMs: number;
  readonly keys: readonly string[];
  readonly expiresMs: number;
  /** The accounts of which it has reserved money with these lines. */
  readonly payers: readonly string[];
}

class MemoryLineLedger implements MemoryLines {
  readonly money: MemoryMoney;
  readonly #balances: MemoryLiveBalances;
  readonly #now: () => number;
  /** Line key → call id → lease expiry. */
  readonly #lines = new Map<string, Map<string, number>>();
  readonly #held = new Map<string, Held>();
  readonly #tokens: MemoryCallTokens;
  #sweptMs = 0;

  constructor(balances: MemoryLiveBalances, now: () => number) {
    this.#balances = balances;
    this.money = balances.money;
    this.#now = now;
    this.#tokens = new MemoryCallTokens(now);
  }

  // Nothing here waits, so each method is one step for everyone else; async makes the port's promise.

  async acquire(request: AcquireRequest): Promise<AcquireResult> {
    this.#sweep();
    const sinceMs = this.#giveBack(request.callId) ?? this.#now();
    const result = this.#decide(request, false);
    if (result.kind === 'taken') {
      const claims = [...request.fixed, ...(request.choices[result.choice] ?? [])];
      const { callId, leaseMs } = request;
      const paid = payersOf(request).flatMap((payer) =>
        payer.slices === undefined ? [] : [{ ...payer, slices: payer.slices }],
      );
      const payers = paid.map(({ account }) => account);
      this.#take({ callId, keys: heldKeys(claims), leaseMs, sinceMs, payers });
      this.#tokens.take(claims, callId);
      this.money.reserve(callId, paid, this.#now() + leaseMs);
    }
    return Promise.resolve(result);
  }

  async peek(request: Omit<AcquireRequest, 'leaseMs'>): Promise<PeekResult> {
    return Promise.resolve(this.#decide(request, true));
  }

  async advance(request: AdvanceRequest): Promise<AdvanceResult> {
    const { callId, keep, release, choices, leaseMs } = request;
    const { payers = [], sinceMs = this.#now() } = this.#free(callId) ?? {};
    for (const payer of payers) this.money.renew(callId, payer, this.#now() + leaseMs);
    for (const key of release) this.#lines.get(key)?.delete(callId);
    const { choice, skipped } = this.#choose(callId, choices, false);
    const claims = choices[choice] ?? [];
    this.#take({ callId, keys: [...keep, ...heldKeys(claims)], leaseMs, sinceMs, payers });
    this.#tokens.take(claims, callId);
    return Promise.resolve(
      choice < 0 ? { kind: 'all-full', skipped } : { kind: 'taken', choice, skipped },
    );
  }

  async renew(callId: string, keys: readonly string[], leaseMs: number): Promise<void> {
    const expiresMs = this.#now() + leaseMs;
    for (const key of keys) this.#line(key).set(callId, expiresMs);
    const held = this.#heldBy(callId);
    if (held !== undefined) this.#held.set(callId, { ...held, expiresMs });
    return Promise.resolve();
  }

  async release(callId: string, keys: readonly string[]): Promise<void> {
    for (const key of keys) this.#lines.get(key)?.delete(callId);
    const held = this.#heldBy(callId);
    if (held !== undefined) {
      const left = held.keys.filter((key) => !keys.includes(key));
      if (left.length === 0) {
        this.#held.delete(callId);
        for (const payer of held.payers) this.money.giveBack(callId, payer);
      } else this.#held.set(callId, { ...held, keys: left });
    }
    return Promise.resolve();
  }

  async list(key?: string): Promise<readonly LineUse[]> {
    const names = key === undefined ? [...this.#lines.keys()].sort() : [key];
    const uses = names.map((name) => {
      const holders = this.#holders(name);
      return { key: name, inUse: holders.length, holders };
    });
    return Promise.resolve(uses.filter((use) => use.inUse > 0));
  }

  async count(keys: readonly string[]): Promise<readonly number[]> {
    return Promise.resolve(keys.map((key) => this.#inUse(key)));
  }

  #decide(request: Omit<AcquireRequest, 'leaseMs'>, isLookingAtAll: boolean): AcquireResult {
    const balances: Nanos[] = [];
    for (const [at, payer] of payersOf(request).entries()) {
      const whose = at === 0 ? {} : { reseller: at - 1 };
      const has = this.#balances.read(payer.account);
      if (has === undefined) return { kind: 'balance-unknown', ...whose };
      if (payer.slices !== undefined) this.money.sweep(payer.account, this.#now());
      const { total: reserved, holders } =
        payer.slices === undefined ? NOTHING : this.money.reserved(payer.account);
      if (has - reserved < neededBalance(payer)) {
        return { kind: 'no-balance', ...whose, balance: has, reserved, holders };
      }
      balances.push(has);
    }
    const [balance, ...resold] = balances;
    const line = this.#firstFull(request.callId, request.fixed);
    if (line !== undefined) return { kind: 'full', line, balance };
    const { choice, skipped } = this.#choose(request.callId, request.choices, isLookingAtAll);
    if (choice < 0 && request.choices.length > 0) return { kind: 'all-full', skipped, balance };
    return { kind: 'taken', choice, skipped, balance, ...(resold.length > 0 && { resold }) };
  }

  #choose(
    callId: string,
    choices: readonly (readonly LimitClaim[])[],
    isLookingAtAll: boolean,
  ): { choice: number; skipped: SkippedChoice[] } {
    const skipped: SkippedChoice[] = [];
    let chosen = -1;
    for (const [choice, claims] of choices.entries()) {
      const line = this.#firstFull(callId, claims);
      if (line !== undefined) skipped.push({ choice, line });
      else if (chosen < 0) chosen = choice;
      if (chosen >= 0 && !isLookingAtAll) break;
    }
    return { choice: chosen, skipped };
  }

  #firstFull(callId: string, claims: readonly LimitClaim[]): FullLine | undefined {
    for (const claim of claims) {
      const { key, limit, per, reserved } = claim;
      const most = mostInUse(claim);
      if (limit === 0) continue;
      if (per === 'second') {
        const full = this.#tokens.full(claim, callId);
        if (full !== undefined) return full;
        continue;
      }
      // Expired leases are looked for only where they would decide.
      if ((this.#lines.get(key)?.size ?? 0) < most) continue;
      const inUse = this.#inUse(key);
      if (inUse < most) continue;
      const holders = this.#holders(key).slice(0, 5);
      const callIds = holders.map((holder) => holder.callId);
      return { key, limit, inUse, ...(reserved !== undefined && { reserved }), holders: callIds };
    }
    return undefined;
  }

  /** Frees lines and money of the call, and says since when it held them. */
  #giveBack(callId: string): number | undefined {
    const held = this.#free(callId);
    for (const payer of held?.payers ?? []) this.money.giveBack(callId, payer);
    return held?.sinceMs;
  }

  /** Frees the lines that the call holds, and says what it held. */
  #free(callId: string): Held | undefined {
    const held = this.#heldBy(callId);
    if (held === undefined) return undefined;
    for (const key of held.keys) this.#lines.get(key)?.delete(callId);
    this.#held.delete(callId);
    return held;
  }

  /** What a call holds by its own record, which ends with its lease. */
  #heldBy(callId: string): Held | undefined {
    const held = this.#held.get(callId);
    return held === undefined || held.expiresMs > this.#now() ? held : undefined;
  }

  #take(lines: {
    callId: string;
    keys: readonly string[];
    leaseMs: number;
    sinceMs: number;
    payers: readonly string[];
  }): void {
    const expiresMs = this.#now() + lines.leaseMs;
    for (const key of lines.keys) this.#line(key).set(lines.callId, expiresMs);
    const { payers, sinceMs } = lines;
    this.#held.set(lines.callId, { sinceMs, keys: lines.keys, expiresMs, payers });
  }

  #line(key: string): Map<string, number> {
    let line = this.#lines.get(key);
    if (line === undefined) {
      line = new Map();
      this.#lines.set(key, line);
    }
    return line;
  }

  #inUse(key: string): number {
    const line = this.#lines.get(key);
    if (line === undefined) return 0;
    this.#purge(line);
    return line.size;
  }

  #holders(key: string): LineHolder[] {
    const now = this.#now();
    return [...(this.#lines.get(key) ?? [])]
      .filter(([, expiresMs]) => expiresMs > now)
      .map(([callId, expiresMs]) => ({
        callId,
        expiresMs,
        sinceMs: this.#heldBy(callId)?.sinceMs ?? 0,
      }))
      .sort((a, b) => a.expiresMs - b.expiresMs || (a.callId < b.callId ? -1 : 1));
  }

  #purge(line: Map<string, number>): void {
    const now = this.#now();
    for (const [callId, expiresMs] of line) if (expiresMs <= now) line.delete(callId);
  }

  /** Forgets what expired, once a minute, so that calls that were lost do not stay in memory. */
  #sweep(): void {
    const now = this.#now();
    if (now - this.#sweptMs < 60_000) return;
    this.#sweptMs = now;
    for (const [callId, held] of this.#held) {
      if (held.expiresMs <= now) this.#held.delete(callId);
    }
    for (const [key, line] of this.#lines) {
      this.#purge(line);
      if (line.size === 0) this.#lines.delete(key);
    }
  }
}

const NOTHING: Reserved = { total: 0n, holders: [] };

class MemoryLiveBalances implements LiveBalances {
  readonly #now: () => number;
  readonly #balances = new Map<string, Nanos>();
  readonly #versions = new Map<string, number>();
  readonly money = new MemoryMoney((account) => this.#balances.get(account));

  constructor(now: () => number) {
    this.#now = now;
  }

  async set(balances: ReadonlyMap<string, Nanos>): Promise<void> {
    for (const [account, balance] of balances) this.#balances.set(account, balance);
    return Promise.resolve();
  }

  async put(balances: readonly LiveBalance[], charged: readonly PaidCall[] = []): Promise<void> {
    for (const { account, balance, version } of balances) {
      if (version <= (this.#versions.get(account) ?? -Infinity)) continue;
      this.#balances.set(account, balance);
      this.#versions.set(account, version);
    }
    for (const call of charged) this.money.settle(call);
    return Promise.resolve();
  }

  async reserved(accounts: readonly string[]): Promise<readonly Reserved[]> {
    return Promise.resolve(accounts.map((account) => this.money.reserved(account)));
  }

  async uncharged(ageMs: number, most: number): Promise<readonly PaidCall[]> {
    return Promise.resolve(this.money.spentBefore(this.#now() - ageMs, most));
  }

  async stand(calls: readonly StandingCall[]): Promise<void> {
    for (const call of calls) this.money.stand(call, this.#now());
    return Promise.resolve();
  }

  async get(accounts: readonly string[]): Promise<ReadonlyMap<string, Nanos>> {
    const found = new Map<string, Nanos>();
    for (const account of accounts) {
      const balance = this.read(account);
      if (balance !== undefined) found.set(account, balance);
    }
    return Promise.resolve(found);
  }

  read(account: string): Nanos | undefined {
    return this.#balances.get(account);
  }
}
