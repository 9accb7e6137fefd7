import { useState, type ReactElement } from 'react';
import { Link, useParams } from 'wouter';
import { answerOf, api, type Schemas } from '../api/client.ts';
import { useMay } from '../api/session.ts';
import { entryHref } from '../core/entry-kinds.ts';
import { count } from '../core/format.ts';
import { CsvLink } from '../ui/csv-link.tsx';
import { DataTable, type Column } from '../ui/data-table.tsx';
import { Filters, RangeFilter } from '../ui/filters.tsx';
import { Page, Section } from '../ui/page.tsx';
import { PaymentDialog } from '../ui/payment-dialog.tsx';
import { ProblemBox } from '../ui/problem-box.tsx';
import { Tile, Tiles } from '../ui/tiles.tsx';
import { Time } from '../ui/time.tsx';
import { useAnswer } from '../ui/use-answer.ts';
import { asked, useFilters } from '../ui/use-filters.ts';

type Line = Schemas['StatementLine'];

const ranges = [
  ['', 'this month'],
  ['168h', 'last 7 days'],
  ['720h', 'last 30 days'],
  ['2160h', 'last 90 days'],
] as const;

/** What an account has, and how that came about. */
export function AccountPage(): ReactElement {
  const { name: encoded } = useParams<{ name: string }>();
  const name = decodeURIComponent(encoded);
  const [filters, change] = useFilters(['from', 'until']);
  const path = { name };
  const account = useAnswer(['account', name], () =>
    answerOf(api.GET('/api/v1/accounts/{name}', { params: { path } })),
  );
  const query = asked({ ...filters, from: filters.from === '' ? monthBegin() : filters.from });
  const statement = useAnswer(['statement', name, query], () =>
    answerOf(api.GET('/api/v1/accounts/{name}/statement', { params: { path, query } })),
  );
  const mayPay = useMay('bookPayment');
  const [isPaying, setPaying] = useState(false);
  const { data } = account;
  const of = encodeURIComponent(name);
  return (
    <Page
      title={name}
      lead={<Link href="/accounts">Balances</Link>}
      actions={
        <>
          {mayPay && data !== undefined && data.balance !== null ? (
            <button
              type="button"
              className="button primary"
              onClick={() => {
                setPaying(true);
              }}
            >
              Book a payment …
            </button>
          ) : null}
          <Link className="button" href={`/payments?account=${of}`}>
            Payments
          </Link>
          <Link className="button" href={`/cdrs?account=${of}`}>
            CDRs
          </Link>
          <Link className="button" href={entryHref('accounts', name)}>
            Terms
          </Link>
        </>
      }
    >
      <ProblemBox error={account.error} />
      {data === undefined ? null : <Standing {...data} />}
      {data === undefined ? null : <Resale {...data} />}
      <Section
        title="Statement"
        note={
          statement.data?.isCut === true
            ? 'There are more lines: choose a shorter time.'
            : 'calls by the day, payments one by one'
        }
        actions={
          <CsvLink path={`/accounts/${of}/statement`} query={query} name={`statement-${name}`} />
        }
      >
        <Filters label="Filter the statement">
          <RangeFilter
            from={filters.from}
            until={filters.until}
            onChange={change}
            ranges={ranges}
          />
        </Filters>
        <DataTable
          name="Statement"
          columns={columns}
          rows={statement.data?.lines.map((line, index) => ({ ...line, index }))}
          keyOf={({ index }) => String(index)}
          error={statement.error}
          isRefreshing={statement.isPlaceholderData}
          empty="Nothing was booked in this time."
        />
        {statement.data === undefined ? null : (
          <p>
            From {statement.data.openingBalance} to{' '}
            <strong>
              {statement.data.closingBalance} {statement.data.currency}
            </strong>
          </p>
        )}
      </Section>
      {isPaying && data !== undefined ? (
        <PaymentDialog
          account={data}
          onClose={() => {
            setPaying(false);
          }}
        />
      ) : null}
    </Page>
  );
}

function AccountLink({ name }: { readonly name: string }): ReactElement {
  return <Link href={`/accounts/${encodeURIComponent(name)}`}>{name}</Link>;
}

/** The first of this month, UTC: the days of a statement are. */
function monthBegin(): string {
  return `${new Date().toISOString().slice(0, 7)}-01`;
}

type Row = Line & { readonly index: number };

const columns: readonly Column<Row>[] = [
  { id: 'at', header: 'At', cell: ({ at }) => <Time at={at} /> },
  {
    id: 'kind',
    header: 'What',
    cell: ({ entries, kind }) =>
      kind === 'calls' ? `${count(entries)} ${entries === 1 ? 'call' : 'calls'}` : kind,
  },
  { id: 'amount', header: 'Amount', cell: ({ amount }) => amount, isNumber: true },
  { id: 'balance', header: 'Balance', cell: ({ balance }) => balance, isNumber: true },
  { id: 'reference', header: 'Reference', cell: ({ reference }) => reference },
  { id: 'note', header: 'Note', cell: ({ note }) => note },
];

/** Who is above it, and under it. */
function Resale({
  children,
  parent,
}: {
  children: readonly string[];
  parent: string | null;
}): ReactElement | null {
  if (parent === null && children.length === 0) return null;
  return (
    <Section title="Resale" note="calls of an account are owed at each level above it, too">
      {parent === null ? null : (
        <p>
          Under <AccountLink name={parent} />
        </p>
      )}
      {children.length === 0 ? null : (
        <p>
          Reseller of{' '}
          {children.map((child, at) => (
            <span key={child}>
              {at === 0 ? '' : ', '}
              <AccountLink name={child} />
            </span>
          ))}
        </p>
      )}
    </Section>
  );
}

/** What it has, and may. */
function Standing(account: Schemas['AccountWithChildren']): ReactElement {
  return (
    <Tiles>
      <Tile
        label="Balance"
        hint={account.currency}
        value={account.balance ?? '–'}
        isBad={account.balance?.startsWith('-') === true}
      />
      <Tile label="Overdraft" hint={account.currency} value={account.overdraft} />
      <Tile label="Status" value={account.status} isBad={account.status !== 'active'} />
      <Tile label="Lines" value={account.lineLimit === 0 ? 'no limit' : count(account.lineLimit)} />
      <Tile label="Entries of the ledger" value={count(account.ledgerEntries)} />
    </Tiles>
  );
}
