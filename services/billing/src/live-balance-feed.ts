import { readCallEventHead } from '@tandem/events';
import type { LiveBalance, LiveBalances, PaidCall } from '@tandem/limits';
import { Rounds } from '@tandem/service';
import type { Logger } from '@tandem/service';
import { standingCalls } from './core/standing-call.ts';
import type { BillingStore } from './ports.ts';

export interface LiveBalanceFeedParts {
  readonly store: BillingStore;
  readonly live: LiveBalances;
  readonly logger: Logger;
  /** How often to look whether the live balances are still there, in ms. @default 1000 */
  readonly checkMs?: number;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: () => number;
}

/**
 * Accounts looked at by one check: when the live store was emptied, any of them tells. All of them come in turn, since a
 * replica that took over may lack the last balances.
 */
const SAMPLE = 200;

/** A charge is told with its batch; what is still not charged after this, in ms, was told by nobody, or is behind. */
const UNTOLD_MS = 3000;
const CALLS_AT_ONCE = 1000;
/** Checks after all was written in which calls are looked for whose answers were still on their way. */
const LOOKS_AFTER = 10;

/**
 * Keeps the live balances, by which calls are let through, in step with the ledger (BILL-05). The ledger
 * never waits for them: what could not be told is told again from the ledger.
 */
export class LiveBalanceFeed {
  readonly #parts: LiveBalanceFeedParts;
  readonly #rounds: Rounds;
  #isStale = true;
  #nextSample = 0;
  #looksLeft = 0;
  readonly #known = new Set<string>();

  constructor(parts: LiveBalanceFeedParts) {
    this.#parts = parts;
    this.#rounds = new Rounds(parts.checkMs ?? 1000, () => this.check());
  }

  async start(): Promise<void> {
    await this.check();
    this.#rounds.start();
  }

  stop(): Promise<void> {
    return this.#rounds.stop();
  }

  /**
   * Tells balances just committed, and the calls whose charges are in them. Never rejects: what fails is made good by the next
   * check.
   */
  async tell(balances: readonly LiveBalance[], charged: readonly PaidCall[] = []): Promise<void> {
    try {
      for (const { account } of balances) this.#known.add(account);
      await this.#parts.live.put(balances, charged);
    } catch (error) {
      this.#becameStale(error);
    }
  }

  /**
   * Writes all balances from the ledger where some are missing or could not be told, and those that are not the ledger's; before
   * them what calls that go on have cost, so that nobody spends that first. Frees what ended calls have reserved and the ledger has
   * charged though nobody told.
   */
  async check(): Promise<void> {
    const { store, live, logger } = this.#parts;
    try {
      if (!this.#isStale && (await this.#isSampleThere())) {
        if (this.#looksLeft > 0) {
          this.#looksLeft -= 1;
          await this.#stand();
        }
        await this.#lookAfterUncharged();
        return;
      }
      const calls = await this.#stand();
      const balances = await store.balances([]);
      for (const { account } of balances) this.#known.add(account);
      await live.put(balances);
      this.#isStale = false;
      this.#looksLeft = LOOKS_AFTER;
      logger.info({ accounts: balances.length, calls }, 'live balances written from the ledger');
    } catch (error) {
      this.#becameStale(error);
    }
  }

  async #isSampleThere(): Promise<boolean> {
    const { store, live } = this.#parts;
    if (this.#nextSample >= this.#known.size) this.#nextSample = 0;
    const sample = [...this.#known].slice(this.#nextSample, this.#nextSample + SAMPLE);
    this.#nextSample += SAMPLE;
    if (sample.length === 0) return true;
    const found = await live.get(sample);
    if (!sample.every((account) => found.has(account))) return false;
    const balances = await store.balances(sample);
    const different = balances.filter(({ account, balance }) => found.get(account) !== balance);
    // One that has moved since is told as well: only a newer version takes effect.
    await live.put(different);
    return true;
  }

  /** Has calls that go on reserve what they have cost, where the live store does not know them. @returns how many there are */
  async #stand(): Promise<number> {
    const { live, now = Date.now, store } = this.#parts;
    let count = 0;
    for (let after = ''; ;) {
      const events = await store.openCalls.standing(after, CALLS_AT_ONCE);
      const calls = events.flatMap((event) => standingCalls(readCallEventHead(event), now()));
      await live.stand(calls);
      count += calls.length;
      const last = events.at(-1);
      if (last === undefined || events.length < CALLS_AT_ONCE) return count;
      after = readCallEventHead(last).callId;
    }
  }

  async #lookAfterUncharged(): Promise<void> {
    const { live, now = Date.now, store } = this.#parts;
    const waiting = await live.uncharged(UNTOLD_MS, CALLS_AT_ONCE);
    if (waiting.length === 0) return;
    const charged = new Set(await store.openCalls.charged(waiting.map(({ callId }) => callId)));
    const settled = waiting.filter(({ callId }) => charged.has(callId));
    if (settled.length > 0) {
      // Read behind the CDRs, so that the charges are in them.
      const accounts = [...new Set(settled.map(({ account }) => account))];
      await live.put(await store.balances(accounts), settled);
    }
    const others = waiting.filter(({ callId }) => !charged.has(callId));
    if (others.length === 0) return;
    const events = await store.openCalls.standingOf(others.map(({ callId }) => callId));
    await live.stand(events.flatMap((event) => standingCalls(readCallEventHead(event), now())));
  }

  #becameStale(error: unknown): void {
    if (!this.#isStale)
      this.#parts.logger.warn({ err: error }, 'live balances are behind the ledger');
    this.#isStale = true;
  }
}
