import { useMemo, type ReactElement } from 'react';
import { Link } from 'wouter';
import type { Schemas } from '../api/client.ts';
import { useMay } from '../api/session.ts';
import { between } from '../core/format.ts';
import { Badge } from '../ui/badge.tsx';
import { DataTable, type Column } from '../ui/data-table.tsx';
import { Filters, TextFilters } from '../ui/filters.tsx';
import { useHangUp } from '../ui/hang-up.tsx';
import { Page } from '../ui/page.tsx';
import { RowMenu } from '../ui/row-menu.tsx';
import { Time } from '../ui/time.tsx';
import { asked, useFilters } from '../ui/use-filters.ts';
import { rowsOf, useClock, useLive } from '../ui/use-live.ts';

type Call = Schemas['Call'];

const LIMIT = 200;

/** Calls in progress, live. */
export function CallsPage(): ReactElement {
  const [filters, change] = useFilters([
    'caller',
    'callee',
    'account',
    'gateway',
    'address',
    'callId',
  ]);
  const live = useLive('calls', { ...asked(filters), limit: LIMIT });
  useClock();
  const mayHangUp = useMay('hangUpCall');
  const { ask, dialog } = useHangUp();
  const rows = useMemo(() => rowsOf(live, 'calls')?.toSorted(newestFirst), [live]);
  const total = live.lists['calls']?.total ?? 0;
  return (
    <Page title="Current calls" lead={rows === undefined ? undefined : leadOf(rows.length, total)}>
      <Filters label="Filter calls">
        <TextFilters
          fields={[
            ['caller', 'Caller'],
            ['callee', 'Callee'],
            ['account', 'Account'],
            ['gateway', 'Gateway'],
            ['address', 'Caller’s address'],
            ['callId', 'Call id'],
          ]}
          values={filters}
          onChange={change}
        />
      </Filters>
      <DataTable
        name="Current calls"
        columns={columns}
        rows={rows}
        keyOf={(call) => call.callId}
        error={live.error}
        empty="No call is in progress that fits."
        menu={(call) => (
          <RowMenu
            label={`Actions for the call of ${call.caller} to ${call.callee}`}
            lines={[
              { label: 'Details', href: hrefOf(call) },
              {
                label: 'Trace the callee',
                href: `/traces?kind=number&of=${encodeURIComponent(call.callee)}`,
              },
              { label: 'Calls of this account', href: `/calls?account=${call.account}` },
              ...(mayHangUp
                ? [
                    {
                      label: 'Hang up …',
                      isDangerous: true,
                      run: () => {
                        ask(call);
                      },
                    },
                  ]
                : []),
            ]}
          />
        )}
      />
      {dialog}
    </Page>
  );
}

function newestFirst(one: Call, other: Call): number {
  return (other.startedAt ?? '').localeCompare(one.startedAt ?? '');
}

function leadOf(shown: number, total: number): string {
  if (shown < total)
    return `The first ${String(shown)} of ${String(total)} calls that fit: filter for others.`;
  return `${String(total)} ${total === 1 ? 'call' : 'calls'}; kept up to date.`;
}

function hrefOf({ callId }: Call): string {
  return `/calls/${encodeURIComponent(callId)}`;
}

const columns: readonly Column<Call>[] = [
  {
    id: 'startedAt',
    header: 'Since',
    cell: (call) => (
      <Link href={hrefOf(call)}>
        <Time at={call.startedAt} />
      </Link>
    ),
    sortBy: ({ startedAt }) => startedAt ?? '',
  },
  {
    id: 'state',
    header: 'State',
    cell: ({ state }) => <Badge>{state}</Badge>,
    sortBy: ({ state }) => state,
  },
  { id: 'caller', header: 'Caller', cell: ({ caller }) => caller, sortBy: ({ caller }) => caller },
  { id: 'callee', header: 'Callee', cell: ({ callee }) => callee, sortBy: ({ callee }) => callee },
  {
    id: 'account',
    header: 'Account',
    cell: ({ account }) => account,
    sortBy: ({ account }) => account,
  },
  {
    id: 'origin',
    header: 'From',
    cell: ({ origin }) => (origin === null ? '' : `${origin.kind} ${origin.name}`),
    sortBy: ({ origin }) => origin?.name ?? '',
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
    sortBy: ({ gateway }) => gateway,
  },
  {
    id: 'talking',
    header: 'Talking',
    cell: ({ answeredAt }) => between(answeredAt, new Date().toISOString()),
    sortBy: ({ answeredAt }) => answeredAt ?? '~',
    isNumber: true,
  },
  {
    id: 'edge',
    header: 'Pod',
    cell: ({ edge }) => edge,
    sortBy: ({ edge }) => edge,
    isExtra: true,
  },
  { id: 'callId', header: 'Call id', cell: ({ callId }) => <code>{callId}</code>, isExtra: true },
];
