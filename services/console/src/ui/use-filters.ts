import { useCallback, useMemo } from 'react';
import { useSearchParams } from 'wouter';

/** Filters that stand in the address of the page: a link to a filtered list is a link. */
export function useFilters<Name extends string>(
  names: readonly Name[],
): readonly [Readonly<Record<Name, string>>, (changes: Partial<Record<Name, string>>) => void] {
  const [params, setParams] = useSearchParams();
  const key = names.join(' ');
  const values = useMemo(
    () =>
      Object.fromEntries(key.split(' ').map((name) => [name, params.get(name) ?? ''])) as Record<
        Name,
        string
      >,
    [key, params],
  );
  const change = useCallback(
    (changes: Partial<Record<Name, string>>) => {
      setParams(
        (before) => {
          const next = new URLSearchParams(before);
          for (const [name, value] of Object.entries<string | undefined>(changes)) {
            if (value === undefined || value === '') next.delete(name);
            else next.set(name, value);
          }
          return next;
        },
        { replace: true },
      );
    },
    [setParams],
  );
  return [values, change];
}

/** The same without what is empty, as the API takes a query. */
export function asked<Name extends string>(
  values: Readonly<Record<Name, string>>,
): Partial<Record<Name, string>> {
  const set = Object.entries<string>(values).filter(([, value]) => value !== '');
  return Object.fromEntries(set) as Partial<Record<Name, string>>;
}
