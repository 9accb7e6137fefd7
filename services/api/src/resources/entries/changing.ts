import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { fail, type ProblemError } from '../../api/problem.ts';
import { signedIn } from '../../api/principal.ts';
import { readTag } from '../../api/read-tag.ts';
import { routeSchema, type RouteShape } from '../../api/route-schema.ts';
import {
  applyEntry,
  type AppliedEntry,
  type EntryDenial,
  type EntryRequest,
} from '../../apply-change.ts';
import type { DocumentStore, EntryTextRequest } from '../../apply-document.ts';
import { entryChangeOf, type EntryChange } from '../../core/change-entry.ts';
import { changeQuery } from '../configuration/apply-terms.ts';
import { sendDecision } from '../configuration/presentation.ts';
import { noSuchEntry, type EntryResource } from './entry-resources.ts';

/** A sheet of rates is long; nothing else is. */
const MAX_RATES_BYTES = 128 * 1024 * 1024;

const params = z.object({ name: z.string() });

/** Characters of an entry from which it is read elsewhere: some 20 ms here. */
const LARGE_ENTRY = 256 * 1024;

/** What is to become of an entry, besides its text. */
type Wanted = EntryTextRequest['change'] | { readonly kind: 'remove'; readonly name: string };

interface Change {
  readonly Params: z.output<typeof params>;
  readonly Querystring: z.output<typeof changeQuery>;
  readonly Body: string | undefined;
}

/** An entry created, replaced, changed, removed: each makes a version of the configuration. */
export function entryChangingRoutes(
  app: FastifyInstance,
  resource: EntryResource,
  documents: DocumentStore,
): void {
  const { list, path, title } = resource;
  const bodyLimit = list.place === 'rateGroups' ? MAX_RATES_BYTES : undefined;
  const shape = (id: string, summary: string) => ({
    id: `${id}Configured${title}`,
    tag: 'configuration' as const,
    summary,
    query: changeQuery,
    answer: 'Applied' as const,
  });
  const rule =
    'If-Match may be the ETag of the entry: it is changed only where it is still so (412). A password shown as ******** keeps its stored value.';

  app.post<Change>(
    `/configuration/${path}`,
    {
      ...(bodyLimit === undefined ? {} : { bodyLimit }),
      schema: routeSchema({
        ...shape('create', `Add a ${list.kind}`),
        describedBody: `Configured${title}` as RouteShape['body'],
        errors: [409, 413, 415, 422],
      }),
    },
    (request, reply) => change({ kind: 'create' }, request, reply),
  );

  app.put<Change>(
    `/configuration/${path}/:name`,
    {
      ...(bodyLimit === undefined ? {} : { bodyLimit }),
      schema: {
        ...routeSchema({
          ...shape('replace', `Put another ${list.kind} in its place`),
          params,
          describedBody: `Configured${title}` as RouteShape['body'],
          errors: [404, 409, 412, 413, 415, 422],
        }),
        description: `${rule} Another ${list.key} renames it: what names it has to be changed in the same document, so a name that is in use is changed by applying the whole.`,
      },
    },
    (request, reply) => change({ kind: 'replace', name: request.params.name }, request, reply),
  );

  app.patch<Change>(
    `/configuration/${path}/:name`,
    {
      ...(bodyLimit === undefined ? {} : { bodyLimit }),
      schema: {
        ...routeSchema({
          ...shape('change', `Change some of a ${list.kind}`),
          params,
          describedBody: 'EntryPatch',
          errors: [404, 409, 412, 413, 415, 422],
        }),
        description: `JSON Merge Patch (RFC 7396): null takes a field away. ${rule}`,
      },
    },
    (request, reply) => change({ kind: 'merge', name: request.params.name }, request, reply),
  );

  app.delete<Change>(
    `/configuration/${path}/:name`,
    {
      schema: routeSchema({
        ...shape('remove', `Remove a ${list.kind}; one that others name is kept (422)`),
        params,
        errors: [404, 409, 412, 422],
      }),
    },
    (request, reply) => change({ kind: 'remove', name: request.params.name }, request, reply),
  );

  async function change(
    wanted: Wanted,
    request: FastifyRequest<Change>,
    reply: FastifyReply,
  ): Promise<FastifyReply> {
    const { body = '', headers, query } = request;
    const { dryRun: isDryRun, note } = query;
    const context = { appliedBy: signedIn(request).name, note, isDryRun };
    const expectedTag = readTag(headers['if-match']);
    const applied = await applyWanted(wanted, body, { expectedTag, context });
    if (isDenied(applied)) throw denial(resource, 'name' in wanted ? wanted.name : '', applied);
    const { index } = applied;
    const place = `${list.place}[${String(index)}].`;
    if (applied.kind === 'invalid') {
      const mistakes = applied.mistakes.map(({ path: whole, ...mistake }) => ({
        ...mistake,
        path: whole.startsWith(place) ? whole.slice(place.length) : whole,
      }));
      return sendDecision(reply, { ...applied, mistakes }, isDryRun);
    }
    if (applied.tag !== undefined && !isDryRun) reply.header('etag', `"${applied.tag}"`);
    return sendDecision(reply, applied, isDryRun);
  }

  /** @throws ProblemError where the text is no JSON */
  async function applyWanted(
    wanted: Wanted,
    text: string,
    terms: Pick<EntryRequest, 'expectedTag' | 'context'>,
  ): Promise<AppliedEntry | EntryDenial> {
    const { large } = documents;
    if (wanted.kind !== 'remove' && text.length >= LARGE_ENTRY && large !== undefined) {
      const { context, expectedTag } = terms;
      const request = { context, expectedTag, place: list.place, change: wanted, text };
      const applied = await large.changeEntry(request);
      if (applied.kind === 'no-json') throw noJson(applied.why);
      return applied;
    }
    return applyEntry({ ...terms, list, change: changeOf(wanted, text) }, documents);
  }
}

function isDenied(applied: AppliedEntry | EntryDenial): applied is EntryDenial {
  return ['no-such-entry', 'entry-exists', 'entry-changed'].includes(applied.kind);
}

function denial(resource: EntryResource, name: string, denied: EntryDenial): ProblemError {
  const { key, kind } = resource.list;
  switch (denied.kind) {
    case 'no-such-entry':
      return noSuchEntry(resource, name, denied.hint);
    case 'entry-exists':
      return fail(
        409,
        'entry-exists',
        `there is a ${kind} "${denied.name}" already: change it, or take another ${key}; nothing was changed`,
      );
    case 'entry-changed':
      return fail(
        412,
        'entry-changed',
        `${kind} "${name}" was changed since it was read: read it again; nothing was changed`,
      );
  }
}

/** @throws ProblemError where the text is no JSON */
function changeOf(wanted: Wanted, text: string): EntryChange {
  if (wanted.kind === 'remove') return wanted;
  try {
    return entryChangeOf(wanted, text);
  } catch (error) {
    throw noJson(error instanceof Error ? error.message : String(error));
  }
}

function noJson(why: string): ProblemError {
  return fail(400, 'invalid-request', `the body is no JSON: ${why}`);
}
