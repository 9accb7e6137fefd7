import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { RouteParts } from '../../api/route-parts.ts';
import { routeSchema } from '../../api/route-schema.ts';
import { accountNamed } from './account-named.ts';
import { presentAccount } from './presentation.ts';

const accountParams = z.object({ name: z.string() });

/** Accounts with their balances. */
export function accountRoutes(app: FastifyInstance, { documents, ports }: RouteParts): void {
  app.get(
    '/accounts',
    {
      schema: routeSchema({
        id: 'listAccounts',
        tag: 'money',
        summary: 'Accounts with their balances',
        answer: 'AccountList',
        list: 'accounts',
      }),
    },
    async () => {
      const accounts = (await documents.store.current())?.configuration.accounts ?? [];
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
        summary: 'One account with its balance',
        params: accountParams,
        answer: 'Account',
        errors: [404],
      }),
    },
    async ({ params: { name } }) => {
      const account = await accountNamed(documents.store, name);
      const { balances } = await ports.billing.listBalances({ accounts: [name] });
      return presentAccount(
        account,
        balances.find((balance) => balance.account === name),
      );
    },
  );
}
