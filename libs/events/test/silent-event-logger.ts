import type { EventLogger } from '../src/index.ts';

/** A log that keeps nothing. */
export const silentEventLogger: EventLogger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
