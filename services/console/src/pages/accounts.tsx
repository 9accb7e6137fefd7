import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactElement } from 'react';
import { Link } from 'wouter';
import { answerOf, api, type Schemas } from '../api/client.ts';
import { useMay } from '../api/session.ts';
import { entryHref } from '../core/entry-kinds.ts';
import { Badge } from '../ui/badge.tsx';
import { DataTable, type Column } from '../ui/data-table.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Filters, TextFilter } from '../ui/filters.tsx';
import { Page } from '../ui/page.tsx';
import { ProblemBox } from '../ui/problem-box.tsx';
import { RowMenu } from '../ui/row-menu.tsx';
import { tell } from '../ui/tell.ts';
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
    cell: ({ name }) => <Link href={entryHref('accounts', name)}>{name}</Link>,
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

const paymentKinds = ['payment', 'recharge', 'refund', 'correction'] as const;
type PaymentKind = (typeof paymentKinds)[number];

function PaymentDialog({
  account,
  onClose,
}: {
  readonly account: Account;
  readonly onClose: () => void;
}): ReactElement {
  const queries = useQueryClient();
  const [sum, setSum] = useState('');
  // Booked once, however often it is sent: made as the dialog opens.
  const [reference, setReference] = useState(() => `console-${new Date().toISOString()}`);
  const [note, setNote] = useState('');
  const [kind, setKind] = useState<PaymentKind>('payment');
  const payment = useMutation({
    mutationFn: async () =>
      answerOf(
        api.POST('/api/v1/accounts/{name}/payments', {
          params: { path: { name: account.name } },
          body: { amount: sum, reference, note, kind },
        }),
      ),
    onSuccess: async ({ account: { name, balance, currency }, isBooked }) => {
      tell(
        isBooked ? 'The payment was booked' : 'This reference was booked before',
        `${name} has ${balance ?? ''} ${currency}`,
      );
      onClose();
      await queries.invalidateQueries({ queryKey: ['accounts'] });
    },
  });
  return (
    <Dialog title={`Payment of ${account.name}`} isOpen onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          payment.mutate();
        }}
      >
        <p>
          It has {account.balance} {account.currency}.
        </p>
        <label className="filter">
          <span>Amount in {account.currency}; with a minus it takes money off</span>
          <input
            value={sum}
            inputMode="decimal"
            required
            pattern="-?\d+(\.\d{1,9})?"
            onChange={(event) => {
              setSum(event.target.value);
            }}
          />
        </label>
        <label className="filter">
          <span>What it is; a correction alone may be less than a coin</span>
          <select
            value={kind}
            onChange={(event) => {
              setKind(paymentKinds.find((each) => each === event.target.value) ?? 'payment');
            }}
          >
            {paymentKinds.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        </label>
        <label className="filter">
          <span>Reference: the same one books once</span>
          <input
            value={reference}
            required
            maxLength={128}
            onChange={(event) => {
              setReference(event.target.value);
            }}
          />
        </label>
        <label className="filter">
          <span>Note</span>
          <input
            value={note}
            maxLength={1000}
            onChange={(event) => {
              setNote(event.target.value);
            }}
          />
        </label>
        <ProblemBox error={payment.error} />
        <div className="dialog-actions">
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="button primary" disabled={payment.isPending}>
            Book
          </button>
        </div>
      </form>
    </Dialog>
  );
}
