import type { ReactElement } from 'react';
import { Link } from 'wouter';
import { answerOf, api, type Schemas } from '../api/client.ts';
import { Badge } from '../ui/badge.tsx';
import { CsvLink } from '../ui/csv-link.tsx';
import { DataTable, type Column } from '../ui/data-table.tsx';
import { ChoiceFilter, Filters, RangeFilter, TextFilter } from '../ui/filters.tsx';
import { Page } from '../ui/page.tsx';
import { Pager, usePaging } from '../ui/pager.tsx';
import { paymentKinds } from '../ui/payment-dialog.tsx';
import { Time } from '../ui/time.tsx';
import { useAnswer } from '../ui/use-answer.ts';
import { asked, useFilters } from '../ui/use-filters.ts';

type Payment = Schemas['PaymentEntry'];

/** Money that came, was given back, or was put right. */
export function PaymentsPage(): ReactElement {
  const [filters, change] = useFilters(['from', 'until', 'account', 'kind']);
  const { kind: given, ...rest } = filters;
  const set = asked(rest);
  const kind = paymentKinds.find((each) => each === given);
  const query = { ...set, ...(kind === undefined ? {} : { kind }) };
  const paging = usePaging(JSON.stringify(query));
  const payments = useAnswer(['payments', query, paging.cursor], () =>
    answerOf(
      api.GET('/api/v1/payments', { params: { query: { ...query, cursor: paging.cursor } } }),
    ),
  );
  return (
    <Page
      title="Payments"
      lead="Money that came, was given back, or was put right; newest first. Balances has the form."
    >
      <Filters label="Filter payments">
        <RangeFilter from={filters.from} until={filters.until} onChange={change} />
        <TextFilter
          label="Account"
          value={filters.account}
          onChange={(account) => {
            change({ account });
          }}
        />
        <ChoiceFilter
          label="Kind"
          value={filters.kind}
          choices={[['', 'all'], ...paymentKinds.map((each) => [each, each] as const)]}
          onChange={(value) => {
            change({ kind: value });
          }}
        />
      </Filters>
      <DataTable
        name="Payments"
        columns={columns}
        rows={payments.data?.payments}
        keyOf={({ account, reference }) => `${account} ${reference}`}
        error={payments.error}
        isRefreshing={payments.isPlaceholderData}
        empty="No payment fits."
        tools={
          <>
            <CsvLink path="/payments" query={query} name="payments" />
            <Pager paging={paging} next={payments.data?.nextCursor} />
          </>
        }
      />
    </Page>
  );
}

const columns: readonly Column<Payment>[] = [
  { id: 'at', header: 'At', cell: ({ at }) => <Time at={at} /> },
  {
    id: 'account',
    header: 'Account',
    cell: ({ account }) => <Link href={`/accounts/${encodeURIComponent(account)}`}>{account}</Link>,
  },
  { id: 'kind', header: 'Kind', cell: ({ kind }) => <Badge tone="quiet">{kind}</Badge> },
  {
    id: 'amount',
    header: 'Amount',
    cell: ({ amount, currency }) => `${amount} ${currency}`,
    isNumber: true,
  },
  {
    id: 'balance',
    header: 'Balance after',
    cell: ({ balanceAfter, currency }) =>
      balanceAfter === null ? '–' : `${balanceAfter} ${currency}`,
    isNumber: true,
  },
  { id: 'reference', header: 'Reference', cell: ({ reference }) => reference },
  { id: 'note', header: 'Note', cell: ({ note }) => note },
  { id: 'by', header: 'By', cell: ({ bookedBy }) => bookedBy },
];
