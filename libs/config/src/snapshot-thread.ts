/** The thread of read-in-thread.ts: reads a large version and packs its lists, and ends with it. */
import { parentPort, workerData } from 'node:worker_threads';
import { Client } from 'pg';
import { DocumentPieces } from './document-pieces.ts';
import type { FromThread, ThreadJob } from './read-in-thread.ts';
import { readPieces } from './read-pieces.ts';

const port = parentPort;
if (port !== null) {
  const { url, version, known } = workerData as ThreadJob;
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  const tell = (message: FromThread): void => {
    port.postMessage(message);
  };
  try {
    await client.connect();
    const { changes, ...read } = await readPieces(
      new DocumentPieces(client, version),
      (list, elements) =>
        new Promise((resolve) => {
          // The next ones when these have been taken: the other side does nothing else for a moment only.
          port.once('message', () => {
            resolve();
          });
          tell({ kind: 'elements', list, elements });
        }),
      known,
    );
    tell({ kind: 'read', ...read, isWhole: changes === undefined });
  } catch (error) {
    // An error of zod would lose what it says on its way to the other side.
    tell({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) });
  } finally {
    await client.end();
  }
}
