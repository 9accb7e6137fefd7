import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Invoice, InvoiceLine } from '@tandem/proto/billing';
import type { DraftCreditNoteRequest, DraftInvoiceRequest } from '@tandem/proto/billing';
import { invoicePdf } from '../../../src/resources/invoices/pdf/invoice-pdf.ts';
import { presentWhole } from '../../../src/resources/invoices/presentation.ts';
import { apiWithExample, emptyPorts } from '../../api-under-test.ts';

const party = { legalName: 'Łódź Ltd', address: ['1 High Street'], country: 'GB', taxNumber: '' };
const issued = Invoice.create({
  id: 7,
  kind: 'invoice',
  state: 'issued',
  number: 'INV-2026-000042',
  account: 'demo',
  currency: 'EUR',
  charges: '10.004',
  net: '10',
  tax: '2',
  total: '12',
  taxes: [{ name: 'VAT', percent: '20', amount: '2' }],
  seller: party,
  buyer: party,
  firstDay: '2026-03-01',
  lastDay: '2026-03-31',
  issuedAtMs: Date.UTC(2026, 3, 1),
});
const lines = [
  InvoiceLine.create({ kind: 'calls', destination: '44', rate: '=1+1', entries: 3, billedSeconds: 180, amount: '10.004' }), // prettier-ignore
];

test('BILL-06 an invoice is shown, and told as CSV and as PDF', async () => {
  const billing = {
    ...emptyPorts().billing,
    getInvoice: ({ id }: { readonly id: number }) =>
      Promise.resolve(id === 7 ? { invoice: issued, lines } : { invoice: undefined, lines: [] }),
  };
  const api = await apiWithExample({ billing });
  const shown = (await api.ask({ url: '/api/v1/invoices/7' })).body as { invoice: { number: string }; lines: unknown[] }; // prettier-ignore
  assert.equal(shown.invoice.number, 'INV-2026-000042');
  assert.equal(shown.lines.length, 1);
  const csv = await api.ask({ url: '/api/v1/invoices/7?format=csv' });
  // What is written into a rate is no formula.
  assert.match(csv.text, /^kind,destination.*\r\ncalls,44,'=1\+1,3,180,10\.004,,\r\n$/);
  const pdf = await api.ask({ url: '/api/v1/invoices/7?format=pdf' });
  assert.match(pdf.text, /^%PDF-/);
  assert.equal((await api.ask({ url: '/api/v1/invoices/8' })).status, 404);
  await api.server.close();
});

test('BILL-06 a PDF is the same bytes whenever it is asked for, and a draft says that it is one', async () => {
  const whole = presentWhole(issued, lines);
  const first = await invoicePdf(whole);
  assert.ok(first.equals(await invoicePdf(whole)));
  const draft = await invoicePdf(presentWhole({ ...issued, state: 'draft', number: '' }, lines));
  assert.ok(!draft.equals(first));
});

test('BILL-06 drafts and credit notes say who made them', async () => {
  const drafts: DraftInvoiceRequest[] = [];
  const credits: DraftCreditNoteRequest[] = [];
  const billing = {
    ...emptyPorts().billing,
    getInvoice: () => Promise.resolve({ invoice: issued, lines }),
    draftInvoice: (request: DraftInvoiceRequest) => {
      drafts.push(request);
      return Promise.resolve(issued);
    },
    draftCreditNote: (request: DraftCreditNoteRequest) => {
      credits.push(request);
      return Promise.resolve(issued);
    },
  };
  const api = await apiWithExample({ billing });
  const post = async (path: string, payload: object) => api.ask({ method: 'POST', url: `/api/v1/invoices${path}`, payload }); // prettier-ignore
  assert.equal((await post('', { account: 'demo', until: '2026-04-01' })).status, 200);
  assert.equal((await post('', { account: 'nobody' })).status, 404);
  const [draft] = drafts;
  assert.deepEqual([drafts.length, draft?.from, draft?.until], [1, '', '2026-04-01']);
  assert.notEqual(draft?.createdBy, '');
  assert.equal((await post('/7/credit-notes', { amount: '1' })).status, 400);
  assert.equal((await post('/7/credit-notes', { amount: '1', reason: 'mistake' })).status, 200);
  assert.deepEqual([credits[0]?.invoice, credits[0]?.amount], [7, '1']);
  await api.server.close();
});
