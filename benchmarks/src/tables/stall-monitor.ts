/** Loaded into a process before its own modules: tells whoever started it how long its event loop has stood still, and its memory. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

/** Since it was asked last. */
export interface Stalls {
  readonly longestMs: number;
  /** CPU of the main thread between two timers of a millisecond, at most: what stands still for its own work, whoever else is on the machine. */
  readonly longestCpuMs: number;
  readonly residentBytes: number;
}

if (isMainThread && process.send !== undefined) {
  const delays = monitorEventLoopDelay({ resolution: 1 });
  delays.enable();
  let longestCpuMs = 0;
  let last = cpuMs();
  setInterval(() => {
    const now = cpuMs();
    longestCpuMs = Math.max(longestCpuMs, now - last);
    last = now;
  }, 1).unref();
  process.on('message', () => {
    const stalls: Stalls = {
      longestMs: delays.max / 1e6,
      longestCpuMs,
      residentBytes: process.memoryUsage.rss(),
    };
    delays.reset();
    longestCpuMs = 0;
    process.send?.(stalls);
  });
  // It ends when there is nothing else to do.
  process.channel?.unref();
}

function cpuMs(): number {
  const { system, user } = process.threadCpuUsage();
  return (system + user) / 1000;
}
