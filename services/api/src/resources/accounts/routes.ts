import { didYouMean, type Account } from '@tandem/config';
import { formatMoney, parseMoney } from '@tandem/domain';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { fail } from '../../api/problem.ts';
import type { RouteParts } from '../../api/route-parts.ts';
import { routeSchema } from '../../api/route-schema.ts';
import type { ConfigurationStore } from '../../ports.ts';
import { presentAccount } from './presentation.ts';
import type { PaymentRequest } from './schemas.ts';

const accountParams = z.object({ name: z.string() });

/** Accounts with their balances, and payments. */
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

  app.post<{ Params: z.output<typeof accountParams>; Body: PaymentRequest }>(
    '/accounts/:name/payments',
    {
      schema: routeSchema({
        id: 'bookPayment',
        tag: 'money',
        summary: 'Book a payment; the same reference books once',
        params: accountParams,
        body: 'PaymentRequest',
        answer: 'Payment',
        errors: [404],
      }),
    },
    async ({ params: { name }, body }) => {
      const account = await accountNamed(documents.store, name);
      const amount = readAmount(body.amount);
      const { balance, booked } = await ports.billing.bookPayment({
        account: name,
        amount,
        reference: body.reference,
        note: body.note,
      });
      return { account: presentAccount(account, balance), isBooked: booked };
    },
  );
}

async function accountNamed(store: ConfigurationStore, name: string): Promise<Account> {
  const accounts = (await store.current())?.configuration.accounts ?? [];
  const account = accounts.find((candidate) => candidate.name === name);
  if (account === undefined) {
    const hint = didYouMean(
      name,
      accounts.map((candidate) => candidate.name),
    );
    throw fail(404, 'no-such-account', `there is no account "${name}"${hint}`);
  }
  return account;
}

function readAmount(text: string): string {
  let amount: bigint;
  try {
    amount = parseMoney(text);
  } catch (error) {
    throw fail(400, 'invalid-request', error instanceof Error ? error.message : String(error));
  }
  if (amount === 0n) throw fail(400, 'invalid-request', 'the amount is 0: nothing to book');
  return formatMoney(amount);
}
