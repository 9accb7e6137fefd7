import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactElement } from 'react';
import { Link } from 'wouter';
import { draftText } from '../core/draft-text.ts';
import { answerOf, api, request, type Schemas } from '../api/client.ts';
import { useMay } from '../api/session.ts';
import { count, percent } from '../core/format.ts';
import { Badge } from '../ui/badge.tsx';
import { CsvLink } from '../ui/csv-link.tsx';
import { DataTable, type Column } from '../ui/data-table.tsx';
import { NewReplay } from '../ui/new-replay.tsx';
import { Page } from '../ui/page.tsx';
import { RowMenu } from '../ui/row-menu.tsx';
import { tell, tellProblem } from '../ui/tell.ts';
import { Time } from '../ui/time.tsx';
import { SLOW_MS, useAnswer } from '../ui/use-answer.ts';

type Replay = Schemas['Replay'];

/** Calls of the past, played by drafts of the configuration (OPS-08). */
export function ReplaysPage(): ReactElement {
  const [isNew, setNew] = useState(false);
  const may = useMay('createReplay');
  const list = useAnswer(['replays'], () => answerOf(api.GET('/api/v1/replays', {})), {
    everyMs: SLOW_MS,
  });
  const remove = useRemoval();
  return (
    <Page
      title="Replays"
      lead="Calls of the past, played by a draft of the configuration before it is applied: margin, failures, lines, and which gateways win and lose. Nothing is called."
      actions={
        may ? (
          <button
            type="button"
            className="button primary"
            onClick={() => {
              setNew(true);
            }}
          >
            New replay …
          </button>
        ) : null
      }
    >
      <DataTable
        name="Replays"
        columns={columns}
        rows={list.data?.replays}
        keyOf={({ id }) => id}
        error={list.error}
        empty="Nothing was replayed yet."
        tools={<CsvLink path="/replays" name="replays" />}
        menu={({ id }) => (
          <RowMenu
            label={`Actions for replay ${id}`}
            lines={[
              { label: 'Result', href: `/replays/${id}` },
              ...(may
                ? [
                    {
                      label: 'Remove',
                      isDangerous: true,
                      run: () => {
                        remove(id);
                      },
                    },
                  ]
                : []),
            ]}
          />
        )}
      />
      {isNew ? (
        <NewReplay
          onClose={() => {
            setNew(false);
          }}
        />
      ) : null}
    </Page>
  );
}

/** Removes a replay; one that runs is ended. */
function useRemoval(): (id: string) => void {
  const queries = useQueryClient();
  const { mutate } = useMutation({
    mutationFn: (id: string) => request(`/replays/${encodeURIComponent(id)}`, { method: 'DELETE' }),
    onSuccess: () => {
      tell('The replay is removed');
    },
    onError: (error) => {
      tellProblem('The replay stays', error);
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ['replays'] }),
  });
  return mutate;
}

const columns: readonly Column<Replay>[] = [
  {
    id: 'created',
    header: 'Created',
    cell: ({ createdAt, id }) => (
      <Link href={`/replays/${id}`}>
        <Time at={createdAt} />
      </Link>
    ),
    sortBy: ({ createdAt }) => createdAt ?? '',
  },
  { id: 'state', header: 'State', cell: ({ state }) => <Badge>{state}</Badge> },
  { id: 'share', header: 'Done', cell: ({ share }) => percent(share), isNumber: true },
  {
    id: 'calls',
    header: 'Calls',
    cell: ({ calls }) => count(calls),
    sortBy: ({ calls }) => calls,
    isNumber: true,
  },
  {
    id: 'draft',
    header: 'Draft',
    cell: (replay) => `${draftText(replay)} against version ${String(replay.version)}`,
  },
  {
    id: 'of',
    header: 'Of',
    cell: ({ from, until }) =>
      from === null ? (
        'a file'
      ) : (
        <>
          <Time at={from} /> – <Time at={until} />
        </>
      ),
  },
  { id: 'by', header: 'By', cell: ({ createdBy }) => createdBy },
  { id: 'note', header: 'Note', cell: ({ note }) => note },
];
