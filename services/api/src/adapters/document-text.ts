import { Worker } from 'node:worker_threads';
import type { Configuration, ParseResult } from '@tandem/config';
import { readText, writeYaml, type DocumentText } from './yaml-text.ts';

/** What the thread has to do. */
export type DocumentJob =
  ({ readonly kind: 'read' } & DocumentText) | { readonly kind: 'write'; readonly json: string };

/** Characters from which a thread of its own is worth its start of some 0.2 s. */
const LARGE = 256 * 1024;

/**
 * Reads a document and finds its mistakes. A large one is read in a thread that ends with it: reading takes a hundred times
 * the memory of the text, which is given back so, and seconds, in which this process goes on with its calls.
 */
export async function readDocument({ text, format }: DocumentText): Promise<ParseResult> {
  if (text.length < LARGE) return readText({ text, format });
  return inThread<ParseResult>({ kind: 'read', text, format });
}

/** Writes a configuration as YAML, a large one in a thread likewise. */
export async function writeDocument(configuration: Configuration): Promise<string> {
  const json = JSON.stringify(configuration);
  return json.length < LARGE ? writeYaml(json) : inThread<string>({ kind: 'write', json });
}

async function inThread<Result>(job: DocumentJob): Promise<Result> {
  const worker = new Worker(new URL('./document-thread.ts', import.meta.url), { workerData: job });
  try {
    return await new Promise<Result>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.once('exit', (code) => {
        reject(new Error(`the thread that had a document ended with ${String(code)}`));
      });
    });
  } finally {
    await worker.terminate();
  }
}
