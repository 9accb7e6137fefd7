import type { LiveBalances } from '@tandem/limits';
import type { Logger } from '@tandem/service';
import type { RoutingTables } from './core/routing-tables.ts';
import type { VendorFunds } from './core/rules/vendor-funds.ts';
import { Watch } from './watch.ts';

/** How soon a vendor that has run out, or was paid, is known. */
const READ_EVERY_MS = 1000;

interface VendorBalancesParts {
  readonly balances: Pick<LiveBalances, 'get'>;
  readonly tables: () => RoutingTables | undefined;
  readonly logger: Logger;
}

/** What is left at the vendors of gateways (ROUTE-09); undefined where the configuration does not ask for it. */
export function watchVendorBalances({
  balances,
  tables,
  logger,
}: VendorBalancesParts): Watch<VendorFunds | undefined> {
  return new Watch<VendorFunds | undefined>({
    what: 'balances of vendors',
    everyMs: READ_EVERY_MS,
    unread: undefined,
    logger,
    read: async () => {
      const { parameters, routingGateways } = tables() ?? {};
      if (parameters?.SERVER_VERIFY_CLEARING_CUSTOMER_REMAIN_MONEY_LIMIT !== true) return undefined;
      const vendors = new Set<string>();
      for (const { account } of routingGateways?.values() ?? []) {
        if (account !== undefined) vendors.add(account.name);
      }
      return balances.get([...vendors]);
    },
  });
}
