/** Loaded into a process before its own modules: tells whoever started it how long its event loop has stood still, and its memory. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

/** Since it was asked last. */
export interface Stalls {
  readonly longestMs: number;
  readonly residentBytes: number;
}

if (isMainThread && process.send !== undefined) {
  const delays = monitorEventLoopDelay({ resolution: 1 });
  delays.enable();
  process.on('message', () => {
    const stalls: Stalls = {
      longestMs: delays.max / 1e6,
      residentBytes: process.memoryUsage.rss(),
    };
    delays.reset();
    process.send?.(stalls);
  });
  // It ends when there is nothing else to do.
  process.channel?.unref();
}
