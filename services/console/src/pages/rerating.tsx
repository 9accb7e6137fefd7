import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import { Link, useLocation, useParams } from 'wouter';
import { answerOf, api, type Schemas } from '../api/client.ts';
import { useMay } from '../api/session.ts';
import { count, percent } from '../core/format.ts';
import { Badge } from '../ui/badge.tsx';
import { CsvLink } from '../ui/csv-link.tsx';
import { DataTable, type Column } from '../ui/data-table.tsx';
import { ChoiceFilter, Filters } from '../ui/filters.tsx';
import { Facts, Page, Section } from '../ui/page.tsx';
import { Pager, usePaging } from '../ui/pager.tsx';
import { ProblemBox } from '../ui/problem-box.tsx';
import { tell, tellProblem } from '../ui/tell.ts';
import { Time } from '../ui/time.tsx';
import { LIVE_MS, useAnswer } from '../ui/use-answer.ts';
import { asked, useFilters } from '../ui/use-filters.ts';

type Rerating = Schemas['ReratingDetail'];
type Line = Schemas['ReratingLine'];
type Sum = Rerating['sums'][number];
type Applied = Rerating['applied'][number];

/** How far a re-rating is, what it comes to, and what can be done with it. */
export function ReratingPage(): ReactElement {
  const { id: text } = useParams<{ id: string }>();
  const id = Number(text);
  const ask = () => answerOf(api.GET('/api/v1/reratings/{id}', { params: { path: { id } } }));
  const first = useAnswer(['rerating', id], ask);
  const isMoving = first.data?.state === 'previewing' || first.data?.state === 'applying';
  const told = useAnswer(['rerating', id], ask, isMoving ? { everyMs: LIVE_MS } : {});
  const rerating = told.data;
  return (
    <Page
      title={`Re-rating ${text}`}
      lead={rerating?.note}
      actions={rerating === undefined ? undefined : <Actions rerating={rerating} />}
    >
      <ProblemBox error={told.error} />
      {rerating === undefined ? null : <Content rerating={rerating} />}
    </Page>
  );
}

function Actions({
  rerating: { id, reversedBy, state },
}: {
  readonly rerating: Rerating;
}): ReactElement {
  // prettier-ignore
  const queries = useQueryClient();
  const [, go] = useLocation();
  const path = { id };
  const changed = async (): Promise<void> => {
    await queries.invalidateQueries({ queryKey: ['rerating', id] });
  };
  const apply = useMutation({
    mutationFn: () => answerOf(api.POST('/api/v1/reratings/{id}/apply', { params: { path } })),
    onSuccess: async () => {
      tell('The differences are being booked.');
      await changed();
    },
    onError: (error) => {
      tellProblem('It was not applied', error);
    },
  });
  const cancel = useMutation({
    mutationFn: () => answerOf(api.DELETE('/api/v1/reratings/{id}', { params: { path } })),
    onSuccess: changed,
    onError: (error) => {
      tellProblem('It was not cancelled', error);
    },
  });
  const reverse = useMutation({
    mutationFn: () => answerOf(api.POST('/api/v1/reratings/{id}/reverse', { params: { path }, body: { note: '' } })), // prettier-ignore
    onSuccess: ({ id: reversal }) => {
      go(`/reratings/${String(reversal)}`);
    },
    onError: (error) => {
      tellProblem('It was not taken back', error);
    },
  });
  const may = { apply: useMay('applyRerating'), cancel: useMay('cancelRerating'), reverse: useMay('reverseRerating') }; // prettier-ignore
  const button = (label: string, work: { readonly isPending: boolean; mutate: () => void }, kind = ''): ReactElement => (
    <button
      type="button"
      className={`button ${kind}`.trim()}
      disabled={work.isPending}
      onClick={() => {
        work.mutate();
      }}
    >
      {label}
    </button>
  ); // prettier-ignore
  return (
    <>
      {may.apply && state === 'ready' ? button('Apply', apply, 'primary') : null}
      {may.cancel && (state === 'ready' || state === 'previewing') ? button('Cancel', cancel) : null}
      {may.reverse && state === 'applied' && reversedBy === null ? button('Take back …', reverse) : null}
      <Link className="button" href="/reratings">
        All re-ratings
      </Link>
    </>
  ); // prettier-ignore
}

function Content({ rerating }: { readonly rerating: Rerating }): ReactElement {
  const { accounts, applied, cause, from, reversedBy, reverses, share, skipped, state, sums, until } = rerating; // prettier-ignore
  const rates = rerating.rates.map(({ group }) => ` with imported ${group}`).join(',');
  return (
    <>
      <p aria-live="polite">
        <Badge>{state}</Badge> <progress max={1} value={share} aria-label="Done" /> {percent(share)}
      </p>
      {cause === '' ? null : <p className="problem">{cause}</p>}
      <Facts
        facts={[
          ['Accounts', accounts.join(', ')],
          ['Calls', <><Time at={from} /> – <Time at={until} /></>],
          ['Rates', `version ${String(rerating.version)}${rates}`],
          ['Takes back', reverses === null ? undefined : linkTo(reverses)],
          ['Taken back by', reversedBy === null ? undefined : linkTo(reversedBy)],
          ['By', rerating.createdBy],
          ['Applied by', rerating.appliedBy],
          ['Not booked', skipped === 0 ? undefined : `${count(skipped)} lines whose CDRs are gone or were replaced`],
        ]} // prettier-ignore
      />
      <Section title="What it comes to">
        <DataTable
          name="Sums"
          columns={sumColumns}
          rows={sums}
          keyOf={({ account, currency, side }) => `${account} ${side} ${currency}`}
          empty="No call was rated yet."
        />
      </Section>
      {applied.length === 0 ? null : (
        <Section title="Booked">
          <DataTable
            name="Booked"
            columns={appliedColumns}
            rows={applied}
            keyOf={({ account }) => account}
            empty="Nothing."
          />
        </Section>
      )}
      <Section title="Calls that change">
        <Lines id={rerating.id} state={state} />
      </Section>
    </>
  );
}

function linkTo(id: number): ReactElement {
  return <Link href={`/reratings/${String(id)}`}>re-rating {id}</Link>;
}

function Lines({ id, state }: { readonly id: number; readonly state: string }): ReactElement {
  const [filters, change] = useFilters(['only']);
  const set = asked(filters);
  const paging = usePaging(JSON.stringify(set));
  const query = { ...set, cursor: paging.cursor } as { only?: 'unrated' };
  const list = useAnswer(['rerating-lines', id, state, set, paging.cursor], () =>
    answerOf(api.GET('/api/v1/reratings/{id}/lines', { params: { path: { id }, query } })),
  );
  return (
    <>
      <Filters label="Filter calls">
        <ChoiceFilter
          label="Which"
          value={filters.only}
          choices={[
            ['', 'all'],
            ['unrated', 'without a rate'],
          ]}
          onChange={(only) => {
            change({ only });
          }}
        />
      </Filters>
      <DataTable
        name="Calls that change"
        columns={lineColumns}
        rows={list.data?.lines}
        keyOf={({ account, callId, side }) => `${side} ${account} ${callId}`}
        error={list.error}
        isRefreshing={list.isPlaceholderData}
        empty="There is none."
        tools={
          <>
            <CsvLink
              path={`/reratings/${String(id)}/lines`}
              query={{ ...set, limit: 5000 }}
              name={`rerating-${String(id)}`}
            />
            <Pager paging={paging} next={list.data?.nextCursor} />
          </>
        }
      />
    </>
  );
}

/** As what an account is charged. */
const roles: Readonly<Record<Sum['side'], string>> = { call: 'customer', cost: 'vendor', level: 'reseller' }; // prettier-ignore

const sumColumns: readonly Column<Sum>[] = [
  { id: 'account', header: 'Account', cell: ({ account }) => account },
  { id: 'side', header: 'As', cell: ({ side }) => roles[side] },
  { id: 'calls', header: 'Calls', cell: ({ calls }) => count(calls), isNumber: true },
  { id: 'differing', header: 'Different', cell: ({ differing }) => count(differing), isNumber: true }, // prettier-ignore
  { id: 'unrated', header: 'No rate', cell: ({ unrated }) => count(unrated), isNumber: true },
  { id: 'before', header: 'Stands', cell: ({ before, currency }) => `${before} ${currency}`, isNumber: true }, // prettier-ignore
  { id: 'after', header: 'Would be', cell: ({ after, currency }) => `${after} ${currency}`, isNumber: true }, // prettier-ignore
  { id: 'difference', header: 'Difference', cell: ({ currency, difference }) => `${difference} ${currency}`, isNumber: true }, // prettier-ignore
];

const appliedColumns: readonly Column<Applied>[] = [
  { id: 'account', header: 'Account', cell: ({ account }) => account },
  { id: 'entries', header: 'Entries', cell: ({ entries }) => count(entries), isNumber: true },
  { id: 'difference', header: 'Difference', cell: ({ currency, difference }) => `${difference} ${currency}`, isNumber: true }, // prettier-ignore
];

const lineColumns: readonly Column<Line>[] = [
  {
    id: 'started',
    header: 'Started',
    cell: ({ callId, startedAt }) => (
      <Link href={`/calls/${encodeURIComponent(callId)}`}>
        <Time at={startedAt} />
      </Link>
    ),
  },
  { id: 'account', header: 'Account', cell: ({ account }) => account },
  { id: 'side', header: 'As', cell: ({ side }) => roles[side] },
  { id: 'callee', header: 'Callee', cell: ({ callee }) => callee },
  { id: 'before', header: 'Stands', cell: ({ before }) => before, isNumber: true },
  { id: 'after', header: 'Would be', cell: ({ after }) => after ?? '', isNumber: true },
  { id: 'difference', header: 'Difference', cell: ({ difference }) => difference, isNumber: true },
  { id: 'why', header: 'Why', cell: ({ why }) => why },
];
