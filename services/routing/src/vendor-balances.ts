import type { LiveBalances } from '@tandem/limits';
import { Rounds } from '@tandem/service';
import type { Logger } from '@tandem/service';
import type { RoutingTables } from './core/routing-tables.ts';
import type { VendorFunds } from './core/rules/vendor-funds.ts';

/** How soon a vendor that has run out, or was paid, is known. */
const READ_EVERY_MS = 1000;

export interface VendorBalancesParts {
  readonly balances: Pick<LiveBalances, 'get'>;
  readonly tables: () => RoutingTables | undefined;
  readonly logger: Logger;
}

/**
 * What is left at the vendors of gateways (ROUTE-09), as the store had it last: no call asks for it. While the store is away
 * the last balances hold.
 */
export class VendorBalances {
  readonly #parts: VendorBalancesParts;
  #funds: VendorFunds | undefined;
  readonly #rounds = new Rounds(READ_EVERY_MS, () => this.read());

  constructor(parts: VendorBalancesParts) {
    this.#parts = parts;
  }

  /** Undefined where the configuration does not ask for them. */
  get current(): VendorFunds | undefined {
    return this.#isAsked() ? this.#funds : undefined;
  }

  start(): void {
    this.#rounds.startAtOnce();
  }

  stop(): Promise<void> {
    return this.#rounds.stop();
  }

  async read(): Promise<void> {
    if (!this.#isAsked()) return;
    const { balances, tables, logger } = this.#parts;
    const gateways = tables()?.routingGateways.values() ?? [];
    const vendors = new Set<string>();
    for (const { account } of gateways) if (account !== undefined) vendors.add(account.name);
    try {
      this.#funds = await balances.get([...vendors]);
    } catch (error) {
      logger.debug({ err: error }, 'balances of vendors were not read');
    }
  }

  #isAsked(): boolean {
    const parameters = this.#parts.tables()?.parameters;
    return parameters?.SERVER_VERIFY_CLEARING_CUSTOMER_REMAIN_MONEY_LIMIT === true;
  }
}
