import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactElement } from 'react';
import { Link, useLocation } from 'wouter';
import { answerOf, api, type Schemas } from '../api/client.ts';
import { useMay } from '../api/session.ts';
import { Badge } from '../ui/badge.tsx';
import { CsvLink } from '../ui/csv-link.tsx';
import { DataTable, type Column } from '../ui/data-table.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { ChoiceFilter, Filters, TextFilter } from '../ui/filters.tsx';
import { Page } from '../ui/page.tsx';
import { Pager, usePaging } from '../ui/pager.tsx';
import { ProblemBox } from '../ui/problem-box.tsx';
import { SLOW_MS, useAnswer } from '../ui/use-answer.ts';
import { asked, useFilters } from '../ui/use-filters.ts';

type Invoice = Schemas['Invoice'];

/** Invoices, credit notes and their drafts. */
export function InvoicesPage(): ReactElement {
  const [filters, change] = useFilters(['account', 'state', 'kind']);
  const [isDrafting, setDrafting] = useState(false);
  const set = asked(filters);
  const paging = usePaging(JSON.stringify(set));
  const query = { ...set, cursor: paging.cursor } as { state?: Invoice['state']; kind?: Invoice['kind'] }; // prettier-ignore
  const invoices = useAnswer(
    ['invoices', set, paging.cursor],
    () => answerOf(api.GET('/api/v1/invoices', { params: { query } })),
    { everyMs: SLOW_MS },
  );
  const mayDraft = useMay('draftInvoice');
  return (
    <Page
      title="Invoices"
      lead="What accounts are to pay, newest first."
      actions={
        mayDraft ? (
          <button
            type="button"
            className="button primary"
            onClick={() => {
              setDrafting(true);
            }}
          >
            Draft an invoice …
          </button>
        ) : undefined
      }
    >
      <Filters label="Filter invoices">
        <TextFilter
          label="Account"
          value={filters.account}
          onChange={(account) => {
            change({ account });
          }}
        />
        <ChoiceFilter
          label="State"
          value={filters.state}
          choices={[
            ['', 'all'],
            ['draft', 'drafts'],
            ['issued', 'issued'],
          ]}
          onChange={(state) => {
            change({ state });
          }}
        />
        <ChoiceFilter
          label="Kind"
          value={filters.kind}
          choices={[
            ['', 'all'],
            ['invoice', 'invoices'],
            ['credit-note', 'credit notes'],
          ]}
          onChange={(kind) => {
            change({ kind });
          }}
        />
      </Filters>
      <DataTable
        name="Invoices"
        columns={columns}
        rows={invoices.data?.invoices}
        keyOf={({ id }) => String(id)}
        error={invoices.error}
        isRefreshing={invoices.isPlaceholderData}
        empty="No invoice fits."
        tools={
          <>
            <CsvLink path="/invoices" query={set} name="invoices" />
            <Pager paging={paging} next={invoices.data?.nextCursor} />
          </>
        }
      />
      {isDrafting ? (
        <DraftDialog
          onClose={() => {
            setDrafting(false);
          }}
        />
      ) : null}
    </Page>
  );
}

const columns: readonly Column<Invoice>[] = [
  {
    id: 'number',
    header: 'Number',
    cell: ({ id, number }) => (
      <Link href={`/invoices/${String(id)}`}>{number === '' ? `draft ${String(id)}` : number}</Link>
    ),
  },
  { id: 'kind', header: 'Kind', cell: ({ kind }) => kind.replace('-', ' ') },
  { id: 'state', header: 'State', cell: ({ state }) => <Badge>{state}</Badge> },
  { id: 'account', header: 'Account', cell: ({ account }) => account },
  { id: 'period', header: 'Period', cell: ({ firstDay, lastDay }) => `${firstDay} to ${lastDay}` },
  {
    id: 'total',
    header: 'Total',
    cell: ({ currency, total }) => `${total} ${currency}`,
    isNumber: true,
  },
  { id: 'issuedOn', header: 'Issued', cell: ({ issuedOn }) => issuedOn },
  { id: 'dueOn', header: 'Due', cell: ({ dueOn }) => dueOn },
  { id: 'for', header: 'For', cell: ({ refersToNumber }) => refersToNumber, isExtra: true },
  { id: 'issuer', header: 'Issuer', cell: ({ issuer }) => issuer, isExtra: true },
];

function DraftDialog({ onClose }: { readonly onClose: () => void }): ReactElement {
  const queries = useQueryClient();
  const [, go] = useLocation();
  const [account, setAccount] = useState('');
  const [from, setFrom] = useState('');
  const [until, setUntil] = useState('');
  const draft = useMutation({
    mutationFn: async () =>
      answerOf(api.POST('/api/v1/invoices', { body: { account, from, until } })),
    onSuccess: async ({ id }) => {
      await queries.invalidateQueries({ queryKey: ['invoices'] });
      go(`/invoices/${String(id)}`);
    },
  });
  return (
    <Dialog title="Draft an invoice" isOpen onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          draft.mutate();
        }}
      >
        <p>It takes the place of the draft that the account has.</p>
        <label className="filter">
          <span>Account</span>
          <input
            value={account}
            required
            onChange={(event) => {
              setAccount(event.target.value);
            }}
          />
        </label>
        <label className="filter">
          <span>From, a day; empty: where its last invoice ends</span>
          <input
            type="date"
            value={from}
            onChange={(event) => {
              setFrom(event.target.value);
            }}
          />
        </label>
        <label className="filter">
          <span>Before this day; empty: the end of the last period</span>
          <input
            type="date"
            value={until}
            onChange={(event) => {
              setUntil(event.target.value);
            }}
          />
        </label>
        <ProblemBox error={draft.error} />
        <div className="dialog-actions">
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="button primary" disabled={draft.isPending}>
            Draft
          </button>
        </div>
      </form>
    </Dialog>
  );
}
