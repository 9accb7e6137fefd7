import type { Nanos } from '@tandem/domain';
import { defineScript } from '@tandem/service';
import type { Redis, RedisScript } from '@tandem/service';
import type { Limits } from './limits.ts';
import { limitKeys } from './limit-keys.ts';
import type { LimitKeys } from './limit-keys.ts';
import { mostInUse, neededBalance, payersOf } from './line-ledger.ts';
import type {
  AcquireRequest,
  AcquireResult,
  AdvanceRequest,
  AdvanceResult,
  BalanceClaim,
  LimitClaim,
  LineHolder,
  LineLedger,
  LineUse,
  PeekResult,
} from './line-ledger.ts';
import { orUnavailable } from './or-unavailable.ts';
import { preconditionOf } from './precondition.ts';
import { RedisPoolTurns } from './redis-pool-turns.ts';
import { RedisGatewayQualities } from './redis-quality.ts';
import { RedisGatewayRests } from './redis-rests.ts';
import { RedisGatewayThrottles } from './redis-throttles.ts';
import type { PaidCall, Reserved, StandingCall } from './call-money.ts';
import type { LiveBalance, LiveBalances } from './live-balances.ts';
import { paidCall } from './memory-money.ts';
import {
  acquireLua,
  advanceLua,
  countLua,
  getBalancesLua,
  holdersLua,
  pageOfKeysLua,
  putBalancesLua,
  releaseLua,
  renewLua,
  reservedLua,
  setBalancesLua,
  spentLua,
  standLua,
} from './lua.ts';
import { readAcquireReply, readAdvanceReply } from './script-replies.ts';

export interface RedisLimitsOptions {
  /** Opened by the caller, who also closes it. */
  readonly redis: Redis;
  /** Hash tag of the deployment's keys. @default 'tandem' */
  readonly prefix?: string | undefined;
}

/** Lines and balances in Redis, shared by all pods. Redis's clock decides when a lease ends. */
export function redisLimits(options: RedisLimitsOptions): Limits {
  const keys = limitKeys(options.prefix);
  return {
    lines: new RedisLineLedger(options.redis, keys),
    balances: new RedisLiveBalances(options.redis, keys),
    rests: new RedisGatewayRests(options.redis, keys.rests),
    turns: new RedisPoolTurns(options.redis, keys.poolTurns),
    qualities: new RedisGatewayQualities(options.redis, keys.quality),
    throttles: new RedisGatewayThrottles(options.redis, keys.throttles),
  };
}

class RedisLineLedger implements LineLedger {
  readonly #keys: LimitKeys;
  readonly #page: VariableScript;
  readonly #acquire: VariableScript;
  readonly #advance: VariableScript;
  readonly #renew: VariableScript;
  readonly #release: VariableScript;
  readonly #count: VariableScript;
  readonly #holders: VariableScript;

  constructor(redis: Redis, keys: LimitKeys) {
    this.#keys = keys;
    this.#page = variableScript(redis, pageOfKeysLua, 'lines.names');
    this.#acquire = variableScript(redis, acquireLua, 'lines.acquire');
    this.#advance = variableScript(redis, advanceLua, 'lines.advance');
    this.#renew = variableScript(redis, renewLua, 'lines.renew');
    this.#release = variableScript(redis, releaseLua, 'lines.release');
    this.#count = variableScript(redis, countLua, 'lines.count');
    this.#holders = variableScript(redis, holdersLua, 'lines.holders');
  }

  async acquire(request: AcquireRequest): Promise<AcquireResult> {
    return this.#ask(request, request.leaseMs, true);
  }

  async peek(request: Omit<AcquireRequest, 'leaseMs'>): Promise<PeekResult> {
    return this.#ask(request, 0, false);
  }

  async #ask(
    request: Omit<AcquireRequest, 'leaseMs'>,
    leaseMs: number,
    isTaking: boolean,
  ): Promise<AcquireResult> {
    const { callId, fixed, choices } = request;
    const payers = payersOf(request);
    const claims = [...fixed, ...choices.flat()];
    const wanted = preconditionOf(request.onlyIf, this.#keys.balance);
    const reply = await this.#acquire(
      [this.#keys.balance, this.#keys.held(callId), ...this.#lines(claims), wanted.key],
      [
        callId,
        leaseMs,
        payers.map(({ account }) => account).join('\n'),
        payers.map(moneyArgument).join('\n'),
        isTaking ? 1 : 0,
        fixed.length,
        ...fixed.map(limitArgument),
        ...choiceArguments(choices),
        ...wanted.args,
      ],
    );
    // KEYS begins with balance and held, and Lua counts from 1.
    return readAcquireReply(reply, (index) => claims[index - 3]);
  }

  async advance(request: AdvanceRequest): Promise<AdvanceResult> {
    const { callId, keep, release, choices, leaseMs } = request;
    const own = [...keep, ...release];
    const claims = choices.flat();
    const reply = await this.#advance(
      [this.#keys.held(callId), ...own.map(this.#keys.line), ...this.#lines(claims)],
      [callId, leaseMs, keep.length, release.length, ...choiceArguments(choices)],
    );
    return readAdvanceReply(reply, (index) => claims[index - 2 - own.length]);
  }

  async renew(callId: string, keys: readonly string[], leaseMs: number): Promise<void> {
    await this.#renew([this.#keys.held(callId), ...keys.map(this.#keys.line)], [callId, leaseMs]);
  }

  async release(callId: string, keys: readonly string[]): Promise<void> {
    await this.#release([this.#keys.held(callId), ...keys.map(this.#keys.line)], [callId]);
  }

  async count(keys: readonly string[]): Promise<readonly number[]> {
    if (keys.length === 0) return [];
    const reply = await this.#count(keys.map(this.#keys.line), []);
    return (reply as unknown[]).map(Number);
  }

  async list(key?: string): Promise<readonly LineUse[]> {
    const names = key === undefined ? await this.#namesInUse() : [key];
    const uses = await Promise.all(names.map((name) => this.#use(name)));
    return uses.filter((use) => use.inUse > 0).sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  async #use(name: string): Promise<LineUse> {
    const reply = await this.#holders([this.#keys.line(name)], [this.#keys.held('')]);
    const fields = (reply as unknown[]).map(String);
    const holders: LineHolder[] = [];
    for (let at = 0; at + 2 < fields.length; at += 3) {
      holders.push({
        callId: fields[at] ?? '',
        expiresMs: Number(fields[at + 1]),
        sinceMs: Number(fields[at + 2]),
      });
    }
    return { key: name, inUse: holders.length, holders };
  }

  /** For operators only: walks the key space. */
  async #namesInUse(): Promise<string[]> {
    const prefix = this.#keys.line('');
    const pattern = `${prefix.replaceAll(/[?*[\]\\]/g, String.raw`\$&`)}*`;
    const names = new Set<string>();
    let cursor = '0';
    do {
      const reply = await this.#page([prefix], [cursor, pattern]);
      const [next, page] = reply as [string, string[]];
      for (const found of page) names.add(found.slice(prefix.length));
      cursor = next;
    } while (cursor !== '0');
    return [...names];
  }

  #lines(claims: readonly LimitClaim[]): string[] {
    const { line, rate } = this.#keys;
    return claims.map(({ key, per }) => (per === undefined ? line : rate)(key));
  }
}

/** Balances, or calls, in one script: it holds up all calls while it runs. */
const AT_ONCE = 1000;

function* parts<T>(all: readonly T[]): Iterable<readonly T[]> {
  for (let from = 0; from < all.length; from += AT_ONCE) yield all.slice(from, from + AT_ONCE);
}

/** What must be there, and what is to be reserved of it; in one argument, since most calls have the first alone. */
function moneyArgument(claim: BalanceClaim): string {
  const needed = String(neededBalance(claim));
  if (claim.slices === undefined) return needed;
  const { firstSeconds, freeSeconds, nextSeconds, rounding, sliceSeconds, stepNanos } =
    claim.slices;
  const { leastNanos, overdraftNanos } = claim;
  return [
    needed,
    leastNanos,
    stepNanos,
    firstSeconds,
    nextSeconds,
    rounding,
    sliceSeconds,
    overdraftNanos,
    freeSeconds,
  ].join(' ');
}

class RedisLiveBalances implements LiveBalances {
  readonly #keys: LimitKeys;
  readonly #set: VariableScript;
  readonly #put: VariableScript;
  readonly #get: VariableScript;
  readonly #reserved: VariableScript;
  readonly #spent: VariableScript;
  readonly #stand: VariableScript;

  constructor(redis: Redis, keys: LimitKeys) {
    this.#keys = keys;
    this.#set = variableScript(redis, setBalancesLua, 'balances.set');
    this.#get = variableScript(redis, getBalancesLua, 'balances.get');
    this.#put = variableScript(redis, putBalancesLua, 'balances.put');
    this.#reserved = variableScript(redis, reservedLua, 'balances.reserved');
    this.#spent = variableScript(redis, spentLua, 'balances.spent');
    this.#stand = variableScript(redis, standLua, 'balances.stand');
  }

  async set(balances: ReadonlyMap<string, Nanos>): Promise<void> {
    if (balances.size === 0) return;
    const fields = [...balances].flatMap(([account, balance]) => [account, String(balance)]);
    await this.#set([this.#keys.balance], fields);
  }

  async put(balances: readonly LiveBalance[], charged: readonly PaidCall[] = []): Promise<void> {
    const keys = [this.#keys.balance, this.#keys.balanceVersion];
    const fieldsOf = ({ account, balance, version }: LiveBalance): (string | number)[] => [
      account,
      String(balance),
      version,
    ];
    const some = [...parts(balances)];
    const last = some.pop() ?? [];
    for (const each of some) await this.#put(keys, [each.length, ...each.flatMap(fieldsOf)]);
    // With the last balances or behind them: what a call has cost counts twice for a moment rather than not at all.
    const [first = [], ...others] = parts(charged);
    const called = first.flatMap(({ account, callId }) => [account, callId]);
    await this.#put(keys, [last.length, ...last.flatMap(fieldsOf), ...called]);
    for (const each of others) {
      await this.#put(keys, [0, ...each.flatMap(({ account, callId }) => [account, callId])]);
    }
  }

  async reserved(accounts: readonly string[]): Promise<readonly Reserved[]> {
    if (accounts.length === 0) return [];
    const found = await this.#reserved([this.#keys.balance], accounts);
    return (found as [string, string[]][]).map(([total, holders]) => ({
      total: BigInt(total),
      holders,
    }));
  }

  async uncharged(ageMs: number, most: number): Promise<readonly PaidCall[]> {
    const names = await this.#spent([this.#keys.balance], [ageMs, most]);
    return (names as string[]).map(paidCall);
  }

  async stand(calls: readonly StandingCall[]): Promise<void> {
    for (const some of parts(calls)) {
      const fields = some.flatMap((each) => [each.account, each.callId, String(each.amount)]);
      await this.#stand([this.#keys.balance], fields);
    }
  }

  async get(accounts: readonly string[]): Promise<ReadonlyMap<string, Nanos>> {
    const found = new Map<string, Nanos>();
    if (accounts.length === 0) return found;
    const values = (await this.#get([this.#keys.balance], accounts)) as unknown[];
    for (const [index, account] of accounts.entries()) {
      const value = values[index];
      if (typeof value === 'string') found.set(account, BigInt(value));
    }
    return found;
  }
}

type VariableScript = (
  keys: readonly string[],
  args: readonly (string | number)[],
) => Promise<unknown>;

/** A script whose number of keys differs from call to call. */
function variableScript(redis: Redis, lua: string, name: string): VariableScript {
  const byNumberOfKeys = new Map<number, RedisScript>();
  return (keys, args) => {
    let script = byNumberOfKeys.get(keys.length);
    if (script === undefined) {
      script = defineScript(redis, lua, keys.length, { name });
      byNumberOfKeys.set(keys.length, script);
    }
    return orUnavailable(script(keys, args));
  };
}

function choiceArguments(choices: readonly (readonly LimitClaim[])[]): number[] {
  return [
    choices.length,
    ...choices.flatMap((choice) => [choice.length, ...choice.map(limitArgument)]),
  ];
}

/** What is below 0 is per second. */
function limitArgument(claim: LimitClaim): number {
  return claim.per === undefined ? mostInUse(claim) : -claim.limit;
}
