import { Worker } from 'node:worker_threads';
import type { Configuration, SlimConfiguration } from './document.ts';
import type { PackedLists } from './packed-lists.ts';
import { wholeOf, type KnownLists } from './read-pieces.ts';
import type { Snapshot } from './snapshots.ts';

/** A version that is stored as a whole. */
interface StoredWhole {
  readonly url: string;
  readonly version: number;
}

/** What the thread has to do. */
export type ThreadJob =
  | (StoredWhole & { readonly kind: 'snapshot'; readonly known: KnownLists | undefined })
  | (StoredWhole & { readonly kind: 'document' })
  /** Of a version that is stored as a change. */
  | (StoredWhole & { readonly kind: 'fold' });

/** What the thread says. */
export type FromThread =
  | { readonly kind: 'elements'; readonly list: string; readonly elements: readonly unknown[] }
  | ReadMessage
  | { readonly kind: 'document'; readonly head: unknown }
  | { readonly kind: 'folded' }
  | { readonly kind: 'failed'; readonly reason: string };

interface ReadMessage {
  readonly kind: 'read';
  /** What went before as elements stands as empty lists here. */
  readonly head: SlimConfiguration;
  readonly lists: PackedLists;
  readonly isWhole: boolean;
}

type LastMessage = Exclude<FromThread, { readonly kind: 'elements' | 'failed' }>;

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
export async function readInThread(
  job: StoredWhole & { readonly known: KnownLists | undefined },
  signal: AbortSignal,
): Promise<ReadSnapshot> {
  const { last, lists } = await inThread({ kind: 'snapshot', ...job }, signal);
  const { head, isWhole, lists: packed } = ofKind(last, 'read');
  const configuration = { ...head, ...Object.fromEntries(lists) };
  return { snapshot: { version: job.version, configuration, lists: packed }, isWhole };
}

/** The same for the document with its long lists, for those who change it. */
export async function readDocumentInThread(
  job: StoredWhole,
  signal?: AbortSignal,
): Promise<Configuration> {
  const { last, lists } = await inThread({ kind: 'document', ...job }, signal);
  return wholeOf(ofKind(last, 'document').head, lists);
}

/**
 * Stores the whole document of a version that stands as a change, so that nobody has to begin with an old one.
 * @throws what went wrong in the thread
 */
export async function foldInThread(job: StoredWhole, signal?: AbortSignal): Promise<void> {
  await inThread({ kind: 'fold', ...job }, signal);
}

async function inThread(
  job: ThreadJob,
  signal: AbortSignal = new AbortController().signal,
): Promise<{ readonly last: LastMessage; readonly lists: ReadonlyMap<string, unknown[]> }> {
  signal.throwIfAborted();
  const worker = new Worker(new URL('./snapshot-thread.ts', import.meta.url), { workerData: job });
  const { promise, resolve, reject } = Promise.withResolvers<LastMessage>();
  const lists = new Map<string, unknown[]>();
  worker.on('message', (message: FromThread) => {
    if (message.kind === 'elements') {
      const list = lists.get(message.list) ?? [];
      lists.set(message.list, list);
      for (const element of message.elements) list.push(element);
      worker.postMessage('next');
    } else if (message.kind === 'failed') reject(new Error(message.reason));
    else resolve(message);
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
    return { last: await promise, lists };
  } finally {
    signal.removeEventListener('abort', abort);
    await worker.terminate();
  }
}

function ofKind<Kind extends LastMessage['kind']>(
  message: LastMessage,
  kind: Kind,
): Extract<LastMessage, { readonly kind: Kind }> {
  if (message.kind === kind) return message as Extract<LastMessage, { readonly kind: Kind }>;
  throw new Error(`the thread that read a configuration said ${message.kind}`);
}
