import type {
  BillingStore,
  CdrPartitionStore,
  OpenCallStore,
  ReconciliationStore,
} from '../../src/ports.ts';

/** Open calls that are none: for tests of what has nothing to do with them. */
export function noOpenCalls(guard: <T>(work: () => T) => Promise<T>): OpenCallStore {
  return {
    keepPartialEnds: () => guard(() => undefined),
    matchedEnds: () => guard(() => []),
    partialEnds: () => guard(() => []),
    quietCalls: () => guard(() => []),
    lonelyEnds: () => guard(() => []),
    writeProvisional: () => guard(() => ({ stored: 0, balances: [], callIds: new Set<string>() })),
    standing: () => guard(() => []),
    standingOf: () => guard(() => []),
    charged: () => guard(() => []),
    forget: () => guard(() => undefined),
    report: () => guard(() => ({ nowMs: 0, currentSinceMs: undefined })),
  };
}

/** Days that are all done. */
export function noReconciliation(guard: <T>(work: () => T) => Promise<T>): ReconciliationStore {
  const counts = { cdrs: 0, answered: 0, entries: 0, provisional: 0, open: 0, partialEnds: 0, dead: 0 }; // prettier-ignore
  return {
    missing: () => guard(() => []),
    alone: (work) => guard(work).then((result) => result),
    counts: () => guard(() => [counts] as const),
    differences: () => guard(() => []),
    unaccounted: () => guard(() => []),
    keep: () => guard(() => undefined),
    reports: () => guard(() => []),
  };
}

/** Nobody is fed, and nothing is added up. */
export function noFeeds(
  guard: <T>(work: () => T) => Promise<T>,
): Pick<BillingStore, 'analysis' | 'feeds'> {
  return {
    analysis: { analyse: () => guard(() => []) },
    feeds: {
      next: () => guard(() => undefined),
      rows: () => guard(() => undefined),
      sent: () => guard(() => undefined),
      behind: () => guard(() => 0),
      alone: (_feed, work) => guard(work).then((result) => result),
    },
  };
}

/** Days that are all there, and none too old. */
export function noPartitions(guard: <T>(work: () => T) => Promise<T>): CdrPartitionStore {
  return {
    prepare: () => guard(() => []),
    old: () => guard(() => []),
    retire: () => guard(() => undefined),
    retireOther: () => guard(() => undefined),
    alone: (work) => guard(work).then((result) => result),
  };
}
