import type { Account } from '@tandem/config';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { RouteParts } from '../../api/route-parts.ts';
import { routeSchema } from '../../api/route-schema.ts';
import { accountNamed } from './account-named.ts';
import { presentAccount } from './presentation.ts';

const accountParams = z.object({ name: z.string() });
const accountsQuery = z.strictObject({
  parent: z.string().optional().describe('Those alone that are under this reseller.'),
});

/** Accounts with their balances. */
export function accountRoutes(app: FastifyInstance, { documents, ports }: RouteParts): void {
  app.get<{ Querystring: z.output<typeof accountsQuery> }>(
    '/accounts',
    {
      schema: routeSchema({
        id: 'listAccounts',
        tag: 'money',
        summary: 'Accounts with their balances',
        query: accountsQuery,
        answer: 'AccountList',
        list: 'accounts',
        errors: [404],
      }),
    },
    async ({ query: { parent } }) => {
      if (parent !== undefined) await accountNamed(documents.store, parent);
      const all = (await documents.store.current())?.configuration.accounts ?? [];
      const accounts = parent === undefined ? all : childrenOf(all, parent);
      const { balances } = await ports.billing.listBalances({ accounts: [] });
      const byName = new Map(balances.map((balance) => [balance.account, balance]));
      return {
        accounts: accounts.map((account) => presentAccount(account, byName.get(account.name))),
      };
    },
  );

  app.get<{ Params: z.output<typeof accountParams> }>(
    '/accounts/:name',
    {
      schema: routeSchema({
        id: 'getAccount',
        tag: 'money',
        summary: 'One account with its balance, and the accounts under it',
        params: accountParams,
        answer: 'AccountWithChildren',
        errors: [404],
      }),
    },
    async ({ params: { name } }) => {
      const account = await accountNamed(documents.store, name);
      const { balances } = await ports.billing.listBalances({ accounts: [name] });
      const accounts = (await documents.store.current())?.configuration.accounts ?? [];
      return {
        ...presentAccount(
          account,
          balances.find((balance) => balance.account === name),
        ),
        children: childrenOf(accounts, name).map((child) => child.name),
      };
    },
  );
}

/** The accounts of a reseller, without those further below (BILL-01). */
function childrenOf(accounts: readonly Account[], reseller: string): readonly Account[] {
  return accounts.filter(({ parent }) => parent === reseller);
}
