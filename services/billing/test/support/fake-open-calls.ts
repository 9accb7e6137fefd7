import type { OpenCallStore } from '../../src/ports.ts';

/** Open calls that are none: for tests of what has nothing to do with them. */
export function noOpenCalls(guard: <T>(work: () => T) => Promise<T>): OpenCallStore {
  return {
    keepPartialEnds: () => guard(() => undefined),
    matchedEnds: () => guard(() => []),
    quietCalls: () => guard(() => []),
    lonelyEnds: () => guard(() => []),
    writeProvisional: () => guard(() => ({ stored: 0, balances: [], callIds: new Set<string>() })),
    forget: () => guard(() => undefined),
    report: () => guard(() => ({ nowMs: 0, currentSinceMs: undefined })),
  };
}
