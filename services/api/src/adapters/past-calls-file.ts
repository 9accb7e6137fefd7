import { Worker } from 'node:worker_threads';
import type { Mistake } from '@tandem/config';
import type { PastCall } from '../core/replay/past-call.ts';

/** What is in a file of calls. */
export interface ReadCalls {
  /** In the order of their begins. */
  readonly calls: readonly PastCall[];
  /** Lines that are none, with what would be right. */
  readonly mistakes: readonly Mistake[];
}

/** Reads a file of calls in a thread that ends with it: nobody waits here for a day of them. */
export async function readCallsInThread(bytes: Uint8Array, nowMs: number): Promise<ReadCalls> {
  const worker = new Worker(new URL('./past-calls-thread.ts', import.meta.url), {
    workerData: { bytes, nowMs },
  });
  try {
    return await new Promise<ReadCalls>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.once('exit', (code) => {
        reject(new Error(`the thread that read a file of calls ended with ${String(code)}`));
      });
    });
  } finally {
    await worker.terminate();
  }
}
