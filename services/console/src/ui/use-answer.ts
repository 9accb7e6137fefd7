import { keepPreviousData, useQuery, type UseQueryResult } from '@tanstack/react-query';

/** How often what is live is asked again, ms; nothing is asked while the page is hidden. */
export const LIVE_MS = 2000;
/** The same for lists that are dear to make, or change slowly. */
export const SLOW_MS = 10_000;

interface Asking<T> {
  /** Asked again so often, ms, or as what is known by then has it. @default only when it is looked at again */
  readonly everyMs?: number | ((data: T | undefined) => number | undefined);
  readonly isOff?: boolean;
}

/** What the API answers; asked anew when `key` is another one, with the last answer shown until then. */
export function useAnswer<T>(
  key: readonly unknown[],
  ask: () => Promise<T>,
  { everyMs, isOff }: Asking<T> = {},
): UseQueryResult<T> {
  return useQuery({
    queryKey: key,
    queryFn: ask,
    placeholderData: keepPreviousData,
    refetchInterval:
      typeof everyMs === 'function'
        ? ({ state }) => everyMs(state.data) ?? false
        : (everyMs ?? false),
    enabled: isOff !== true,
  });
}
