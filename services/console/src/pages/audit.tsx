import type { ReactElement } from 'react';
import { answerOf, api, type Schemas } from '../api/client.ts';
import { differences } from '../core/changes.ts';
import { value as shown, words } from '../core/format.ts';
import { Badge } from '../ui/badge.tsx';
import { CsvLink } from '../ui/csv-link.tsx';
import { DataTable, type Column } from '../ui/data-table.tsx';
import { ChoiceFilter, Filters, RangeFilter, TextFilter } from '../ui/filters.tsx';
import { Page } from '../ui/page.tsx';
import { Pager, usePaging } from '../ui/pager.tsx';
import { Time } from '../ui/time.tsx';
import { useAnswer } from '../ui/use-answer.ts';
import { asked, useFilters } from '../ui/use-filters.ts';

type Entry = Schemas['AuditEntry'];

const outcomes = ['done', 'refused', 'failed', 'begun'] as const;

/** Who has changed what, from where, and what was before and after. */
export function AuditPage(): ReactElement {
  const [filters, change] = useFilters([
    'from',
    'until',
    'user',
    'operation',
    'subject',
    'outcome',
  ]);
  const { outcome: given, ...rest } = filters;
  const set = asked(rest);
  const outcome = outcomes.find((each) => each === given);
  const paging = usePaging(JSON.stringify(asked(filters)));
  const query = { ...set, ...(outcome === undefined ? {} : { outcome }) };
  const audit = useAnswer(['audit', query, paging.cursor], () =>
    answerOf(api.GET('/api/v1/audit', { params: { query: { ...query, cursor: paging.cursor } } })),
  );
  return (
    <Page
      title="Audit log"
      lead="Every change and every sign-in, newest first: who, from where, what, before and after."
    >
      <Filters label="Filter the audit log">
        <RangeFilter from={filters.from} until={filters.until} onChange={change} />
        <TextFilter
          label="User"
          value={filters.user}
          onChange={(user) => {
            change({ user });
          }}
        />
        <TextFilter
          label="Operation"
          value={filters.operation}
          placeholder="changeUser"
          onChange={(operation) => {
            change({ operation });
          }}
        />
        <TextFilter
          label="Subject"
          value={filters.subject}
          placeholder="phones/1001"
          onChange={(subject) => {
            change({ subject });
          }}
        />
        <ChoiceFilter
          label="Outcome"
          value={filters.outcome}
          choices={[['', 'all'], ...outcomes.map((each) => [each, each] as const)]}
          onChange={(value) => {
            change({ outcome: value });
          }}
        />
      </Filters>
      <DataTable
        name="Audit log"
        columns={columns}
        rows={audit.data?.entries}
        keyOf={({ id }) => id}
        error={audit.error}
        isRefreshing={audit.isPlaceholderData}
        empty="Nothing was done that fits."
        tools={
          <>
            <CsvLink path="/audit" query={query} name="audit" />
            <Pager paging={paging} next={audit.data?.nextCursor} />
          </>
        }
      />
    </Page>
  );
}

const columns: readonly Column<Entry>[] = [
  { id: 'at', header: 'At', cell: ({ at }) => <Time at={at} /> },
  { id: 'user', header: 'User', cell: ({ user }) => user },
  {
    id: 'outcome',
    header: 'Outcome',
    cell: ({ outcome, status }) => (
      <>
        <Badge tone={toneOf(outcome)}>{outcome}</Badge>{' '}
        {status === 0 || outcome === 'done' ? null : <span className="note">{status}</span>}
      </>
    ),
  },
  {
    id: 'operation',
    header: 'What',
    cell: ({ operation, subject, note }) => (
      <>
        {words(operation)} <span className="note block">{subject}</span>
        {note === '' ? null : <span className="note block">{note}</span>}
      </>
    ),
  },
  { id: 'changes', header: 'Before and after', cell: (entry) => <Changes entry={entry} /> },
  { id: 'address', header: 'From', cell: ({ address }) => address },
  { id: 'role', header: 'Role', cell: ({ role }) => role, isExtra: true },
  { id: 'method', header: 'Signed in by', cell: ({ method }) => method, isExtra: true },
];

function toneOf(outcome: Entry['outcome']): 'good' | 'bad' | 'warn' {
  if (outcome === 'done') return 'good';
  return outcome === 'begun' ? 'warn' : 'bad';
}

const FEW = 3;
const MOST = 200;

function Changes({ entry }: { readonly entry: Entry }): ReactElement | null {
  const { before, after } = entry;
  if (before === null && after === null) return null;
  const found = differences(before ?? {}, after ?? {}, MOST);
  if (found.length === 0) return <span className="note">the same as before</span>;
  const table = (
    <table className="diff">
      <thead className="sr-only">
        <tr>
          <th scope="col">Where</th>
          <th scope="col">Before</th>
          <th scope="col">After</th>
        </tr>
      </thead>
      <tbody>
        {found.map(({ path, before: was, after: is }) => (
          <tr key={path}>
            <th scope="row">{path}</th>
            <td className="before">{was === undefined ? '' : <del>{textOf(was)}</del>}</td>
            <td className="after">{is === undefined ? '' : <ins>{textOf(is)}</ins>}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
  if (found.length <= FEW) return table;
  return (
    <details>
      <summary>{headOf(entry, found.length)}</summary>
      {table}
    </details>
  );
}

function headOf({ before, after }: Entry, count: number): string {
  const values = `${String(count)} values`;
  if (before === null) return `added, ${values}`;
  return after === null ? `removed, ${values}` : `${values} changed`;
}

function textOf(of: unknown): string {
  const text = shown(of);
  return text === '' ? '(empty)' : text;
}
