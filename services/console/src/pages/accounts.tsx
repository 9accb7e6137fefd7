import { useState, type ReactElement } from 'react';
import { Link } from 'wouter';
import { answerOf, api, type Schemas } from '../api/client.ts';
import { useMay } from '../api/session.ts';
import { entryHref } from '../core/entry-kinds.ts';
import { Badge } from '../ui/badge.tsx';
import { DataTable, type Column } from '../ui/data-table.tsx';
import { CsvLink } from '../ui/csv-link.tsx';
import { Filters, TextFilter } from '../ui/filters.tsx';
import { Page } from '../ui/page.tsx';
import { PaymentDialog } from '../ui/payment-dialog.tsx';
import { RowMenu } from '../ui/row-menu.tsx';
import { SLOW_MS, useAnswer } from '../ui/use-answer.ts';
import { useFilters } from '../ui/use-filters.ts';

type Account = Schemas['Account'];

const SHOWN = 500;

/** What accounts have, and payments. */
export function AccountsPage(): ReactElement {
  const [{ search }, change] = useFilters(['search']);
  const [paid, setPaid] = useState<Account>();
  const accounts = useAnswer(['accounts'], () => answerOf(api.GET('/api/v1/accounts')), {
    everyMs: SLOW_MS,
  });
  const mayPay = useMay('bookPayment');
  const wanted = search.toLowerCase();
  const fitting = accounts.data?.accounts.filter(({ name }) => name.toLowerCase().includes(wanted));
  const rows = fitting?.slice(0, SHOWN);
  return (
    <Page
      title="Balances"
      lead={
        fitting === undefined || fitting.length <= SHOWN
          ? 'What accounts have.'
          : `The first ${String(SHOWN)} of ${String(fitting.length)} accounts that fit.`
      }
    >
      <Filters label="Filter accounts">
        <TextFilter
          label="Account"
          value={search}
          onChange={(value) => {
            change({ search: value });
          }}
        />
      </Filters>
      <DataTable
        name="Balances"
        columns={columns}
        rows={rows}
        keyOf={({ name }) => name}
        error={accounts.error}
        empty="No account fits."
        tools={<CsvLink path="/accounts" name="accounts" />}
        menu={(account) => (
          <RowMenu
            label={`Actions for ${account.name}`}
            lines={[
              ...(mayPay && account.balance !== null
                ? [
                    {
                      label: 'Book a payment …',
                      run: () => {
                        setPaid(account);
                      },
                    },
                  ]
                : []),
              { label: 'Statement', href: `/accounts/${encodeURIComponent(account.name)}` },
              {
                label: 'Payments',
                href: `/payments?account=${encodeURIComponent(account.name)}`,
              },
              { label: 'Terms', href: entryHref('accounts', account.name) },
              {
                label: 'Current calls',
                href: `/calls?account=${encodeURIComponent(account.name)}`,
              },
              { label: 'CDRs', href: `/cdrs?account=${encodeURIComponent(account.name)}` },
              { label: 'Invoices', href: `/invoices?account=${encodeURIComponent(account.name)}` },
            ]}
          />
        )}
      />
      {paid === undefined ? null : (
        <PaymentDialog
          key={paid.name}
          account={paid}
          onClose={() => {
            setPaid(undefined);
          }}
        />
      )}
    </Page>
  );
}

const columns: readonly Column<Account>[] = [
  {
    id: 'name',
    header: 'Account',
    cell: ({ name }) => <Link href={`/accounts/${encodeURIComponent(name)}`}>{name}</Link>,
    sortBy: ({ name }) => name,
  },
  { id: 'type', header: 'Type', cell: ({ type }) => type, sortBy: ({ type }) => type },
  {
    id: 'status',
    header: 'Status',
    cell: ({ status }) => <Badge>{status}</Badge>,
    sortBy: ({ status }) => status,
  },
  {
    id: 'balance',
    header: 'Balance',
    cell: ({ balance, currency }) => (balance === null ? '–' : `${balance} ${currency}`),
    isNumber: true,
  },
  { id: 'overdraft', header: 'Overdraft', cell: ({ overdraft }) => overdraft, isNumber: true },
  {
    id: 'rateGroup',
    header: 'Rates',
    cell: ({ rateGroup }) =>
      rateGroup === null ? '' : <Link href={entryHref('rate-groups', rateGroup)}>{rateGroup}</Link>,
  },
  {
    id: 'lines',
    header: 'Lines',
    cell: ({ lineLimit }) => (lineLimit === 0 ? 'no limit' : lineLimit),
    isNumber: true,
  },
  { id: 'until', header: 'Valid until', cell: ({ validUntil }) => validUntil ?? '', isExtra: true },
];
