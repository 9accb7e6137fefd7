import { didYouMean, type Account } from '@tandem/config';
import { formatMoney, parseMoney } from '@tandem/domain';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { ConfigurationStore, ServicePorts } from '../ports.ts';
import { presentAccount, presentReconciliation } from './present.ts';
import { fail } from './problem.ts';
import { routeSchema } from './route-schema.ts';

const accountParams = z.object({ name: z.string() });
const daysQuery = z.object({
  limit: z.int().min(1).max(100).default(7).describe('Days.'),
});

interface PaymentBody {
  readonly amount: string;
  readonly reference: string;
  readonly note: string;
}

/** Accounts with their balances, payments, and whether all that was booked is right. */
export function accountRoutes(
  app: FastifyInstance,
  { ports, store }: { ports: ServicePorts; store: ConfigurationStore },
): void {
  app.get(
    '/accounts',
    {
      schema: routeSchema({
        id: 'listAccounts',
        tag: 'money',
        summary: 'Accounts with their balances',
        answer: 'AccountList',
      }),
    },
    async () => {
      const accounts = (await store.current())?.configuration.accounts ?? [];
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
      const account = await accountNamed(store, name);
      const { balances } = await ports.billing.listBalances({ accounts: [name] });
      return presentAccount(
        account,
        balances.find((balance) => balance.account === name),
      );
    },
  );

  app.post<{ Params: z.output<typeof accountParams>; Body: PaymentBody }>(
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
      const account = await accountNamed(store, name);
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

  app.get<{ Querystring: z.output<typeof daysQuery> }>(
    '/reconciliations',
    {
      schema: {
        ...routeSchema({
          id: 'listReconciliations',
          tag: 'money',
          summary: 'What the daily comparison of events, CDRs and ledger found, newest day first',
          query: daysQuery,
          answer: 'ReconciliationList',
        }),
        description: 'Nothing is put right by itself. A day is compared an hour after its end.',
      },
    },
    async ({ query }) => {
      const { reconciliations } = await ports.billing.listReconciliations(query);
      return { reconciliations: reconciliations.map(presentReconciliation) };
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
