import { useState, type ReactElement } from 'react';
import { Link, useParams } from 'wouter';
import { answerOf, api, type Schemas } from '../api/client.ts';
import { duration } from '../core/format.ts';
import { CsvLink } from '../ui/csv-link.tsx';
import { DataTable, type Column } from '../ui/data-table.tsx';
import { ChoiceFilter, Filters } from '../ui/filters.tsx';
import { Page } from '../ui/page.tsx';
import { Pager, usePaging } from '../ui/pager.tsx';
import { ProblemBox } from '../ui/problem-box.tsx';
import { Tile, Tiles } from '../ui/tiles.tsx';
import { Time } from '../ui/time.tsx';
import { LIVE_MS, useAnswer } from '../ui/use-answer.ts';
import { asked, useFilters } from '../ui/use-filters.ts';

type Dispute = Schemas['Dispute'];
type Difference = Schemas['DisputeDifference'];

/** What a comparison of CDRs came to, and the calls that differ. */
export function DisputePage(): ReactElement {
  const { id: text } = useParams<{ id: string }>();
  const id = Number(text);
  const [isComparing, setComparing] = useState(false);
  const told = useAnswer(
    ['dispute', id],
    async () => {
      const found = await answerOf(api.GET('/api/v1/disputes/{id}', { params: { path: { id } } }));
      setComparing(found.state === 'comparing');
      return found;
    },
    isComparing ? { everyMs: LIVE_MS } : {},
  );
  const { data } = told;
  return (
    <Page title={data?.file ?? 'Dispute'} lead={data === undefined ? '' : leadOf(data)}>
      <ProblemBox error={told.error} />
      {data === undefined || data.sums === null ? null : (
        <>
          <Sums dispute={data} />
          <Differences id={id} />
        </>
      )}
    </Page>
  );
}

function leadOf({ account, state }: Dispute): string {
  if (state === 'comparing') return `CDRs of ${account} are being compared.`;
  return state === 'done' ? `CDRs of ${account} against ours.` : `CDRs of ${account}: ${state}.`;
}

function Sums({ dispute: { currency, sums } }: { readonly dispute: Dispute }): ReactElement | null {
  if (sums === null) return null;
  const of = ({ calls, durationMs, price }: NonNullable<Dispute['sums']>['ours']): string =>
    `${String(calls)} · ${duration(durationMs)} · ${price} ${currency}`;
  return (
    <Tiles>
      <Tile label="Ours" value={of(sums.ours)} />
      <Tile label="Theirs" value={of(sums.theirs)} />
      <Tile label="Ours alone" value={of(sums.onlyOurs)} isBad={sums.onlyOurs.calls > 0} />
      <Tile label="Theirs alone" value={of(sums.onlyTheirs)} isBad={sums.onlyTheirs.calls > 0} />
      <Tile
        label="Duration differs"
        value={String(sums.durationDiffers)}
        isBad={sums.durationDiffers > 0}
      />{' '}
      {/* prettier-ignore */}
      <Tile label="Price differs" value={String(sums.priceDiffers)} isBad={sums.priceDiffers > 0} />
      <Tile label="Theirs less ours, of what both have" value={`${sums.price} ${currency}`} />
    </Tiles>
  );
}

function Differences({ id }: { readonly id: number }): ReactElement {
  const [filters, change] = useFilters(['kind']);
  const set = asked(filters);
  const paging = usePaging(JSON.stringify(set));
  const query = { ...set, cursor: paging.cursor } as { kind?: Difference['kind'] };
  const list = useAnswer(['differences', id, set, paging.cursor], () =>
    answerOf(api.GET('/api/v1/disputes/{id}/differences', { params: { path: { id }, query } })),
  );
  return (
    <>
      <Filters label="Filter differences">
        <ChoiceFilter
          label="What differs"
          value={filters.kind}
          choices={[
            ['', 'all'],
            ['only-ours', 'ours alone'],
            ['only-theirs', 'theirs alone'],
            ['duration', 'duration'],
            ['price', 'price'],
          ]}
          onChange={(kind) => {
            change({ kind });
          }}
        />
      </Filters>
      <DataTable
        name="Differences"
        columns={columns}
        rows={list.data?.differences}
        keyOf={({ callId, line }) => `${callId} ${String(line)}`}
        error={list.error}
        isRefreshing={list.isPlaceholderData}
        empty="Nothing differs."
        tools={
          <>
            <CsvLink
              path={`/disputes/${String(id)}/differences`}
              query={{ ...set, limit: 5000 }}
              name={`dispute-${String(id)}`}
            />
            <Pager paging={paging} next={list.data?.nextCursor} />
          </>
        }
      />
    </>
  );
}

const columns: readonly Column<Difference>[] = [
  { id: 'kind', header: 'What', cell: ({ kind }) => kind },
  {
    id: 'ours',
    header: 'Ours',
    cell: ({ callId, ourStart }) =>
      callId === '' ? (
        ''
      ) : (
        <Link href={`/calls/${encodeURIComponent(callId)}`}>
          <Time at={ourStart} />
        </Link>
      ),
  },
  { id: 'theirs', header: 'Theirs', cell: ({ theirStart }) => <Time at={theirStart} /> },
  { id: 'ourCallee', header: 'Our callee', cell: ({ ourCallee }) => ourCallee },
  { id: 'theirCallee', header: 'Their callee', cell: ({ theirCallee }) => theirCallee },
  {
    id: 'ourDuration',
    header: 'Our duration',
    cell: ({ ourDurationMs }) => (ourDurationMs === null ? '' : duration(ourDurationMs)),
    isNumber: true,
  },
  {
    id: 'theirDuration',
    header: 'Their duration',
    cell: ({ theirDurationMs }) => (theirDurationMs === null ? '' : duration(theirDurationMs)),
    isNumber: true,
  },
  { id: 'ourPrice', header: 'Our price', cell: ({ ourPrice }) => ourPrice ?? '', isNumber: true },
  {
    id: 'theirPrice',
    header: 'Their price',
    cell: ({ theirPrice }) => theirPrice ?? '',
    isNumber: true,
  },
  { id: 'line', header: 'Line', cell: ({ line }) => line ?? '', isNumber: true },
];
