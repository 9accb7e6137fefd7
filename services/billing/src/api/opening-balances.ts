import { parseMoney } from '@tandem/domain';
import type { Snapshot } from '@tandem/config';
import type { LiveBalance } from '@tandem/limits';
import type { Logger } from '@tandem/service';
import type { AccountOpening, BillingStore } from '../ports.ts';

export interface OpeningBalancesParts {
  readonly store: BillingStore;
  readonly logger: Logger;
  /** Told of accounts that are new and of openings that were booked. */
  readonly onOpened: (balances: readonly LiveBalance[]) => Promise<void>;
  /** Pause before the next attempt while the store is away, in ms. @default 1000 */
  readonly retryMs?: number;
}

/** Opens the accounts of each configuration that comes into effect: each once, whoever does it (BILL-01). */
export class OpeningBalances {
  readonly #parts: OpeningBalancesParts;
  readonly #opened = new Map<string, string>();
  #wanted: Snapshot | undefined;
  #working: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(parts: OpeningBalancesParts) {
    this.#parts = parts;
  }

  /** Takes a configuration; the newest one counts where the store is slower than the changes. */
  apply(snapshot: Snapshot): void {
    this.#wanted = snapshot;
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
    });
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#working;
  }

  async #work(): Promise<void> {
    while (this.#wanted !== undefined && !this.#isStopped) {
      const snapshot = this.#wanted;
      this.#wanted = undefined;
      if (!(await this.#open(snapshot))) {
        this.#again(snapshot);
        return;
      }
    }
  }

  async #open(snapshot: Snapshot): Promise<boolean> {
    const { store, logger, onOpened } = this.#parts;
    const accounts = snapshot.configuration.accounts.filter(
      ({ name, openingBalance }) => this.#opened.get(name) !== openingBalance,
    );
    try {
      await onOpened(await store.openAccounts(accounts.map(openingOf)));
      for (const { name, openingBalance } of accounts) this.#opened.set(name, openingBalance);
      return true;
    } catch (error) {
      logger.warn({ err: error, version: snapshot.version }, 'accounts not opened, trying again');
      return false;
    }
  }

  #again(snapshot: Snapshot): void {
    if (this.#isStopped) return;
    this.#timer = setTimeout(() => {
      this.apply(this.#wanted ?? snapshot);
    }, this.#parts.retryMs ?? 1000);
  }
}

function openingOf(account: Snapshot['configuration']['accounts'][number]): AccountOpening {
  return {
    account: account.name,
    currency: account.currency,
    openingBalance: parseMoney(account.openingBalance),
  };
}
