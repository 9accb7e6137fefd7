import { Worker } from 'node:worker_threads';
import type { SlimConfiguration } from './document.ts';
import type { PackedLists } from './packed-lists.ts';
import type { KnownLists } from './read-pieces.ts';
import type { Snapshot } from './snapshots.ts';

/** What the thread has to read. */
export interface ThreadJob {
  readonly url: string;
  readonly version: number;
  readonly known: KnownLists | undefined;
}

/** What the thread says. */
export type FromThread =
  | { readonly kind: 'elements'; readonly list: string; readonly elements: readonly unknown[] }
  | {
      readonly kind: 'read';
      /** What went before as elements stands as empty lists here. */
      readonly head: SlimConfiguration;
      readonly lists: PackedLists;
      readonly isWhole: boolean;
    }
  | { readonly kind: 'failed'; readonly reason: string };

/** A version, and whether all of it was read, or what is new of it. */
export interface ReadSnapshot {
  readonly snapshot: Snapshot;
  readonly isWhole: boolean;
}

/**
 * Reads a large version in a thread of its own, which has its own memory and gives it back when it ends: nobody waits here
 * meanwhile but for some milliseconds at a time, in which elements of lists are taken over.
 * @throws what went wrong in the thread, and where `signal` is aborted
 */
export async function readInThread(job: ThreadJob, signal: AbortSignal): Promise<ReadSnapshot> {
  const worker = new Worker(new URL('./snapshot-thread.ts', import.meta.url), { workerData: job });
  const { promise, resolve, reject } = Promise.withResolvers<ReadSnapshot>();
  const lists = new Map<string, unknown[]>();
  worker.on('message', (message: FromThread) => {
    if (message.kind === 'elements') {
      const list = lists.get(message.list) ?? [];
      lists.set(message.list, list);
      for (const element of message.elements) list.push(element);
      worker.postMessage('next');
      return;
    }
    if (message.kind === 'failed') {
      reject(new Error(message.reason));
      return;
    }
    const { head, isWhole, lists: packed } = message;
    const configuration = { ...head, ...Object.fromEntries(lists) };
    resolve({ snapshot: { version: job.version, configuration, lists: packed }, isWhole });
  });
  worker.once('error', reject);
  worker.once('exit', (code) => {
    reject(new Error(`the thread that read a configuration ended with ${String(code)}`));
  });
  const abort = (): void => {
    reject(new Error('the source of snapshots was closed'));
  };
  signal.addEventListener('abort', abort);
  try {
    signal.throwIfAborted();
    return await promise;
  } finally {
    signal.removeEventListener('abort', abort);
    await worker.terminate();
  }
}
