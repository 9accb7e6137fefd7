/** The thread of run-preview.ts: the calls of one preview, rated beside those of the present. */
import { setTimeout as delay } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { LostJob, createPool, runAtLowestPriority, silentLogger } from '@tandem/service';
import { keepSheets, previewCalls, previewReversal, readPreviewOf } from '../adapters/pg-rerating-preview.ts';
import type { ClaimedRerating } from '../rerating-ports.ts';
import { previewRates } from './preview-rates.ts';
import type { FromPreviewThread, PreviewJob } from './run-preview.ts';

/** Between two attempts while the store is away, in ms, and after how many it fails. */
const WAIT_MS = 1000;
const MOST_ATTEMPTS = 300;

const port = parentPort;
if (port !== null) {
  const { claim, url } = workerData as PreviewJob;
  runAtLowestPriority();
  const tell = (message: FromPreviewThread): void => {
    port.postMessage(message);
  };
  const pool = createPool({ url, logger: silentLogger(), size: 2 });
  try {
    await untilDone(() => preview(claim));
    tell({ kind: 'done' });
  } catch (error) {
    if (error instanceof LostJob) tell({ kind: 'lost' });
    else tell({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) });
  } finally {
    await pool.end();
  }

  async function preview(held: ClaimedRerating): Promise<void> {
    const found = await readPreviewOf(pool, held);
    const { rerating } = found;
    if (rerating.reverses !== undefined) {
      await previewReversal(pool, held, rerating.reverses);
      return;
    }
    const { rates, sheets } = await previewRates({ pool, url }, rerating, found.sheets);
    if (found.sheets === undefined) await keepSheets(pool, held, sheets);
    // The thread ends where its preview is not wanted any more.
    await previewCalls(pool, held, { ended: new AbortController().signal, held: found, rates });
  }
}

/** Goes on from what is stored, as long as it is the store that is in the way. */
async function untilDone(work: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await work();
      return;
    } catch (error) {
      if (!isPassing(error) || attempt >= MOST_ATTEMPTS) throw error;
      await delay(WAIT_MS);
    }
  }
}

/** No connection, or classes of SQLSTATE that another attempt may help with: connection, rollback, resources, intervention. */
function isPassing(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (/^(08|40|53|55|57)/.test(code) || /^E[A-Z]+$/.test(code)) return true;
  return error instanceof Error && /connection|timeout/i.test(error.message);
}
