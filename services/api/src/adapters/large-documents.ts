import type { KeyObject } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { secretKeysOf } from '@tandem/config';
import { SwitchError, type SwitchErrorCode } from '@tandem/domain';
import type {
  DocumentRequest,
  DocumentStore,
  EntryTextRequest,
  LargeDocuments,
  RollbackRequest,
} from '../apply-document.ts';
import type { DraftRequest } from '../prepare-draft.ts';
import type { AdvertisedAddress } from '../core/reachable-gateways.ts';

/** What the thread has to do. */
export type LargeWork =
  | { readonly kind: 'apply'; readonly request: DocumentRequest }
  | { readonly kind: 'rollBack'; readonly request: RollbackRequest }
  | { readonly kind: 'changeEntry'; readonly request: EntryTextRequest }
  | { readonly kind: 'prepareDraft'; readonly request: DraftRequest };

/** That, and what it needs for it. */
export interface LargeJob {
  readonly work: LargeWork;
  readonly url: string;
  /** The lines of the key file. */
  readonly keys: readonly string[];
  readonly advertised: readonly AdvertisedAddress[] | undefined;
}

/** What the thread says. */
export type FromLargeThread =
  | { readonly kind: 'done'; readonly result: unknown }
  | {
      readonly kind: 'failed';
      readonly message: string;
      readonly code: SwitchErrorCode | undefined;
    };

/** Characters from which a thread of its own is worth its start of half a second. */
const LARGE = 256 * 1024;

/**
 * Deals with large documents in a thread for each, which reads, checks, compares and stores, and ends: reading takes a hundred
 * times the memory of the text, which is given back so, and many seconds, in which this process goes on.
 */
export function openLargeDocuments({
  advertised,
  secretKey,
  store,
  url,
}: Pick<DocumentStore, 'advertised' | 'store'> & {
  readonly url: string;
  readonly secretKey: KeyObject;
}): LargeDocuments {
  const keys = secretKeysOf(secretKey).map((key) => key.export().toString('base64'));
  const run = async <Result>(work: LargeWork): Promise<Result> =>
    inThread({ work, url, keys, advertised: await advertised?.() }) as Promise<Result>;
  return {
    isNeeded: async (length) => length >= LARGE || (await store.isLarge()),
    apply: (request) => run({ kind: 'apply', request }),
    rollBack: (request) => run({ kind: 'rollBack', request }),
    changeEntry: (request) => run({ kind: 'changeEntry', request }),
    prepareDraft: (request) => run({ kind: 'prepareDraft', request }),
  };
}

async function inThread(job: LargeJob): Promise<unknown> {
  const worker = new Worker(new URL('./large-documents-thread.ts', import.meta.url), {
    workerData: job,
  });
  try {
    const told = await new Promise<FromLargeThread>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.once('exit', (code) => {
        reject(new Error(`the thread that had a document ended with ${String(code)}`));
      });
    });
    if (told.kind === 'done') return told.result;
    throw told.code === undefined
      ? new Error(told.message)
      : new SwitchError(told.code, told.message);
  } finally {
    await worker.terminate();
  }
}
