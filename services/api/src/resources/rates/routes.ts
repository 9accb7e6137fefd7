import { Readable } from 'node:stream';
import { didYouMean, type Mistake } from '@tandem/config';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { signedIn } from '../../api/principal.ts';
import { fail, problem, ProblemError } from '../../api/problem.ts';
import type { RouteParts } from '../../api/route-parts.ts';
import { routeSchema } from '../../api/route-schema.ts';
import type { RateDenial, RateImport, RatesInEffect } from '../../rate-ports.ts';
import { csvField } from '../csv.ts';
import { importQuery, importTerms } from './import-query.ts';
import { presentImport, presentSheetVersion } from './presentation.ts';

/** Some ten million lines. */
const MAX_FILE_BYTES = 1024 * 1024 * 1024;
/** Mistakes that stand in the answer; the others are in bad-lines. */
const MOST_NAMED = 100;

const groupParams = z.object({ name: z.string() });
const importParams = z.object({ name: z.string(), id: z.string() });
const versionParams = z.object({ name: z.string(), version: z.int().min(1) });
const rollbackQuery = z.object({
  note: z.string().max(1000).default('').describe('Kept with the version.'),
});

type OfGroup = z.output<typeof groupParams>;
type OfImport = z.output<typeof importParams>;

/** The rates of groups as sheets: read, looked at, applied; and as files (BILL-02). */
export function rateRoutes(app: FastifyInstance, { rates }: RouteParts): void {
  // It is read as it comes, and never whole.
  app.addContentTypeParser(['text/csv', 'text/plain', 'application/octet-stream'], (_request, _payload, done) => { done(null); }); // prettier-ignore

  const groupOf = async (name: string): Promise<RatesInEffect> => {
    const group = await rates.group(name);
    if (group !== undefined) return group;
    throw fail(404, 'no-such-rate-group', `there is no rate group "${name}"${didYouMean(name, await rates.groups())}`); // prettier-ignore
  };

  app.post<{ Params: OfGroup; Querystring: z.output<typeof importQuery> }>(
    '/rate-groups/:name/imports',
    {
      bodyLimit: MAX_FILE_BYTES,
      schema: {
        ...routeSchema({
          id: 'importRates',
          tag: 'money',
          summary: 'Read a file of rates, and hold it against what is in effect; nothing changes',
          params: groupParams,
          query: importQuery,
          answer: 'RateImport',
          errors: [404, 409, 413, 415, 422],
        }),
        description:
          'The body is text/csv, read as it comes. Every bad line is named (422; the first hundred here, all of them in bad-lines). Else the answer says what would change: apply it, or discard it. Two files are not read into one group at once (409).',
      },
    },
    async (request) => {
      const { params, query, raw } = request;
      try {
        await groupOf(params.name);
        const begunBy = signedIn(request).name;
        const found = await rates.read(
          { group: params.name, begunBy, note: query.note, ...importTerms(query) },
          raw,
        );
        if ('kind' in found) throw denial(found, params.name);
        if (found.state === 'refused') throw await wrong(found);
        return presentImport(found);
      } finally {
        // What nobody reads would keep the answer from its sender.
        raw.resume();
      }
    },
  );

  app.get<{ Params: OfGroup }>(
    '/rate-groups/:name/imports',
    {
      schema: routeSchema({
        id: 'listRateImports',
        tag: 'money',
        summary: 'The last imports into a rate group, newest first, with how far they are',
        params: groupParams,
        answer: 'RateImportList',
        errors: [404],
      }),
    },
    async ({ params: { name } }) => {
      await groupOf(name);
      return { imports: (await rates.imports(name)).map(presentImport) };
    },
  );

  app.get<{ Params: OfImport }>(
    '/rate-groups/:name/imports/:id',
    {
      schema: routeSchema({
        id: 'getRateImport',
        tag: 'money',
        summary: 'What an import changes, or how far it is',
        params: importParams,
        answer: 'RateImport',
        errors: [404],
      }),
    },
    async ({ params: { id, name } }) => {
      const found = await rates.import(name, id);
      if (found === undefined) throw denial({ kind: 'no-such-import' }, name);
      return presentImport(found);
    },
  );

  app.get<{ Params: OfImport }>(
    '/rate-groups/:name/imports/:id/changes',
    {
      schema: routeSchema({
        id: 'listRateChanges',
        tag: 'money',
        summary: 'All that an import changes, by prefix, as text/csv',
        params: importParams,
        answerAs: 'text/csv',
        errors: [404, 409],
      }),
    },
    async ({ params: { id, name } }, reply) => {
      const changes = await rates.changes(name, id);
      if (changes === undefined) {
        throw fail(409, 'import-not-ready', 'there is nothing to be applied: it was, was given up, or what is in effect is other by now'); // prettier-ignore
      }
      return reply.type('text/csv; charset=utf-8').send(Readable.from(changes));
    },
  );

  app.get<{ Params: OfImport }>(
    '/rate-groups/:name/imports/:id/bad-lines',
    {
      schema: routeSchema({
        id: 'listBadRateLines',
        tag: 'money',
        summary: 'Every bad line of an import, as text/csv',
        params: importParams,
        answerAs: 'text/csv',
        errors: [404],
      }),
    },
    async ({ params: { id, name } }, reply) => {
      const mistakes = await rates.mistakes(name, id);
      if (mistakes === undefined) throw denial({ kind: 'no-such-import' }, name);
      const lines = mistakes.map(
        ({ line, message, path }) => `${String(line ?? '')},${csvField(path)},${csvField(message)}\n`,
      );
      return reply.type('text/csv; charset=utf-8').send(`line,column,mistake\n${lines.join('')}`);
    },
  ); // prettier-ignore

  app.post<{ Params: OfImport }>(
    '/rate-groups/:name/imports/:id/apply',
    {
      schema: routeSchema({
        id: 'applyRateImport',
        tag: 'money',
        summary: 'Put what an import has read into effect, whole',
        params: importParams,
        answer: 'RateSheetApplied',
        errors: [404, 409],
      }),
    },
    async (request) => {
      const { id, name } = request.params;
      await groupOf(name);
      const applied = await rates.apply(name, id, signedIn(request).name);
      if (applied.kind !== 'applied') throw denial(applied, name);
      return { group: name, version: applied.version };
    },
  );

  app.post<{ Params: OfImport }>(
    '/rate-groups/:name/imports/:id/discard',
    {
      schema: routeSchema({
        id: 'discardRateImport',
        tag: 'money',
        summary: 'Give an import up',
        params: importParams,
        answer: 'RateImport',
        errors: [404, 409],
      }),
    },
    async ({ params: { id, name } }) => {
      const found = await rates.discard(name, id);
      if ('kind' in found) throw denial(found, name);
      return presentImport(found);
    },
  );

  app.get<{ Params: OfGroup }>(
    '/rate-groups/:name/rates',
    {
      schema: routeSchema({
        id: 'exportRates',
        tag: 'money',
        summary: 'The rates of a group as text/csv, as an import takes them',
        params: groupParams,
        answerAs: 'text/csv',
        errors: [404],
      }),
    },
    async ({ params: { name } }, reply) => {
      await groupOf(name);
      return reply.type('text/csv; charset=utf-8').send(Readable.from(rates.csv(name)));
    },
  );

  app.get<{ Params: OfGroup }>(
    '/rate-groups/:name/versions',
    {
      schema: routeSchema({
        id: 'listRateSheetVersions',
        tag: 'money',
        summary: 'The last ten versions of the imported rates of a group, newest first',
        params: groupParams,
        answer: 'RateSheetVersionList',
        errors: [404],
      }),
    },
    async ({ params: { name } }) => {
      const { isSheet } = await groupOf(name);
      return { isSheet, versions: (await rates.versions(name)).map(presentSheetVersion) };
    },
  );

  app.post<{
    Params: z.output<typeof versionParams>;
    Querystring: z.output<typeof rollbackQuery>;
  }>(
    '/rate-groups/:name/versions/:version/rollback',
    {
      schema: routeSchema({
        id: 'rollBackRates',
        tag: 'money',
        summary: 'Put an earlier version of the rates of a group into effect, as a new one',
        params: versionParams,
        query: rollbackQuery,
        answer: 'RateSheetApplied',
        errors: [404],
      }),
    },
    async (request) => {
      const { name, version } = request.params;
      await groupOf(name);
      const note = request.query.note === '' ? `rollback to version ${String(version)}` : request.query.note; // prettier-ignore
      const applied = await rates.rollBack(name, version, { appliedBy: signedIn(request).name, note }); // prettier-ignore
      if (applied.kind !== 'applied') throw denial(applied, name);
      return { group: name, version: applied.version };
    },
  );

  async function wrong({ group, id }: RateImport): Promise<ProblemError> {
    const mistakes: readonly Mistake[] = (await rates.mistakes(group, id)) ?? [];
    const count = mistakes.length;
    const shown = count > MOST_NAMED ? `; the first ${String(MOST_NAMED)} are named here, all of them in bad-lines of import ${id}` : ''; // prettier-ignore
    const detail = `${count === 1 ? '1 mistake is' : `${String(count)} mistakes are`} in the file; nothing was changed${shown}`;
    const named = mistakes.slice(0, MOST_NAMED);
    return new ProblemError(problem(422, 'rates-invalid', detail, { mistakes: named }));
  }
}

function denial(denied: RateDenial, group: string): ProblemError {
  switch (denied.kind) {
    case 'no-such-import':
      return fail(404, 'no-such-import', `rate group "${group}" has no such import: see its last ones`); // prettier-ignore
    case 'no-such-version':
      return fail(404, 'no-such-version', `rate group "${group}" has no such version: the last ten are kept`); // prettier-ignore
    case 'import-running':
      return fail(409, 'import-running', `a file is being read into rate group "${group}" since ${denied.begunAt.toISOString()}, by ${denied.begunBy}: try again when that is done`); // prettier-ignore
    case 'import-not-ready':
      return fail(409, 'import-not-ready', `the import is ${denied.state}, must be ready`);
    case 'rates-changed':
      return fail(409, 'rates-changed', `the rates of group "${group}" were changed since the file was held against them: import it again; nothing was changed`); // prettier-ignore
  }
}
