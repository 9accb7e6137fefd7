import { on } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { PackedRates } from '@tandem/config';
import { SwitchError } from '@tandem/domain';
import type { ReadTerms } from '../core/rate-file/rate-reader.ts';

/** The rates that something is held against: those of a sheet, version 0 of which has none, or these. */
export type RateBase =
  | { readonly kind: 'sheet'; readonly group: string; readonly version: number }
  | { readonly kind: 'rates'; readonly rates: PackedRates };

/** A file that is to be read and made a sheet, which is kept with its import. */
export interface ImportWork {
  readonly kind: 'import';
  readonly importId: string;
  readonly base: RateBase;
  readonly mode: 'replace' | 'update';
  readonly goneFromMs: number;
  readonly forgottenBeforeMs: number;
  readonly read: ReadTerms;
}

/** What the thread has to do. */
type RateWork =
  | ImportWork
  | { readonly kind: 'export'; readonly base: RateBase }
  | { readonly kind: 'changes'; readonly base: RateBase; readonly importId: string };

export interface RateJob {
  readonly url: string;
  readonly work: RateWork;
}

/** What the thread says. */
export type FromRateThread =
  | { readonly kind: 'taken'; readonly lines: number; readonly isHopeless: boolean }
  | { readonly kind: 'imported'; readonly report: object }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly reason: string };

/** What it is told. */
export type ToRateThread =
  { readonly kind: 'bytes'; readonly bytes: Uint8Array } | { readonly kind: 'end' };

/** How far the reading of a file is. */
export interface ReadSoFar {
  readonly bytes: number;
  readonly lines: number;
}

/** Reads a file into its import. It rejects where the file breaks off, or the thread fails. */
export async function importInThread(
  job: RateJob,
  file: AsyncIterable<Uint8Array>,
  onRead: (soFar: ReadSoFar) => void,
): Promise<void> {
  await using thread = openThread(job);
  let bytes = 0;
  for await (const chunk of file) {
    bytes += chunk.length;
    thread.tell({ kind: 'bytes', bytes: chunk });
    const taken = await thread.next();
    if (taken.kind !== 'taken') throw unexpected(taken);
    onRead({ bytes, lines: taken.lines });
    // The rest is not read: what is wrong is known.
    if (taken.isHopeless) break;
  }
  thread.tell({ kind: 'end' });
  const last = await thread.next();
  if (last.kind !== 'imported') throw unexpected(last);
}

/** CSV as the thread writes it, no faster than it is taken. */
export async function* textOfThread(job: RateJob): AsyncGenerator<string> {
  await using thread = openThread(job);
  for (;;) {
    const message = await thread.next();
    if (message.kind === 'done') return;
    if (message.kind !== 'text') throw unexpected(message);
    yield message.text;
    thread.tell({ kind: 'end' });
  }
}

interface Thread extends AsyncDisposable {
  tell(message: ToRateThread): void;
  next(): Promise<FromRateThread>;
}

function openThread(job: RateJob): Thread {
  const worker = new Worker(new URL('./rate-thread.ts', import.meta.url), { workerData: job });
  const ended = new AbortController();
  worker.once('exit', () => {
    ended.abort(new Error('the thread that had rates has ended'));
  });
  const messages = on(worker, 'message', { signal: ended.signal, close: ['exit'] });
  return {
    tell: (message) => {
      worker.postMessage(message);
    },
    next: async () => {
      const next = (await messages.next()) as IteratorResult<[FromRateThread], undefined>;
      if (next.done === true) throw new Error('the thread that had rates has ended');
      return next.value[0];
    },
    [Symbol.asyncDispose]: async () => {
      await worker.terminate();
    },
  };
}

function unexpected(message: FromRateThread): Error {
  const reason = message.kind === 'failed' ? message.reason : `it said ${message.kind}`;
  return new SwitchError('SWITCH_STORE_UNAVAILABLE', `rates were not read: ${reason}`);
}
