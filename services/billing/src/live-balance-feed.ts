import type { LiveBalance, LiveBalances } from '@tandem/limits';
import { Rounds } from '@tandem/service';
import type { Logger } from '@tandem/service';
import type { BillingStore } from './ports.ts';

export interface LiveBalanceFeedParts {
  readonly store: BillingStore;
  readonly live: LiveBalances;
  readonly logger: Logger;
  /** How often to look whether the live balances are still there, in ms. @default 1000 */
  readonly checkMs?: number;
}

/**
 * Accounts looked at by one check: when the live store was emptied, any of them tells. All of them come in turn, since a
 * replica that took over may lack the last balances.
 */
const SAMPLE = 200;

/**
 * Keeps the live balances, by which calls are let through, in step with the ledger (BILL-05). The ledger
 * never waits for them: what could not be told is told again from the ledger.
 */
export class LiveBalanceFeed {
  readonly #parts: LiveBalanceFeedParts;
  readonly #rounds: Rounds;
  #isStale = true;
  #nextSample = 0;
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

  /** Tells balances just committed. Never rejects: what fails is made good by the next check. */
  async tell(balances: readonly LiveBalance[]): Promise<void> {
    try {
      for (const { account } of balances) this.#known.add(account);
      await this.#parts.live.put(balances);
    } catch (error) {
      this.#becameStale(error);
    }
  }

  /** Writes all balances from the ledger where some are missing or could not be told, and those that are not the ledger's. */
  async check(): Promise<void> {
    const { store, live, logger } = this.#parts;
    try {
      if (!this.#isStale && (await this.#isSampleThere())) return;
      const balances = await store.balances([]);
      for (const { account } of balances) this.#known.add(account);
      await live.put(balances);
      this.#isStale = false;
      logger.info({ accounts: balances.length }, 'live balances written from the ledger');
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

  #becameStale(error: unknown): void {
    if (!this.#isStale)
      this.#parts.logger.warn({ err: error }, 'live balances are behind the ledger');
    this.#isStale = true;
  }
}
