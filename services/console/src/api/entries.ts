/** Entries of the configuration: every list has the same routes (ADR 64). */
import type { EntryKind } from '../core/entry-kinds.ts';
import type { JsonSchema } from '../core/entry-schema.ts';
import { apiDescription } from './api-description.ts';
import { request, type PlainRequest, type Schemas } from './client.ts';

/** An entry, whatever its list. */
export type Entry = Readonly<Record<string, unknown>>;

/** One page of a list. */
export interface EntryPage {
  readonly entries: readonly Entry[];
  readonly nextCursor: string | null;
  readonly total: number;
}

/** Where the lists are in the API. */
export function entriesPath({ path }: EntryKind): string {
  return `/configuration/${path}`;
}

/** One page of the entries that fit. */
export async function listEntries(
  kind: EntryKind,
  query: PlainRequest['query'],
): Promise<EntryPage> {
  const answer = await request(entriesPath(kind), { query });
  return (await answer.json()) as EntryPage;
}

/** An entry, with the tag by which a change is refused where somebody else was quicker. */
export async function readEntry(
  kind: EntryKind,
  name: string,
): Promise<{ readonly entry: Entry; readonly tag: string }> {
  const answer = await request(`${entriesPath(kind)}/${encodeURIComponent(name)}`);
  return { entry: (await answer.json()) as Entry, tag: answer.headers.get('etag') ?? '' };
}

/** What is to be done with an entry. */
export type EntryChange =
  | { readonly kind: 'add'; readonly entry: Entry }
  | { readonly kind: 'change'; readonly name: string; readonly tag: string; readonly patch: Entry }
  | { readonly kind: 'remove'; readonly name: string; readonly tag: string };

/** Does it, or with `dryRun` only says what would change. Throws ApiProblem, 412 where the entry is another one by now. */
export async function changeEntry(
  kind: EntryKind,
  change: EntryChange,
  { dryRun, note }: { readonly dryRun: boolean; readonly note: string },
): Promise<Schemas['Applied']> {
  const query = { note, ...(dryRun ? { dryRun } : {}) };
  const answer = await request(
    change.kind === 'add'
      ? entriesPath(kind)
      : `${entriesPath(kind)}/${encodeURIComponent(change.name)}`,
    { query, ...bodyOf(change) },
  );
  return (await answer.json()) as Schemas['Applied'];
}

function bodyOf(change: EntryChange): PlainRequest {
  if (change.kind === 'add') return { method: 'POST', body: change.entry };
  const headers: Record<string, string> = change.tag === '' ? {} : { 'if-match': change.tag };
  if (change.kind === 'remove') return { method: 'DELETE', headers };
  return {
    method: 'PATCH',
    body: change.patch,
    contentType: 'application/merge-patch+json',
    headers,
  };
}

/** The schema of the entries of a list, as the server itself describes it. */
export async function entrySchema({ shape }: EntryKind): Promise<JsonSchema> {
  return (await apiDescription()).components.schemas[`Configured${shape}`] ?? {};
}
