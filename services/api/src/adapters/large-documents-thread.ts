/** The thread of large-documents.ts. */
import { parentPort, workerData } from 'node:worker_threads';
import { secretKeyFrom, stepBack } from '@tandem/config';
import { SwitchError } from '@tandem/domain';
import { createPool, silentLogger } from '@tandem/service';
import { applyEntry } from '../apply-change.ts';
import { applyParsed, outcomeOf, rollBack, type DocumentStore } from '../apply-document.ts';
import { entryChangeOf } from '../core/change-entry.ts';
import { placedLists } from '../core/entries.ts';
import type { FromLargeThread, LargeJob, LargeWork } from './large-documents.ts';
import { prepareDraft } from '../prepare-draft.ts';
import { openConfigurationStore } from './pg-configuration-store.ts';
import { putDraft } from './pg-replay-store.ts';
import { readText } from './yaml-text.ts';

stepBack(10);
const { advertised, keys, url, work } = workerData as LargeJob;
// A document of a hundred megabytes takes PostgreSQL a while.
const pool = createPool({ url, logger: silentLogger(), size: 2, statementTimeoutMs: 300_000 });
const documents: DocumentStore = {
  store: openConfigurationStore(pool),
  secretKey: secretKeyFrom(keys.join('\n')),
  advertised: () => Promise.resolve(advertised),
};

let told: FromLargeThread;
try {
  told = { kind: 'done', result: await resultOf(work) };
} catch (error) {
  told = {
    kind: 'failed',
    message: error instanceof Error ? error.message : String(error),
    code: error instanceof SwitchError ? error.code : undefined,
  };
} finally {
  await pool.end();
}
parentPort?.postMessage(told);

async function resultOf({ kind, request }: LargeWork): Promise<unknown> {
  switch (kind) {
    case 'apply':
      return outcomeOf(await applyParsed(readText(request), request, documents));
    case 'rollBack':
      return rollBack(request, documents);
    case 'prepareDraft':
      return prepareDraft(request, documents, {
        putDraft: (id, configuration) => putDraft(pool, id, configuration),
      });
    case 'changeEntry': {
      const { change: wanted, place, text, ...terms } = request;
      const list = placedLists.find((each) => each.place === place);
      if (list === undefined) throw new RangeError(`no list ${place}`);
      try {
        return await applyEntry({ ...terms, list, change: entryChangeOf(wanted, text) }, documents);
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;
        return { kind: 'no-json', why: error.message };
      }
    }
  }
}
