import { Worker } from 'node:worker_threads';
import { LostJob } from '@tandem/service';
import type { ClaimedRerating } from '../rerating-ports.ts';

/** What a thread is for. */
export interface PreviewJob {
  /** PostgreSQL. */
  readonly url: string;
  readonly claim: ClaimedRerating;
}

/** What a thread says. */
export type FromPreviewThread =
  | { readonly kind: 'done' }
  | { readonly kind: 'lost' }
  | { readonly kind: 'failed'; readonly reason: string };

/** Of its heap; the prefixes of sheets are beside it. */
const HEAP_MB = 1024;

/**
 * Rates the calls of a preview in a thread of its own at the lowest priority: events of calls are stored meanwhile as ever.
 * @throws LostJob where it is somebody else's by now
 */
export async function runPreview(job: PreviewJob, ended: AbortSignal): Promise<void> {
  const worker = new Worker(new URL('./preview-thread.ts', import.meta.url), {
    workerData: job,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
  });
  const told = Promise.withResolvers<FromPreviewThread>();
  worker.on('message', told.resolve);
  worker.on('error', told.reject);
  worker.on('exit', () => { told.reject(new Error('the thread of the preview has ended')); }); // prettier-ignore
  // Nobody may be waiting any more when the thread ends.
  told.promise.catch(() => undefined);
  const giveUp = (): void => { told.reject(new Error('the preview is left')); }; // prettier-ignore
  ended.addEventListener('abort', giveUp, { once: true });
  try {
    ended.throwIfAborted();
    const answer = await told.promise;
    if (answer.kind === 'lost') throw new LostJob();
    if (answer.kind === 'failed') throw new Error(answer.reason);
  } finally {
    ended.removeEventListener('abort', giveUp);
    await worker.terminate();
  }
}
