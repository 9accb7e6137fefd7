import type { ReactElement } from 'react';
import { Link } from 'wouter';
import { answerOf, api, type Schemas } from '../api/client.ts';
import { entryHref } from '../core/entry-kinds.ts';
import { count } from '../core/format.ts';
import { CsvLink } from '../ui/csv-link.tsx';
import { DataTable, type Column } from '../ui/data-table.tsx';
import { Page } from '../ui/page.tsx';
import { Time } from '../ui/time.tsx';
import { useAnswer } from '../ui/use-answer.ts';

type List = Schemas['NumberList'];

/** Lists of numbers, and what was imported into them last. */
export function NumbersPage(): ReactElement {
  const lists = useAnswer(['number-lists'], () => answerOf(api.GET('/api/v1/number-lists')));
  return (
    <Page
      title="Numbers in lists"
      lead="What was imported into the lists that the configuration declares."
    >
      <DataTable
        name="Numbers in lists"
        columns={columns}
        rows={lists.data?.lists}
        keyOf={({ name }) => name}
        error={lists.error}
        empty={
          <>
            There is no list: <Link href={entryHref('number-lists', '+')}>add one</Link> to the
            configuration, then import numbers into it.
          </>
        }
        tools={<CsvLink path="/number-lists" name="number-lists" />}
      />
    </Page>
  );
}

const columns: readonly Column<List>[] = [
  {
    id: 'name',
    header: 'List',
    cell: ({ name }) => <Link href={`/numbers/${encodeURIComponent(name)}`}>{name}</Link>,
    sortBy: ({ name }) => name,
  },
  { id: 'match', header: 'Match', cell: ({ match }) => match ?? 'not in the configuration' },
  {
    id: 'numbers',
    header: 'Numbers',
    cell: ({ numbers }) => count(numbers),
    sortBy: ({ numbers }) => numbers,
    isNumber: true,
  },
  { id: 'version', header: 'Version', cell: ({ version }) => version ?? '–', isNumber: true },
  {
    id: 'at',
    header: 'Imported',
    cell: ({ importedAt }) => <Time at={importedAt} />,
    sortBy: ({ importedAt }) => importedAt ?? '',
  },
  { id: 'by', header: 'By', cell: ({ importedBy }) => importedBy ?? '' },
  { id: 'note', header: 'Note', cell: ({ note }) => note ?? '' },
];
