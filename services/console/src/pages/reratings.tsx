import { useState, type ReactElement } from 'react';
import { Link } from 'wouter';
import { answerOf, api, type Schemas } from '../api/client.ts';
import { useMay } from '../api/session.ts';
import { count, percent } from '../core/format.ts';
import { Badge } from '../ui/badge.tsx';
import { DataTable, type Column } from '../ui/data-table.tsx';
import { Page } from '../ui/page.tsx';
import { Pager, usePaging } from '../ui/pager.tsx';
import { RerateDialog } from '../ui/rerate-dialog.tsx';
import { Time } from '../ui/time.tsx';
import { SLOW_MS, useAnswer } from '../ui/use-answer.ts';

type Rerating = Schemas['Rerating'];

/** Calls that were rated once more. */
export function ReratingsPage(): ReactElement {
  const [isBeginning, setBeginning] = useState(false);
  const paging = usePaging('reratings');
  const query = { cursor: paging.cursor };
  const reratings = useAnswer(
    ['reratings', paging.cursor],
    () => answerOf(api.GET('/api/v1/reratings', { params: { query } })),
    { everyMs: SLOW_MS },
  );
  const mayBegin = useMay('createRerating');
  return (
    <Page
      title="Re-rating"
      lead="Calls of a period by a corrected rate or a late sheet: looked at first, then booked as entries of the ledger."
      actions={
        mayBegin ? (
          <button
            type="button"
            className="button primary"
            onClick={() => {
              setBeginning(true);
            }}
          >
            Rate once more …
          </button>
        ) : undefined
      }
    >
      <DataTable
        name="Re-ratings"
        columns={columns}
        rows={reratings.data?.reratings}
        keyOf={({ id }) => String(id)}
        error={reratings.error}
        isRefreshing={reratings.isPlaceholderData}
        empty="Nothing was rated once more yet."
        tools={<Pager paging={paging} next={reratings.data?.nextCursor} />}
      />
      {isBeginning ? (
        <RerateDialog
          onClose={() => {
            setBeginning(false);
          }}
        />
      ) : null}
    </Page>
  );
}

const columns: readonly Column<Rerating>[] = [
  {
    id: 'id',
    header: 'Re-rating',
    cell: ({ id }) => <Link href={`/reratings/${String(id)}`}>{id}</Link>,
  },
  { id: 'state', header: 'State', cell: ({ state }) => <Badge>{state}</Badge> },
  { id: 'done', header: 'Done', cell: ({ share }) => percent(share), isNumber: true },
  { id: 'accounts', header: 'Accounts', cell: ({ accounts }) => accounts.join(', ') },
  { id: 'from', header: 'From', cell: ({ from }) => <Time at={from} /> },
  { id: 'until', header: 'Until', cell: ({ until }) => <Time at={until} /> },
  { id: 'lines', header: 'Lines', cell: ({ lines }) => count(lines), isNumber: true },
  { id: 'note', header: 'Note', cell: ({ note }) => note },
  { id: 'by', header: 'By', cell: ({ createdBy }) => createdBy, isExtra: true },
];
