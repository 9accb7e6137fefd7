import { Readable } from 'node:stream';
import type { RateSheets } from '../src/rate-ports.ts';
import type { ConfigurationStore } from '../src/ports.ts';

/** Rates that stand in the configuration alone: nothing was ever imported. */
export function noRates(store: ConfigurationStore): RateSheets {
  const none = { kind: 'no-such-import' } as const;
  const groups = async (): Promise<string[]> =>
    ((await store.current())?.configuration.rateGroups ?? []).map(({ name }) => name);
  return {
    groups,
    group: async (name) =>
      (await groups()).includes(name) ? { isSheet: false, version: 0 } : undefined,
    read: () => Promise.resolve(none),
    imports: () => Promise.resolve([]),
    import: () => Promise.resolve(undefined),
    mistakes: () => Promise.resolve(undefined),
    apply: () => Promise.resolve(none),
    discard: () => Promise.resolve(none),
    versions: () => Promise.resolve([]),
    rollBack: () => Promise.resolve({ kind: 'no-such-version' as const }),
    near: () => Promise.resolve([]),
    csv: () => Readable.from([]),
    changes: () => Promise.resolve(undefined),
  };
}
