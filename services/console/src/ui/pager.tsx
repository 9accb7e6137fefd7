import { useCallback, useState, type ReactElement } from 'react';
import { count } from '../core/format.ts';

/** Where in a list one is: the cursors of the pages before this one. */
export interface Paging {
  readonly cursor: string;
  readonly page: number;
  readonly forward: (cursor: string) => void;
  readonly back: () => void;
}

/** Pages of a list by cursors; another `of` (the filters) begins at the first again. */
export function usePaging(of: string): Paging {
  const [{ key, cursors }, set] = useState<{ key: string; cursors: readonly string[] }>({
    key: of,
    cursors: [],
  });
  const now = key === of ? cursors : [];
  const forward = useCallback(
    (cursor: string) => {
      set((before) => ({
        key: of,
        cursors: [...(before.key === of ? before.cursors : []), cursor],
      }));
    },
    [of],
  );
  const back = useCallback(() => {
    set((before) => ({ key: of, cursors: before.cursors.slice(0, -1) }));
  }, [of]);
  return { cursor: now.at(-1) ?? '', page: now.length + 1, forward, back };
}

/** Back and forth through the pages of a list. */
export function Pager({
  paging,
  next,
  total,
}: {
  readonly paging: Paging;
  readonly next: string | null | undefined;
  readonly total?: number | undefined;
}): ReactElement {
  const { page, forward, back } = paging;
  return (
    <nav className="pager" aria-label="Pages">
      {total === undefined ? null : <span className="note">{count(total)} in all</span>}
      {page === 1 && (next === null || next === undefined) ? null : (
        <>
          <button type="button" className="button quiet" disabled={page === 1} onClick={back}>
            ← Back
          </button>
          <span className="note">page {page}</span>
          <button
            type="button"
            className="button quiet"
            disabled={next === null || next === undefined}
            onClick={() => {
              if (next !== null && next !== undefined) forward(next);
            }}
          >
            On →
          </button>
        </>
      )}
    </nav>
  );
}
