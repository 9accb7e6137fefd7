import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { signedIn } from '../../api/principal.ts';
import { fail } from '../../api/problem.ts';
import type { RouteParts } from '../../api/route-parts.ts';
import { routeSchema } from '../../api/route-schema.ts';
import { accountNamed } from '../accounts/account-named.ts';
import { pageLimit } from '../page-limit.ts';
import { readQueryTime } from '../times.ts';
import { invoicePdf } from './pdf/invoice-pdf.ts';
import { fileNameOf, invoiceCsv, presentInvoice, presentWhole } from './presentation.ts';
import { invoiceKind, invoiceState } from './schemas.ts';
import type { CreditNoteDraft, InvoiceDraft, WholeInvoiceView } from './schemas.ts';

const params = z.object({ id: z.int().min(1) });
type Params = z.output<typeof params>;

const listQuery = z.object({
  account: z.string().default(''),
  issuer: z.string().default(''),
  kind: z.enum(['', ...invoiceKind.options]).default(''),
  state: z.enum(['', ...invoiceState.options]).default(''),
  from: z.string().optional().describe('Whose period does not end before: a UTC time, a day, or 30d.'), // prettier-ignore
  until: z.string().optional().describe('Whose period ends before.'),
  limit: pageLimit,
  cursor: z.string().default('').describe('nextCursor of the page before.'),
});
const getQuery = z.object({
  format: z
    .enum(['json', 'csv', 'pdf'])
    .default('json')
    .describe('csv: its lines. pdf: as it is sent; a draft says on each page that it is one.'),
});

/** BILL-06: what accounts are to pay. */
export function invoiceRoutes(app: FastifyInstance, { documents, ports }: RouteParts): void {
  const whole = async (id: number): Promise<WholeInvoiceView> => {
    const { invoice, lines } = await ports.billing.getInvoice({ id });
    if (invoice === undefined) throw fail(404, 'no-such-invoice', `there is no invoice with the id ${String(id)}`); // prettier-ignore
    return presentWhole(invoice, lines);
  };

  app.get<{ Querystring: z.output<typeof listQuery> }>(
    '/invoices',
    {
      schema: routeSchema({
        id: 'listInvoices',
        tag: 'money',
        summary: 'Invoices, credit notes and drafts, newest first',
        query: listQuery,
        answer: 'InvoiceList',
        list: 'invoices',
      }),
    },
    async ({ query: { from, until, ...filters } }) => {
      const answer = await ports.billing.listInvoices({
        ...filters,
        fromMs: readQueryTime('from', from),
        untilMs: readQueryTime('until', until),
      });
      const nextCursor = answer.nextCursor === '' ? null : answer.nextCursor;
      return { invoices: answer.invoices.map(presentInvoice), nextCursor };
    },
  );

  app.post<{ Body: InvoiceDraft }>(
    '/invoices',
    {
      schema: {
        ...routeSchema({
          id: 'draftInvoice',
          tag: 'money',
          summary: 'Draft an invoice, in place of the draft that its account has',
          body: 'InvoiceDraft',
          answer: 'Invoice',
          errors: [404],
        }),
        description:
          'It begins where the last invoice of the account ends. One of very many calls is answered as preparing: ask for it again.',
      },
    },
    async (request) => {
      const { account, from, until } = request.body;
      await accountNamed(documents.store, account);
      const createdBy = signedIn(request).name;
      return presentInvoice(await ports.billing.draftInvoice({ account, from, until, createdBy }));
    },
  );

  app.get<{ Params: Params; Querystring: z.output<typeof getQuery> }>(
    '/invoices/:id',
    {
      schema: routeSchema({
        id: 'getInvoice',
        tag: 'money',
        summary: 'An invoice with its lines',
        params,
        query: getQuery,
        answer: 'WholeInvoice',
        alsoAs: ['text/csv', 'application/pdf'],
        errors: [404],
      }),
    },
    async ({ params: { id }, query: { format } }, reply) => {
      const invoice = await whole(id);
      if (format === 'json') return invoice;
      const name = `${fileNameOf(invoice.invoice)}.${format}`;
      reply.header('content-disposition', `attachment; filename="${name}"`);
      if (format === 'csv') return reply.type('text/csv; charset=utf-8').send(invoiceCsv(invoice));
      return reply.type('application/pdf').send(await invoicePdf(invoice));
    },
  );

  app.post<{ Params: Params }>(
    '/invoices/:id/issue',
    {
      schema: {
        ...routeSchema({
          id: 'issueInvoice',
          tag: 'money',
          summary: 'Issue a draft: it gets its number, and is never changed again',
          params,
          answer: 'Invoice',
          errors: [404],
        }),
        description: 'Issuing it again changes nothing. Its taxes are booked in the ledger.',
      },
    },
    async (request) => {
      const { id } = request.params;
      await whole(id);
      const issuedBy = signedIn(request).name;
      return presentInvoice(await ports.billing.issueInvoice({ id, issuedBy }));
    },
  );

  app.delete<{ Params: Params }>(
    '/invoices/:id',
    {
      schema: routeSchema({
        id: 'discardInvoice',
        tag: 'money',
        summary: 'Discard a draft',
        params,
        answer: 'Invoice',
        errors: [404],
      }),
    },
    async ({ params: { id } }) => {
      const { invoice } = await whole(id);
      await ports.billing.discardInvoice({ id });
      return invoice;
    },
  );

  app.post<{ Params: Params; Body: CreditNoteDraft }>(
    '/invoices/:id/credit-notes',
    {
      schema: routeSchema({
        id: 'draftCreditNote',
        tag: 'money',
        summary: 'Draft a credit note for an invoice, or a part of it',
        params,
        body: 'CreditNoteDraft',
        answer: 'Invoice',
        errors: [404],
      }),
    },
    async (request) => {
      const { id } = request.params;
      await whole(id);
      const createdBy = signedIn(request).name;
      const draft = { ...request.body, invoice: id, createdBy };
      return presentInvoice(await ports.billing.draftCreditNote(draft));
    },
  );
}
