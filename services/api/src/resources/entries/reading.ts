import { didYouMean } from '@tandem/config';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { fail } from '../../api/problem.ts';
import { routeSchema, type RouteShape } from '../../api/route-schema.ts';
import type { DocumentStore } from '../../apply-document.ts';
import { entryTag, findEntry, maskEntry } from '../../core/change-entry.ts';
import { entriesAt, type Entry } from '../../core/entries.ts';
import { pageOf } from '../../core/entry-pages.ts';
import { EMPTY } from '../../core/prepare-version.ts';
import { csvText } from '../csv.ts';
import { pageLimit } from '../page-limit.ts';
import { entrySchema, noSuchEntry, type EntryResource } from './entry-resources.ts';

const params = z.object({ name: z.string() });

/** Lists of entries, and each of them. */
export function entryReadingRoutes(
  app: FastifyInstance,
  resource: EntryResource,
  documents: DocumentStore,
): void {
  const { filters, inList, list, path, title } = resource;
  const schema = entrySchema(list.place);
  const fields = Object.keys(schema.shape);
  const query = z.object({
    search: z.string().default('').describe('Anywhere in an entry, in whatever case.'),
    names: z.string().default('').describe('These alone, with commas; all where it is empty.'),
    ...Object.fromEntries(filters.map((name) => [name, z.string().optional()])),
    sort: z
      .string()
      .default('')
      .describe(`A field, or - and a field; of ${fields.join(', ')}. Empty: as in the document.`),
    limit: pageLimit,
    cursor: z.string().default('').describe('nextCursor of the page before.'),
    format: z.enum(['json', 'csv']).default('json').describe('csv: this page as text/csv.'),
  });
  type ListQuery = Readonly<Record<string, string | undefined>> & {
    readonly search: string;
    readonly names: string;
    readonly sort: string;
    readonly limit: number;
    readonly cursor: string;
    readonly format: string;
  };
  app.get<{ Querystring: ListQuery }>(
    `/configuration/${path}`,
    {
      schema: routeSchema({
        id: `listConfigured${title}s`,
        tag: 'configuration',
        summary: `The ${list.kind}s of the configuration in effect; passwords are hidden`,
        query,
        answer: `Configured${title}List` as RouteShape['answer'],
        alsoAs: 'text/csv',
      }),
    },
    async ({ query: { cursor, format, limit, names, search, sort, ...rest } }, reply) => {
      const field = sort.replace(/^-/, '');
      if (field !== '' && !fields.includes(field)) {
        const detail = `sort: ${list.kind}s have no "${field}"${didYouMean(field, fields)}`;
        throw fail(400, 'invalid-request', detail);
      }
      const where = definedOf(rest, filters);
      const current = await documents.store.current();
      const all = entriesAt(current?.configuration ?? EMPTY, list.place);
      const only = names === '' ? undefined : new Set(names.split(','));
      const page = pageOf(all, list.key, { search, names: only, where, sort, limit, cursor });
      const entries = masked(resource, page.entries).map(inList);
      reply.header('etag', `"${String(current?.version ?? 0)}"`);
      if (format === 'json') {
        return { entries, nextCursor: page.nextCursor ?? null, total: page.total };
      }
      if (page.nextCursor !== undefined) reply.header('x-next-cursor', page.nextCursor);
      const columns = entries.length === 0 ? fields : columnsOf(entries, fields);
      return reply.type('text/csv; charset=utf-8').send(csvText(entries, columns));
    },
  );

  app.get<{ Params: z.output<typeof params> }>(
    `/configuration/${path}/:name`,
    {
      schema: routeSchema({
        id: `getConfigured${title}`,
        tag: 'configuration',
        summary: `One ${list.kind}, with what it does not set as it is then; passwords are hidden`,
        params,
        answer: `Configured${title}` as RouteShape['answer'],
        errors: [404],
      }),
    },
    async ({ params: { name } }, reply) => {
      const configuration = (await documents.store.current())?.configuration ?? EMPTY;
      const entry = findEntry(configuration, list, name);
      if (entry === undefined) {
        const names = entriesAt(configuration, list.place).map((each) => String(each[list.key]));
        throw noSuchEntry(resource, name, didYouMean(name, names));
      }
      return reply.header('etag', `"${entryTag(entry)}"`).send(masked(resource, [entry])[0]);
    },
  );
}

function masked({ list: { place } }: EntryResource, entries: readonly Entry[]): readonly Entry[] {
  return entries.map((entry) => maskEntry(place, entry));
}

function definedOf(
  query: Readonly<Record<string, string | undefined>>,
  names: readonly string[],
): Record<string, string> {
  const where: Record<string, string> = {};
  for (const name of names) {
    const value = query[name];
    if (value !== undefined) where[name] = value;
  }
  return where;
}

/** Lists and objects have no place in a table. */
function columnsOf(entries: readonly Entry[], fields: readonly string[]): readonly string[] {
  const names = [...new Set([...fields, ...Object.keys(entries[0] ?? {})])];
  return names.filter((name) =>
    entries.some((entry) => entry[name] !== undefined && typeof entry[name] !== 'object'),
  );
}
