import { useState, type ReactElement } from 'react';
import { Link } from 'wouter';
import { answerOf, api, type Schemas } from '../api/client.ts';
import { useMay } from '../api/session.ts';
import { Badge } from '../ui/badge.tsx';
import { CompareDialog } from '../ui/compare-dialog.tsx';
import { DataTable, type Column } from '../ui/data-table.tsx';
import { Filters, TextFilter } from '../ui/filters.tsx';
import { Page } from '../ui/page.tsx';
import { Pager, usePaging } from '../ui/pager.tsx';
import { Time } from '../ui/time.tsx';
import { SLOW_MS, useAnswer } from '../ui/use-answer.ts';
import { asked, useFilters } from '../ui/use-filters.ts';

type Dispute = Schemas['Dispute'];

/** CDRs of vendors and customers that were held against ours. */
export function DisputesPage(): ReactElement {
  const [filters, change] = useFilters(['account']);
  const [isComparing, setComparing] = useState(false);
  const set = asked(filters);
  const paging = usePaging(JSON.stringify(set));
  const query = { ...set, cursor: paging.cursor };
  const disputes = useAnswer(
    ['disputes', set, paging.cursor],
    () => answerOf(api.GET('/api/v1/disputes', { params: { query } })),
    { everyMs: SLOW_MS },
  );
  const mayCompare = useMay('createDispute');
  return (
    <Page
      title="Disputes"
      lead="CDRs of vendors and customers that were held against ours."
      actions={
        mayCompare ? (
          <button
            type="button"
            className="button primary"
            onClick={() => {
              setComparing(true);
            }}
          >
            Compare a file …
          </button>
        ) : undefined
      }
    >
      <Filters label="Filter disputes">
        <TextFilter
          label="Account"
          value={filters.account}
          onChange={(account) => {
            change({ account });
          }}
        />
      </Filters>
      <DataTable
        name="Disputes"
        columns={columns}
        rows={disputes.data?.disputes}
        keyOf={({ id }) => String(id)}
        error={disputes.error}
        isRefreshing={disputes.isPlaceholderData}
        empty="Nothing was compared yet."
        tools={<Pager paging={paging} next={disputes.data?.nextCursor} />}
      />
      {isComparing ? (
        <CompareDialog
          onClose={() => {
            setComparing(false);
          }}
        />
      ) : null}
    </Page>
  );
}

const columns: readonly Column<Dispute>[] = [
  {
    id: 'file',
    header: 'File',
    cell: ({ file, id }) => <Link href={`/disputes/${String(id)}`}>{file}</Link>,
  },
  { id: 'account', header: 'Account', cell: ({ account }) => account },
  { id: 'state', header: 'State', cell: ({ state }) => <Badge>{state}</Badge> },
  { id: 'from', header: 'From', cell: ({ from }) => <Time at={from} /> },
  { id: 'until', header: 'Until', cell: ({ until }) => <Time at={until} /> },
  {
    id: 'onlyOurs',
    header: 'Ours alone',
    cell: ({ sums }) => sums?.onlyOurs.calls ?? '',
    isNumber: true,
  },
  {
    id: 'onlyTheirs',
    header: 'Theirs alone',
    cell: ({ sums }) => sums?.onlyTheirs.calls ?? '',
    isNumber: true,
  },
  {
    id: 'differ',
    header: 'Theirs less ours',
    cell: ({ currency, sums }) => (sums === null ? '' : `${sums.price} ${currency}`),
    isNumber: true,
  },
  { id: 'by', header: 'By', cell: ({ createdBy }) => createdBy, isExtra: true },
];
