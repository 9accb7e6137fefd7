import { Client } from 'pg';
import { DocumentPieces, type DocumentPlace } from './document-pieces.ts';
import { readPieces } from './read-pieces.ts';
import type { Snapshot } from './snapshots.ts';

/**
 * Reads a version that is stored whole, or a draft, as services read the one in effect: for who looks at it beside that, in a thread
 * of its own. The version of a draft is 0.
 * @throws where it is not there, or does not fit this release
 */
export async function readStoredSnapshot(url: string, place: DocumentPlace): Promise<Snapshot> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  const handedOn = new Map<string, unknown[]>();
  try {
    await client.connect();
    const pieces = new DocumentPieces(client, place);
    const { head, lists } = await readPieces(pieces, (list, elements) => {
      const known = handedOn.get(list) ?? [];
      handedOn.set(list, known);
      for (const element of elements) known.push(element);
      return Promise.resolve();
    });
    if ((await pieces.shape()) === undefined) throw new Error(`${nameOf(place)} is not there`);
    const configuration = { ...head, ...Object.fromEntries(handedOn) };
    return { version: 'version' in place ? place.version : 0, configuration, lists };
  } finally {
    await client.end().catch(() => undefined);
  }
}

function nameOf(place: DocumentPlace): string {
  return 'version' in place ? `version ${String(place.version)}` : `draft ${place.draft}`;
}
