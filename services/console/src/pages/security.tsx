import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactElement } from 'react';
import { answerOf, api, type Schemas } from '../api/client.ts';
import { useMay } from '../api/session.ts';
import { DataTable, type Column } from '../ui/data-table.tsx';
import { Page, Section } from '../ui/page.tsx';
import { ProblemBox } from '../ui/problem-box.tsx';
import { RowMenu } from '../ui/row-menu.tsx';
import { Time } from '../ui/time.tsx';
import { tell, tellProblem } from '../ui/tell.ts';
import { SLOW_MS, useAnswer } from '../ui/use-answer.ts';
import { Words } from '../ui/words.tsx';

type Suspension = Schemas['Suspension'];
type Listed = Schemas['BlacklistEntry'];
type Failure = Schemas['AuthenticationFailure'];

/** Who is kept out: suspended terminals, black-listed sources, and those who fail to prove themselves. */
export function SecurityPage(): ReactElement {
  return (
    <Page title="Suspensions and black list" lead="Who is kept out for a time, and why.">
      <Suspensions />
      <BlackList />
      <Failures />
    </Page>
  );
}

function Suspensions(): ReactElement {
  const queries = useQueryClient();
  const may = useMay('liftSuspension');
  const list = useAnswer(['suspensions'], () => answerOf(api.GET('/api/v1/suspensions')), {
    everyMs: SLOW_MS,
  });
  const lift = useMutation({
    mutationFn: async (terminal: string) =>
      answerOf(api.DELETE('/api/v1/suspensions/{terminal}', { params: { path: { terminal } } })),
    onSuccess: async () => {
      tell('The suspension was lifted');
      await queries.invalidateQueries({ queryKey: ['suspensions'] });
    },
    onError: (error) => {
      tellProblem('The suspension was not lifted', error);
    },
  });
  return (
    <Section title="Suspended terminals">
      <DataTable
        name="Suspensions"
        columns={suspensionColumns}
        rows={list.data?.suspensions}
        keyOf={({ terminal }) => terminal}
        error={list.error}
        empty="Nobody is suspended."
        menu={
          may
            ? (row) => (
                <RowMenu
                  label={`Actions for ${row.terminal}`}
                  lines={[
                    {
                      label: 'Lift the suspension',
                      run: () => {
                        lift.mutate(row.terminal);
                      },
                    },
                  ]}
                />
              )
            : undefined
        }
      />
    </Section>
  );
}

const suspensionColumns: readonly Column<Suspension>[] = [
  {
    id: 'terminal',
    header: 'Terminal',
    cell: ({ terminal }) => terminal,
    sortBy: ({ terminal }) => terminal,
  },
  { id: 'cause', header: 'Cause', cell: ({ cause }) => cause, sortBy: ({ cause }) => cause },
  {
    id: 'failures',
    header: 'Failures',
    cell: ({ failures }) => failures,
    sortBy: ({ failures }) => failures,
    isNumber: true,
  },
  { id: 'source', header: 'Last source', cell: ({ lastSource }) => lastSource },
  { id: 'since', header: 'Since', cell: ({ since }) => <Time at={since} /> },
  {
    id: 'until',
    header: 'Until',
    cell: ({ until }) => <Time at={until} />,
    sortBy: ({ until }) => until ?? '',
  },
];

function BlackList(): ReactElement {
  const queries = useQueryClient();
  const mayLift = useMay('liftFromBlacklist');
  const mayAdd = useMay('addToBlacklist');
  const list = useAnswer(['blacklist'], () => answerOf(api.GET('/api/v1/blacklist')), {
    everyMs: SLOW_MS,
  });
  const refresh = async (): Promise<void> => {
    await queries.invalidateQueries({ queryKey: ['blacklist'] });
  };
  const lift = useMutation({
    mutationFn: async (source: string) =>
      answerOf(api.DELETE('/api/v1/blacklist/{source}', { params: { path: { source } } })),
    onSuccess: async () => {
      tell('It gets answers again');
      await refresh();
    },
    onError: (error) => {
      tellProblem('It was not taken off the list', error);
    },
  });
  return (
    <Section title="Black list" note="sources that get no answer">
      {mayAdd ? <Addition onAdded={refresh} /> : null}
      <DataTable
        name="Black list"
        columns={listedColumns}
        rows={list.data?.sources}
        keyOf={({ source }) => source}
        error={list.error}
        empty="No source is black-listed."
        menu={
          mayLift
            ? (row) => (
                <RowMenu
                  label={`Actions for ${row.source}`}
                  lines={[
                    {
                      label: 'Take it off the list',
                      run: () => {
                        lift.mutate(row.source);
                      },
                    },
                  ]}
                />
              )
            : undefined
        }
      />
    </Section>
  );
}

function Addition({ onAdded }: { readonly onAdded: () => Promise<void> }): ReactElement {
  const [source, setSource] = useState('');
  const [minutes, setMinutes] = useState('60');
  const addition = useMutation({
    mutationFn: async () =>
      answerOf(
        api.POST('/api/v1/blacklist', {
          body: { source, seconds: Number(minutes) * 60, cause: 'by an operator' },
        }),
      ),
    onSuccess: async () => {
      setSource('');
      tell('It gets no answers now');
      await onAdded();
    },
  });
  return (
    <form
      className="filters"
      onSubmit={(event) => {
        event.preventDefault();
        addition.mutate();
      }}
    >
      <label className="filter">
        <span>Address</span>
        <input
          value={source}
          required
          onChange={(event) => {
            setSource(event.target.value);
          }}
        />
      </label>
      <label className="filter">
        <span>Minutes</span>
        <input
          type="number"
          min={1}
          max={10080}
          value={minutes}
          required
          onChange={(event) => {
            setMinutes(event.target.value);
          }}
        />
      </label>
      <button type="submit" className="button" disabled={addition.isPending}>
        Black-list
      </button>
      <ProblemBox error={addition.error} />
    </form>
  );
}

const listedColumns: readonly Column<Listed>[] = [
  { id: 'source', header: 'Source', cell: ({ source }) => source, sortBy: ({ source }) => source },
  { id: 'cause', header: 'Cause', cell: ({ cause }) => cause, sortBy: ({ cause }) => cause },
  {
    id: 'failures',
    header: 'Failures',
    cell: ({ failures }) => failures,
    sortBy: ({ failures }) => failures,
    isNumber: true,
  },
  { id: 'since', header: 'Since', cell: ({ since }) => <Time at={since} /> },
  {
    id: 'until',
    header: 'Until',
    cell: ({ until }) => <Time at={until} />,
    sortBy: ({ until }) => until ?? '',
  },
];

function Failures(): ReactElement {
  const list = useAnswer(
    ['authentication-failures'],
    () => answerOf(api.GET('/api/v1/authentication-failures')),
    { everyMs: SLOW_MS },
  );
  return (
    <Section title="Who has not proved himself">
      <DataTable
        name="Authentication failures"
        columns={failureColumns}
        rows={list.data?.failures}
        keyOf={({ user, source }) => `${user} ${source}`}
        error={list.error}
        empty="Nobody has failed lately."
      />
    </Section>
  );
}

const failureColumns: readonly Column<Failure>[] = [
  { id: 'user', header: 'User', cell: ({ user }) => user, sortBy: ({ user }) => user },
  { id: 'source', header: 'Source', cell: ({ source }) => source, sortBy: ({ source }) => source },
  {
    id: 'count',
    header: 'Times',
    cell: ({ count }) => count,
    sortBy: ({ count }) => count,
    isNumber: true,
  },
  {
    id: 'cause',
    header: 'What was wrong',
    cell: ({ cause, explanation, change }) => (
      <>
        {cause}
        <span className="note block">
          <Words>{explanation}</Words>
        </span>
        <span className="note block">
          <Words>{change}</Words>
        </span>
      </>
    ),
  },
  {
    id: 'last',
    header: 'Last',
    cell: ({ last }) => <Time at={last} />,
    sortBy: ({ last }) => last ?? '',
  },
];
