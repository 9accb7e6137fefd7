/** The thread of read-in-thread.ts: reads a large version, and ends with it. */
import { parentPort, workerData } from 'node:worker_threads';
import { Client } from 'pg';
import { configurationShape } from './complete-configuration.ts';
import { applyDelta } from './delta.ts';
import { DocumentPieces } from './document-pieces.ts';
import type { FromThread, ThreadJob } from './read-in-thread.ts';
import { readPieces, readWhole, wholeOf, type TakeElements } from './read-pieces.ts';
import { stepBack } from './step-back.ts';
import { changesFrom, wholeVersion } from './stored-versions.ts';

const port = parentPort;
if (port !== null) {
  stepBack(10);
  const job = workerData as ThreadJob;
  const client = new Client({ connectionString: job.url, connectionTimeoutMillis: 5000 });
  const tell = (message: FromThread): void => {
    port.postMessage(message);
  };
  const handOn: TakeElements = (list, elements) =>
    new Promise((resolve) => {
      // The next ones when these have been taken: the other side does nothing else for a moment only.
      port.once('message', () => {
        resolve();
      });
      tell({ kind: 'elements', list, elements });
    });
  try {
    await client.connect();
    switch (job.kind) {
      case 'snapshot': {
        const pieces = new DocumentPieces(client, { version: job.version });
        const { changes, ...read } = await readPieces(pieces, handOn, job.known);
        tell({ kind: 'read', ...read, isWhole: changes === undefined });
        break;
      }
      case 'document': {
        const head = await readWhole(new DocumentPieces(client, { version: job.version }), handOn);
        tell({ kind: 'document', head });
        break;
      }
      case 'fold':
        await fold(client, job.version);
        tell({ kind: 'folded' });
    }
  } catch (error) {
    // An error of zod would lose what it says on its way to the other side.
    tell({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) });
  } finally {
    await client.end();
  }
}

/** Stores the whole document of a version that stands as a change. */
async function fold(client: Client, version: number): Promise<void> {
  const base = await wholeVersion(client, version, 0);
  if (base === undefined || base.version === version) return;
  const lists = new Map<string, unknown[]>();
  const head = await readWhole(
    new DocumentPieces(client, { version: base.version }),
    (list, elements) => {
      const known = lists.get(list) ?? [];
      lists.set(list, known);
      for (const element of elements) known.push(element);
      return Promise.resolve();
    },
  );
  await client.query('COMMIT');
  const deltas = await changesFrom(client, base.version, version);
  if (deltas === undefined) return;
  let document = wholeOf(head, lists);
  for (const delta of deltas) document = applyDelta(document, delta);
  await client.query(
    `INSERT INTO tandem_config.version (version, applied_at, applied_by, note, document, shape, is_folded)
     SELECT version, applied_at, applied_by, note, $2, $3, true FROM tandem_config.change WHERE version = $1
         ON CONFLICT DO NOTHING`,
    [version, JSON.stringify(document), configurationShape()],
  );
}
