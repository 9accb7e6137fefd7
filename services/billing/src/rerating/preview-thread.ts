/** The thread of run-preview.ts: the calls of one preview, rated beside those of the present. */
import { setTimeout as delay } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { stepBack } from '@tandem/config';
import { LostJob, createPool, silentLogger } from '@tandem/service';
import type { Pool } from '@tandem/service';
import {
  keepSheets,
  previewCalls,
  previewReversal,
  readPreviewOf,
} from '../adapters/pg-rerating-preview.ts';
import { previewRates } from './preview-rates.ts';
import type { FromPreviewThread, PreviewJob } from './run-preview.ts';

/** Between two attempts while the store is away, in ms, and after how many it fails. */
const WAIT_MS = 1000;
const MOST_ATTEMPTS = 300;

const port = parentPort;
if (port !== null) {
  const job = workerData as PreviewJob;
  const tell = (message: FromPreviewThread): void => {
    port.postMessage(message);
  };
  stepBack(19);
  const pool = createPool({ url: job.url, logger: silentLogger(), size: 2 });
  try {
    await untilDone(() => preview(pool, job));
    tell({ kind: 'done' });
  } catch (error) {
    if (error instanceof LostJob) tell({ kind: 'lost' });
    else tell({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) });
  } finally {
    await pool.end();
  }
}

async function preview(pool: Pool, { claim, url }: PreviewJob): Promise<void> {
  const held = await readPreviewOf(pool, claim);
  const { rerating } = held;
  if (rerating.reverses !== undefined) {
    await previewReversal(pool, claim, rerating.reverses);
    return;
  }
  const { rates, sheets } = await previewRates({ pool, url }, rerating, held.sheets);
  if (held.sheets === undefined) await keepSheets(pool, claim, sheets);
  await previewCalls(pool, claim, { held, rates });
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
