import { useMutation, useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, type ReactElement } from 'react';
import { Link } from 'wouter';
import { answerOf, api, type Schemas } from '../api/client.ts';
import { useMay } from '../api/session.ts';
import { Badge } from '../ui/badge.tsx';
import { Bars } from '../ui/bars.tsx';
import { CsvLink } from '../ui/csv-link.tsx';
import { DataTable, type Column } from '../ui/data-table.tsx';
import { ChoiceFilter, Filters, TextFilters } from '../ui/filters.tsx';
import { Page, Section } from '../ui/page.tsx';
import { Pager, usePaging } from '../ui/pager.tsx';
import { ProblemBox } from '../ui/problem-box.tsx';
import { RowMenu } from '../ui/row-menu.tsx';
import { Time } from '../ui/time.tsx';
import { tell, tellProblem } from '../ui/tell.ts';
import { SLOW_MS, useAnswer } from '../ui/use-answer.ts';
import { asked, useFilters } from '../ui/use-filters.ts';

const Chart = lazy(async () => ({ default: (await import('../ui/chart.tsx')).Chart }));

type Registration = Schemas['Registration'];

const statuses = ['registered', 'expiring', 'flapping', 'unreachable', 'unregistered'] as const;

/** Where phones are, and how registering goes. */
export function RegistrationsPage(): ReactElement {
  const [filters, change] = useFilters(['phone', 'source', 'account', 'userAgent', 'status']);
  const set = asked(filters);
  const paging = usePaging(JSON.stringify(set));
  const query = {
    ...set,
    status: statuses.find((each) => each === filters.status),
    cursor: paging.cursor,
  };
  const registrations = useAnswer(
    ['registrations', set, paging.cursor],
    () => answerOf(api.GET('/api/v1/registrations', { params: { query } })),
    { everyMs: SLOW_MS },
  );
  const mayRemove = useMay('removeRegistrations');
  const remove = useRemoval();
  return (
    <Page title="Registrations" lead="Phones and dynamic gateways, where they are now.">
      <History />
      <Filters label="Filter registrations">
        <TextFilters
          fields={[
            ['phone', 'Phone'],
            ['source', 'Source'],
            ['account', 'Account'],
            ['userAgent', 'Device'],
          ]}
          values={filters}
          onChange={change}
        />
        <ChoiceFilter
          label="Status"
          value={filters.status}
          choices={[['', 'all'], ...statuses.map((s) => [s, s] as const)]}
          onChange={(status) => {
            change({ status });
          }}
        />
      </Filters>
      <DataTable
        name="Registrations"
        columns={columns}
        rows={registrations.data?.registrations}
        keyOf={({ phone, contact }) => `${phone} ${contact}`}
        error={registrations.error}
        empty="No registration fits."
        menu={(row) => (
          <RowMenu
            label={`Actions for ${row.phone}`}
            lines={[
              { label: 'Why registered, or not', href: hrefOf(row) },
              { label: 'Its journal', href: `/journal?terminal=${encodeURIComponent(row.phone)}` },
              { label: 'Trace', href: `/traces?kind=phone&of=${encodeURIComponent(row.phone)}` },
              { label: 'Its calls', href: `/cdrs?caller=${encodeURIComponent(row.phone)}` },
              ...(mayRemove && row.contact !== ''
                ? [
                    {
                      label: 'Unregister',
                      isDangerous: true,
                      run: () => {
                        remove(row);
                      },
                    },
                  ]
                : []),
            ]}
          />
        )}
        tools={
          <>
            <CsvLink path="/registrations" query={set} name="registrations" />
            <Pager
              paging={paging}
              next={registrations.data?.nextCursor}
              total={registrations.data?.total}
            />
          </>
        }
      />
      <Analysis />
    </Page>
  );
}

function useRemoval(): (row: Registration) => void {
  const queries = useQueryClient();
  const removal = useMutation({
    mutationFn: async ({ phone, contact }: Registration) =>
      answerOf(api.DELETE('/api/v1/registrations', { params: { query: { phone, contact } } })),
    onSuccess: async ({ removed }) => {
      tell(`${String(removed)} unregistered`);
      await queries.invalidateQueries({ queryKey: ['registrations'] });
    },
    onError: (error) => {
      tellProblem('It was not unregistered', error);
    },
  });
  return removal.mutate;
}

function hrefOf({ phone }: Registration): string {
  return `/registrations/${encodeURIComponent(phone)}`;
}

const columns: readonly Column<Registration>[] = [
  { id: 'phone', header: 'Phone', cell: (row) => <Link href={hrefOf(row)}>{row.phone}</Link> },
  { id: 'status', header: 'Status', cell: ({ status }) => <Badge>{status}</Badge> },
  { id: 'account', header: 'Account', cell: ({ account }) => account },
  {
    id: 'source',
    header: 'Source',
    cell: ({ source, transport, isBehindNat }) =>
      `${source} ${transport}${isBehindNat ? ' (NAT)' : ''}`,
  },
  { id: 'userAgent', header: 'Device', cell: ({ userAgent }) => userAgent },
  {
    id: 'expires',
    header: 'Expires in',
    cell: ({ expiresInSeconds, contact }) =>
      contact === '' ? '' : `${String(expiresInSeconds)} s`,
    isNumber: true,
  },
  { id: 'refreshed', header: 'Refreshed', cell: ({ refreshedAt }) => <Time at={refreshedAt} /> },
  {
    id: 'contact',
    header: 'Contact',
    cell: ({ contact }) => <code>{contact}</code>,
    isExtra: true,
  },
  {
    id: 'rtt',
    header: 'Round trip',
    cell: ({ roundTripMs }) => (roundTripMs === null ? '' : `${String(roundTripMs)} ms`),
    isNumber: true,
    isExtra: true,
  },
  { id: 'edge', header: 'Pod', cell: ({ edge }) => edge, isExtra: true },
];

function History(): ReactElement {
  const history = useAnswer(
    ['registrations', 'history'],
    () => answerOf(api.GET('/api/v1/registrations/history')),
    { everyMs: SLOW_MS * 6 },
  );
  const points = history.data?.points ?? [];
  return (
    <Section title="The last 24 hours">
      <ProblemBox error={history.error} />
      <Suspense fallback={<div className="chart" />}>
        <Chart
          label="Registered phones, new registrations and failures in the last 24 hours"
          height={180}
          times={points.map(({ at }) => Date.parse(at ?? '') / 1000)}
          series={[
            { label: 'registered', colour: 'one', values: points.map(({ active }) => active) },
            { label: 'new', colour: 'two', isRight: true, values: points.map((p) => p.registered) },
            { label: 'failed', colour: 'four', isRight: true, values: points.map((p) => p.failed) },
          ]}
        />
      </Suspense>
    </Section>
  );
}

const bys = ['cause', 'country', 'network', 'device'] as const;

function Analysis(): ReactElement {
  const [filters, change] = useFilters(['by']);
  const by = bys.find((each) => each === filters.by) ?? 'cause';
  const analysis = useAnswer(['registrations', 'analysis', by], () =>
    answerOf(api.GET('/api/v1/registrations/analysis', { params: { query: { by } } })),
  );
  const rows = analysis.data?.rows ?? [];
  return (
    <Section
      title="Attempts to register"
      note="last 24 hours"
      actions={
        <ChoiceFilter
          label="By"
          value={by}
          choices={bys.map((each) => [each, each] as const)}
          onChange={(value) => {
            change({ by: value });
          }}
        />
      }
    >
      <ProblemBox error={analysis.error} />
      {rows.length === 0 ? <p className="empty">None.</p> : null}
      <Bars bars={rows.map(({ key, attempts }) => ({ label: key, size: attempts }))} />
    </Section>
  );
}
