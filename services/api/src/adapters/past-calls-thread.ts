/** The thread of past-calls-file.ts. */
import { parentPort, workerData } from 'node:worker_threads';
import { stepBack } from '@tandem/config';
import { UnreadableFile } from '@tandem/migration';
import { readPastCalls } from '../core/replay/read-past-calls.ts';
import type { ReadCalls } from './past-calls-file.ts';

function read(): ReadCalls {
  const { bytes, nowMs } = workerData as { readonly bytes: Uint8Array; readonly nowMs: number };
  try {
    return readPastCalls(Buffer.from(bytes), nowMs);
  } catch (error) {
    if (!(error instanceof UnreadableFile)) throw error;
    return { calls: [], mistakes: [{ path: '', message: error.message }] };
  }
}

stepBack(10);
parentPort?.postMessage(read());
