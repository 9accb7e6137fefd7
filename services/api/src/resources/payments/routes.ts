import { formatMoney, minorUnitOf, parseMoney } from '@tandem/domain';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { signedIn } from '../../api/principal.ts';
import { fail } from '../../api/problem.ts';
import type { RouteParts } from '../../api/route-parts.ts';
import { routeSchema } from '../../api/route-schema.ts';
import { accountNamed } from '../accounts/account-named.ts';
import { presentAccount } from '../accounts/presentation.ts';
import type { PaymentRequest } from '../accounts/schemas.ts';
import { pageLimit } from '../page-limit.ts';
import { readQueryTime } from '../times.ts';
import { paymentsCsv, presentPayment, presentStatement, statementCsv } from './presentation.ts';
import { paymentKind } from './schemas.ts';
import { setValidity } from './validity.ts';

const accountParams = z.object({ name: z.string() });
const asFormat = z.enum(['json', 'csv']).default('json').describe('csv: this page as text/csv.');
const period = {
  from: z
    .string()
    .optional()
    .describe('Not before: a UTC time, a day, or 30d for thirty days ago.'),
  until: z.string().optional().describe('Before.'),
};
const listQuery = z.object({
  ...period,
  account: z.string().default(''),
  kind: z.enum(['', ...paymentKind.options]).default(''),
  limit: pageLimit,
  cursor: z.string().default('').describe('nextCursor of the page before.'),
  format: asFormat,
});
const statementQuery = z.object({ ...period, format: asFormat });

/** BILL-10: payments are booked and listed; a statement says what moved a balance. */
export function paymentRoutes(app: FastifyInstance, { documents, ports }: RouteParts): void {
  app.post<{ Params: z.output<typeof accountParams>; Body: PaymentRequest }>(
    '/accounts/:name/payments',
    {
      schema: {
        ...routeSchema({
          id: 'bookPayment',
          tag: 'money',
          summary: 'Book a payment; the same reference books once',
          params: accountParams,
          body: 'PaymentRequest',
          answer: 'Payment',
          errors: [404],
        }),
        description:
          'The amount has no more digits behind the point than the smallest coin of the currency (ISO 4217), but for corrections. With validUntil the account is valid until then, in a version of the configuration of its own; where that fails, the same request again does what is left.',
      },
    },
    async (request) => {
      const {
        body,
        params: { name },
      } = request;
      const account = await accountNamed(documents.store, name);
      const amount = readAmount(body, account.currency);
      const { name: bookedBy } = signedIn(request);
      const { kind, note, reference, validUntil } = body;
      const payment = { account: name, amount, reference, note, kind, bookedBy };
      const { balance, booked } = await ports.billing.bookPayment(payment);
      if (validUntil !== undefined)
        await setValidity({ name, validUntil, reference, appliedBy: bookedBy }, documents);
      const paid = validUntil === undefined ? account : { ...account, validUntil };
      return { account: presentAccount(paid, balance), isBooked: booked };
    },
  );

  app.get<{ Querystring: z.output<typeof listQuery> }>(
    '/payments',
    {
      schema: routeSchema({
        id: 'listPayments',
        tag: 'money',
        summary: 'Payments of all accounts, newest first',
        query: listQuery,
        answer: 'PaymentList',
        alsoAs: 'text/csv',
      }),
    },
    async ({ query: { format, from, until, ...filters } }, reply) => {
      const answer = await ports.billing.listPayments({
        ...filters,
        fromMs: readQueryTime('from', from),
        untilMs: readQueryTime('until', until),
      });
      const payments = answer.payments.map(presentPayment);
      const nextCursor = answer.nextCursor === '' ? null : answer.nextCursor;
      if (format === 'json') return { payments, nextCursor };
      if (nextCursor !== null) reply.header('x-next-cursor', nextCursor);
      return reply.type('text/csv; charset=utf-8').send(paymentsCsv(payments));
    },
  );

  app.get<{ Params: z.output<typeof accountParams>; Querystring: z.output<typeof statementQuery> }>(
    '/accounts/:name/statement',
    {
      schema: routeSchema({
        id: 'getStatement',
        tag: 'money',
        summary: 'What moved a balance: each payment, and the calls of each day together',
        params: accountParams,
        query: statementQuery,
        answer: 'Statement',
        alsoAs: 'text/csv',
        errors: [404],
      }),
    },
    async ({ params: { name }, query: { format, from, until } }, reply) => {
      await accountNamed(documents.store, name);
      const time = { fromMs: readQueryTime('from', from), untilMs: readQueryTime('until', until) };
      const answer = await ports.billing.getStatement({ account: name, ...time });
      const statement = presentStatement(name, time, answer);
      if (format === 'json') return statement;
      return reply.type('text/csv; charset=utf-8').send(statementCsv(statement));
    },
  );
}

/** @throws ProblemError where it is no amount that can be paid in this currency */
function readAmount({ amount: text, kind }: PaymentRequest, currency: string): string {
  let amount: bigint;
  try {
    amount = parseMoney(text);
  } catch (error) {
    throw fail(400, 'invalid-request', error instanceof Error ? error.message : String(error));
  }
  if (amount === 0n) throw fail(400, 'invalid-request', 'the amount is 0: nothing to book');
  const written = formatMoney(amount);
  const digits = minorUnitOf(currency);
  const [, fraction = ''] = written.split('.');
  // Calls cost less than a coin, and so may what puts them right.
  if (kind !== 'correction' && fraction.length > digits) {
    const most = digits === 0 ? 'no digits' : `at most ${String(digits)} digits`;
    const detail = `amount: ${written} ${currency} cannot be paid, it must have ${most} behind the point; a correction may have more`;
    throw fail(400, 'invalid-request', detail);
  }
  return written;
}
