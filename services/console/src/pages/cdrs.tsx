import type { ReactElement } from 'react';
import { Link } from 'wouter';
import { answerOf, api, type Schemas } from '../api/client.ts';
import { download } from '../api/download.ts';
import { between, duration } from '../core/format.ts';
import { Code } from '../ui/badge.tsx';
import { CsvLink } from '../ui/csv-link.tsx';
import { DataTable, type Column } from '../ui/data-table.tsx';
import { ChoiceFilter, Filters, RangeFilter, TextFilters } from '../ui/filters.tsx';
import { Page } from '../ui/page.tsx';
import { Pager, usePaging } from '../ui/pager.tsx';
import { RowMenu } from '../ui/row-menu.tsx';
import { tellProblem } from '../ui/tell.ts';
import { Time } from '../ui/time.tsx';
import { useAnswer } from '../ui/use-answer.ts';
import { asked, useFilters } from '../ui/use-filters.ts';

type Cdr = Schemas['Cdr'];

/** Calls that are over. */
export function CdrsPage(): ReactElement {
  const [filters, change] = useFilters([
    'from',
    'until',
    'caller',
    'callee',
    'account',
    'gateway',
    'reason',
    'address',
    'failed',
  ]);
  const set = asked(filters);
  const paging = usePaging(JSON.stringify(set));
  const query = {
    ...set,
    failed: filters.failed === 'true' ? ('true' as const) : undefined,
    cursor: paging.cursor,
  };
  const cdrs = useAnswer(['cdrs', set, paging.cursor], () =>
    answerOf(api.GET('/api/v1/cdrs', { params: { query } })),
  );
  return (
    <Page title="CDRs" lead="Calls that are over, newest first.">
      <Filters label="Filter CDRs">
        <RangeFilter from={filters.from} until={filters.until} onChange={change} />
        <TextFilters
          fields={[
            ['caller', 'Caller'],
            ['callee', 'Callee'],
            ['account', 'Account'],
            ['gateway', 'Gateway'],
            ['reason', 'Reason'],
            ['address', 'Caller’s address'],
          ]}
          values={filters}
          onChange={change}
        />
        <ChoiceFilter
          label="Outcome"
          value={filters.failed}
          choices={[
            ['', 'all'],
            ['true', 'not answered'],
          ]}
          onChange={(failed) => {
            change({ failed });
          }}
        />
      </Filters>
      <DataTable
        name="CDRs"
        columns={columns}
        rows={cdrs.data?.cdrs}
        keyOf={({ callId }) => callId}
        error={cdrs.error}
        isRefreshing={cdrs.isPlaceholderData}
        empty="No call fits."
        menu={(cdr) => (
          <RowMenu
            label={`Actions for the call of ${cdr.caller} to ${cdr.callee}`}
            lines={[
              { label: 'Explain', href: hrefOf(cdr) },
              { label: 'Routing analysis', href: routingHref(cdr) },
              {
                label: 'Calls to this number',
                href: `/cdrs?callee=${encodeURIComponent(cdr.callee)}`,
              },
              {
                label: 'Calls with this reason',
                href: `/cdrs?reason=${encodeURIComponent(cdr.reason)}`,
              },
            ]}
          />
        )}
        tools={
          <>
            <CsvLink path="/cdrs" query={set} name="cdrs" />
            <button
              type="button"
              className="button quiet"
              onClick={() => {
                download('/cdr-export', { ...set, gzip: true }, 'cdrs.csv.gz').catch(
                  (error: unknown) => {
                    tellProblem('The CDRs could not be exported', error);
                  },
                );
              }}
            >
              Export all that fit
            </button>
            <Pager paging={paging} next={cdrs.data?.nextCursor} />
          </>
        }
      />
    </Page>
  );
}

function hrefOf({ callId }: Cdr): string {
  return `/calls/${encodeURIComponent(callId)}`;
}

function routingHref({ callee, caller, origin }: Cdr): string {
  const query = new URLSearchParams({ callee, caller, from: origin?.name ?? '' });
  return `/routing?${query.toString()}`;
}

const columns: readonly Column<Cdr>[] = [
  {
    id: 'startedAt',
    header: 'Began',
    cell: (cdr) => (
      <Link href={hrefOf(cdr)}>
        <Time at={cdr.startedAt} />
      </Link>
    ),
  },
  { id: 'caller', header: 'Caller', cell: ({ caller }) => caller },
  { id: 'callee', header: 'Callee', cell: ({ callee }) => callee },
  { id: 'account', header: 'Account', cell: ({ account }) => account },
  {
    id: 'origin',
    header: 'From',
    cell: ({ origin }) => (origin === null ? '' : `${origin.kind} ${origin.name}`),
    isExtra: true,
  },
  {
    id: 'gateway',
    header: 'Gateway',
    cell: ({ gateway }) =>
      gateway === '' ? (
        ''
      ) : (
        <Link href={`/gateways/${encodeURIComponent(gateway)}`}>{gateway}</Link>
      ),
  },
  { id: 'code', header: 'Code', cell: ({ code }) => <Code code={code} /> },
  { id: 'reason', header: 'Reason', cell: ({ reason }) => reason },
  {
    id: 'pdd',
    header: 'PDD',
    cell: ({ startedAt, ringingAt }) => between(startedAt, ringingAt),
    isNumber: true,
    isExtra: true,
  },
  {
    id: 'duration',
    header: 'Talked',
    cell: ({ durationMs }) => duration(durationMs),
    isNumber: true,
  },
  {
    id: 'price',
    header: 'Charged',
    cell: ({ price, currency }) => `${price} ${currency}`,
    isNumber: true,
  },
  {
    id: 'cost',
    header: 'Cost',
    cell: ({ cost, costCurrency }) => `${cost} ${costCurrency}`,
    isNumber: true,
    isExtra: true,
  },
  { id: 'callId', header: 'Call id', cell: ({ callId }) => <code>{callId}</code>, isExtra: true },
];
