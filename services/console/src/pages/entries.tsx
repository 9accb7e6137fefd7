import type { ReactElement } from 'react';
import { Link, useParams } from 'wouter';
import { entriesPath, listEntries, type Entry } from '../api/entries.ts';
import { useMay } from '../api/session.ts';
import { entryHref, entryKind, type EntryKind } from '../core/entry-kinds.ts';
import { title, value as shown } from '../core/format.ts';
import { CsvLink } from '../ui/csv-link.tsx';
import { DataTable, type Column } from '../ui/data-table.tsx';
import { Filters, TextFilter } from '../ui/filters.tsx';
import { Page } from '../ui/page.tsx';
import { Pager, usePaging } from '../ui/pager.tsx';
import { useAnswer } from '../ui/use-answer.ts';
import { useFilters } from '../ui/use-filters.ts';

/** The entries of a list of the configuration. */
export function EntriesPage(): ReactElement {
  const { kind: path } = useParams<{ kind: string }>();
  const kind = entryKind(path);
  if (kind === undefined)
    return <Page title="No such list">The configuration has no list “{path}”.</Page>;
  return <List key={path} kind={kind} />;
}

function List({ kind }: { readonly kind: EntryKind }): ReactElement {
  const [{ search, account }, change] = useFilters(['search', 'account']);
  const paging = usePaging(`${search} ${account}`);
  const query = { search, account, cursor: paging.cursor };
  const page = useAnswer(['configuration', kind.path, query], () => listEntries(kind, query));
  const may = useMay(`createConfigured${kind.shape}`);
  const hasAccount = kind.columns.includes('account');
  return (
    <Page
      title={kind.many}
      actions={
        may ? (
          <Link className="button primary" href={entryHref(kind.path, '+')}>
            Add a {kind.one}
          </Link>
        ) : undefined
      }
    >
      <Filters label={`Filter ${kind.many.toLowerCase()}`}>
        <TextFilter
          label="Search"
          value={search}
          onChange={(text) => {
            change({ search: text });
          }}
        />
        {hasAccount ? (
          <TextFilter
            label="Account"
            value={account}
            onChange={(text) => {
              change({ account: text });
            }}
          />
        ) : null}
      </Filters>
      <DataTable
        name={kind.many}
        columns={columnsFor(kind)}
        rows={page.data?.entries}
        keyOf={(entry) => nameIn(kind, entry)}
        error={page.error}
        isRefreshing={page.isPlaceholderData}
        empty={
          search === '' && account === '' ? `There is no ${kind.one} yet.` : `No ${kind.one} fits.`
        }
        tools={
          <>
            <CsvLink path={entriesPath(kind)} query={{ search, account }} name={kind.path} />
            <Pager paging={paging} next={page.data?.nextCursor} total={page.data?.total} />
          </>
        }
      />
    </Page>
  );
}

function nameIn({ nameField }: EntryKind, entry: Entry): string {
  return String(entry[nameField]);
}

const LONG = 60;

function columnsFor(kind: EntryKind): readonly Column<Entry>[] {
  return [
    {
      id: 'name',
      header: title(kind.nameField),
      cell: (entry) => (
        <Link href={entryHref(kind.path, nameIn(kind, entry))}>{nameIn(kind, entry)}</Link>
      ),
    },
    ...kind.columns.map((name) => ({
      id: name,
      header: title(name),
      isNumber: /limit|second|priority|count|overdraft/i.test(name),
      cell: (entry: Entry) => {
        const text = shown(entry[name]);
        return text.length > LONG ? <span title={text}>{text.slice(0, LONG)} …</span> : text;
      },
    })),
  ];
}
