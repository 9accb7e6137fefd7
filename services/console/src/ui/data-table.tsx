import {
  flexRender,
  getCoreRowModel,
  getSortedRowModel,
  useReactTable,
  type ColumnDef,
  type SortingState,
  type VisibilityState,
} from '@tanstack/react-table';
import { useMemo, useState, useSyncExternalStore, type ReactElement, type ReactNode } from 'react';
import { ProblemBox } from './problem-box.tsx';

/** A column of a list. */
export interface Column<Row> {
  readonly id: string;
  readonly header: string;
  readonly cell: (row: Row) => ReactNode;
  /** What the list is sorted by where the whole of it is here; a column without is not sorted. */
  readonly sortBy?: (row: Row) => string | number;
  readonly isNumber?: boolean;
  /** Shown only when asked for, or where the window has room for all of them. */
  readonly isExtra?: boolean;
}

interface DataTableProps<Row> {
  /** What the choice of columns is remembered by; also the name of the table for those who do not see it. */
  readonly name: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[] | undefined;
  readonly keyOf: (row: Row) => string;
  readonly error?: unknown;
  readonly empty: ReactNode;
  readonly menu?: (row: Row) => ReactNode;
  /** What stands above the table on the right: links, pages. */
  readonly tools?: ReactNode;
  readonly isRefreshing?: boolean;
}

/** A list: sorted by its heads where all of it is here, with the columns that the operator wants. */
export function DataTable<Row>(props: DataTableProps<Row>): ReactElement {
  const { name, columns, rows, keyOf, error, empty, menu, tools, isRefreshing } = props;
  const [sorting, setSorting] = useState<SortingState>([]);
  const [columnVisibility, setVisibility] = useRemembered(name, columns);
  const definitions = useMemo(() => columns.map(definitionOf), [columns]);
  const data = useMemo(() => [...(rows ?? [])], [rows]);
  const table = useReactTable({
    data,
    columns: definitions,
    state: { sorting, columnVisibility },
    onSortingChange: setSorting,
    getRowId: keyOf,
    getCoreRowModel: getCoreRowModel(),
    getSortedRowModel: getSortedRowModel(),
  });
  const heads = table.getHeaderGroups()[0]?.headers ?? [];
  const shown = table.getRowModel().rows;
  const numbers = new Set(columns.filter(({ isNumber }) => isNumber).map(({ id }) => id));
  return (
    <div className="table-frame" aria-busy={rows === undefined && error === null}>
      <div className="table-tools">
        <Columns columns={columns} visibility={columnVisibility} onChange={setVisibility} />
        {tools}
      </div>
      <ProblemBox error={error} />
      <div className="table-scroll" role="region" aria-label={name} tabIndex={0}>
        <table className={isRefreshing === true ? 'refreshing' : undefined}>
          <caption className="sr-only">{name}</caption>
          <thead>
            <tr>
              {heads.map((head) => (
                <th
                  key={head.id}
                  scope="col"
                  className={numbers.has(head.id) ? 'number' : undefined}
                  aria-sort={sortOf(head.column.getIsSorted())}
                >
                  {head.column.getCanSort() ? (
                    <button
                      type="button"
                      className="sort"
                      onClick={head.column.getToggleSortingHandler()}
                    >
                      {flexRender(head.column.columnDef.header, head.getContext())}
                      <span aria-hidden="true">{arrowOf(head.column.getIsSorted())}</span>
                    </button>
                  ) : (
                    flexRender(head.column.columnDef.header, head.getContext())
                  )}
                </th>
              ))}
              {menu === undefined ? null : (
                <th scope="col">
                  <span className="sr-only">Actions</span>
                </th>
              )}
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => (
              <tr key={row.id}>
                {row.getVisibleCells().map((cell) => (
                  <td key={cell.id} className={numbers.has(cell.column.id) ? 'number' : undefined}>
                    {flexRender(cell.column.columnDef.cell, cell.getContext())}
                  </td>
                ))}
                {menu === undefined ? null : <td className="menu-cell">{menu(row.original)}</td>}
              </tr>
            ))}
          </tbody>
        </table>
        {rows === undefined && (error === null || error === undefined) ? (
          <p className="empty">Loading …</p>
        ) : null}
        {rows?.length === 0 ? <div className="empty">{empty}</div> : null}
      </div>
    </div>
  );
}

function definitionOf<Row>({ id, header, cell, sortBy }: Column<Row>): ColumnDef<Row> {
  const shown = { id, header, cell: ({ row }: { row: { original: Row } }) => cell(row.original) };
  if (sortBy === undefined) return { ...shown, enableSorting: false };
  return { ...shown, accessorFn: sortBy, sortingFn: 'alphanumeric' };
}

function Columns<Row>({
  columns,
  visibility,
  onChange,
}: {
  readonly columns: readonly Column<Row>[];
  readonly visibility: VisibilityState;
  readonly onChange: (visibility: VisibilityState) => void;
}): ReactElement | null {
  if (!columns.some(({ isExtra }) => isExtra)) return null;
  return (
    <details className="columns">
      <summary className="button quiet">Columns</summary>
      <fieldset>
        <legend className="sr-only">Columns</legend>
        {columns.map(({ id, header }) => (
          <label key={id} className="check">
            <input
              type="checkbox"
              checked={visibility[id] !== false}
              onChange={(event) => {
                onChange({ ...visibility, [id]: event.target.checked });
              }}
            />
            {header}
          </label>
        ))}
      </fieldset>
    </details>
  );
}

/** As in shell.css. */
const wide = matchMedia('(width >= 2400px)');

function watchWidth(tell: () => void): () => void {
  wide.addEventListener('change', tell);
  return () => {
    wide.removeEventListener('change', tell);
  };
}

/** Which columns are shown, as the operator chose them in this browser. */
function useRemembered<Row>(
  name: string,
  columns: readonly Column<Row>[],
): readonly [VisibilityState, (visibility: VisibilityState) => void] {
  const key = `tandem-columns ${name}`;
  const [chosen, setChosen] = useState<VisibilityState>(() => {
    try {
      return JSON.parse(localStorage.getItem(key) ?? '{}') as VisibilityState;
    } catch {
      return {};
    }
  });
  const isWide = useSyncExternalStore(watchWidth, () => wide.matches);
  const extras = columns.filter(({ isExtra }) => isExtra).map(({ id }) => [id, isWide] as const);
  const remember = (visibility: VisibilityState): void => {
    setChosen(visibility);
    localStorage.setItem(key, JSON.stringify(visibility));
  };
  return [{ ...Object.fromEntries(extras), ...chosen }, remember];
}

function sortOf(sorted: false | 'asc' | 'desc'): 'ascending' | 'descending' | undefined {
  if (sorted === false) return undefined;
  return sorted === 'asc' ? 'ascending' : 'descending';
}

function arrowOf(sorted: false | 'asc' | 'desc'): string {
  if (sorted === false) return ' ↕';
  return sorted === 'asc' ? ' ↑' : ' ↓';
}
