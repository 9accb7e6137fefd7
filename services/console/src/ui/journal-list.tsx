import type { ReactElement } from 'react';
import { Link } from 'wouter';
import type { Schemas } from '../api/client.ts';
import { Badge } from './badge.tsx';
import { DataTable, type Column } from './data-table.tsx';
import { Time } from './time.tsx';
import { Words } from './words.tsx';

type Entry = Schemas['JournalEntry'];

const columns: readonly Column<Entry>[] = [
  { id: 'last', header: 'At', cell: ({ last }) => <Time at={last} /> },
  {
    id: 'outcome',
    header: 'Outcome',
    cell: ({ outcome }) => (outcome === '' ? '' : <Badge>{outcome}</Badge>),
  },
  { id: 'kind', header: 'Kind', cell: ({ kind }) => kind },
  { id: 'terminal', header: 'Terminal', cell: ({ terminal }) => terminal },
  {
    id: 'text',
    header: 'What',
    cell: ({ text, change, count }) => (
      <>
        <Words>{text}</Words>
        {count > 1 ? <span className="note"> × {count}</span> : null}
        {change === null ? null : (
          <span className="note block">
            <Words>{change}</Words>
          </span>
        )}
      </>
    ),
  },
  { id: 'source', header: 'Source', cell: ({ source }) => source },
  { id: 'cause', header: 'Cause', cell: ({ cause }) => cause, isExtra: true },
  { id: 'account', header: 'Account', cell: ({ account }) => account, isExtra: true },
  { id: 'userAgent', header: 'Device', cell: ({ userAgent }) => userAgent, isExtra: true },
  {
    id: 'calls',
    header: 'Call',
    cell: ({ callIds, kind }) => {
      const [first] = callIds;
      if (first === undefined || kind !== 'request') return '';
      return <Link href={`/calls/${encodeURIComponent(first)}`}>explain</Link>;
    },
  },
];

/** What the journal has, the latest first. */
export function JournalList({
  entries,
  error,
}: {
  readonly entries: readonly Entry[] | undefined;
  readonly error?: unknown;
}): ReactElement {
  return (
    <DataTable
      name="Journal"
      columns={columns}
      rows={entries}
      keyOf={({ id }) => id}
      error={error}
      empty="The journal has nothing that fits."
    />
  );
}
